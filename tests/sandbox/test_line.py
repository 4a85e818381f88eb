"""Where a provider places so many calls a second, the others wait: no error, and each says for how long."""

from typing import Any

import pytest

from participants.sandbox.line import Line
from participants.sandbox.rooms import WorldError
from participants.sandbox.scenes import SECOND_LEVEL
from participants.sandbox.story import Story
from participants.sandbox.switches import Switches
from participants.sandbox.telnyx import Telnyx
from participants.sandbox.twilio import Twilio
from participants.sandbox.wire import Operation, Refusal
from participants.sandbox.world import World


def dialled(world: World, room: str, count: int, **more: Any) -> list[float]:
    """For how long each of them waits."""
    return [
        world.dial(room, now=10, in_line=True, to_address=f"+44770090000{n}", **more).queued_s
        for n in range(count)
    ]


@pytest.mark.parametrize(("rate", "waits"), [(1, [0, 1, 2]), (2, [0, 0.5, 1]), (0, [0, 0, 0])])
def test_each_call_takes_the_next_place(rate: int, waits: list[float]) -> None:
    world = World(switches=Switches(calls_per_second=rate))
    room = world.open_conference("a", now=0)
    assert dialled(world, room.sid, 3) == waits


def test_a_phone_rings_when_its_call_is_placed_and_as_long_as_any_other() -> None:
    world = World()
    room = world.open_conference("a", now=0)
    dialled(world, room.sid, 3, timeout=5)
    world.answering.mode = "manual"
    first, _, last = room.legs.values()
    world.tick(10.5)
    assert (first.call_status, last.call_status) == ("ringing", "queued")
    world.tick(12.5)
    assert last.call_status == "ringing"


def test_a_line_is_a_day_long_at_most() -> None:
    line = Line(1.0)
    line.take("twilio", 10 + 24 * 3600, rate=1)
    with pytest.raises(WorldError) as full:
        line.next("twilio", 10, rate=1)
    assert full.value.reason == "queue_full"
    assert line.next("telnyx", 10, rate=1) == 10


@pytest.mark.parametrize(("dialect", "waits"), [(Twilio(), ["0", "1000", "2000"]), (Telnyx(), [None] * 3)])
def test_the_answer_says_how_long_it_waits_where_there_is_a_line(
    dialect: Any, waits: list[str | None]
) -> None:
    world = World()
    room = world.open_conference("a", now=0, provider=dialect.name)
    made = [
        dialect.perform(
            world,
            Operation(
                "participant.create",
                {"From": "+12025550100", "To": f"+44770090000{n}"},
                conference=room.sid,
            ),
            10.0,
        ).body
        for n in range(3)
    ]
    assert [leg.get("queue_time") for leg in made] == waits
    asked = Operation("participant.fetch", {}, conference=room.sid, call=made[2]["call_sid"])
    assert dialect.perform(world, asked, 10.0).body.get("queue_time") is None


def test_a_full_line_is_an_error_of_its_own() -> None:
    world, dialect = World(), Twilio()
    room = world.open_conference("a", now=0)
    world.line.take("twilio", 25 * 3600.0, rate=1)
    dial = Operation(
        "participant.create", {"From": "+12025550100", "To": "+447700900000"}, conference=room.sid
    )
    with pytest.raises(Refusal) as refused:
        dialect.perform(world, dial, 10.0)
    assert (refused.value.answer.status, refused.value.answer.body["code"]) == (429, 22005)
    assert not room.legs


def test_in_the_busy_scene_the_second_level_rings_until_it_is_given_up() -> None:
    world = World()
    story = Story("busy", world=world, now=0, subscription=lambda *_: None)
    room = story.stage.room("technical-3007")
    assert room is not None
    leg = world.dial(room.sid, now=95, to_address=SECOND_LEVEL, timeout=15)
    for moment, status in ((96, "ringing"), (114.9, "ringing"), (115.1, "no-answer")):
        world.tick(moment)
        assert leg.call_status == status
    story.stop(120)
    other = world.open_conference("another", now=120)
    leg = world.dial(other.sid, now=120, to_address=SECOND_LEVEL)
    world.tick(130)
    assert leg.call_status == "in-progress", "elsewhere it is a phone like any other"
