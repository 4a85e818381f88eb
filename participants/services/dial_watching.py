"""A dial that has left: looked for where its answer was lost, read while it rings, greeted when answered."""

import contextlib
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from .. import dial_progress, mirror, reading, supervising
from ..access import Denial
from ..dial_progress import conclude, gone_call, lock
from ..ledger import append_outcome
from ..models import Account, Conference, Dial, Intervention, Outcome
from ..providers import Gone, ProviderError, provider_for
from ..timing import TIMING
from . import announcing
from .command import Asked

log = logging.getLogger(__name__)
State, End, Said = Dial.State, Dial.End, Outcome.State
LOOKS = (1, 2, 4, 8, 15, 30, 60)  # times TIMING.dial_look after it was sent
SOON = 10  # times TIMING.dial_read: so long a phone that rings is read often
LONGEST_RING = 660  # seconds: the longest that may be asked for, and what a provider adds


def tell(dial: Dial) -> None:
    if dial.conference_id is not None:
        mirror.touch(dial.conference_id)


def lost(dial: Dial, message: str) -> None:
    with transaction.atomic():
        locked = lock(dial.pk)
        if locked.state != State.SENT:
            return  # a callback was faster
        locked.state, locked.due_at = State.UNKNOWN, timezone.now() + timedelta(seconds=TIMING.dial_look)
        locked.save()
        append_outcome(locked.intervention, Said.UNKNOWN, message=message)
        tell(locked)


# --- its answer was lost ----------------------------------------------------------------------------------
def look(dial: Dial) -> None:
    """By its label, which no other dial has. Found: it is as if the answer had come."""
    if dial.state == State.SENT:
        lost(dial, "")
    with contextlib.suppress(ProviderError):
        conference = dial.conference or living(dial.account, dial.friendly_name)
        if conference is not None:
            _adopt(dial, conference)
            changed = reading.leg(conference, dial.call_sid or dial.label)[1]
            supervising.touched(dial.account, changed)
            dial_progress.follow([conference.pk])
    with transaction.atomic():
        locked = lock(dial.pk)
        if locked.state != State.UNKNOWN:
            return
        later = _next_look(locked)
        if later is None:
            detail = "not_found" if locked.ended_how != End.CANCELLED else "cancelled"
            conclude(locked, locked.ended_how or End.NOT_FOUND, Said.FAILED, detail=detail)
        else:
            locked.due_at = later
            locked.save(update_fields=["due_at"])


def _adopt(dial: Dial, conference: Conference) -> None:
    if dial.conference_id is None:
        Dial.objects.filter(pk=dial.pk).update(conference=conference)


def living(account: Account, friendly_name: str) -> Conference | None:
    """The call that goes by this name now, also where nobody has told of it yet. Raises ProviderError."""
    rows = Conference.objects.filter(account=account, friendly_name=friendly_name)
    live = rows.exclude(status=Conference.Status.COMPLETED).select_related("account")
    if not live.exists():
        provider = provider_for(account)
        for status in (Conference.Status.INIT, Conference.Status.IN_PROGRESS):
            found = provider.list_conferences(status, friendly_name=friendly_name)
            supervising.touched(account, mirror.apply(account, found))
        for conference in live:  # whose call it is says who is on it
            supervising.touched(account, reading.roster(conference))
    return live.first()


def _next_look(dial: Dial) -> datetime | None:
    sent, now = dial.sent_at or dial.asked_at, timezone.now()
    looks = [sent + timedelta(seconds=each * TIMING.dial_look) for each in LOOKS]
    return next((look for look in looks if look > now), None)


# --- it rings ---------------------------------------------------------------------------------------------
def read(dial: Dial) -> None:
    """Callbacks may tell it sooner, and may be lost. A dial that was cancelled is taken off the call."""
    conference, now = dial.conference, timezone.now()
    if conference is None:  # deleted with its history
        return
    if dial.state != State.CONNECTED or dial.ended_how:
        _ask(dial, conference)
    elif _is_to_be_greeted(dial, now):
        _greet(dial)
    dial_progress.follow([conference.pk])
    with transaction.atomic():
        locked = lock(dial.pk)
        if locked.state == State.ENDED or locked.due_at is None:
            return
        if locked.state != State.CONNECTED and _is_too_late(locked, now):
            how = locked.ended_how or (End.CANCELLED if gone_call(locked) else End.FAILED)
            conclude(locked, how, Said.FAILED)
            return
        locked.due_at = now + timedelta(seconds=_pause(locked, now))
        locked.save(update_fields=["due_at"])


def _is_to_be_greeted(dial: Dial, now: datetime) -> bool:
    """Somebody is to hear something first: while they can still think that it comes first."""
    joined = dial.participant.joined_at if dial.participant is not None else None
    fresh = joined is not None and now - joined < timedelta(seconds=SOON * TIMING.dial_read)
    return fresh and "announcement" in dial.intervention.parameters and not _greeted(dial).exists()


def _greeted(dial: Dial) -> QuerySet[Intervention]:
    return Intervention.objects.filter(user=dial.intervention.user, verb="announce", key=f"dial-{dial.pk}")


def _greet(dial: Dial) -> None:
    """Once: the announcement has a key of its own."""
    text, by = dial.intervention.parameters["announcement"], dial.intervention.user
    try:
        assert dial.participant is not None
        announcing.announce(dial.participant, Asked(by=by, key=f"dial-{dial.pk}"), text=text)
    except Denial as denial:
        log.info("Somebody who was dialled in was not told what they should hear: %s", denial)


def _ask(dial: Dial, conference: Conference) -> None:
    leg = dial.call_sid or dial.label
    with contextlib.suppress(ProviderError):
        provider = provider_for(dial.account)
        if dial.ended_how == End.CANCELLED:
            with contextlib.suppress(Gone):
                provider.delete_participant(conference.sid, leg)
        provider.budget.wait()
        supervising.touched(dial.account, reading.leg(conference, leg)[1])


def _is_too_late(dial: Dial, now: datetime) -> bool:
    """Its leg is gone and nobody says why, or it would ring longer than any phone may."""
    since = now - (dial.sent_at or dial.asked_at)
    leg = dial_progress.leg_of(dial)
    over = leg is not None and leg.status in dial_progress.OVER
    return since > timedelta(seconds=reading.LONGEST_RING if over else LONGEST_RING + _queued(dial))


def _queued(dial: Dial) -> float:
    leg = dial.participant
    return leg.queue_time / 1000 if leg is not None and leg.queue_time else 0.0


def _pause(dial: Dial, now: datetime) -> float:
    if dial.state == State.CONNECTED and not dial.ended_how:
        return TIMING.dial_read if _is_to_be_greeted(dial, now) else TIMING.roster
    young = now - (dial.sent_at or now) < timedelta(seconds=SOON * TIMING.dial_read)
    return TIMING.dial_read * (1 if young or dial.ended_how else 3)
