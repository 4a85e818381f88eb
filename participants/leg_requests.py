"""Requests for supervisors' legs: committed as a row, sent, and what became of them.

Every leg that Earshot dials for a supervisor is made here and nowhere else.
"""

import logging
import time
import uuid

from django.db import transaction
from django.utils import timezone

from . import dial_queue, mirror, reading, stay_outcomes
from .changed import Changed
from .events import LegEvent
from .identity import OWN_LABEL
from .models import LegRequest, Participant, Supervision
from .modes import Act, Decision
from .providers import Gone, NotSent, ProviderError, Refused, Unknown, callback_url, provider_for
from .stay import Asked, answered
from .stay_rows import load, lock

log = logging.getLogger(__name__)
VERBS = {Act.CREATE: "create", Act.UPDATE: "update", Act.DELETE: "delete"}
RING_S = 15  # on the wire: before voicemail answers
OUTCOMES = ((Refused, "refused"), (NotSent, "not_sent"), (Unknown, "unknown"))


def prepare(stay: Supervision, decision: Decision) -> LegRequest | None:
    """The row of the request that the decision asks for, in the caller's transaction."""
    verb = VERBS.get(decision.act)
    if verb is None:
        return None
    if verb == "create":
        # A fresh label per dial is the one guard against dialling twice: it can be looked up.
        stay.label = f"{OWN_LABEL}{uuid.uuid4().hex}"
        stay.save(update_fields=["label"])
    return LegRequest.objects.create(
        supervision=stay,
        verb=verb,
        wish=stay.wish,
        label=stay.label or "",
        muted=decision.muted,
        coaching=decision.coaching,
        target=decision.target,
        sent_at=timezone.now(),
    )


def as_asked(request: LegRequest) -> Asked:
    return Asked(
        id=request.pk,
        verb=request.verb,
        wish=request.wish,
        sent_at=request.sent_at.timestamp(),
        muted=request.muted,
        coaching=request.coaching,
        target=request.target,
    )


def send(request: LegRequest) -> Changed:
    """Send the request once, store its outcome, and mirror what the answer says of the leg."""
    stay, event = request.supervision, None
    error: ProviderError | None = None
    if not _still_wished(request):
        error = NotSent("A newer wish came before it was sent.")
    else:
        try:
            event = _call(stay, request)
        except Gone as gone:
            error = None if request.verb == "delete" else gone
        except ProviderError as failed:
            error = failed
    _record(request, error, event)
    return mirror.apply(stay.conference.account, [event]) if event is not None else Changed()


def _still_wished(request: LegRequest) -> bool:
    """A relaxing request of an older wish is not sent any more; what silences always is."""
    if request.verb != "update" or request.muted:
        return True
    newest = Supervision.objects.filter(pk=request.supervision_id).values_list("wish", flat=True).first()
    return newest == request.wish


def _call(stay: Supervision, request: LegRequest) -> LegEvent | None:
    account, sid = stay.conference.account, stay.conference.sid
    provider = provider_for(account)
    if request.verb == "create":
        dial_queue.make_way(account)
        return provider.create_participant(
            sid,
            to=stay.address,
            label=request.label,
            muted=True,
            coaching=request.coaching,
            target=request.target,
            timeout=RING_S,
            beep=False,
            start_conference_on_enter=False,
            end_conference_on_exit=False,
            status_callback=callback_url(account, "call", leg=request.label),
        )
    leg = stay.call_sid or request.label
    if request.verb == "delete":
        provider.delete_participant(sid, leg)
        return None
    return provider.update_participant(
        sid, leg, muted=request.muted, coaching=request.coaching, target=request.target
    )


def _record(request: LegRequest, error: ProviderError | None, event: LegEvent | None) -> None:
    outcome = next((word for kind, word in OUTCOMES if isinstance(error, kind)), "accepted")
    code, message = (error.code, error.message) if isinstance(error, Refused) else ("", str(error or ""))
    with transaction.atomic():
        stay = lock(request.supervision_id)
        LegRequest.objects.filter(pk=request.pk).update(
            outcome=outcome,
            answered_at=timezone.now(),
            code=code[:20],
            message=message[:255],
            closed_at=timezone.now() if outcome in {"refused", "not_sent"} else None,
        )
        if stay is None:
            return
        state = answered(load(stay), request.pk, outcome=outcome, now=time.time(), code=code, message=message)
        if event is not None and stay.call_sid is None:
            stay.call_sid = event.call_sid
            stay.save(update_fields=["call_sid"])
        mirror.touch(stay.conference_id)
        stay_outcomes.answered(stay, state, request, outcome)


def remove_ghost(leg: Participant) -> None:
    """Mute and remove a leg of ours that no live stay owns (a dial that was given up, and joined late)."""
    provider, sid = provider_for(leg.conference.account), leg.conference.sid
    for ask in (
        lambda: provider.update_participant(sid, leg.call_sid, muted=True),
        lambda: provider.delete_participant(sid, leg.call_sid),
        lambda: reading.leg(leg.conference, leg.call_sid),
    ):
        try:
            ask()
        except Gone:
            continue
        except ProviderError as error:
            log.warning("A leg that no stay owns is still on a call: %s", error)
