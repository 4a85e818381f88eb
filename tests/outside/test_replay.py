"""After a run of the whole product, its stored callbacks explain its rows."""

import subprocess
import sys
from collections.abc import Callable

from tests.patience import patient
from tests.site import ROOT, Site

from .person import Call, Person


def replay(site: Site, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "replay", *options],
        cwd=ROOT,
        env=site.processes.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=patient(60),
    )


def test_a_call_with_supervisors_and_commands_is_explained(
    site: Site, lead: Person, call: Callable[..., Call]
) -> None:
    one = call(2)
    one.ask("listen")
    lead.until("S5", within_s=10)
    one.ask("whisper")
    lead.until("S6", within_s=10)
    one.ask_leg(0, "hold")
    one.sandbox.post(f"/_sandbox/legs/{one.call_sids[1]}/set", {"muted": True})
    one.ask("refresh")
    site.wait_for(lambda: one.leg(1)["muted"])
    one.ask("leave")
    lead.until("S0", within_s=10)
    one.sandbox.post(f"/_sandbox/legs/{one.call_sids[0]}/hangup", {})
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end", {})
    site.wait_for(lambda: one.seen()["status"] == "completed")
    found = replay(site, "--conference", one.sid)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "leg" in found.stdout and " 0 differences" in found.stdout
    assert f"{one.sid}:" in found.stdout, "the supervisor's leg was told by the answer to its dial"


def test_everything_that_was_ever_told_here_is_explained(site: Site) -> None:
    found = replay(site)
    assert found.returncode == 0, found.stdout + found.stderr
