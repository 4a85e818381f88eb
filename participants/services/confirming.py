"""What will happen, in words, before it does. A token belongs to one outcome: another one asks anew."""

from django.utils.crypto import constant_time_compare, salted_hmac

from ..access import Denial, provider_title
from ..models import Conference, Participant, Recording, Supervision
from .command import Asked

Role = Participant.Role


def confirm_barge(conference: Conference, asked: Asked) -> None:
    """Raises Denial `confirm` unless the person has said yes to being heard by everyone."""
    if asked.confirm is True:
        return
    hearers = _names([leg for leg in _here(conference) if leg.role != Role.SUPERVISOR])
    raise Denial("confirm", f"Speak to everyone? {hearers} will hear you.", confirm=True)


def confirm_end(conference: Conference, asked: Asked) -> None:
    """Raises Denial `confirm` with a token unless the person confirmed exactly this outcome."""
    legs = [leg for leg in _here(conference) if leg.role != Role.SUPERVISOR]
    words = [
        f"End this call? {_names(legs)} {'are' if len(legs) > 1 else 'is'} cut off at once.",
        "It cannot be undone.",
    ]
    words += [f"{name_of(leg)} is on hold." for leg in legs if leg.hold and leg.role != Role.AGENT]
    words += [f"{_speaker(stay)} is speaking on it now." for stay in _barging(conference)]
    _demand(asked, "end", conference.pk, " ".join(words))


def confirm_remove(participant: Participant, asked: Asked) -> None:
    """Raises Denial `confirm` with a token unless the person confirmed exactly this outcome."""
    _demand(asked, "remove", participant.pk, _removal(participant))


def _removal(participant: Participant) -> str:
    name = name_of(participant)
    others = [leg for leg in _here(participant.conference) if leg.pk != participant.pk]
    staying = _names([leg for leg in others if leg.role != Role.SUPERVISOR])
    if participant.role == Role.SUPERVISOR:
        return f"Take {name} off the call? The call goes on."
    if participant.end_conference_on_exit:
        return f"Taking {name} off ends the call for everyone, because their phone is set to end it."
    if participant.end_conference_on_exit is None:
        return f"Earshot cannot tell whether the call survives this. Take {name} off anyway?"
    if participant.role == Role.AGENT:
        return f"Take {name} off the call? {staying} {'stay' if len(others) > 1 else 'stays, alone'}."
    stay = "stay" if len(others) > 1 else "stays"
    return f"Disconnect {name}? {staying} {stay}. They would have to call again."


def confirm_delete_recording(row: Recording, asked: Asked) -> None:
    """Raises Denial `confirm` with a token unless the person confirmed exactly this outcome."""
    assert row.conference is not None
    length = f" of {row.seconds // 60}:{row.seconds % 60:02d}" if row.seconds is not None else ""
    where = provider_title(row.conference)
    sentence = (
        f"Delete this recording{length}? It is gone from {where} for good, and nobody can hear it again."
    )
    _demand(asked, "recording/delete", row.pk, sentence)


def _demand(asked: Asked, verb: str, pk: object, sentence: str) -> None:
    token = salted_hmac("participants.confirm", f"{asked.by.pk}|{verb}|{pk}|{sentence}").hexdigest()
    if not isinstance(asked.confirm, str) or not constant_time_compare(asked.confirm, token):
        raise Denial("confirm", sentence, confirm=token)


def _here(conference: Conference) -> list[Participant]:
    return list(conference.participants.filter(left_at=None).select_related("agent"))


def _barging(conference: Conference) -> list[Supervision]:
    return list(conference.supervisions.filter(ended_at=None, confirmed="barge").select_related("user"))


def _speaker(stay: Supervision) -> str:
    return stay.user.get_full_name() or stay.user.get_username()


def name_of(leg: Participant) -> str:
    """How the screen calls the person; never a number."""
    if leg.agent is not None:
        return leg.agent.name
    if leg.role == Role.SUPERVISOR:
        stay = Supervision.objects.filter(conference=leg.conference, call_sid=leg.call_sid).first()
        return _speaker(stay) if stay else "The supervisor"
    return "the customer" if leg.role in (Role.CUSTOMER, None) else "the other phone"


def _names(legs: list[Participant]) -> str:
    names = [name_of(leg) for leg in legs]
    if names.count("the customer") > 1:
        names = ["the customers", *(name for name in names if name != "the customer")]
    if not names:
        return "Nobody"
    text = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return text[0].upper() + text[1:]
