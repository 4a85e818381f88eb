"""Random stories: whatever is done, the world keeps its own rules."""

from __future__ import annotations

import contextlib
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from participants.sandbox.rooms import CONFERENCE_WORDS, Subscription, WorldError
from participants.sandbox.switches import Switches
from participants.sandbox.world import World

EVERYTHING = Subscription("http://earshot.example/", "POST", CONFERENCE_WORDS)
FLAGS = ("muted", "hold", "coaching", "end_on_exit")
acts = st.sampled_from(["dial", "seat", "update", "target", "remove", "hang_up", "end", "wait"])
steps = st.lists(st.tuples(acts, st.integers(0, 7), st.sampled_from(FLAGS), st.booleans()), max_size=40)
switches = st.builds(
    Switches,
    noop_event=st.booleans(),
    end_before_leaves=st.booleans(),
    start_threshold=st.sampled_from([1, 2]),
    coach_without_target=st.sampled_from(["nobody", "everyone"]),
    split_requests=st.booleans(),
)


def may_hear(room: Any, speaker: Any, listener: Any, lost_coach: str) -> bool:
    """Written anew from the documents, to be compared with `hearing.pairs`."""
    for leg in (speaker, listener):
        if leg.call_sid not in room.legs or leg.call_status != "in-progress" or leg.hold:
            return False
    if room.status != "in-progress" or speaker.muted or speaker is listener:
        return False
    if speaker.coaching:
        target = room.legs.get(speaker.target)
        if target is None or target.call_status != "in-progress":
            return lost_coach == "everyone"
        return target is listener
    return True


class Player:
    def __init__(self, chosen: Switches) -> None:
        self.world = World(switches=chosen, rng=random.Random(1))
        self.room = self.world.open_conference("a", now=0, subscription=EVERYTHING)
        self.now = 0.0
        self.made: list[Any] = []
        self.news: list[Any] = []

    def play(self, act: str, which: int, flag: str, value: bool) -> None:
        self.now += 0.4
        self.world.tick(self.now)
        leg = self.made[which % len(self.made)].call_sid if self.made else "CA0"
        with contextlib.suppress(WorldError):
            self._do(act, leg, which, {flag: value})
        self.news += self.world.take()

    def _do(self, act: str, leg: str, which: int, change: Any) -> None:
        world, sid, now = self.world, self.room.sid, self.now
        if act in ("dial", "seat"):
            place = world.dial if act == "dial" else world.seat
            self.made.append(place(sid, now=now, label=f"leg-{which}"))
        elif act == "update":
            world.update(sid, leg, now=now, **change)
        elif act == "target":
            target = self.made[(which + 1) % len(self.made)].call_sid if self.made else "CA0"
            world.update(sid, leg, now=now, target=target)
        elif act == "remove":
            world.remove(sid, leg, now=now)
        elif act == "hang_up":
            world.hang_up(leg, now=now)
        elif act == "end":
            world.end(sid, now=now)


@settings(max_examples=200, deadline=None)
@given(chosen=switches, story=steps)
def test_the_world_keeps_its_rules(chosen: Switches, story: list[Any]) -> None:
    player = Player(chosen)
    for step in story:
        player.play(*step)
        room, world = player.room, player.world
        expected = {
            (speaker.call_sid, listener.call_sid)
            for speaker in player.made
            for listener in player.made
            if may_hear(room, speaker, listener, chosen.coach_without_target)
        }
        rows = world.audibility(room.sid)
        assert {(row["speaker"], row["listener"]) for row in rows if row["to"] is None} == expected
        assert all(row["to"] is None or row["from"] < row["to"] for row in rows)
        labels = [leg.label for leg in room.legs.values()]
        assert len(labels) == len(set(labels))
        assert (room.status == "completed") == (room.reason_ended is not None)
        assert room.status != "completed" or not room.legs
    numbers = [news.sequence for news in player.news]
    assert numbers == list(range(chosen.sequence_start, chosen.sequence_start + len(numbers)))


@settings(max_examples=100, deadline=None)
@given(chosen=switches, story=steps)
def test_every_join_has_at_most_one_leave_and_nothing_follows_it(chosen: Switches, story: list[Any]) -> None:
    player = Player(chosen)
    for step in story:
        player.play(*step)
    for leg in player.made:
        told = [news.event for news in player.news if news.facts.get("call_sid") == leg.call_sid]
        assert told.count("join") <= 1
        assert told.count("leave") <= 1
        assert "leave" not in told[:-1], "nothing is told of a leg that has left"
    assert [news.event for news in player.news].count("end") <= 1
