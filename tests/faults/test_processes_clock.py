"""This machine's own clock is ten minutes wrong, or is set back while somebody supervises (F7)."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.outside.person import Call, Person
from tests.outside.provider import PROVIDERS, Story, post

from .floor import Floor
from .invariants import (
    converges,
    no_ghost_stays,
    nothing_acknowledged_is_lost,
    the_chain_verifies,
)
from .machine import Machine, floor_of, insist
from .times import SCALE, SLACK_S

TEN_MINUTES = 600.0
CONVERGES_S = 75.0 * SCALE + SLACK_S
CHECKS_TIMES = {"telnyx"}  # signs with a time that may be 300 s away


@pytest.fixture
def right_again(machine: Machine) -> Iterator[Machine]:
    yield machine
    machine.set_clock_wrong(0.0)


@pytest.mark.nightly
@pytest.mark.parametrize("wrong", [TEN_MINUTES, -TEN_MINUTES])
def test_a_wrong_clock_of_ours_changes_no_order_and_no_audience(
    wrong: float, right_again: Machine, provider: str
) -> None:
    right_again.set_clock_wrong(wrong)
    lead = Person(right_again.site, "lead")
    told = Story(PROVIDERS[provider])
    told.tell("participant-join", told.provider.call_sid(), "agent-2")
    url = f"{right_again.site.url}/callbacks/{provider}/conference/"
    assert post(told.provider, url, told.told[0][1]) == (403 if provider in CHECKS_TIMES else 200)
    one = Call(lead, provider, 1)
    follow(right_again, lead, one)
    if provider in CHECKS_TIMES:
        log = (right_again.site.processes.logs / "server.log").read_text()
        assert "away from this server's clock" in log


@pytest.mark.nightly
def test_a_clock_that_is_set_back_during_a_whisper_opens_nobody_s_line(
    right_again: Machine, provider: str
) -> None:
    right_again.set_clock_wrong(TEN_MINUTES)
    lead = Person(right_again.site, "lead")
    one = Call(lead, provider, 1)
    floor = floor_of(right_again, one)
    insist(one, "listen")
    insist(one, "whisper")
    right_again.set_clock_wrong(0.0)
    one.sandbox.post("/_sandbox/faults", {"conference": one.sid, "drop": 1.0})
    one.sandbox.post(f"/_sandbox/legs/{one.call_sids[1]}/hangup")
    right_again.site.wait_for(
        lambda: all(leg["muted"] for leg in floor.ours(one.sid)), within_s=12 * SCALE + SLACK_S
    )
    assert one.ask("leave")[0] in (200, 202)
    no_ghost_stays(floor, within_s=CONVERGES_S)
    assert heard_by_the_customer(floor, one) == []
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


def follow(machine: Machine, lead: Person, one: Call) -> None:
    """Listen, whisper, leave, and a mute by somebody else, all under the wrong clock."""
    floor = floor_of(machine, one)
    insist(one, "listen")
    insist(one, "whisper")
    one.sandbox.post(f"/_sandbox/legs/{one.call_sids[0]}/set", {"muted": True})
    time.sleep(SCALE)
    one.sandbox.post(f"/_sandbox/legs/{one.call_sids[0]}/set", {"muted": False})
    converges(floor, within_s=CONVERGES_S)
    assert one.ask("leave")[0] in (200, 202)
    no_ghost_stays(floor, within_s=CONVERGES_S)
    assert heard_by_the_customer(floor, one) == []
    nothing_acknowledged_is_lost(floor)
    the_chain_verifies(machine.site)
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


def heard_by_the_customer(floor: Floor, one: Call) -> list[dict[str, Any]]:
    """By the provider's clock alone: the rows have ours, which is wrong."""
    return [row for row in floor.heard(one.sid) if row["listener"] == one.call_sids[0]]
