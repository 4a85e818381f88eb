"""The table of a supervisor's leg: state and event -> the next request. Pure, no clock but `now`."""

from dataclasses import replace
from typing import Any

import pytest

from participants.modes import Act, Decision, next_request
from participants.stay import Agent, Asked, Audience, Seen, State, answered, observed, sent, wished
from participants.timing import TIMING

NOW = 1_000.0
ANN = Agent(call_sid="CAann", connected=True, held=False, certain=True, joined_at=1.0)
BEN = Agent(call_sid="CAben", connected=True, held=False, certain=True, joined_at=2.0)
LISTENING = {"muted": True, "coaching": True, "target": "CAann"}
WHISPERING = {"muted": False, "coaching": True, "target": "CAann"}
BARGING = {"muted": False, "coaching": False, "target": None}


def dial(**fields: Any) -> Asked:
    values = {"id": 1, "verb": "create", "wish": 1, "sent_at": NOW - 60, "muted": True, "coaching": True}
    return Asked(
        **values
        | {"target": "CAann", "outcome": "accepted", "answered_at": NOW - 59, "closed": True}
        | fields
    )


def seen(flags: dict[str, Any], *, began: float = NOW - 0.1, **fields: Any) -> Seen:
    return Seen(began=began, found=True, call_sid="CAme", status="connected", **flags | fields)


def on_call(wanted: str, flags: dict[str, Any], *more: Asked, **fields: Any) -> State:
    """A connected leg, last fetched a moment ago with these flags, for the wish `wanted`."""
    values: dict[str, Any] = {
        "wanted": wanted,
        "wanted_at": NOW - 0.2,
        "wish": 5,
        "target": "CAann" if wanted == "whisper" else None,
        "dialled_at": NOW - 60,
        "call_sid": "CAme",
        "connected": True,
        "seen": seen(flags),
        "fetch_began": NOW - 0.1,
        "agents": (ANN,),
        "asked": (dial(), *more),
    }
    return State(**values | fields)


def update(flags: dict[str, Any], **fields: Any) -> Asked:
    values = {"id": 2, "verb": "update", "wish": 5, "sent_at": NOW - 0.5, "muted": flags.get("muted")}
    values |= {"coaching": flags.get("coaching"), "target": flags.get("target")}
    return Asked(**values | fields)


def flags_of(decision: Decision) -> tuple[Any, ...]:
    return decision.act, decision.muted, decision.coaching, decision.target


ARM = (Act.UPDATE, True, True, "CAann")
MUTE = (Act.UPDATE, True, None, None)
OPEN_WHISPER = (Act.UPDATE, False, True, "CAann")
OPEN_BARGE = (Act.UPDATE, False, False, None)


@pytest.mark.parametrize(
    ("wanted", "flags", "expected"),
    [
        ("listen", {"muted": True, "coaching": False, "target": None}, ARM),
        ("listen", WHISPERING, MUTE),
        ("listen", BARGING, MUTE),
        ("whisper", LISTENING, OPEN_WHISPER),
        ("whisper", {"muted": True, "coaching": False, "target": None}, ARM),
        ("whisper", LISTENING | {"target": "CAben"}, ARM),
        ("whisper", WHISPERING | {"target": "CAben"}, MUTE),
        ("whisper", BARGING, MUTE),
        ("barge", LISTENING, OPEN_BARGE),
        ("barge", WHISPERING, OPEN_BARGE),
        ("leave", WHISPERING, MUTE),
        ("leave", LISTENING, (Act.DELETE, None, None, None)),
    ],
)
def test_each_wish_has_its_next_request(
    wanted: str, flags: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    state = on_call(wanted, flags, agents=(ANN, replace(BEN, joined_at=0.5)))
    assert flags_of(next_request(state, NOW)) == expected


def test_a_leg_is_dialled_muted_and_armed_to_the_agent_who_joined_last() -> None:
    state = State(wanted="listen", wanted_at=NOW, agents=(ANN, BEN))
    assert flags_of(next_request(state, NOW)) == (Act.CREATE, True, True, "CAben")


@pytest.mark.parametrize(
    "agent", [replace(ANN, held=True), replace(ANN, certain=False), replace(ANN, connected=False)]
)
def test_it_is_dialled_unarmed_where_the_agent_cannot_be_coached(agent: Agent) -> None:
    state = State(wanted="listen", wanted_at=NOW, agents=(agent,))
    assert flags_of(next_request(state, NOW)) == (Act.CREATE, True, None, None)


def test_a_dial_refused_for_its_coaching_is_followed_by_one_without() -> None:
    refused = dial(outcome="refused", code="16027")
    state = State(wanted="listen", wanted_at=NOW, dialled_at=NOW, agents=(ANN,), asked=(refused,))
    again = next_request(state, NOW, refused_for_coaching=frozenset({"16027"}))
    assert flags_of(again) == (Act.CREATE, True, None, None)
    assert next_request(replace(state, asked=(replace(refused, code="21211"),)), NOW).act is Act.END


def test_a_dial_without_an_answer_is_looked_up_and_never_repeated() -> None:
    lost = dial(outcome="unknown", sent_at=NOW, answered_at=NOW + TIMING.request, closed=False)
    state = State(wanted="listen", wanted_at=NOW, dialled_at=NOW, agents=(ANN,), asked=(lost,))
    now, acts = NOW + TIMING.request, set()
    while now < NOW + TIMING.ring + TIMING.ring_grace + TIMING.request:
        decision = next_request(state, now)
        acts.add(decision.act)
        state, now = replace(state, fetch_began=now), now + TIMING.read_switching / 3
    assert acts == {Act.FETCH, Act.WAIT, Act.END}


def test_silence_is_confirmed_only_by_a_fetch_that_started_after_the_answer() -> None:
    opening = update(WHISPERING, outcome="accepted", answered_at=NOW)
    state = on_call("listen", LISTENING, opening)
    early = observed(state, seen(LISTENING, began=NOW - 0.01))
    assert early.worst() == Audience.AGENT
    late = observed(early, seen(LISTENING, began=NOW + 0.01))
    assert (late.confirmed, late.worst()) == ("listen", Audience.NOBODY)


def test_an_older_fetch_that_arrives_later_is_dropped() -> None:
    state = observed(on_call("whisper", LISTENING), seen(WHISPERING, began=NOW + 2))
    assert observed(state, seen(LISTENING, began=NOW + 1)).seen == state.seen


def test_an_observation_is_worth_twenty_seconds() -> None:
    state = observed(on_call("listen", LISTENING), seen(LISTENING, began=NOW))
    assert state.exposure(NOW + TIMING.observation_valid - 0.01) == Audience.NOBODY
    assert state.exposure(NOW + TIMING.observation_valid + 0.01) == Audience.UNKNOWN


def test_a_flag_that_was_not_said_counts_as_its_less_safe_value() -> None:
    state = on_call("listen", {"muted": None, "coaching": True, "target": "CAann"})
    assert state.worst() == Audience.AGENT
    assert on_call("listen", {"muted": False, "coaching": None}).worst() == Audience.EVERYONE
    assert on_call("whisper", WHISPERING, agents=()).worst() == Audience.EVERYONE


def test_the_worst_is_combined_field_by_field() -> None:
    unmuted = update({"muted": False, "coaching": True, "target": "CAann"})
    uncoached = on_call("listen", {"muted": True, "coaching": False, "target": None}, unmuted)
    assert uncoached.worst() == Audience.EVERYONE


def test_an_opening_is_sent_once_per_wish() -> None:
    for outcome in ("open", "accepted", "unknown"):
        opening = update(WHISPERING, outcome=outcome, answered_at=None if outcome == "open" else NOW - 0.2)
        decision = next_request(on_call("whisper", LISTENING, opening), NOW)
        assert decision.act in {Act.WAIT, Act.FETCH}, outcome


@pytest.mark.parametrize(
    ("opening", "why"),
    [
        ({"outcome": "refused", "answered_at": NOW - 0.2}, "refused"),
        ({"outcome": "not_sent", "answered_at": NOW - 0.2}, "unreachable"),
        ({"outcome": "accepted", "answered_at": NOW - TIMING.opening_deadline - 0.1}, "not_seen"),
    ],
)
def test_an_opening_that_failed_becomes_listen(opening: dict[str, Any], why: str) -> None:
    decision = next_request(on_call("whisper", LISTENING, update(WHISPERING, **opening)), NOW)
    assert (decision.act, decision.why) == (Act.LISTEN, why)


def test_a_lost_opening_waits_for_the_person() -> None:
    opening = update(WHISPERING, outcome="unknown", answered_at=NOW - 20)
    state = on_call("whisper", LISTENING, opening)
    assert next_request(state, NOW).act not in {Act.LISTEN, Act.UPDATE}
    assert state.worst() == Audience.AGENT


def test_a_tainted_leg_is_never_used_for_a_safer_mode() -> None:
    opening = update(BARGING, wish=4, outcome="unknown", answered_at=NOW - 1)
    decision = next_request(on_call("listen", LISTENING, opening), NOW)
    assert (decision.act, decision.why) == (Act.LEAVE, "tainted")


@pytest.mark.parametrize(
    ("agents", "why"),
    [((), "agent_left"), ((replace(ANN, held=True),), "agent_on_hold"), ((BEN,), "agent_left")],
)
def test_a_whisper_ends_when_its_agent_is_not_there(agents: tuple[Agent, ...], why: str) -> None:
    decision = next_request(on_call("whisper", WHISPERING, agents=agents), NOW)
    assert (decision.act, decision.why) == (Act.LISTEN, why)


def test_a_barge_goes_on_without_an_agent() -> None:
    opened = update(BARGING, outcome="accepted", answered_at=NOW - 0.3, closed=True)
    state = on_call("barge", BARGING, opened, agents=(), confirmed="barge", confirmed_at=NOW)
    assert next_request(state, NOW).act in {Act.WAIT, Act.FETCH}


def test_a_mute_is_repeated_each_second_without_waiting_for_the_one_before() -> None:
    state = sent(on_call("listen", WHISPERING), update({"muted": True}, sent_at=NOW))
    assert next_request(state, NOW + TIMING.mute_repeat - 0.01).act is not Act.UPDATE
    again = next_request(state, NOW + TIMING.mute_repeat + 0.01)
    assert flags_of(again) == MUTE
    assert again.urgent


def test_a_mute_is_sent_again_after_an_older_opening_was_answered() -> None:
    state = on_call("listen", LISTENING, update(WHISPERING, id=7, wish=4, sent_at=NOW - 0.3))
    state = sent(state, update({"muted": True}, id=8, sent_at=NOW))
    assert next_request(state, NOW + 0.1).act is not Act.UPDATE
    state = answered(state, 7, outcome="accepted", now=NOW + 0.1)
    assert flags_of(next_request(state, NOW + 0.11)) == MUTE


@pytest.mark.parametrize("earlier", [0, 1], ids=["of the same wish", "of an older wish"])
def test_a_mute_is_sent_at_once_after_an_opening_that_follows_an_older_mute(earlier: int) -> None:
    """Found by the simulation: whisper again, barge, listen within half a second."""
    wish = on_call("listen", WHISPERING).wish
    before = update({"muted": True}, id=2, wish=wish - earlier, sent_at=NOW - 0.3)
    opening = replace(update(BARGING, id=3, wish=wish, sent_at=NOW - 0.1), outcome="open", answered_at=None)
    state = on_call("listen", WHISPERING, before, opening, silencing_at=NOW)
    decision = next_request(state, NOW)
    assert flags_of(decision) == MUTE and decision.urgent
    sent_now = replace(update({"muted": True}, id=4, sent_at=NOW), outcome="open")
    later = replace(state, asked=(*state.asked, sent_now))
    assert flags_of(next_request(later, NOW + 0.01)) != MUTE


def test_silence_that_is_not_confirmed_in_five_seconds_removes_the_leg() -> None:
    state = on_call("listen", WHISPERING, silencing_at=NOW - TIMING.silence_deadline)
    decision = next_request(state, NOW)
    assert (decision.act, decision.why) == (Act.LEAVE, "not_silenced")


def test_removals_are_repeated_at_one_two_and_four_seconds() -> None:
    state = wished(on_call("listen", LISTENING), mode="leave", now=NOW)
    state = replace(state, fetch_began=NOW + 100)
    now, times = NOW, []
    while now < NOW + 10 * TIMING.remove_first:
        decision = next_request(state, now)
        if decision.act is Act.DELETE:
            times.append(round((now - NOW) / TIMING.remove_first))
            state = sent(state, Asked(id=10 + len(times), verb="delete", wish=state.wish, sent_at=now))
        now += TIMING.remove_first / 100
    assert times[:4] == [0, 1, 3, 7]


def test_a_404_of_a_leg_never_seen_connected_proves_nothing() -> None:
    state = State(
        wanted="listen",
        wanted_at=NOW,
        dialled_at=NOW,
        call_sid="CAme",
        asked=(dial(sent_at=NOW, answered_at=NOW),),
        seen=Seen(began=NOW, found=False),
        fetch_began=NOW,
    )
    assert next_request(state, NOW + TIMING.read_switching + 0.01).act is Act.ASK_CALL
    busy = next_request(replace(state, call_status="busy"), NOW + 0.1)
    assert (busy.act, busy.why) == (Act.END, "busy")
    left = replace(state, connected=True)
    assert next_request(left, NOW + 0.1).act is Act.END


def test_a_whisper_that_had_to_dial_lapses_after_twenty_seconds() -> None:
    unarmed = {"muted": None, "coaching": False, "target": None}
    late = on_call("whisper", unarmed, wanted_at=NOW - TIMING.delayed_opening - 60)
    just_dialled = replace(late, asked=(dial(answered_at=NOW - 0.1),))
    assert next_request(just_dialled, NOW).act is not Act.LISTEN
    late = replace(late, asked=(dial(answered_at=NOW - TIMING.delayed_opening - 1),))
    assert next_request(late, NOW).why == "late"


def test_supervisors_alone_on_a_call_are_taken_off_it() -> None:
    state = on_call("barge", BARGING, alone_since=NOW - TIMING.only_supervisors)
    assert next_request(state, NOW).why == "only_supervisors"


def test_somebody_elses_unmute_is_silenced_without_asking() -> None:
    state = on_call("listen", LISTENING, confirmed="listen", told=seen(WHISPERING, began=NOW))
    assert flags_of(next_request(state, NOW)) == MUTE
    assert state.worst() == Audience.AGENT
