"""Asks the provider about recordings; always into the mirror. See `reading`."""

import time
from uuid import UUID

from . import mirror
from .changed import Changed
from .events import RecordingEvent, Source, Stamp
from .models import Conference, Recording
from .providers import Gone, Provider, ProviderError, provider_for
from .providers.recordings import RecordingKey

Status = Recording.Status
OVER = (Status.COMPLETED, Status.ABSENT, Status.DELETED)


def key_of(row: Recording) -> RecordingKey:
    """`row` has its conference, and the leg that it is of."""
    assert row.conference is not None
    return RecordingKey(row.sid, row.conference.sid, row.participant.call_sid if row.participant else None)


def known(conference: Conference) -> list[Recording]:
    rows = Recording.objects.filter(conference=conference)
    return list(
        rows.select_related("account", "conference__account", "participant").order_by("started_at", "pk")
    )


def of_conference(conference: Conference) -> Changed:
    """Every recording of a conference: the list, and one by one what goes on and is not in it.

    Raises ProviderError.
    """
    provider = provider_for(conference.account)
    events = _listed(provider, conference.sid)
    changed = mirror.apply(conference.account, events)
    listed = {event.sid for event in events}
    for row in known(conference):
        if row.sid not in listed and row.status not in OVER:
            changed.add(one(row))
    return changed


def _listed(provider: Provider, conference_sid: str) -> list[RecordingEvent]:
    if not provider.recording_operation("list", of_leg=False):
        return []
    try:
        return provider.list_recordings(conference_sid)
    except Gone:
        return []


def one(row: Recording) -> Changed:
    """One recording. A 404 says that it was deleted where it could be had before."""
    provider, key = provider_for(row.account), key_of(row)
    if not provider.recording_operation("fetch", of_leg=key.of_leg):
        return Changed()
    began = time.time()
    try:
        event = provider.fetch_recording(key)
    except Gone:
        return deleted(row, began) if row.status in OVER else Changed()
    return mirror.apply(row.account, [event])


def deleted(row: Recording, began: float) -> Changed:
    key = key_of(row)
    stamp = Stamp(source=Source.READ, began=began)
    event = RecordingEvent(
        sid=row.sid,
        conference_sid=key.conference_sid,
        call_sid=key.call_sid,
        stamp=stamp,
        status=Status.DELETED,
    )
    return mirror.apply(row.account, [event])


def doubt(conference_id: UUID) -> Changed:
    """Of one nobody can tell whether it goes on. Where that fails the next look asks again."""
    try:
        return of_conference(Conference.objects.select_related("account").get(pk=conference_id))
    except ProviderError:
        return Changed()
