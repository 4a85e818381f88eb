"""Where each dial of a call stands, in the words of the page."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from .access import mask, mask_text
from .access_reasons import user_name
from .models import AgentAddress, Destination, Dial
from .providers import PROVIDERS
from .serializers import Json, id_text, provider_name, time_text
from .words import SENTENCES, say

State, End = Dial.State, Dial.End
CANCELLABLE = {State.WAITING, State.SENT, State.UNKNOWN, State.QUEUED, State.DIALLING, State.RINGING}
UNDER_WAY = {
    State.SENT: "Dialling…",
    State.DIALLING: "Dialling…",
    State.RINGING: "Ringing…",
    State.CONNECTED: "On the call",
}
ENDED = {
    End.BUSY: "Busy",
    End.FAILED: "Could not be reached",
    End.CANCELLED: "Cancelled",
    End.NOT_FOUND: "Not dialled, as far as {provider} shows",
    End.NOT_SENT: "Not dialled",
    End.REFUSED: "{provider} refused it",
}
# What may have come between its place in line and its turn.
OF_A_DIAL = {"cancelled", "no_password", "not_allowed", "dial_number"}
MACHINE, SOMEBODY_OR_IT = "Answered by a machine", "Answered; who or what could not be told"
PASSWORD = "sip_auth_password"  # noqa: S105 (its name)


def dials_json(dials: Iterable[Dial], *, numbers: bool, now: datetime | None = None) -> list[Json]:
    """`dials` with their account, conference, participant and intervention's user."""
    rows = list(dials)
    names = _names({row.to.partition("?")[0] for row in rows})
    return [_dial_json(row, names, numbers=numbers, now=now or timezone.now()) for row in rows]


def name_of(text: str) -> str:
    """Whom this dial is meant for, as everybody may read it: by their name, or by a masked number."""
    address = text.partition("?")[0]
    return _names({address}).get(address, mask(address))


def _names(addresses: set[str]) -> dict[str, str]:
    saved = dict(Destination.objects.filter(address__in=addresses).values_list("address", "name"))
    agents = AgentAddress.objects.filter(address__in=addresses)
    return saved | dict(agents.values_list("address", "agent__name"))


def _dial_json(dial: Dial, names: dict[str, str], *, numbers: bool, now: datetime) -> Json:
    address = dial.to.partition("?")[0]
    shown = address if numbers else mask(address)
    live = dial.conference is None or dial.conference.live
    text = _text(dial, now)
    return {
        "id": str(dial.pk),
        "intervention": str(dial.intervention_id),
        "participant": id_text(dial.participant_id),
        "name": names.get(address, shown),
        "to": shown,
        "label": dial.label if numbers else mask_text(dial.label),
        "state": dial.state,
        "ended_how": dial.ended_how if dial.state == State.ENDED else "",
        "text": text if numbers else mask_text(text),
        "queue_s": _queue_s(dial, now),
        "asked_at": time_text(dial.asked_at),
        "ended_at": time_text(dial.ended_at),
        "can_again": dial.state == State.ENDED and live and PASSWORD not in dial.parameters,
        "can_cancel": dial.state in CANCELLABLE and dial.ended_how != End.CANCELLED,
        "by": {"id": str(dial.intervention.user_id), "name": user_name(dial.intervention.user)},
    }


def _queue_s(dial: Dial, now: datetime) -> float | None:
    """About how long until it is dialled; null when nobody is waited for."""
    if dial.state == State.WAITING and dial.due_at is not None:
        return round(max(0.0, (dial.due_at - now).total_seconds()), 1)
    if dial.state == State.QUEUED and dial.participant is not None and dial.participant.queue_time:
        since = (now - (dial.sent_at or now)).total_seconds()
        return round(max(0.0, dial.participant.queue_time / 1000 - since), 1)
    return None


def _text(dial: Dial, now: datetime) -> str:
    provider = provider_name(dial.account.provider).title
    if dial.state == State.ENDED:
        return _end(dial, provider)
    if dial.ended_how == End.CANCELLED:
        return "Cancelling…"
    if dial.state == State.UNKNOWN:
        return say("unknown", provider=provider)
    if dial.state in {State.WAITING, State.QUEUED}:
        about = f"{max(1, round(_queue_s(dial, now) or 0))} s"
        if dial.code:  # it was its turn before, and was sent back
            return f"{provider} asks us to slow down. Yours is next, in about {about}."
        return f"In line to be dialled, about {about}"
    answered_by = (dial.participant.answered_by or "") if dial.participant else ""
    if dial.state == State.CONNECTED and answered_by.startswith(("machine", "fax")):
        return MACHINE
    if dial.state == State.CONNECTED and answered_by == "unknown":
        return SOMEBODY_OR_IT
    return UNDER_WAY[State(dial.state)]


def _end(dial: Dial, provider: str) -> str:
    how = dial.ended_how
    if how == End.LEFT:
        at = f" {timezone.localtime(dial.ended_at):%H:%M}" if dial.ended_at else ""
        return f"Left{at}"
    if how == End.NO_ANSWER:
        return f"No answer after {ring_time(dial)} s"
    reason = PROVIDERS[dial.account.provider].refusals.get(dial.code) if dial.code else None
    if how == End.REFUSED and reason and "{" not in SENTENCES[reason]:
        return SENTENCES[reason]
    return ENDED[End(how)].format(provider=provider) + (f": {dial.message}" if dial.message else "")


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "not known"


def why_not(dial: Dial, *, word: str, detail: str, code: str) -> str:
    """Why it came to nothing, as a sentence about the person who was dialled."""
    kind = PROVIDERS[dial.account.provider]
    reason = kind.refusals.get(code, "") if word == "refused" else ""
    of_person = f"person_{detail}"
    words = [reason, of_person, detail if detail in OF_A_DIAL else word]
    sentence = next(SENTENCES[each] for each in words if each in SENTENCES)
    address = dial.to.partition("?")[0]
    facts = {
        "person": _names({address}).get(address, address),
        "agent": _names({address}).get(address, address),
        "phone": address,
        "number": address,
        "caller": str(dial.parameters.get("from", dial.account.caller_id)),
        "account": dial.account.key,
        "provider": kind.title,
    }
    return sentence.format_map(_Facts(facts))


def ring_time(dial: Dial) -> int:
    """Seconds, as asked for or as the provider rings when nothing is said."""
    given = dial.parameters.get("timeout")
    usual = PROVIDERS[dial.account.provider].operations()["participant.create"]["timeout"].default
    return int(given if given is not None else usual if isinstance(usual, int) else 0)
