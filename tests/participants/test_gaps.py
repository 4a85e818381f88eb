"""Lost callbacks are noticed by their numbers, where the provider numbers without holes."""

import time

import pytest
from django.utils import timezone

from participants import mirror, sweep
from participants.events import LegEvent, Presence, Source, Stamp, Stream
from participants.gaps import MISSES, Numbering
from participants.models import Callback, Conference, Participant
from participants.providers import PROVIDERS
from participants.timing import TIMING
from tests.participants.floor import Floor


# --- the numbers, pure ------------------------------------------------------------------------------------
def told(*numbers: int) -> Numbering:
    numbering = Numbering()
    for number in numbers:
        numbering = numbering.came(number)
    return numbering


def test_the_first_number_says_nothing_about_those_before_it() -> None:
    assert not Numbering().leaves_hole(7)
    assert told(7).missing({7}) == set()


def test_a_number_that_is_jumped_over_is_missing_until_it_comes() -> None:
    assert told(3, 4).leaves_hole(6) and not told(3, 4).leaves_hole(5)
    assert told(3, 4, 6).missing({3, 4, 6}) == {5}
    assert told(3, 4, 6, 5).missing({3, 4, 5, 6}) == set()


def test_what_was_read_is_settled_and_the_next_hole_is_a_new_one() -> None:
    numbering = told(1, 3).read(100.0, found=True).came(4)
    assert numbering.missing({1, 3, 4}) == set()
    assert numbering.came(6).missing({1, 3, 4, 6}) == {5}


def test_a_call_is_read_for_holes_once_in_ten_seconds() -> None:
    numbering = told(1, 3).read(100.0, found=True)
    assert not numbering.may_read(100.0 + TIMING.gap_read - 0.01)
    assert numbering.may_read(100.0 + TIMING.gap_read)


def test_after_two_reads_that_found_nothing_the_numbers_are_left_alone() -> None:
    numbering = told(1)
    for number in (3, 5):
        assert numbering.leaves_hole(number)
        numbering = numbering.came(number).read(100.0, found=False)
    assert numbering.misses == MISSES and not numbering.leaves_hole(7)
    assert told(1, 3).read(100.0, found=False).came(5).read(200.0, found=True).misses == 0


# --- a call at the provider -------------------------------------------------------------------------------
@pytest.fixture
def call(floor: Floor) -> Conference:
    call = floor.call("numbered")
    Conference.objects.update(verified_at=timezone.now())  # its roster is not due
    return call


def hear(floor: Floor, call: Conference, number: int, *, event: str = "participant-join") -> None:
    """A callback about the agent's leg that says what is known already; only its number matters."""
    agent = floor.leg(call, "agent")
    row = Callback.objects.create(
        account=floor.account,
        kind="conference",
        key=f"{call.sid}:{number}",
        event=event,
        conference_sid=call.sid,
        sequence=number,
        form=[],
        verdict=Callback.Verdict.APPLIED,
    )
    stamp = Stamp(source=Source.CALLBACK, stream=Stream.CONFERENCE, number=number, occurred=time.time())
    said = LegEvent(
        conference_sid=call.sid, call_sid=agent.call_sid, stamp=stamp, presence=Presence.IN, muted=agent.muted
    )
    if event.startswith("participant"):
        mirror.apply(floor.account, [said], callback=row)


def held(call: Conference) -> bool | None:
    return Participant.objects.get(conference=call, role="customer").hold


def hold_unheard(floor: Floor, call: Conference) -> None:
    leg = floor.leg(call, "customer")
    floor.sandbox.post(f"/_sandbox/legs/{leg.call_sid}/set", {"hold": True})


def test_a_lost_callback_is_read_after_it_had_time_to_be_late(floor: Floor, call: Conference) -> None:
    hear(floor, call, 1)
    hold_unheard(floor, call)
    hear(floor, call, 3)
    assert sweep.read_gaps(floor.account) == 0, "it may only be late"
    time.sleep(TIMING.gap_wait)
    numbered = PROVIDERS[floor.account.provider].reports.sequence
    assert sweep.read_gaps(floor.account) == (1 if numbered else 0)
    assert held(call) is numbered
    assert sweep.read_gaps(floor.account) == 0, "one hole is read once"


def test_what_came_late_or_has_no_word_of_ours_is_not_missing(floor: Floor, call: Conference) -> None:
    for number, event in ((1, "participant-join"), (4, "participant-join"), (3, "participant-speech-start")):
        hear(floor, call, number, event=event)
    hear(floor, call, 2)
    time.sleep(TIMING.gap_wait)
    assert sweep.read_gaps(floor.account) == 0
    assert Conference.objects.get().gap_since is None
