"""Who hears whom: a table made by hand, and agreement with the sandbox, which reads the documents itself."""

import itertools
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participants.audibility import Heard, Voice, hears, state_word
from participants.sandbox.world import World


def voice(call_sid: str, **flags: Any) -> Voice:
    """A connected leg that is neither muted, held nor coaching."""
    return Voice(
        call_sid=call_sid,
        **{"connected": True, "muted": False, "hold": False, "coaching": False, "target": None, **flags},
    )


AGENT, CUSTOMER = voice("agent", role="agent"), voice("customer", role="customer")


def heard_by(supervisor: Voice, agent: Voice = AGENT, customer: Voice = CUSTOMER) -> tuple[Heard, Heard]:
    """Whether (the agent, the customer) hears the supervisor."""
    spoken = hears([agent, customer, supervisor], mixing=True)[supervisor.call_sid]
    return spoken["agent"], spoken["customer"]


# The supervisor's muted, coaching and target -> (the agent hears, the customer hears)
TABLE: list[tuple[bool | None, bool | None, str | None, tuple[Heard, Heard]]] = [
    (True, True, "agent", (False, False)),
    (True, False, None, (False, False)),
    (True, None, None, (False, False)),
    (True, True, "gone", (False, False)),
    (False, True, "agent", (True, False)),
    (False, True, "customer", (False, True)),
    (False, False, None, (True, True)),
    (False, True, "gone", (None, None)),
    (False, True, None, (None, None)),
    (False, None, None, (None, None)),
    (None, True, "agent", (None, False)),
    (None, False, None, (None, None)),
    (None, None, None, (None, None)),
]


@pytest.mark.parametrize(("muted", "coaching", "target", "expected"), TABLE)
def test_who_hears_a_supervisor(
    muted: bool | None, coaching: bool | None, target: str | None, expected: tuple[Heard, Heard]
) -> None:
    assert heard_by(voice("supervisor", muted=muted, coaching=coaching, target=target)) == expected


def test_a_held_listener_hears_nobody() -> None:
    held = voice("agent", hold=True)
    assert heard_by(voice("supervisor"), agent=held) == (False, True)
    assert heard_by(voice("supervisor"), agent=voice("agent", hold=None)) == (None, True)


def test_a_held_speaker_is_heard_by_nobody() -> None:
    assert heard_by(voice("supervisor", hold=True)) == (False, False)


def test_a_coach_hears_everybody_and_is_heard_by_the_target_alone() -> None:
    coach = voice("coach", coaching=True, target="agent")
    spoken = hears([AGENT, CUSTOMER, coach], mixing=True)
    assert spoken["agent"]["coach"] is True
    assert spoken["customer"]["coach"] is True
    assert spoken["coach"] == {"agent": True, "customer": False}


def test_a_coach_whose_target_has_left_may_be_heard_by_anybody() -> None:
    gone = voice("agent", connected=False)
    spoken = hears([gone, CUSTOMER, voice("coach", coaching=True, target="agent")], mixing=True)
    assert spoken["coach"] == {"customer": None}


def test_who_is_not_connected_neither_speaks_nor_listens() -> None:
    spoken = hears([voice("ringing", connected=False), AGENT], mixing=True)
    assert spoken == {"agent": {}}


def test_before_the_conference_starts_nobody_is_heard() -> None:
    assert hears([AGENT, CUSTOMER], mixing=False) == {
        "agent": {"customer": False},
        "customer": {"agent": False},
    }


# --- the sandbox's own reading ----------------------------------------------------------------------------
FLAGS = st.fixed_dictionaries(
    {
        "muted": st.booleans(),
        "hold": st.booleans(),
        "coaching": st.booleans(),
        "target": st.integers(0, 4),
        "connected": st.booleans(),
    }
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FLAGS, min_size=2, max_size=5), st.sampled_from(["nobody", "everyone"]))
def test_it_agrees_with_the_sandbox_on_any_flags(drawn: list[dict[str, Any]], without_target: str) -> None:
    """Where the documents leave it open (a coach without target) "not known" agrees with either answer."""
    world = World(rng=random.Random(1))
    world.switches.coach_without_target = without_target
    room = world.open_conference("any", now=0.0)
    legs = [
        (world.seat if flags["connected"] else world.ring)(room.sid, now=0.0, to_address=f"client:{number}")
        for number, flags in enumerate(drawn)
    ]
    sids = [leg.call_sid for leg in legs]
    for leg, flags in zip(legs, drawn, strict=True):
        leg.muted, leg.hold, leg.coaching = flags["muted"], flags["hold"], flags["coaching"]
        leg.target = [*sids, "gone"][min(flags["target"], len(sids))] if flags["coaching"] else None
        if leg.target == leg.call_sid:
            leg.target = "gone"
    world.floor._listen(room, 1.0)
    truth = world.hears(room.sid)
    voices = [
        Voice(
            call_sid=leg.call_sid,
            connected=leg.connected,
            muted=leg.muted,
            hold=leg.hold,
            coaching=leg.coaching,
            target=leg.target,
        )
        for leg in legs
    ]
    ours = hears(voices, mixing=room.status == "in-progress")
    for speaker, listeners in ours.items():
        for listener, heard in listeners.items():
            assert heard in (speaker in truth[listener], None)
            if heard is None:
                assert next(v for v in voices if v.call_sid == speaker).coaching, "only a coach is in doubt"
    assert set(ours) == set(truth)


# --- the call's own state, row by row ---------------------------------------------------------------------
def leg(role: str | None, **flags: Any) -> Voice:
    return voice(f"{role}-{next(_numbers)}", role=role, **flags)


_numbers = itertools.count()
RINGING: dict[str, Any] = {"connected": False, "ringing": True}
HAS_LEFT: dict[str, Any] = {"connected": False}

STATES: list[tuple[str, list[Voice]]] = [
    ("held", [leg("agent"), leg("customer", hold=True)]),
    ("held", [leg("agent"), leg("customer"), leg("customer", hold=True)]),
    ("held", [leg("agent", hold=True), leg("customer", hold=True)]),
    ("agent_held", [leg("agent", hold=True), leg("customer")]),
    ("supervised", [leg("customer"), leg("supervisor")]),
    ("waiting", [leg("customer")]),
    ("waiting", [leg("customer"), leg("agent", **HAS_LEFT)]),
    ("waiting", [leg(None)]),
    ("waiting", [leg("customer"), leg("supervisor", muted=True)]),
    ("waiting", [leg("customer"), leg("supervisor", coaching=True)]),
    ("waiting", [leg("customer"), leg("supervisor", muted=None)]),
    ("ringing", [leg("customer"), leg("agent", **RINGING)]),
    ("ringing", [leg("agent", **RINGING)]),
    ("dialling", [leg("agent"), leg("customer", **RINGING)]),
    ("dialling", [leg("customer", **RINGING)]),
    ("alone", [leg("agent")]),
    ("alone", [leg("agent"), leg("customer", **HAS_LEFT)]),
    ("talking", [leg("agent"), leg("customer")]),
    ("talking", [leg("agent"), leg(None)]),
    ("talking", [leg("agent"), leg("customer"), leg("supervisor")]),
    ("talking", [leg("agent"), leg("customer"), leg("agent", **RINGING)]),
    ("talking", [leg("agent", muted=True), leg("customer", hold=None)]),
    ("starting", []),
    ("starting", [leg("supervisor")]),
]


@pytest.mark.parametrize(("word", "voices"), STATES)
def test_the_word_for_a_call(word: str, voices: list[Voice]) -> None:
    status = "init" if word == "starting" else "in-progress"
    assert state_word(status, voices, stale=False) == word


def test_a_call_that_has_ended_is_never_unverified() -> None:
    assert state_word("completed", [AGENT, CUSTOMER], stale=True) == "ended"
    assert state_word("completed", [AGENT, CUSTOMER], stale=False) == "ended"


def test_a_stale_call_is_unverified_whatever_its_flags_say() -> None:
    assert state_word("in-progress", [AGENT, CUSTOMER], stale=True) == "unverified"


def test_every_word_has_its_row() -> None:
    words = {word for word, _ in STATES} | {"ended", "unverified"}
    assert words == {
        *("unverified", "ended", "held", "agent_held", "waiting", "ringing"),
        *("dialling", "alone", "supervised", "talking", "starting"),
    }
