"""What to believe: rules in sentences, and properties over stories that the sandbox's world has played."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participants.events import CallEvent, ConferenceEvent, LegEvent, Presence, Source, Stamp, Stream
from participants.merge import (
    GROUPS,
    LESS_SAFE,
    LONGEST_READ,
    Leg,
    Merged,
    later_call_status,
    leg_status,
    merge,
    merge_conference_status,
)
from participants.providers import PROVIDERS
from tests.participants.stories import BEGAN, FLAGS, STEPS, Facts, Step, Story, Told

ROOM, CALL = "CF" + "0" * 32, "CA" + "0" * 32


def callback(number: int | None = 1, *, at: float = BEGAN, **said: Any) -> LegEvent:
    stream = None if number is None else Stream.CONFERENCE
    stamp = Stamp(source=Source.CALLBACK, occurred=at, stream=stream, number=number)
    return LegEvent(conference_sid=ROOM, call_sid=CALL, stamp=stamp, **said)


def read(began: float, *, date: float | None = None, **said: Any) -> LegEvent:
    """A fetch of the leg that began at `began` (our clock); `date` is what its answer's Date said."""
    stamp = Stamp(source=Source.READ, began=began, occurred=began if date is None else date)
    return LegEvent(conference_sid=ROOM, call_sid=CALL, stamp=stamp, **said)


def call(status: str) -> CallEvent:
    return CallEvent(call_sid=CALL, stamp=Stamp(source=Source.CALLBACK), call_status=status)


def after(*events: LegEvent | CallEvent, now: float = BEGAN + 10) -> Merged:
    """The leg after these events, all of which arrived at `now`."""
    merged = Merged(Leg(), counted=False, doubt=False)
    for event in events:
        merged = merge(merged.leg, event, now=now)
    return merged


# --- callbacks against callbacks --------------------------------------------------------------------------
def test_a_callback_with_a_lower_number_changes_nothing() -> None:
    merged = after(callback(5, muted=True), callback(4, muted=False))
    assert merged.leg.muted is True
    assert not merged.counted


def test_a_number_counts_for_the_fields_that_its_callback_names_and_for_no_other() -> None:
    merged = after(callback(5, muted=True), callback(4, hold=True))
    assert (merged.leg.muted, merged.leg.hold) == (True, True)
    assert merged.counted


def test_the_same_callback_twice_counts_once() -> None:
    once, twice = after(callback(5, muted=True)), after(callback(5, muted=True), callback(5, muted=True))
    assert once.leg == twice.leg
    assert once.counted
    assert not twice.counted


def test_callbacks_without_numbers_are_believed_as_they_come() -> None:
    assert after(callback(None, muted=True), callback(None, muted=False)).leg.muted is False


def test_a_callback_says_nothing_about_whom_a_coach_coaches() -> None:
    coached = after(read(BEGAN, coaching=True, target="CA1"), callback(1, at=BEGAN + 9, coaching=True))
    assert coached.leg.target == "CA1"


def test_a_coaching_that_was_modified_has_no_known_target_any_more() -> None:
    modified = callback(1, at=BEGAN + 9, coaching=True, target_unsaid=True)
    merged = after(read(BEGAN, coaching=True, target="CA1"), modified)
    assert (merged.leg.coaching, merged.leg.target) == (True, None)


def test_a_leg_may_come_back_after_it_left() -> None:
    left = callback(2, presence=Presence.LEFT, left_reason="participant_hung_up")
    merged = after(callback(1, presence=Presence.IN), left, callback(3, presence=Presence.IN))
    assert merged.leg.presence == Presence.IN
    assert merged.leg.left_reason is None


def test_the_reason_of_a_leave_is_that_of_the_newest_leave() -> None:
    hung_up = callback(2, presence=Presence.LEFT, left_reason="participant_hung_up")
    kicked = callback(4, presence=Presence.LEFT, left_reason="participant_updated_via_api")
    back, unsaid = callback(5, presence=Presence.IN), callback(6, presence=Presence.LEFT)
    assert after(hung_up, kicked).leg.left_reason == "participant_updated_via_api"
    assert after(kicked, hung_up).leg.left_reason == "participant_updated_via_api"
    assert after(hung_up, back, unsaid).leg.left_reason is None
    assert after(unsaid, back, hung_up).leg.left_reason is None


def test_a_read_that_finds_the_leg_gone_keeps_the_reason_that_a_callback_gave() -> None:
    hung_up = callback(2, presence=Presence.LEFT, left_reason="participant_hung_up")
    merged = after(hung_up, read(BEGAN + 9, presence=Presence.LEFT))
    assert merged.leg.left_reason == "participant_hung_up"


def test_the_reason_of_a_leave_in_doubt_is_there_when_a_read_settles_it() -> None:
    left = callback(2, presence=Presence.LEFT, left_reason="participant_hung_up")
    doubted = after(read(BEGAN, date=BEGAN, presence=Presence.IN), left)
    assert (doubted.doubt, doubted.leg.presence) == (True, Presence.IN)
    gone = merge(doubted.leg, read(BEGAN + 1, date=BEGAN + 1, presence=Presence.LEFT), now=BEGAN + 1)
    assert (gone.leg.presence, gone.leg.left_reason) == (Presence.LEFT, "participant_hung_up")
    back = merge(doubted.leg, read(BEGAN + 1, date=BEGAN + 1, presence=Presence.IN), now=BEGAN + 1)
    assert (back.leg.presence, back.leg.left_reason) == (Presence.IN, None)


# --- what never goes back ---------------------------------------------------------------------------------
@pytest.mark.parametrize("final", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_the_end_of_a_call_is_final(final: str) -> None:
    assert after(call(final), call("in-progress"), call("ringing")).leg.call_status == final


def test_a_call_only_moves_forward() -> None:
    assert after(call("in-progress"), call("initiated")).leg.call_status == "in-progress"
    assert later_call_status(None, "ringing") == "ringing"
    assert later_call_status("ringing", None) == "ringing"


@pytest.mark.parametrize("later", ["init", "in-progress", None])
def test_a_conference_that_has_completed_stays_so(later: str | None) -> None:
    event = ConferenceEvent(conference_sid=ROOM, stamp=Stamp(source=Source.READ), status=later)
    assert merge_conference_status("completed", event) == "completed"


# --- callbacks against reads, on the provider's clock -----------------------------------------------------
def test_a_callback_from_before_the_last_read_changes_nothing() -> None:
    merged = after(read(BEGAN, muted=False), callback(9, at=BEGAN - 2, muted=True))
    assert merged.leg.muted is False
    assert not merged.counted
    assert not merged.doubt


def test_a_callback_from_after_the_last_read_is_believed() -> None:
    merged = after(read(BEGAN, muted=False), callback(9, at=BEGAN + 2, muted=True))
    assert merged.leg.muted is True
    assert merged.counted
    assert not merged.doubt


def test_a_provider_s_clock_that_was_set_back_is_believed_again_at_once() -> None:
    ahead = read(BEGAN, date=BEGAN + 600, muted=False)
    merged = after(ahead, read(BEGAN + LONGEST_READ, muted=True))
    assert merged.leg.muted is True and not merged.doubt
    overlapping = after(ahead, read(BEGAN + 0.5, muted=True))
    assert overlapping.leg.muted is False and overlapping.doubt


@pytest.mark.parametrize("apart", [-1, 0, 1])
@pytest.mark.parametrize(
    ("group", "less_safe", "safer"),
    [
        ("presence", Presence.IN, Presence.LEFT),
        ("muted", False, True),
        ("hold", False, True),
        ("coaching", False, True),
        ("start_conference_on_enter", False, True),
        ("end_conference_on_exit", True, False),
    ],
)
def test_where_a_callback_and_a_read_are_as_new_the_less_safe_value_stands_and_the_leg_is_asked_for(
    group: str, less_safe: Any, safer: Any, apart: int
) -> None:
    for said, told in ((less_safe, safer), (safer, less_safe)):
        event = callback(9, at=BEGAN + apart, **{group: told})
        merged = after(read(BEGAN, **{group: said}), event)
        assert getattr(merged.leg, group) == less_safe
        assert merged.doubt


def test_a_target_in_doubt_is_not_known() -> None:
    modified = callback(9, at=BEGAN, coaching=True, target_unsaid=True)
    merged = after(read(BEGAN, coaching=True, target="CA1"), modified)
    assert merged.leg.target is None
    assert merged.doubt


def test_a_callback_that_agrees_with_a_read_of_its_second_leaves_no_doubt() -> None:
    assert not after(read(BEGAN, muted=True), callback(9, muted=True)).doubt


def test_every_group_has_its_less_safe_value() -> None:
    assert set(LESS_SAFE) == set(GROUPS) == {f.name for f in _groups_of_a_leg()}


def _groups_of_a_leg() -> Any:
    words = {"call_status", "left_reason", "marks"}
    return [field for field in Leg.__dataclass_fields__.values() if field.name not in words]


# --- reads against callbacks, on our clock ----------------------------------------------------------------
def test_a_read_that_began_before_a_callback_came_is_skipped_where_they_disagree() -> None:
    told = merge(Leg(), callback(1, at=BEGAN, muted=True, hold=False), now=BEGAN + 1)
    merged = merge(told.leg, read(BEGAN, muted=False, hold=False), now=BEGAN + 2)
    assert merged.leg.muted is True
    assert merged.doubt


def test_a_read_that_began_before_a_callback_came_is_believed_where_they_agree() -> None:
    told = merge(Leg(), callback(1, at=BEGAN, muted=True), now=BEGAN + 1)
    merged = merge(told.leg, read(BEGAN, muted=True), now=BEGAN + 2)
    assert merged.counted
    assert not merged.doubt


def test_a_read_that_began_after_the_callback_came_is_believed() -> None:
    told = merge(Leg(), callback(1, at=BEGAN, muted=True), now=BEGAN + 1)
    merged = merge(told.leg, read(BEGAN + 1.5, muted=False), now=BEGAN + 2)
    assert merged.leg.muted is False
    assert not merged.doubt


def test_an_older_read_that_comes_later_is_dropped() -> None:
    merged = after(read(BEGAN + 5, muted=True), read(BEGAN, muted=False))
    assert merged.leg.muted is True
    assert not merged.counted


def test_of_two_reads_of_one_second_the_one_that_began_later_stands() -> None:
    """The provider's clock, which tells whole seconds, says nothing about their order."""
    merged = after(read(BEGAN + 0.5, date=BEGAN, muted=True), read(BEGAN + 0.2, date=BEGAN, muted=False))
    assert merged.leg.muted is True
    assert not merged.counted


def test_a_doubt_stays_until_a_newer_fact_settles_it() -> None:
    doubtful = after(read(BEGAN, muted=False), callback(9, at=BEGAN, muted=True)).leg
    assert doubtful.in_doubt
    assert merge(doubtful, callback(10, at=BEGAN, hold=False), now=BEGAN).leg.in_doubt
    assert not merge(doubtful, read(BEGAN + 1, muted=True), now=BEGAN).leg.in_doubt


def test_a_read_that_began_before_the_doubt_does_not_settle_it() -> None:
    """It agrees with the less safe value by chance: found by the stories below."""
    doubtful = merge(
        after(read(BEGAN, muted=False)).leg, callback(9, at=BEGAN + 1, muted=True), now=BEGAN + 2
    )
    assert merge(doubtful.leg, read(BEGAN + 1.4, muted=False), now=BEGAN + 3).doubt


def test_of_two_reads_under_way_the_one_that_looked_earlier_is_not_believed() -> None:
    """Also when it began later: found by the stories below."""
    slow = after(read(BEGAN, date=BEGAN + 4, hold=True), callback(5, at=BEGAN + 2, hold=True)).leg
    merged = merge(slow, read(BEGAN + 2.3, date=BEGAN + 2, hold=False), now=BEGAN + 6)
    assert merged.leg.hold is True
    assert merged.doubt


def test_what_is_not_said_is_not_known() -> None:
    assert after(callback(1, muted=True)).leg == Leg(
        muted=True, marks=after(callback(1, muted=True)).leg.marks
    )


# --- a participant's status -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("presence", "call_status", "over", "word"),
    [
        (None, None, False, "queued"),
        (None, "queued", False, "queued"),
        (None, "initiated", False, "connecting"),
        (None, "ringing", False, "ringing"),
        (None, "in-progress", False, "connected"),
        (Presence.IN, None, False, "connected"),
        (Presence.IN, "ringing", False, "connected"),
        (Presence.IN, "completed", False, "complete"),
        (Presence.LEFT, "in-progress", False, "complete"),
        (None, "busy", False, "failed"),
        (None, "canceled", False, "failed"),
        (Presence.IN, "in-progress", True, "complete"),
        (None, "no-answer", True, "failed"),
        (None, None, True, "complete"),
    ],
)
def test_the_status_of_a_person(presence: str | None, call_status: str | None, over: bool, word: str) -> None:
    assert leg_status(Leg(presence=presence, call_status=call_status), conference_over=over) == word


# --- any order, any number of times -----------------------------------------------------------------------
# Not the fixture: that is made anew for each test, and the examples of a property would share it.
each_provider = pytest.mark.parametrize("provider", sorted(PROVIDERS))


@st.composite
def shuffled_stories(draw: st.DrawFn, provider: str) -> tuple[Story, list[Told]]:
    """A story, and its callbacks as the network may bring them: in any order, some of them often."""
    story = Story(draw(STEPS), provider)
    again = draw(st.lists(st.sampled_from(story.told), max_size=6))
    return story, draw(st.permutations(story.told + again))


def facts_of(told: list[Told]) -> Facts:
    facts = Facts()
    for one in told:
        for event in one.events:
            facts.take(event)
    return facts


@each_provider
@pytest.mark.parametrize("half", [1, 2])  # each quick enough to stand in every run
@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_any_order_and_any_repetition_of_callbacks_ends_in_the_same_facts(
    provider: str, half: int, data: st.DataObject
) -> None:
    story, order = data.draw(shuffled_stories(provider))
    assert facts_of(order).same() == facts_of(story.told).same()


@each_provider
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_callbacks_in_any_order_end_in_what_is_true_at_the_provider(
    provider: str, data: st.DataObject
) -> None:
    story, order = data.draw(shuffled_stories(provider))
    facts = facts_of(order)
    assert facts.status == story.world.floor.conferences[story.sid].status
    for call_sid, leg in facts.legs.items():
        true = story.truth(call_sid)
        assert leg.call_status == true.call_status
        assert (leg.presence == Presence.IN) == (story.is_in(call_sid) and true.connected)
        if not PROVIDERS[provider].reports.mute_and_hold:
            assert flags(leg) == dict.fromkeys(FLAGS), "nobody said, and nobody guesses"
        elif leg.presence == Presence.IN:
            assert flags(leg) == flags(true)


def flags(leg: Any) -> dict[str, Any]:
    return {name: getattr(leg, name) for name in FLAGS}


@each_provider
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_applying_an_event_twice_changes_nothing(provider: str, data: st.DataObject) -> None:
    facts = Facts()
    for one in data.draw(shuffled_stories(provider))[1]:
        for event in one.events:
            facts.take(event)
            before = (facts.status, dict(facts.legs))
            again = facts.take(event)
            assert (facts.status, facts.legs) == before
            assert again is None or not again.counted or not isinstance(event, LegEvent)


@st.composite
def overtaken_stories(draw: st.DrawFn, provider: str) -> tuple[Story, list[tuple[float, Any]]]:
    """A story with fetches in between: callbacks and answers arrive late, each by its own delay."""
    story = Story(draw(STEPS), provider)
    late = st.sampled_from([0.0, 0.1, 0.5, 2.0, 3.5])
    arrivals = [(one.at + draw(late), event) for one in story.told for event in one.events]
    for call_sid in story.calls:
        for share in draw(st.lists(st.floats(0, 1), max_size=3)):
            began = BEGAN + share * (story.now - BEGAN)
            at = began + draw(late)
            arrivals.append((at + draw(late), story.read_of(call_sid, at=at, began=began)))
    return story, sorted(arrivals, key=lambda arrival: arrival[0])


@each_provider
@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_when_everything_has_come_what_stands_is_true_or_in_doubt(provider: str, data: st.DataObject) -> None:
    """Flags that no callback tells of are those of the read that began last."""
    story, arrivals = data.draw(overtaken_stories(provider))
    facts = Facts()
    for now, event in arrivals:
        facts.take(event, now=now)
    for call_sid, leg in facts.legs.items():
        if leg.in_doubt or not story.is_in(call_sid):
            continue
        true = story.truth(call_sid)
        assert (leg.presence == Presence.IN) == true.connected
        if not PROVIDERS[provider].reports.mute_and_hold:
            assert flags(leg) in last_read(call_sid, [event for _, event in arrivals])
        elif true.connected:
            assert flags(leg) == flags(true)


def last_read(call_sid: str, events: list[Any]) -> list[dict[str, Any]]:
    """What the newest reads of the leg saw: several may have begun at one instant. Nothing without any."""
    reads = [event for event in events if event.stamp.source is Source.READ and event.call_sid == call_sid]
    newest = max((event.stamp.began for event in reads), default=None)
    return [flags(event) for event in reads if event.stamp.began == newest] or [dict.fromkeys(FLAGS)]


# What a provider subscribes one to, and the events of the stories that this word stands for.
EVENTS = {
    "start": {"conference-start"},
    "end": {"conference-end"},
    "join": {"participant-join"},
    "leave": {"participant-leave"},
    "mute": {"participant-mute", "participant-unmute"},
    "hold": {"participant-hold", "participant-unhold"},
    "modify": {"participant-modify"},
    "speaker": set(),
    "announcement": set(),
}


@pytest.fixture
def day(provider: str) -> Story:
    """A story with everything in it that a day holds."""
    acts = ["muted", "muted", "hold", "hold", "coaching", "redirect"]
    steps = [Step("answer", 2, 1.0), Step("give_up", 3, 1.0), *(Step(act, 0, 1.0) for act in acts)]
    return Story([*steps, Step("hang_up", 1, 1.0), Step("remove", 2, 1.0)], provider)


def test_the_stories_tell_of_every_kind_of_event(provider: str, day: Story) -> None:
    """The properties are worth something: what each provider can tell of stands in its stories."""
    conference = set().union(*(EVENTS[word] for word in PROVIDERS[provider].reports.conference_events))
    call = {"initiated", "ringing", "in-progress", "completed", "busy"}
    assert {one.parsed.event for one in day.told} == conference | call


@pytest.mark.parametrize("provider", ["telnyx"], indirect=True)  # the streams of the other have no holes
def test_the_stories_number_from_0_and_with_holes_where_the_provider_does(day: Story) -> None:
    numbers = [one.parsed.sequence for one in day.told if one.kind == "conference"]
    assert numbers[0] == 0
    assert numbers == sorted(set(numbers)) != list(range(len(numbers)))
    assert not any(one.parsed.key for one in day.told), "nothing in one tells it from its repetition"
