"""The database takes no writes: its disk is full (F31), or another writer holds it (F30)."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import requests

from tests.outside.person import Call, Person
from tests.outside.provider import FORM, PROVIDERS, Story
from tests.patience import ANSWER_S, patient

from .invariants import converges, no_ghost_stays, nothing_acknowledged_is_lost, the_chain_verifies
from .machine import Machine, floor_of, insist
from .nights import both_by_night
from .times import SCALE, SLACK_S, kept

CONVERGES_S = 12.0 * SCALE + SLACK_S
PATIENCE_S = 5.0  # of SQLite's own time-out, which nothing scales


@pytest.fixture
def call(lead: Person, provider: str) -> Iterator[Call]:
    one = Call(lead, provider, 1)
    yield one
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


def a_callback(machine: Machine, provider: str) -> int:
    """The status with which a new callback is answered, by a provider that waits longer than any does."""
    told, one = Story(PROVIDERS[provider]), PROVIDERS[provider]
    told.tell("participant-join", one.call_sid(), "agent-2")
    url, body = f"{machine.site.url}/callbacks/{provider}/conference/", urlencode(told.told[0][1]).encode()
    headers = {"Content-Type": FORM, **one.sign(url, body)}
    return requests.post(url, data=body, headers=headers, timeout=patient(4 * PATIENCE_S)).status_code


# --- full -------------------------------------------------------------------------------------------------
@both_by_night("telnyx")
def test_on_a_full_disk_nothing_is_acknowledged_and_silence_still_reaches_the_wire(
    machine: Machine, lead: Person, call: Call, provider: str
) -> None:
    floor = floor_of(machine, call)
    insist(call, "listen")
    insist(call, "whisper")
    customer, agent = call.leg(0)["id"], call.leg(1)["id"]
    token = lead.post(f"participants/{customer}/remove/")[1]["confirm"]
    with machine.full_disk():
        assert a_callback(machine, provider) == 503
        assert lead.post(f"participants/{agent}/hold/")[1]["code"] == "unavailable"
        assert lead.get(f"conferences/{call.id}/")["id"] == call.id, "reading goes on"
        for path, body in (
            (f"participants/{agent}/mute/", {}),
            (f"conferences/{call.id}/listen/", {}),
        ):
            status, answer = lead.post(path, body)
            assert (status, answer["code"]) == (503, "unavailable") and "was sent" in answer["detail"]
        legs = {leg["call_sid"]: leg for leg in call.truth()["legs"]}
        assert legs[call.call_sids[1]]["muted"] and not legs[call.call_sids[1]]["hold"]
        assert [leg["muted"] for leg in floor.ours(call.sid)] == [True]
        assert "was sent" in lead.post(f"conferences/{call.id}/leave/")[1]["detail"]
        assert floor.ours(call.sid) == []
        assert "was sent" in lead.post(f"participants/{customer}/remove/", {"confirm": token})[1]["detail"]
        assert [leg["call_sid"] for leg in call.truth()["legs"]] == call.call_sids[1:]
    assert a_callback(machine, provider) == 200
    converges(floor, within_s=75.0 * SCALE + SLACK_S)
    machine.site.wait_for(lambda: not lead.get("me/")["supervision"], within_s=CONVERGES_S)
    no_ghost_stays(floor, within_s=CONVERGES_S)
    nothing_acknowledged_is_lost(floor)
    the_chain_verifies(machine.site)


@both_by_night("twilio")
def test_a_whisper_ends_when_nothing_can_be_recorded(
    machine: Machine, lead: Person, call: Call, provider: str
) -> None:
    """That the agent leaves could not be noticed either."""
    floor = floor_of(machine, call)
    insist(call, "listen")
    insist(call, "whisper")
    with machine.full_disk():
        assert a_callback(machine, provider) == 503
        machine.site.wait_for(lambda: [leg["muted"] for leg in floor.ours(call.sid)] == [True], within_s=30)
    # Nothing opens again by itself.
    machine.site.wait_for(lambda: lead.get("me/")["strip"]["worst"] == "nobody", within_s=CONVERGES_S)
    assert lead.post(f"conferences/{call.id}/leave/")[0] in {200, 202}
    converges(floor, within_s=75.0 * SCALE + SLACK_S)


@pytest.mark.nightly
def test_what_could_not_be_recorded_is_told_in_the_log(machine: Machine, lead: Person, call: Call) -> None:
    """The log is not on the database's disk here: the lock of another writer stands for what is full."""
    agent = call.leg(1)["id"]
    with locked(machine):
        url = f"{machine.site.url}/api/v1/participants/{agent}/mute/"
        status = lead.http.post(url, json={}, headers=lead.headers, timeout=ANSWER_S).status_code
        assert (status, call.truth()["legs"][1]["muted"]) == (503, True)
    log = (machine.site.processes.logs / "server.log").read_text()
    assert f"mute of participant {agent}: sent." in log


# --- locked -----------------------------------------------------------------------------------------------
@contextlib.contextmanager
def locked(machine: Machine) -> Iterator[None]:
    """Another program writes to the database and does not come to an end."""
    path = machine.site.processes.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        yield
        database.execute("ROLLBACK")


@both_by_night("twilio")
def test_a_callback_waits_for_another_writer(machine: Machine, provider: str) -> None:
    statuses: list[int] = []
    with locked(machine):
        posting = threading.Thread(target=lambda: statuses.append(a_callback(machine, provider)))
        posting.start()
        time.sleep(0.5)
        assert statuses == []
    posting.join()
    assert statuses == [200]


@pytest.mark.nightly
def test_a_writer_that_holds_the_database_for_ten_seconds_costs_503_and_nothing_else(
    machine: Machine, call: Call
) -> None:
    """Providers give a callback up a second earlier than this; then they try it again."""
    floor = floor_of(machine, call)
    with locked(machine):
        began = time.monotonic()
        call.sandbox.post(f"/_sandbox/legs/{call.call_sids[1]}/hangup")
        assert a_callback(machine, call.provider) == 503
        assert time.monotonic() - began > PATIENCE_S - 1
        kept(time.monotonic() - began, PATIENCE_S + SLACK_S, "until 503")
        time.sleep(max(0.0, 10 - (time.monotonic() - began)))
    assert a_callback(machine, call.provider) == 200
    converges(floor, within_s=75.0 * SCALE + SLACK_S)
    nothing_acknowledged_is_lost(floor)
