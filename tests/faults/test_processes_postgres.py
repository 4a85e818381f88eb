"""PostgreSQL restarts, ends connections, and makes others wait for a lock, under the whole product (F29)."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import requests

from tests.outside.person import Call, Person
from tests.patience import ANSWER_S, patient
from tests.site import ROOT

from .load import Flood
from .machine import Machine, floor_of, insist, running_machine
from .screens import Browser
from .times import SCALE, SLACK_S

CONVERGES_S = 12.0 * SCALE + SLACK_S
TELLS = "import os, sys; print(os.environ['DATABASE_URL'], flush=True); sys.stdin.read()"
pytestmark = [pytest.mark.nightly, pytest.mark.timeout(180)]


@dataclass
class Postgres:
    """A server of its own, thrown away with the test (deploy/with-postgres.sh)."""

    url: str
    home: Path

    def control(self, *words: str) -> None:
        bin_ = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        command = [str(bin_ / "pg_ctl"), "--pgdata", str(self.home / "data"), *words]
        owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*owner, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def restart(self, *, after_s: float) -> None:
        """Stopped at once, and back after this time."""
        self.control("--mode", "immediate", "stop")
        time.sleep(after_s)
        words = f"-p {self.url.split(':')[-1].split('/')[0]} -c listen_addresses=127.0.0.1"
        self.control(
            "--log", str(self.home / "log"), "--wait", "--options",
            f"{words} -c unix_socket_directories= -c fsync=off", "start",
        )  # fmt: skip

    def end_connections(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND datname = current_database()"
            )

    def stored(self) -> int:
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT count(*) FROM participants_callback WHERE verdict <> ''")
            return int(found.fetchone()[0])  # type: ignore[index]


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    command = ["sh", str(ROOT / "deploy/with-postgres.sh"), sys.executable, "-c", TELLS]
    environment = {**os.environ, "PYTHON": sys.executable}
    running = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None and running.stdin is not None
    url = running.stdout.readline().strip()
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        assert row is not None
        yield Postgres(url, Path(row[0]).parent)
    finally:
        running.stdin.close()
        running.wait(timeout=30)


@pytest.fixture(scope="module")
def machine(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("postgres"), DATABASE_URL=postgres.url) as machine:
        yield machine


def test_a_restart_costs_503_and_the_board_is_right_within_twelve_seconds(
    machine: Machine, postgres: Postgres, lead: Person, provider: str
) -> None:
    one, browser = Call(lead, provider, 1), Browser(lead)
    try:
        insist(one, "listen")
        with Flood(machine.site.url, seed=29, senders=2) as flood:
            statuses = asking(machine, lead, lambda: postgres.restart(after_s=1.0))
            one.sandbox.post(f"/_sandbox/legs/{one.call_sids[1]}/set", {"muted": True})
            machine.site.wait_for(lambda: one.leg(1)["muted"], within_s=CONVERGES_S)
        assert statuses <= {200, 503} and set(flood.answers) <= {200, 503}
        assert len(flood.acknowledged) <= postgres.stored()
        assert 1006 not in browser.codes, "the screens stay"
        one.ask("leave")
        machine.site.wait_for(lambda: not floor_of(machine, one).ours(one.sid), within_s=CONVERGES_S)
    finally:
        browser.close()
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


def test_connections_that_are_ended_under_load_lose_nothing(
    machine: Machine, postgres: Postgres, lead: Person, provider: str
) -> None:
    one = Call(lead, provider, 2)
    with Flood(machine.site.url, seed=30, senders=2) as flood:
        for _ in range(3):
            statuses = asking(machine, lead, postgres.end_connections)
            assert statuses <= {200, 503}
        one.sandbox.post(f"/_sandbox/legs/{one.call_sids[1]}/set", {"muted": True})
        machine.site.wait_for(lambda: one.ask("refresh")[0] == 200, within_s=CONVERGES_S)
        machine.site.wait_for(lambda: one.leg(1)["muted"], within_s=CONVERGES_S)
    assert set(flood.answers) <= {200, 503}
    assert len(flood.acknowledged) <= postgres.stored()
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


def test_a_row_that_somebody_holds_delays_its_own_callbacks_alone(
    machine: Machine, postgres: Postgres, lead: Person, provider: str
) -> None:
    one, other = Call(lead, provider, 3), Call(lead, provider, 4)
    with psycopg.connect(postgres.url) as connection:
        connection.execute("SELECT 1 FROM participants_conference WHERE sid = %s FOR UPDATE", [one.sid])
        for call in (one, other):
            call.sandbox.post(f"/_sandbox/legs/{call.call_sids[1]}/hangup")
        machine.site.wait_for(lambda: len(other.seen()["participants"]) == 1, within_s=CONVERGES_S)
        assert len(one.seen()["participants"]) == 2
    machine.site.wait_for(lambda: len(one.seen()["participants"]) == 1, within_s=CONVERGES_S)
    for call in (one, other):
        call.sandbox.post(f"/_sandbox/conferences/{call.sid}/end")


def asking(machine: Machine, lead: Person, fault: object) -> set[int]:
    """Every status that pages, API and health answered while this was done."""
    statuses: set[int] = set()
    thread = threading.Thread(target=fault)  # type: ignore[arg-type]
    thread.start()
    until = time.monotonic() + patient(5)
    while thread.is_alive() or time.monotonic() < until:
        for path in ("/api/v1/conferences/", "/readyz"):
            statuses.add(lead.http.get(machine.site.url + path, timeout=ANSWER_S).status_code)
        if not thread.is_alive() and requests.get(f"{machine.site.url}/readyz", timeout=ANSWER_S).ok:
            break
    thread.join()
    return statuses
