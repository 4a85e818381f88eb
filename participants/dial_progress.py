"""Where a dial stands, from what the mirror holds of its leg: a click never says that a phone rings.

`follow` is called after every change of a call on which somebody is dialled. It never asks a provider.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from . import mirror
from .ledger import append_outcome
from .models import Conference, Dial, Outcome, Participant
from .timing import TIMING

State, End = Dial.State, Dial.End
OVER = {"complete", "failed"}
# How a call that nobody answered ended.
UNANSWERED = {
    "no-answer": End.NO_ANSWER,
    "busy": End.BUSY,
    "canceled": End.CANCELLED,
    "failed": End.FAILED,
}
# What a leg's status says of the dial; what is not here says nothing.
UNDER_WAY = {
    "queued": State.DIALLING,
    "connecting": State.DIALLING,
    "ringing": State.RINGING,
    "connected": State.CONNECTED,
}


def follow(conferences: Iterable[UUID]) -> None:
    """Take over what has become of everybody who was dialled into these."""
    late = Q(ended_how=End.NOT_FOUND)  # given up, and may have been placed all the same
    rows = Dial.objects.filter(~Q(state=State.ENDED) | late, conference__in=list(conferences))
    for pk in rows.values_list("pk", flat=True):
        with transaction.atomic():
            dial = lock(pk)
            leg = leg_of(dial)
            known = dial.state == State.ENDED and leg is not None and leg.status in OVER
            if leg is not None and dial.state != State.WAITING and not known:
                _take_over(dial, leg)


def lock(pk: UUID) -> Dial:
    """The dial, its account and its conference; nobody else changes it until the transaction ends."""
    rows = Dial.objects.select_for_update(of=("self",))
    return rows.select_related("account", "conference__account", "intervention__user").get(pk=pk)


def leg_of(dial: Dial) -> Participant | None:
    """Its leg, as far as it is known: by its call, or by the label that no other dial has."""
    if dial.conference_id is None:
        return None
    legs = Participant.objects.filter(conference=dial.conference_id)
    own = Q(call_sid=dial.call_sid) if dial.call_sid else Q(label=dial.label)
    return legs.filter(own).first()


def _take_over(dial: Dial, leg: Participant) -> None:
    now = timezone.now()
    before = (dial.state, dial.ended_how)
    dial.participant, dial.call_sid = leg, leg.call_sid
    if leg.status in OVER:
        _over(dial, leg, now)
    else:
        _under_way(dial, leg, now)
    dial.save()
    if (dial.state, dial.ended_how) != before and dial.conference_id is not None:
        mirror.touch(dial.conference_id)


def _under_way(dial: Dial, leg: Participant, now: datetime) -> None:
    if dial.state == State.ENDED:  # it was never found, and is there all the same
        dial.ended_how, dial.ended_at = "", None
    new = UNDER_WAY.get(leg.status, dial.state)
    if leg.status == "queued" and leg.queue_time:
        new = State.QUEUED
    if new == State.CONNECTED and dial.state != State.CONNECTED:
        append_outcome(dial.intervention, Outcome.State.CONFIRMED, evidence={"participant": str(leg.pk)})
        # Whoever is on the call is followed by the sweep like everybody, unless more is to be done at once.
        soon = dial.ended_how == End.CANCELLED or "announcement" in dial.intervention.parameters
        dial.due_at = now + timedelta(seconds=0.0 if soon else TIMING.roster)
    if dial.state in {State.SENT, State.UNKNOWN, State.ENDED} and new != State.CONNECTED:
        append_outcome(dial.intervention, Outcome.State.ACCEPTED)
    dial.state = new
    if dial.due_at is None:
        dial.due_at = now


def _over(dial: Dial, leg: Participant, now: datetime) -> None:
    if dial.state == State.CONNECTED or leg.joined_at is not None:
        if dial.state != State.CONNECTED:
            append_outcome(dial.intervention, Outcome.State.CONFIRMED)
        end(dial, dial.ended_how or End.LEFT, now)
        return
    how = dial.ended_how or UNANSWERED.get(leg.call_status or "")
    if how:
        end(dial, how, now)
        append_outcome(dial.intervention, Outcome.State.FAILED, detail=how)
    elif dial.due_at is None:
        dial.due_at = now  # gone, and only its call can tell why


def end(dial: Dial, how: str, now: datetime, *, code: str = "", message: str = "") -> None:
    """Does not save. `code` and `message`: as the provider said them."""
    dial.state, dial.ended_how, dial.ended_at, dial.due_at = State.ENDED, how, now, None
    dial.code, dial.message = code[:40], message[:255]


def conclude(
    dial: Dial, how: str, outcome: str, *, detail: str = "", code: str = "", message: str = ""
) -> None:
    """It never came to a call: the dial and what was asked end together. In the caller's transaction."""
    end(dial, how, timezone.now(), code=code, message=message)
    dial.save()
    append_outcome(dial.intervention, outcome, detail=detail or how, code=code, message=message)
    if dial.conference_id is not None:
        mirror.touch(dial.conference_id)


def gone_call(dial: Dial) -> bool:
    """Whether the call that it was for has ended."""
    conference = dial.conference
    return conference is not None and conference.status == Conference.Status.COMPLETED
