"""People who press at once, twice, or who lose their right while everybody hears them (F39, F40, F41)."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.outside.person import Call, Person

from .audience import nobody_hears_by_mistake
from .invariants import (
    every_opening_has_its_wish,
    no_ghost_stays,
    nobody_is_dialled_twice,
    the_chain_verifies,
)
from .machine import Machine, floor_of, insist
from .nights import both_by_night
from .screens import Browser
from .times import SCALE, SLACK_S, kept

SILENT_S = (5.0 + 2.0) * SCALE + SLACK_S  # rights are looked at each 5 s; then the mute
CLOSED_S = 15.0 * SCALE + SLACK_S


@pytest.fixture
def call(lead: Person, provider: str) -> Iterator[Call]:
    one = Call(lead, provider, 1)
    yield one
    one.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What they gave, begun as close together as threads can."""
    gate, given = threading.Barrier(len(acts)), dict[int, Any]()

    def go(number: int, act: Callable[[], Any]) -> None:
        gate.wait()
        given[number] = act()

    threads = [threading.Thread(target=go, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [given[number] for number in range(len(acts))]


@both_by_night("telnyx")
def test_two_people_who_press_different_modes_at_once_each_get_their_own(
    machine: Machine, lead: Person, call: Call
) -> None:
    floor, rosa = floor_of(machine, call), Person(machine.site, "rosa")
    for person in (lead, rosa):
        insist(call, "listen", by=person)
    at_once(
        lambda: lead.post(f"conferences/{call.id}/whisper/"),
        lambda: rosa.post(f"conferences/{call.id}/barge/", {"confirm": True}),
    )
    insist(call, "whisper", by=lead)  # a busy machine may have let the wish lapse
    insist(call, "barge", by=rosa)
    assert rosa.strip()["ground"] == "red"
    everybody_leaves(machine, call, lead, rosa)
    nobody_is_dialled_twice(floor)
    nobody_hears_by_mistake(floor)
    the_chain_verifies(machine.site)


@both_by_night("twilio")
def test_one_person_who_presses_different_modes_in_two_windows_gets_the_newest(
    machine: Machine, lead: Person, call: Call
) -> None:
    floor = floor_of(machine, call)
    insist(call, "listen")
    windows = [lead, Person(machine.site, "lead")]
    at_once(
        lambda: windows[0].post(f"conferences/{call.id}/whisper/"),
        lambda: windows[1].post(f"conferences/{call.id}/barge/", {"confirm": True}),
    )
    machine.site.wait_for(lambda: not machine.open_commands(), within_s=SLACK_S)
    (newest,) = machine.rows("SELECT wanted, confirmed FROM participants_supervision WHERE ended_at IS NULL")
    assert newest[0] == newest[1]
    assert {window.strip()["code"] for window in windows} == {{"whisper": "S6", "barge": "S7"}[newest[0]]}
    everybody_leaves(machine, call, lead)
    every_opening_has_its_wish(floor)
    nobody_hears_by_mistake(floor)


@both_by_night("telnyx")
def test_a_double_click_on_listen_is_one_phone_that_rings(machine: Machine, lead: Person, call: Call) -> None:
    floor = floor_of(machine, call)
    at_once(*[lambda: lead.post(f"conferences/{call.id}/listen/")] * 3)
    lead.until("S5", within_s=SLACK_S)
    assert len(floor.ours(call.sid)) == 1
    nobody_is_dialled_twice(floor)
    everybody_leaves(machine, call, lead)


def everybody_leaves(machine: Machine, call: Call, *people: Person) -> None:
    for person in people:
        assert person.post(f"conferences/{call.id}/leave/")[0] in (200, 202)
    no_ghost_stays(floor_of(machine, call), within_s=SLACK_S)


# --- a right that is lost ---------------------------------------------------------------------------------
REVOCATIONS = {
    "session": "DELETE FROM django_session WHERE session_key = :session",
    "role": "DELETE FROM auth_user_groups WHERE user_id = :user",
    "team": "DELETE FROM participants_supervisor_teams WHERE supervisor_id = :supervisor",
    "account": "UPDATE auth_user SET is_active = 0 WHERE id = :user",
}


@pytest.fixture
def sam(machine: Machine) -> Iterator[Person]:
    """Gets back what he lost."""
    sam = Person(machine.site, "supervisor")
    kept = {
        table: machine.rows(f"SELECT * FROM {table}")
        for table in ("auth_user_groups", "participants_supervisor_teams")
    }
    yield sam
    with written(machine) as database:
        database.execute("UPDATE auth_user SET is_active = 1")
        for table, rows in kept.items():
            marks = ", ".join("?" * len(rows[0]))
            database.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)


@contextlib.contextmanager
def written(machine: Machine) -> Iterator[sqlite3.Connection]:
    path = machine.site.processes.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database, database:
        yield database


@both_by_night("twilio")
@pytest.mark.parametrize(
    "what",
    ["account", *(pytest.param(one, marks=pytest.mark.nightly) for one in ("session", "role", "team"))],
)
def test_who_loses_the_right_while_everybody_hears_them_is_muted_and_taken_off(
    what: str, machine: Machine, sam: Person, call: Call
) -> None:
    floor, browser = floor_of(machine, call), Browser(sam)
    insist(call, "listen", by=sam)
    insist(call, "barge", by=sam)
    user, supervisor = machine.rows(
        "SELECT u.id, s.id FROM auth_user u JOIN participants_supervisor s ON s.user_id = u.id"
        " WHERE u.username = 'supervisor'"
    )[0]
    named = {"session": sam.http.cookies["sessionid"], "user": user, "supervisor": supervisor}
    began = time.monotonic()
    with written(machine) as database:
        database.execute(REVOCATIONS[what], named)
    machine.site.wait_for(lambda: all(leg["muted"] for leg in floor.ours(call.sid)), within_s=SILENT_S)
    kept(time.monotonic() - began, SILENT_S, "until nobody heard them")
    no_ghost_stays(floor, within_s=SILENT_S)
    if what in {"session", "account"}:
        machine.site.wait_for(lambda: 4401 in browser.codes, within_s=CLOSED_S)
        kept(time.monotonic() - began, CLOSED_S, "until the socket was closed")
    browser.close()
    nobody_hears_by_mistake(floor)
