"""Keeps what each callback, answer and read changed, and tells corrections from what was to be read."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .events import Source
from .models import Change, Conference, Participant
from .providers import PROVIDERS
from .providers.capabilities import Reported

OF_CONFERENCE = ("status", "reason_ended", "recording")
OF_LEG = (
    "status",
    "muted",
    "hold",
    "coaching",
    "coaching_call_sid",
    "start_conference_on_enter",
    "end_conference_on_exit",
    "left_reason",
    "answered_by",
)
# A callback that says what a read has just found was on its way: the read corrected nothing.
ON_ITS_WAY = timedelta(seconds=10)
Columns = Mapping[str, Any]
Row = Conference | Participant


def record(
    rows: Iterable[tuple[Any, Columns | None, Columns]],
    *,
    source: str,
    callback_id: int | None,
    now: datetime,
) -> None:
    """`rows`: each with its columns before (None: it is new) and after. Part of the mirror's transaction."""
    found = []
    for row, before, after in rows:
        facts = _facts(row, before or {}, after)
        if source == Source.CALLBACK and before is not None:
            _take_back(row, before, now)
        if facts:
            found.append(
                Change(
                    conference_id=row.pk if isinstance(row, Conference) else row.conference_id,
                    participant=row if isinstance(row, Participant) else None,
                    callback_id=callback_id,
                    at=now,
                    source=source,
                    facts=facts,
                    correction=source == Source.READ and _was_to_be_told(row, facts),
                )
            )
    Change.objects.bulk_create(found)


def _facts(row: Row, before: Columns, after: Columns) -> dict[str, list[Any]]:
    names = OF_CONFERENCE if isinstance(row, Conference) else OF_LEG
    return {name: [before.get(name), after[name]] for name in names if before.get(name) != after[name]}


def _was_to_be_told(row: Row, facts: Mapping[str, Any]) -> bool:
    """The provider sends callbacks about this call, and one about such a fact should have come."""
    conference = row if isinstance(row, Conference) else row.conference
    if conference.callbacks_seen_at is None:
        return False
    told = _told(PROVIDERS[conference.account.provider].reports)
    return any(name in told and after in told[name] for name, (_, after) in facts.items())


def _told(reports: Reported) -> dict[str, set[Any]]:
    """The values that a callback of the conference would have told: who is in, and what flags changed."""
    flags: set[Any] = {True, False}
    told: dict[str, set[Any]] = {"status": {"connected", "complete", "in-progress", "completed"}}
    if reports.mute_and_hold:
        told |= {"muted": flags, "hold": flags}
    return told | ({"coaching": flags} if reports.coaching else {})


def _take_back(row: Row, before: Columns, now: datetime) -> None:
    recent = Change.objects.filter(correction=True, at__gt=now - ON_ITS_WAY)
    if isinstance(row, Conference):
        recent.filter(conference=row, participant=None).update(correction=False)
    elif before["source"] != Source.CALLBACK:
        recent.filter(participant=row).update(correction=False)
