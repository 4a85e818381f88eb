"""A participant's row as the pure modules want it, and back."""

from datetime import UTC, datetime
from typing import Any

from django.db import models

from .audibility import Voice
from .events import CallEvent, LegEvent, RecordingEvent
from .merge import GROUPS, Leg, Mark, surer_answer
from .models import Participant, Recording

RINGING = {"queued", "connecting", "ringing"}
COLUMN = {group: group for group in GROUPS} | {"target": "coaching_call_sid"}


def voice(row: Participant) -> Voice:
    """The row as `audibility` wants it."""
    return Voice(
        call_sid=row.call_sid,
        connected=row.is_in,
        muted=row.muted,
        hold=row.hold,
        coaching=row.coaching,
        target=row.coaching_call_sid,
        role=row.role,
        ringing=row.status in RINGING,
    )


def columns(row: models.Model) -> dict[str, Any]:
    return {
        f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname != "version"
    } | ({"version": row.version} if hasattr(row, "version") else {})


def leg_of(row: Participant) -> Leg:
    groups = {group: getattr(row, column) for group, column in COLUMN.items()}
    marks = {group: Mark.load(stored) for group, stored in row.marks.items()}
    return Leg(**groups, call_status=row.call_status, left_reason=row.left_reason, marks=marks)


def write_leg(row: Participant, leg: Leg) -> None:
    for group, column in COLUMN.items():
        setattr(row, column, getattr(leg, group))
    row.call_status, row.left_reason = leg.call_status, leg.left_reason
    row.marks = {group: mark.dump() for group, mark in leg.marks.items()}


def write_words(row: Participant, event: LegEvent | CallEvent) -> None:
    if isinstance(event, LegEvent):
        row.label = row.label or event.label
        row.queue_time = event.queue_time if event.queue_time is not None else row.queue_time
        return
    row.direction = row.direction or event.direction
    # Which of the two is this leg's own, only the direction tells; not every provider's callbacks say it.
    if row.direction is not None:
        row.address = row.address or (event.from_ if row.direction == "inbound" else event.to)
    row.answered_by = surer_answer(row.answered_by, event.answered_by)


def write_recording(row: Recording, event: RecordingEvent, *, now: datetime, counted: bool) -> bool:
    """What is told beside the state. Whether any of it was news; what comes first, stays.

    The length grows while it goes on, so the longest is the newest, whichever comes first.
    """
    before = (row.source, row.channels, row.started_at, row.seconds)
    row.source = row.source or event.source or ""
    row.channels = row.channels or event.channels
    if row.started_at is None and event.started is not None:
        row.started_at = datetime.fromtimestamp(event.started, UTC)
    if event.seconds is not None:
        row.seconds = max(row.seconds or 0, event.seconds)
    if event.stamp.began is not None:
        row.as_of = max(row.as_of, datetime.fromtimestamp(event.stamp.began, UTC))
    elif counted:
        row.as_of = max(row.as_of, now)
    return before != (row.source, row.channels, row.started_at, row.seconds)
