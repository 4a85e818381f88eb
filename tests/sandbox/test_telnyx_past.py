"""How Telnyx's reads of calls lag behind: by the clock alone, so that the same reads find the same again."""

from __future__ import annotations

from typing import Any

import pytest

from participants.sandbox.telnyx import Telnyx
from participants.sandbox.wire import Answer, Operation, Refusal
from participants.sandbox.world import World


class Read:
    """A world in which a phone rings at 10, is answered at 20 and hangs up at 30."""

    def __init__(self, time_scale: float = 1.0) -> None:
        self.world = World(time_scale=time_scale)
        room = self.world.open_conference("a", now=0, provider="telnyx")
        self.sid = self.world.ring(room.sid, now=10, to_address="+442079460102").call_sid
        self.world.answer(self.sid, now=20)
        self.world.hang_up(self.sid, now=30)

    def call(self, now: float) -> Any:
        """What a fetch answers; None for a 404."""
        try:
            return self.perform("call.fetch", now).body
        except Refusal as refused:
            assert refused.answer.status == 404
            return None

    def perform(self, name: str, now: float, **params: Any) -> Answer:
        return Telnyx().perform(self.world, Operation(name, params, call=self.sid), now)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (10.9, None),
        (11, "ringing"),
        (20.9, "ringing"),
        (21, "in-progress"),
        (30.9, "in-progress"),
        (31, "completed"),
    ],
)
def test_a_fetch_shows_what_was_a_second_ago(now: float, status: str | None) -> None:
    found = Read().call(now)
    assert (found and found["status"]) == status


def test_a_fetch_of_the_past_says_nothing_of_what_came_later() -> None:
    read = Read()
    assert not {"start_time", "end_time", "duration"} & read.call(15).keys()
    assert not {"end_time", "duration"} & read.call(25).keys()
    assert read.call(25)["date_updated"] == read.call(25)["start_time"]
    assert read.call(31)["duration"] == "10"


def test_the_list_lags_like_the_fetch() -> None:
    read = Read()
    statuses = [
        [call["status"] for call in read.perform("call.list", now).body["calls"]] for now in (10.5, 25, 40)
    ]
    assert statuses == [[], ["in-progress"], ["completed"]]
    assert read.perform("call.list", 30.5, Status="completed").body["calls"] == []


def test_the_lag_is_scaled_like_every_wait() -> None:
    read = Read(time_scale=0.05)
    assert read.call(10.04) is None
    assert read.call(10.06)["status"] == "ringing"


def test_the_answer_to_an_update_does_not_lag() -> None:
    world = World()
    room = world.open_conference("a", now=0, provider="telnyx")
    sid = world.seat(room.sid, now=0).call_sid
    answer = Telnyx().perform(world, Operation("call.update", {"Status": "completed"}, call=sid), 0.1)
    assert answer.body["status"] == "completed"


@pytest.mark.parametrize(("timeout", "rings_for"), [({}, 30), ({"Timeout": 5}, 5)])
def test_a_phone_rings_exactly_as_long_as_asked(timeout: Any, rings_for: int) -> None:
    """Twilio rings five seconds longer."""
    world = World()
    room = world.open_conference("a", now=0, provider="telnyx")
    params = {"To": "+15005550011", "From": "+12025550100", **timeout}
    Telnyx().perform(world, Operation("participant.create", params, conference=room.sid), 0)
    (leg,) = world.floor.calls.values()
    world.tick(100)
    assert (leg.call_status, leg.ended_at) == ("no-answer", rings_for)
