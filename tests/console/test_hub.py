"""The hub's loop: when it looks, what it does when it cannot, and whom it closes."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from console import hub as hubs
from console.hub import Hub
from console.outbox import Outbox
from console.reader import Found, Wanted
from participants import live
from participants.timing import Timing
from tests.console.boards import NO_CALL, again, call, found, ids, person, written
from tests.patience import patient


class Database:
    """Stands where the reader and the rights are read; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Wanted] = []
        self.answers: list[Found] = []
        self.people: dict[str, Any] = {}
        self.fails = False
        self.strip: dict[str, Any] = NO_CALL

    def read(self, wanted: Wanted, _board: object) -> Found:
        self.asked.append(wanted)
        if self.fails:
            raise OperationalError("the disk is gone")
        answer = self.answers.pop(0) if self.answers else Found()
        answer.strips |= dict.fromkeys(wanted.users, self.strip)
        if wanted.accounts:
            answer.accounts = {"wire": {"state": "ok", "since": None, "callbacks": True}}
        return answer

    def rights(self, keys: set[str]) -> dict[str, Any]:
        return {key: self.people[key] for key in keys}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    database = Database()
    monkeypatch.setattr(hubs.reader, "read", database.read)
    monkeypatch.setattr(hubs.rights, "people", database.rights)
    monkeypatch.setattr(hubs.supervising, "run_due", lambda: 0)
    monkeypatch.setattr(hubs, "TIMING", Timing().scaled(0.05))
    monkeypatch.setattr(hubs, "REVOCATION_PERIOD", 0.1)
    return database


@pytest.fixture
async def hub(database: Database) -> Any:
    hub = Hub()
    hub.start()
    yield hub
    for task in hub._tasks:
        task.cancel()
    live.unsubscribe(hub)


def sit(hub: Hub, database: Database, *teams: int, **fields: Any) -> Outbox:
    who = person(*teams, **fields)
    outbox = Outbox(who, f"session-{who.user_id}-{time.monotonic()}")
    database.people[outbox.session_key] = who
    hub.join(outbox)
    return outbox


async def until(condition: Callable[[], Any], within_s: float = 2.0) -> Any:
    deadline = time.monotonic() + patient(within_s)
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {within_s} s"
        await asyncio.sleep(0.005)
    return found


async def frames(outbox: Outbox, kind: str, count: int = 1) -> list[dict[str, Any]]:
    """The next `count` frames of a kind; the others are dropped."""
    found: list[Any] = []

    def more() -> bool:
        found.extend(frame for frame in written(outbox) if frame["type"] == kind)
        return len(found) >= count

    await until(more)
    return found


async def test_the_first_look_is_a_comparison_and_the_snapshot_waits_for_it(
    hub: Hub, database: Database
) -> None:
    talking = call(1)
    database.answers = [found(talking)]
    outbox = sit(hub, database, 1)
    (snapshot,) = await frames(outbox, "snapshot")
    assert database.asked[0].compare
    assert ids(snapshot) == [str(talking.id)]


async def test_what_is_published_in_this_process_is_read_at_once(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "TIMING", replace(Timing(), compare=3600.0))
    talking = call(1)
    database.answers = [found(talking)]
    outbox = sit(hub, database, 1)
    await frames(outbox, "snapshot")
    database.answers = [found(again(talking))]
    Thread(target=live.publish, args=(talking.id, 2)).start()
    (frame,) = await frames(outbox, "changes")
    assert ids(frame) == [str(talking.id)]
    assert talking.id in database.asked[-1].ids


async def test_old_news_is_not_read_again(hub: Hub, database: Database) -> None:
    talking = call(1, version=3)
    database.answers = [found(talking)]
    await frames(sit(hub, database, 1), "snapshot")
    live.publish(talking.id, 3)
    looks = len(database.asked)
    await until(lambda: len(database.asked) > looks + 3)
    assert not any(wanted.ids for wanted in database.asked)


async def test_a_person_whose_line_may_have_changed_is_asked_about_at_once(
    hub: Hub, database: Database
) -> None:
    outbox = sit(hub, database, 1, user_id=7)
    await frames(outbox, "me")
    database.strip = {**NO_CALL, "headline": "Your phone rings."}
    live.publish_user(7)
    (me,) = await frames(outbox, "me")
    assert me["strip"]["headline"] == "Your phone rings."


async def test_the_comparison_is_quicker_while_somebody_of_ours_is_on_a_call(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.answers = [found(call(1, watchers=[7]))]
    await frames(sit(hub, database, 1, user_id=7), "snapshot")
    # From now on the usual one does not come: whatever is compared is so because of the call.
    monkeypatch.setattr(hubs, "TIMING", replace(Timing().scaled(0.05), compare=3600.0))

    def compared() -> int:
        return sum(wanted.compare for wanted in database.asked)

    await until(lambda: compared() > 3)
    database.answers = [found(*(again(each, watchers=()) for each in hub.board.shown.values()))]
    await until(lambda: not hub.board.watching())
    before = compared()
    await asyncio.sleep(0.3)
    assert compared() <= before + 1, "one may have been on its way"


async def test_a_database_that_fails_leaves_the_screens_and_the_heartbeats_say_so(
    hub: Hub, database: Database
) -> None:
    talking = call(1)
    database.answers = [found(talking)]
    outbox = sit(hub, database, 1)
    await frames(outbox, "snapshot")
    database.fails = True
    await until(
        lambda: any(
            frame["type"] == "heartbeat" and frame["accounts"]["wire"]["state"] == "unknown"
            for frame in written(outbox)
        )
    )
    live.publish(talking.id, 2)
    await asyncio.sleep(0.05)
    database.answers, database.fails = [found(again(talking))], False
    (frame,) = await frames(outbox, "changes")
    assert frame["conferences"][0]["version"] == 2
    assert any(talking.id in wanted.ids for wanted in database.asked[-5:]), "what was missed is read later"


async def test_a_database_that_went_backwards_closes_every_socket_and_starts_again(
    hub: Hub, database: Database
) -> None:
    database.answers = [found(call(1, version=9))]
    outbox = sit(hub, database, 1)
    await frames(outbox, "snapshot")
    epoch = hub.board.epoch
    database.answers = [Found(lost_order=True)]
    await until(lambda: outbox.closed)
    assert written(outbox)[-1] == 4409
    assert hub.board.epoch != epoch
    assert not hub.board.shown


async def test_a_person_whose_line_cannot_be_said_keeps_no_screen(hub: Hub, database: Database) -> None:
    unlucky, other = sit(hub, database, 1, user_id=7), sit(hub, database, 1, user_id=8)
    await frames(unlucky, "me")
    await frames(other, "me")
    database.answers = [Found(unsaid={7})]
    await until(lambda: unlucky.closed)
    assert written(unlucky)[-1] == 4409
    assert not other.closed


async def test_rights_that_are_gone_close_the_socket_with_their_code(hub: Hub, database: Database) -> None:
    for code in (4401, 4403):
        outbox = sit(hub, database, 1)
        await frames(outbox, "snapshot")
        database.people[outbox.session_key] = code
        await until(lambda outbox=outbox: outbox.closed)
        assert written(outbox)[-1] == code


async def test_a_socket_that_left_is_written_to_no_more(hub: Hub, database: Database) -> None:
    outbox = sit(hub, database, 1)
    await frames(outbox, "snapshot")
    hub.leave(outbox)
    written(outbox)
    database.answers = [found(call(1))]
    await until(lambda: hub.board.shown)
    assert written(outbox) == []


async def test_changes_that_follow_closely_are_gathered(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "TIMING", timing := Timing().scaled(0.4))
    talking = call(1)
    database.answers = [found(talking)]
    outbox = sit(hub, database, 1)
    await frames(outbox, "snapshot")
    began = time.monotonic()
    for _ in range(10):
        talking = again(talking)
        database.answers.append(found(talking))
        live.publish(talking.id, talking.version)
        await asyncio.sleep(0.03)
    written_frames = await frames(outbox, "changes")
    await until(lambda: hub.board.shown[talking.id].version == 11)
    while written_frames[-1]["conferences"][0]["version"] < 11:
        written_frames += await frames(outbox, "changes")
    assert len(written_frames) <= 2 + (time.monotonic() - began) / timing.coalesce


async def test_silencing_is_finished_by_the_server_alone_whatever_fails(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[int] = []

    def run_due() -> int:
        ran.append(1)
        raise OperationalError("the first time, and always")

    monkeypatch.setattr(hubs.supervising, "run_due", run_due)
    hub = Hub()
    hub.start()
    await until(lambda: len(ran) >= 3)
    for task in hub._tasks:
        task.cancel()
    live.unsubscribe(hub)


def test_news_for_a_server_that_has_stopped_are_nobodys_error() -> None:
    async def made() -> Hub:
        return Hub()

    # In a thread of its own: a browser of another test may have left its loop in this one.
    with ThreadPoolExecutor() as own:
        own.submit(asyncio.run, made()).result().conference_changed(uuid4(), 1)
