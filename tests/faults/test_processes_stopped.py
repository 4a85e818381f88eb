"""Processes that are stopped, killed under load, frozen, or doubled (F28, F45, F46).

Nothing that was acknowledged is lost, and somebody else goes on in time.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import requests

from tests.outside.person import Call, Person
from tests.patience import ANSWER_S, patient

from .audience import nobody_hears_by_mistake
from .invariants import (
    converges,
    no_ghost_stays,
    nothing_acknowledged_is_lost,
    the_chain_verifies,
)
from .load import Flood
from .machine import Machine, floor_of, insist
from .nights import both_by_night
from .screens import Browser
from .site_rows import stored_callbacks
from .times import LEASE_S, SCALE, SLACK_S, kept

DRAINED_S = 10.0
RESTARTS = 1012
GUEST = {"from": "+442079460145", "to": "+12025550100", "direction": "inbound", "role": "customer"}


@pytest.fixture
def call(lead: Person, provider: str) -> Iterator[Call]:
    one = Call(lead, provider, 1)
    yield one
    one.sandbox.post("/_sandbox/faults", {"api_error_rate": None, "api_timeout_rate": None})
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


# --- asked to stop ----------------------------------------------------------------------------------------
@both_by_night("telnyx")
def test_a_server_that_is_asked_to_stop_answers_first_and_tells_the_screens_to_come_back(
    machine: Machine, lead: Person, provider: str
) -> None:
    calls = [Call(lead, provider, agent) for agent in (1, 2, 3)]
    people = [Person(machine.site, name) for name in ("supervisor", "rosa", "admin")]
    asked = holds(machine)
    calls[0].fault("slow", "participant.update", after_ms=300 / SCALE, times=6)
    answers: list[Any] = []
    with ExitStack() as opened, Flood(machine.site.url, seed=28, senders=2) as flood:
        browsers = [Browser(one) for one in people for _ in range(5)]
        for browser in browsers:
            opened.callback(browser.close)
        machine.site.wait_for(lambda: all(browser.snapshots for browser in browsers), within_s=SLACK_S)
        asking = [threading.Thread(target=ask, args=(call, answers)) for call in calls]
        for thread in asking:
            thread.start()
        machine.site.wait_for(lambda: holds(machine) == asked + len(calls))
        took = stopped(machine, "server")
        for thread in asking:
            thread.join()
        machine.start()
        machine.site.wait_for(lambda: all(len(each.snapshots) > 1 for each in browsers), within_s=10)
    kept(took, DRAINED_S, "until the server had ended")
    assert {code for browser in browsers for code in browser.codes[:1]} == {RESTARTS}
    assert answers and set(answers) <= {200, 202}, "what was under way was answered"
    assert flood.acknowledged <= stored_callbacks(machine.site).keys()
    for one in calls:
        one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


def ask(call: Call, answers: list[Any]) -> None:
    try:
        answers.append(call.ask_leg(1, "hold")[0])
    except requests.RequestException as failed:
        answers.append(type(failed).__name__)


def holds(machine: Machine) -> int:
    return int(machine.rows("SELECT count(*) FROM participants_intervention WHERE verb = 'hold'")[0][0])


def stopped(machine: Machine, name: str) -> float:
    """Seconds until the process has ended after SIGTERM."""
    process = dict(machine.site.processes.running)[name]
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=patient(2 * DRAINED_S))
    finally:
        machine.die(name)
    return time.monotonic() - began


# --- killed under load ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "kills", [1, pytest.param(12, marks=[pytest.mark.nightly, pytest.mark.timeout(300)])]
)
def test_a_server_killed_under_load_has_stored_every_callback_that_it_acknowledged(
    machine: Machine, kills: int
) -> None:
    with Flood(machine.site.url, seed=kills) as flood:
        for _ in range(kills):
            before = len(flood.acknowledged)
            machine.site.wait_for(lambda: len(flood.acknowledged) > before + 100, within_s=30)  # noqa: B023
            machine.die("server")
            machine.start()
    assert flood.acknowledged <= stored_callbacks(machine.site).keys()
    assert set(flood.answers) <= {200, 503}
    the_chain_verifies(machine.site)


@both_by_night("twilio")
def test_a_worker_that_is_killed_is_replaced_and_no_line_stays_open(
    machine: Machine, call: Call, lead: Person
) -> None:
    floor = floor_of(machine, call)
    insist(call, "listen")
    insist(call, "whisper")
    machine.die("worker")
    machine.site.start_worker()  # another one, whose name is not on the leases
    call.sandbox.post("/_sandbox/faults", {"conference": call.sid, "drop": 1.0})
    call.sandbox.post(f"/_sandbox/legs/{call.call_sids[1]}/hangup")  # nobody tells that the agent has gone
    machine.site.wait_for(
        lambda: all(leg["muted"] for leg in floor.ours(call.sid)), within_s=LEASE_S + SLACK_S
    )
    converges(floor, within_s=LEASE_S + SLACK_S)
    assert call.ask("leave")[0] in (200, 202)
    no_ghost_stays(floor, within_s=SLACK_S)
    nobody_hears_by_mistake(floor)


# --- frozen -----------------------------------------------------------------------------------------------
@pytest.mark.nightly  # fails at times on a machine that is very busy: the leases stay with the stopped one
def test_a_stuck_worker_loses_its_accounts_to_another(machine: Machine) -> None:
    machine.site.processes.start("second worker", "manage.py", "worker")
    try:
        with machine.frozen("worker"):
            began = time.monotonic()
            theirs = {machine.pid("second worker")}
            machine.site.wait_for(lambda: owners(machine) == theirs, within_s=LEASE_S + SLACK_S)
            kept(time.monotonic() - began, LEASE_S + SLACK_S, "until another had the leases")
            swept = newest_sweep(machine)
            machine.site.wait_for(lambda: newest_sweep(machine) > swept, within_s=LEASE_S + SLACK_S)
    finally:
        machine.die("second worker")
        machine.start()


def owners(machine: Machine) -> set[int]:
    """The processes that hold a lease now."""
    now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    rows = machine.rows(f"SELECT lease_owner FROM participants_account WHERE lease_until > {now}")
    found = {int(owner.rpartition("-")[2]) for (owner,) in rows}
    return found if len(rows) == 2 else found | {0}


def newest_sweep(machine: Machine) -> str:
    return str(max(swept for (swept,) in machine.rows("SELECT swept_at FROM participants_account")))


def test_without_any_worker_health_says_so_within_seconds_and_so_does_the_header(
    machine: Machine, lead: Person
) -> None:
    browser = Browser(lead)
    try:
        with machine.frozen("worker"):
            began = time.monotonic()
            health = machine.site.wait_for(lambda: not_ready(machine), within_s=LEASE_S + SLACK_S)
            kept(time.monotonic() - began, 5.0 * SCALE + 1.0, "until /readyz said so")
            assert health["parts"]["worker"]["detail"].startswith("no worker for: ")
            machine.site.wait_for(
                lambda: "its worker does not run" in str(browser.accounts), within_s=60 * SCALE + SLACK_S
            )
    finally:
        browser.close()
    machine.site.wait_for(lambda: not not_ready(machine), within_s=LEASE_S + SLACK_S)


def not_ready(machine: Machine) -> Any:
    answer = requests.get(f"{machine.site.url}/readyz", timeout=ANSWER_S)
    return answer.json() if answer.status_code == 503 else None


@both_by_night("twilio")
def test_a_server_that_stands_still_for_three_seconds_loses_nothing(
    machine: Machine, call: Call, lead: Person
) -> None:
    """Its screens see no heartbeat meanwhile, which greys them; callbacks wait in the socket."""
    browser = Browser(lead)
    try:
        machine.site.wait_for(lambda: len(browser.beats) > 1, within_s=SLACK_S)
        with machine.frozen("server"):
            time.sleep(1)  # what had left before has come
            beats = len(browser.beats)
            call.sandbox.post(f"/_sandbox/conferences/{call.sid}/legs", GUEST)
            time.sleep(2)
            assert len(browser.beats) == beats, "a heartbeat never lies"
        machine.site.wait_for(lambda: len(call.seen()["participants"]) == 3, within_s=LEASE_S + SLACK_S)
        machine.site.wait_for(lambda: len(browser.beats) > beats, within_s=SLACK_S)
    finally:
        browser.close()
    nothing_acknowledged_is_lost(floor_of(machine, call))


# --- doubled ----------------------------------------------------------------------------------------------
@pytest.mark.nightly
def test_two_workers_correct_nothing_twice(machine: Machine, call: Call) -> None:
    """A mute that no callback told of is one correction, whoever reads it."""
    machine.site.processes.start("second worker", "manage.py", "worker")
    try:
        call.sandbox.post("/_sandbox/faults", {"conference": call.sid, "drop": 1.0})
        call.sandbox.post(f"/_sandbox/legs/{call.call_sids[1]}/set", {"muted": True})
        machine.site.wait_for(lambda: call.leg(1)["muted"], within_s=75 * SCALE + SLACK_S)
        time.sleep(2 * 10 * SCALE)
        found = machine.rows(
            "SELECT facts FROM participants_change WHERE facts LIKE '%\"muted\": [false, true]%' AND"
            " participant_id = (SELECT id FROM participants_participant WHERE call_sid = ?)",
            call.call_sids[1],
        )
        assert len(found) == 1
        assert len(owners(machine)) == 1
    finally:
        machine.die("second worker")
