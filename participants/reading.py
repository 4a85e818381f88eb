"""Asks the provider about one leg, one conference, one roster or one call; always into the mirror."""

import time
from datetime import UTC, datetime
from uuid import UUID

from . import looks, mirror, reading_recordings
from .changed import Changed
from .clock import is_ahead
from .events import TERMINAL, CallEvent, LegEvent, Presence, Source, Stamp
from .models import Conference, Participant, Supervision
from .providers import Gone, ProviderError, provider_for
from .stay import Seen
from .timing import TIMING

LONGEST_RING = TIMING.ring + TIMING.ring_grace


def leg(conference: Conference, call_sid_or_label: str) -> tuple[Seen, Changed]:
    """Fetch one leg (Participant resource). A 404 is an observation; other failures raise ProviderError."""
    account, began = conference.account, time.time()
    try:
        event = provider_for(account).fetch_participant(conference.sid, call_sid_or_label)
    except Gone:
        return Seen(began=began, found=False), _not_found(conference, call_sid_or_label, began)
    changed = mirror.apply(account, [event])
    return _seen(event, began), changed


def _seen(event: LegEvent, began: float) -> Seen:
    return Seen(
        began=event.stamp.began or began,
        found=event.presence is not Presence.LEFT and event.call_status not in TERMINAL,
        call_sid=event.call_sid,
        status="connected" if event.presence is Presence.IN else event.call_status,
        muted=event.muted,
        coaching=event.coaching,
        target=event.target if event.coaching else None,
    )


def _not_found(conference: Conference, call_sid: str, began: float) -> Changed:
    """A leg that was in has left. Of one that was never seen connected only its call can tell."""
    known = conference.participants.filter(call_sid=call_sid).first()
    if known is None:
        return Changed()
    account = conference.account
    if known.presence is None and (event := _call(known)) is not None:
        changed = mirror.apply(account, [event])
        # The leg's resource and the call's disagree, for a moment where a provider's reads lag: asked again.
        if event.call_status in TERMINAL or time.time() - looks.missed_leg(known).timestamp() < LONGEST_RING:
            return changed
    stamp = Stamp(source=Source.READ, began=began)
    left = LegEvent(conference_sid=conference.sid, call_sid=call_sid, stamp=stamp, presence=Presence.LEFT)
    return mirror.apply(account, [left])


def call(participant: Participant) -> Changed:
    """Look a leg's call up (Call resource): its addresses, its direction, and how it ended."""
    event = _call(participant)
    return Changed() if event is None else mirror.apply(participant.conference.account, [event])


def _call(participant: Participant) -> CallEvent | None:
    """None: the provider knows no such call."""
    try:
        return provider_for(participant.conference.account).fetch_call(participant.call_sid)
    except Gone:
        return None


def conference(row: Conference) -> Changed:
    """Fetch one conference. Two 404 with `gone_again` between them mean that it has ended: see `sweep`."""
    try:
        event = provider_for(row.account).fetch_conference(row.sid)
    except Gone:
        looks.missed(row)
        return Changed()
    return mirror.apply(row.account, [event])


def roster(row: Conference) -> Changed:
    """Read every leg of a conference. A known leg that is not listed is fetched by itself."""
    began = time.time()
    try:
        events = provider_for(row.account).list_participants(row.sid)
    except Gone:
        return conference(row)
    changed = mirror.apply(row.account, events)
    listed = {event.call_sid for event in events}
    for participant in row.participants.filter(left_at=None).exclude(call_sid__in=listed):
        seen = participant.first_seen_at.timestamp()
        # One that was seen since is no news.
        if seen < began or is_ahead(seen, began, by=TIMING.roster):
            changed.add(leg(row, participant.call_sid)[1])
    if looks.verified(row, began=datetime.fromtimestamp(began, UTC)):
        mirror.touch(row.pk)
    return changed


def refresh(row: Conference) -> Changed:
    """Everything about one conference: itself, its roster and its recordings. Raises ProviderError."""
    changed = conference(row)
    row.refresh_from_db()
    if row.live:
        changed.add(roster(row))
        changed.add(reading_recordings.of_conference(row))
    return changed


def ending(conference_id: UUID) -> Changed:
    """Why a conference has ended, where the callback that told of it did not say. The sweep asks again."""
    try:
        return conference(Conference.objects.select_related("account").get(pk=conference_id))
    except ProviderError:
        return Changed()


def doubt(about: tuple[UUID, str]) -> Changed:
    """Fetch a leg whose facts disagree. Where that fails the sweep reads it again."""
    try:
        return leg(_participant(about).conference, about[1])[1]
    except ProviderError:
        return Changed()


def identity(about: tuple[UUID, str]) -> Changed:
    """Who a leg is that nobody knows yet. It waited for its turn, and may be known by now."""
    participant = _participant(about)
    if participant.role is not None:
        return Changed()
    try:
        return _ours(participant) or call(participant)
    except ProviderError:
        return Changed()


def _ours(participant: Participant) -> Changed | None:
    """A leg that we dialled and never found, where lists do not tell labels: asked for by its own."""
    conference = participant.conference
    if participant.label is None:
        lost = Supervision.objects.filter(conference=conference, call_sid=None, label__isnull=False)
        for label in lost.order_by("-since").values_list("label", flat=True):
            seen, changed = leg(conference, label or "")
            if seen.call_sid == participant.call_sid:
                return changed
    return None


def _participant(about: tuple[UUID, str]) -> Participant:
    return Participant.objects.select_related("conference__account").get(
        conference_id=about[0], call_sid=about[1]
    )
