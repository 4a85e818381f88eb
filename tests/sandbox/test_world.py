"""The world by itself: no HTTP, an invented clock."""

from __future__ import annotations

import random
import re
import time
from typing import Any

import pytest

from participants.sandbox.phones import Answering
from participants.sandbox.rooms import CALL_WORDS, CONFERENCE_WORDS, Sids, Subscription, WorldError
from participants.sandbox.switches import Switches
from participants.sandbox.world import World
from tests.patience import FACTOR

EVERYTHING = Subscription("http://earshot.example/", "POST", CONFERENCE_WORDS)
CALLS = Subscription("http://earshot.example/", "POST", CALL_WORDS)


class Room:
    """A conference of an agent and a customer that began at 0."""

    def __init__(self, **switches: Any) -> None:
        self.world = World(switches=Switches(**switches), rng=random.Random(1))
        self.sid = self.world.open_conference("billing-1", now=0, subscription=EVERYTHING).sid
        self.customer = self.world.seat(self.sid, now=0, role="customer").call_sid
        self.agent = self.world.seat(self.sid, now=0, role="agent", label="agent-1").call_sid

    @property
    def room(self) -> Any:
        return self.world.floor.conference(self.sid)

    def supervisor(self, **settings: Any) -> str:
        return self.world.seat(self.sid, now=1, label="supervisor", **settings).call_sid

    def hears(self, listener: str) -> set[str]:
        return set(self.world.hears(self.sid)[listener])

    def events(self) -> list[str]:
        return [news.event for news in self.world.take() if news.kind == "conference"]


def test_a_room_starts_when_two_are_in_and_one_of_them_may_start_it() -> None:
    world = World()
    room = world.open_conference("a", now=0, subscription=EVERYTHING)
    world.seat(room.sid, now=1, start_on_enter=False)
    world.seat(room.sid, now=2, start_on_enter=False)
    assert room.status == "init"
    world.seat(room.sid, now=3)
    assert room.status == "in-progress"
    assert [news.event for news in world.take()] == ["join", "join", "join", "start"]


def test_a_switch_lets_one_start_a_room() -> None:
    world = World(switches=Switches(start_threshold=1))
    room = world.open_conference("a", now=0)
    world.seat(room.sid, now=1)
    assert room.status == "in-progress"


def test_the_last_one_out_ends_the_room() -> None:
    call = Room()
    call.world.take()
    call.world.hang_up(call.agent, now=1)
    assert call.room.status == "in-progress"
    call.world.hang_up(call.customer, now=2)
    assert (call.room.status, call.room.reason_ended) == ("completed", "last-participant-left")
    assert call.room.ending_call == call.customer
    assert call.events() == ["leave", "leave", "end"]


@pytest.mark.parametrize("before", [True, False])
def test_end_on_exit_takes_everybody_along(before: bool) -> None:
    call = Room(end_before_leaves=before)
    call.world.update(call.sid, call.agent, now=1, end_on_exit=True)
    call.world.take()
    call.world.hang_up(call.agent, now=2)
    assert call.room.reason_ended == "participant-with-end-conference-on-exit-left"
    assert call.events() == (["leave", "end", "leave"] if before else ["leave", "leave", "end"])
    assert call.world.floor.call(call.customer).call_status == "completed"


def test_a_kick_says_so() -> None:
    call = Room()
    call.world.update(call.sid, call.agent, now=1, end_on_exit=True)
    call.world.remove(call.sid, "agent-1", now=2)
    assert call.room.reason_ended == "participant-with-end-conference-on-exit-kicked"


def test_a_leg_that_never_answered_does_not_end_the_room() -> None:
    call = Room()
    ringing = call.world.ring(call.sid, now=1, end_on_exit=True)
    call.world.take()
    call.world.give_up(ringing.call_sid, "busy", now=2)
    assert call.room.status == "in-progress"
    (news,) = call.world.take()
    assert (news.event, news.facts["reason"], news.facts["call_status"]) == (
        "leave",
        "participant_add_failed",
        "busy",
    )


def test_a_phone_that_rings_does_not_keep_a_room_alive() -> None:
    call = Room()
    ringing = call.world.ring(call.sid, now=1)
    call.world.hang_up(call.agent, now=2)
    call.world.hang_up(call.customer, now=3)
    assert call.room.status == "completed"
    assert ringing.call_status == "canceled"


def test_after_the_end_every_change_is_refused() -> None:
    call = Room()
    call.world.end(call.sid, now=1)
    for change in (
        lambda: call.world.update(call.sid, call.agent, now=2, muted=True),
        lambda: call.world.dial(call.sid, now=2),
        lambda: call.world.remove(call.sid, call.agent, now=2),
        lambda: call.world.end(call.sid, now=2),
    ):
        with pytest.raises(WorldError):
            change()
    with pytest.raises(WorldError, match="no participant"):
        call.world.fetch_leg(call.sid, call.agent)


def test_a_room_that_waits_cannot_be_ended() -> None:
    world = World()
    room = world.open_conference("a", now=0)
    world.seat(room.sid, now=0)
    with pytest.raises(WorldError, match="init"):
        world.end(room.sid, now=1)


def test_a_name_is_free_again_after_the_end() -> None:
    call = Room()
    with pytest.raises(WorldError):
        call.world.open_conference("billing-1", now=1)
    call.world.end(call.sid, now=2)
    assert call.world.open_conference("billing-1", now=3).sid != call.sid


def test_a_label_belongs_to_one_live_leg() -> None:
    call = Room()
    with pytest.raises(WorldError) as refused:
        call.world.dial(call.sid, now=1, label="agent-1")
    assert refused.value.reason == "label_taken"
    call.world.hang_up(call.agent, now=2)
    assert call.world.dial(call.sid, now=3, label="agent-1").label == "agent-1"


# Dialling


def dialled(to: str, *, answering: Answering | None = None, until: float = 100) -> Any:
    call = Room()
    call.world.answering = answering or Answering()
    leg = call.world.dial(call.sid, now=10, to_address=to, timeout=15, call_subscription=CALLS)
    call.world.tick(10 + until)
    return leg, [(news.event, news.sequence) for news in call.world.take() if news.kind == "call"]


def test_a_dialled_phone_answers_by_itself() -> None:
    leg, told = dialled("client:lead")
    assert told == [("initiated", 0), ("ringing", 1), ("answered", 2)]
    assert 11 < leg.answered_at < 12


@pytest.mark.parametrize(
    ("to", "status", "told"),
    [
        ("+15005550010", "busy", [("initiated", 0), ("ringing", 1), ("completed", 2)]),
        ("+15005550011", "no-answer", [("initiated", 0), ("ringing", 1), ("completed", 2)]),
        ("+15005550012", "failed", [("initiated", 0), ("completed", 1)]),
        ("+15005550013", "in-progress", [("initiated", 0), ("ringing", 1), ("answered", 2)]),
    ],
)
def test_some_numbers_have_a_fate(to: str, status: str, told: list[Any]) -> None:
    leg, seen = dialled(to)
    assert (leg.call_status, seen) == (status, told)
    assert (leg.machine, leg.answered_by) == (to.endswith("13"), None), "nobody asked who answered"


@pytest.mark.parametrize(("mode", "status"), [("busy", "busy"), ("no-answer", "no-answer")])
def test_phones_do_as_they_are_told(mode: str, status: str) -> None:
    leg, _ = dialled("client:lead", answering=Answering(mode, 3))
    assert leg.call_status == status
    assert 12.5 < leg.ended_at < 13.5


def test_a_phone_in_nobodys_hand_rings_until_its_timeout() -> None:
    leg, _ = dialled("client:lead", answering=Answering("manual"), until=14)
    assert leg.call_status == "ringing"
    leg, _ = dialled("client:lead", answering=Answering("manual"))
    assert (leg.call_status, round(leg.ended_at - 10)) == ("no-answer", 15)


def test_removing_a_ringing_leg_ends_the_attempt() -> None:
    call = Room()
    leg = call.world.dial(call.sid, now=10, label="supervisor")
    call.world.tick(10.5)
    call.world.remove(call.sid, "supervisor", now=11)
    call.world.tick(100)
    assert leg.call_status == "canceled"


def test_time_scale_multiplies_waits() -> None:
    world = World(time_scale=0.05)
    leg = world.dial(world.open_conference("a", now=0).sid, now=0)
    world.tick(0.1)
    assert leg.connected


# Who is told


def test_the_first_leg_that_joins_decides_where_callbacks_go() -> None:
    world = World()
    room = world.open_conference("a", now=0, subscription_fixed=False)
    first = Subscription("http://first.example/", "POST", frozenset({"join"}))
    world.seat(room.sid, now=1, room_subscription=first)
    world.seat(room.sid, now=2, room_subscription=EVERYTHING)
    assert [(news.event, news.subscription.url) for news in world.take()] == [("join", first.url)] * 2


def test_conference_callbacks_are_numbered_from_the_switch_without_holes() -> None:
    call = Room(sequence_start=0)
    call.world.update(call.sid, call.agent, now=1, muted=True)
    call.world.end(call.sid, now=2)
    assert [news.sequence for news in call.world.take()] == list(range(7))


def test_what_changes_nothing_is_not_told_unless_the_switch_says_so() -> None:
    for noop, told in ((False, []), (True, ["hold", "mute"])):
        call = Room(noop_event=noop)
        call.world.update(call.sid, call.agent, now=1, muted=True, hold=True)
        call.world.take()
        call.world.update(call.sid, call.agent, now=2, muted=True, hold=True)
        assert call.events() == told


def test_a_change_is_told_with_the_state_after_it() -> None:
    call = Room()
    sid = call.supervisor(muted=True)
    call.world.take()
    call.world.update(call.sid, sid, now=2, muted=False, coaching=True, target=call.agent)
    unmute, modify = call.world.take()
    assert (unmute.event, modify.event) == ("unmute", "modify")
    assert (unmute.facts["muted"], unmute.facts["coaching"]) == (False, True)


# Who hears whom


def test_agent_and_customer_hear_each_other() -> None:
    call = Room()
    assert call.hears(call.agent) == {call.customer}
    assert call.hears(call.customer) == {call.agent}


def test_nobody_hears_anybody_before_the_start() -> None:
    world = World(switches=Switches(start_threshold=2))
    room = world.open_conference("a", now=0)
    world.seat(room.sid, now=0, start_on_enter=False)
    world.seat(room.sid, now=0, start_on_enter=False)
    assert world.audibility(room.sid) == []


def test_a_muted_supervisor_hears_and_is_not_heard() -> None:
    call = Room()
    sid = call.supervisor(muted=True)
    assert call.hears(sid) == {call.agent, call.customer}
    assert sid not in call.hears(call.agent) | call.hears(call.customer)


def test_a_whisper_reaches_the_agent_alone() -> None:
    call = Room()
    sid = call.supervisor(coaching=True, target=call.agent)
    assert sid in call.hears(call.agent)
    assert sid not in call.hears(call.customer)


def test_somebody_on_hold_neither_hears_nor_is_heard() -> None:
    call = Room()
    call.world.update(call.sid, call.customer, now=1, hold=True)
    assert call.hears(call.customer) == call.hears(call.agent) == set()
    call.world.update(call.sid, call.customer, now=2, hold=False)
    assert call.hears(call.customer) == {call.agent}


@pytest.mark.parametrize(("switch", "heard"), [("nobody", False), ("everyone", True)])
def test_a_coach_whose_agent_has_left(switch: str, heard: bool) -> None:
    call = Room(coach_without_target=switch)
    sid = call.supervisor(coaching=True, target=call.agent)
    call.world.hang_up(call.agent, now=2)
    assert (sid in call.hears(call.customer)) is heard


def test_intervals_say_since_when_and_until_when() -> None:
    call = Room()
    call.world.update(call.sid, call.agent, now=5, muted=True)
    call.world.update(call.sid, call.agent, now=7, muted=False)
    call.world.end(call.sid, now=9)
    spoken = [row for row in call.world.audibility(call.sid) if row["speaker"] == call.agent]
    assert [(row["from"], row["to"]) for row in spoken] == [(0, 5), (7, 9)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"coaching": True}, "target_missing"),
        ({"target": "CA0"}, "target_absent"),
        ({"target": "self"}, "target_absent"),
        ({"target": "held"}, "target_held"),
    ],
)
def test_coaching_needs_somebody_who_can_be_coached(change: dict[str, Any], reason: str) -> None:
    call = Room()
    sid = call.supervisor()
    call.world.update(call.sid, call.customer, now=2, hold=True)
    named = {"self": sid, "held": call.customer}
    if "target" in change:
        change = {"target": named.get(change["target"], change["target"])}
    with pytest.raises(WorldError) as refused:
        call.world.update(call.sid, sid, now=3, **change)
    assert refused.value.reason == reason


def test_a_target_alone_turns_coaching_on() -> None:
    call = Room()
    sid = call.supervisor()
    assert call.world.update(call.sid, sid, now=2, target=call.agent).coaching


def test_a_split_request_lets_the_customer_hear_for_a_moment() -> None:
    call = Room(split_requests=True)
    sid = call.supervisor(muted=True)
    call.world.update(call.sid, sid, now=2, muted=False, coaching=True, target=call.agent)
    assert sid in call.hears(call.customer)
    call.world.tick(2.1)
    assert sid not in call.hears(call.customer)


# Sids and speed


def test_sids_go_on_after_a_reset_and_never_come_from_the_seed() -> None:
    first, second = World(rng=random.Random(1)), World(rng=random.Random(1))
    assert first.open_conference("a", now=0).sid != second.open_conference("a", now=0).sid
    before = first.open_conference("b", now=0).sid
    first.reset()
    after = first.open_conference("b", now=0).sid
    assert int(after[2:], 16) == (int(before[2:], 16) + 1) % (1 << 128)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("conference", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("call", r"v3:[\w-]{54}"),
    ],
)
def test_telnyx_sids_look_like_theirs_and_are_given_once(kind: Any, shape: str) -> None:
    sids = Sids()
    made = [sids.make("telnyx", kind) for _ in range(2_000)]
    assert all(re.fullmatch(shape, sid, re.ASCII) for sid in made)
    assert len(set(made)) == 2_000


@pytest.mark.parametrize(
    ("provider", "switch", "first"), [("twilio", 0, 0), ("twilio", 1, 1), ("telnyx", 1, 0)]
)
def test_where_a_conferences_numbers_begin(provider: str, switch: int, first: int) -> None:
    world = World(switches=Switches(sequence_start=switch))
    room = world.open_conference("a", now=0, provider=provider, subscription=EVERYTHING)
    world.seat(room.sid, now=0)
    assert world.take()[0].sequence == first


def test_it_is_fast_enough_for_the_simulation() -> None:
    call = Room()
    sid = call.supervisor(muted=True)
    began = time.thread_time()
    for number in range(10_000):
        call.world.update(call.sid, sid, now=2 + number, muted=bool(number % 2))
    assert 10_000 / (time.thread_time() - began) > 20_000 / FACTOR
