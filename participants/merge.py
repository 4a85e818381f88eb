"""What to believe: merge(leg, event) is pure, and any order of the same callbacks ends in the same leg.

A fact belongs to a field group, and each group has its own mark. Three clocks meet here and are never
mixed: the provider's numbers, the provider's clock (a callback's Timestamp against a read's HTTP Date),
and ours (`began`, `now`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .clock import is_ahead
from .events import (
    ANSWERED_BY,
    CALL_STATUSES,
    CONFERENCE_STATUSES,
    TERMINAL,
    CallEvent,
    ConferenceEvent,
    LegEvent,
    Presence,
    Source,
    Stamp,
)
from .timing import TIMING

# Where two facts are as new as each other, the less safe one stands.
LESS_SAFE: Mapping[str, Any] = {
    "presence": Presence.IN,
    "muted": False,
    "hold": False,
    "coaching": False,
    "target": None,
    "start_conference_on_enter": False,
    "end_conference_on_exit": True,
}
GROUPS = tuple(LESS_SAFE)
CLOCK_GRAIN = 1.0  # both providers stamp whole seconds
LONGEST_READ = 2 * TIMING.request  # on a machine that stood still in between


@dataclass(frozen=True, slots=True)
class Mark:
    """How far a group is known: the newest number per stream, and the newest read.

    `first` is the lowest number that spoke of the leg: it joined no later, whatever came first.
    `raised` (our clock) is when a callback last counted; `date` (the provider's) and `began` (ours)
    belong to the newest read, which said `said`. `doubt`: the newest facts disagree, and none settled it yet.
    """

    numbers: Mapping[str, int] = field(default_factory=dict)
    first: int | None = None
    raised: float | None = None
    date: float | None = None
    began: float | None = None
    said: Any = None
    doubt: bool = False

    @classmethod
    def load(cls, stored: Mapping[str, Any] | None) -> "Mark":
        return cls(**stored) if stored else cls()

    def dump(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Leg:
    """The facts about one leg in one conference, with their marks."""

    presence: str | None = None
    call_status: str | None = None
    muted: bool | None = None
    hold: bool | None = None
    coaching: bool | None = None
    target: str | None = None
    start_conference_on_enter: bool | None = None
    end_conference_on_exit: bool | None = None
    left_reason: str | None = None
    marks: Mapping[str, Mark] = field(default_factory=dict)

    @property
    def in_doubt(self) -> bool:
        return any(mark.doubt for mark in self.marks.values())


@dataclass(frozen=True, slots=True)
class Merged:
    """`counted`: the event was newer than what was known. `doubt`: facts disagree, so ask the provider."""

    leg: Leg
    counted: bool
    doubt: bool


@dataclass(frozen=True, slots=True)
class _Ruling:
    value: Any
    mark: Mark
    counted: bool
    doubt: bool = False


def merge(leg: Leg, event: LegEvent | CallEvent, *, now: float) -> Merged:
    """The leg after `event`, which arrived at `now` (our clock, unix seconds)."""
    status = later_call_status(leg.call_status, event.call_status)
    if isinstance(event, CallEvent):
        merged = replace(leg, call_status=status)
        return Merged(merged, counted=merged != leg or event.call_status is None, doubt=False)
    values, marks = {}, dict(leg.marks)
    rulings = []
    for group, value in said_by(event).items():
        mark = _past(marks.get(group, Mark()), now)
        ruling = _rule(group, getattr(leg, group), value, mark, event.stamp, now)
        values[group] = ruling.value
        settled = (ruling.counted or ruling.doubt) and ruling.doubt != ruling.mark.doubt
        marks[group] = replace(ruling.mark, doubt=ruling.doubt) if settled else ruling.mark
        rulings.append(ruling)
    reason = _left_reason(leg, event, values, in_doubt=any(r.doubt for r in rulings))
    merged = replace(leg, **values, call_status=status, left_reason=reason, marks=marks)
    counted = any(r.counted for r in rulings) or status != leg.call_status or not rulings
    return Merged(merged, counted=counted, doubt=any(r.doubt for r in rulings))


def _past(mark: Mark, now: float) -> Mark:
    """The mark without what our clock, set back, says no more of."""
    if is_ahead(mark.began, now):
        mark = replace(mark, began=None, date=None, said=None)
    return replace(mark, raised=None) if is_ahead(mark.raised, now) else mark


def said_by(event: LegEvent) -> dict[str, Any]:
    """The groups that the event speaks of. Only reads and answers name the target of a coach."""
    said = {
        group: getattr(event, group)
        for group in GROUPS
        if group != "target" and getattr(event, group) is not None
    }
    if event.target_unsaid:
        said["target"] = None
    elif event.stamp.source is not Source.CALLBACK and event.coaching is not None:
        said["target"] = event.target
    return said


def _rule(group: str, current: Any, value: Any, mark: Mark, stamp: Stamp, now: float) -> _Ruling:
    if stamp.source is Source.CALLBACK:
        return _rule_callback(group, current, value, mark, stamp, now)
    return _rule_read(current, value, mark, stamp)


def _rule_callback(group: str, current: Any, value: Any, mark: Mark, stamp: Stamp, now: float) -> _Ruling:
    if stamp.number is not None:
        first = stamp.number if mark.first is None else min(mark.first, stamp.number)
        mark = replace(mark, first=first)
    if not _is_next(mark, stamp):
        return _Ruling(current, mark, counted=False)
    numbers = dict(mark.numbers)
    if stamp.stream and stamp.number is not None:
        numbers[stamp.stream] = stamp.number
    mark = replace(mark, numbers=numbers)
    age = _against_read(mark, stamp)
    if age == "older":
        return _Ruling(current, mark, counted=False)
    mark = replace(mark, raised=now)
    if age == "same" and value != mark.said:
        worse = LESS_SAFE[group]
        return _Ruling(worse if worse in (value, mark.said) else value, mark, counted=True, doubt=True)
    return _Ruling(value, mark, counted=True)


def _is_next(mark: Mark, stamp: Stamp) -> bool:
    if stamp.stream is None or stamp.number is None:
        return True
    return stamp.number > mark.numbers.get(stamp.stream, -1)


def _against_read(mark: Mark, stamp: Stamp) -> str:
    """Is the callback older, newer or as old as the group's last read, by the provider's own clock?"""
    if mark.began is None:
        return "newer"
    if mark.date is None or stamp.occurred is None:
        return "same"
    if stamp.occurred < mark.date - CLOCK_GRAIN:
        return "older"
    return "newer" if stamp.occurred > mark.date + CLOCK_GRAIN else "same"


def _rule_read(current: Any, value: Any, mark: Mark, stamp: Stamp) -> _Ruling:
    began = stamp.began or 0.0
    if mark.began is not None and began < mark.began:
        return _Ruling(current, mark, counted=False)
    if _overtaken(mark, stamp) and (value != current or mark.doubt):
        return _Ruling(current, mark, counted=False, doubt=True)
    return _Ruling(value, replace(mark, date=stamp.occurred, began=began, said=value), counted=True)


def _overtaken(mark: Mark, stamp: Stamp) -> bool:
    """A callback came after the read began, or an earlier read was answered from a later moment.

    The latter only where both were under way at once: else the provider's clock was set back between them.
    """
    began = stamp.began or 0.0
    if mark.raised is not None and mark.raised > began:
        return True
    if mark.date is None or mark.began is None or stamp.occurred is None:
        return False
    return stamp.occurred < mark.date and began - mark.began < LONGEST_READ


def _left_reason(leg: Leg, event: LegEvent, values: Mapping[str, Any], *, in_doubt: bool) -> str | None:
    """A leave's reason follows the numbers alone: a read that saw the leg gone does not know it.

    So it is kept while the leave is in doubt: the read that settles the doubt could not tell it again.
    """
    told = event.stamp.source is Source.CALLBACK and event.presence is Presence.LEFT
    newer = told and _is_next(leg.marks.get("presence", Mark()), event.stamp)
    if values.get("presence", leg.presence) != Presence.LEFT and not (newer and in_doubt):
        return None
    return event.left_reason if newer else leg.left_reason


def later_call_status(known: str | None, said: str | None) -> str | None:
    """A call only ever moves forward, and its end is final."""
    if known is None or said is None:
        return known or said
    return max(known, said, key=CALL_STATUSES.index)


def surer_answer(known: str | None, said: str | None) -> str | None:
    """Who answered: the surer word stands, whichever came first. A word of nobody's says nothing."""
    words = [word for word in (known, said) if word in ANSWERED_BY]
    return max(words, key=ANSWERED_BY.index, default=None)


def merge_conference_status(known: str, event: ConferenceEvent) -> str:
    """A conference only ever moves forward: init, in-progress, completed."""
    return max(known, event.status or known, key=CONFERENCE_STATUSES.index)


# A participant's status in Twilio's words, from the leg's presence and its call's status.
FROM_CALL = {
    None: "queued",
    "queued": "queued",
    "initiated": "connecting",
    "ringing": "ringing",
    "in-progress": "connected",
    "completed": "complete",
    "busy": "failed",
    "no-answer": "failed",
    "failed": "failed",
    "canceled": "failed",
}


def leg_status(leg: Leg, *, conference_over: bool) -> str:
    """queued, connecting, ringing, connected, complete or failed."""
    status = FROM_CALL[leg.call_status]
    never_joined = status == "failed" or leg.left_reason == "participant_add_failed"
    if leg.presence == Presence.LEFT or conference_over:
        return "failed" if never_joined else "complete"
    if leg.call_status in TERMINAL:
        return status
    return "connected" if leg.presence == Presence.IN else status
