"""Change a call or somebody on it with every parameter that the provider takes, in one request.

What is audible goes by the same rules as the verbs that do the same: `mute`, `hold`, `announce`.
"""

import time
from typing import Any

from .. import access, reading
from ..events import Event
from ..models import Asset, Conference, Intervention, Participant
from ..providers import PROVIDERS, NotSent, Provider, provider_for
from ..providers.capabilities import fields
from ..providers.parameters import BadParameter
from ..urls_allowed import ALLOWED, allowed_url
from .announcing import chosen
from .command import Act, Asked, allow, refuse, repeated, run
from .legs import music_of, silence_coaches_of
from .refusing import invalid

Target = Conference | Participant
COACHING = {"coaching", "call_sid_to_coach"}  # Earshot's own, for supervisors' lines
# What each change needs the right of.
RIGHTS = {
    "muted": "mute",
    **dict.fromkeys(("hold", "hold_url", "hold_method", "hold_music", "wait_url", "wait_method"), "hold"),
    **dict.fromkeys(("announce_url", "announce_method", "beep_on_exit"), "announce"),
    "end_conference_on_exit": "end",
    **dict.fromkeys(COACHING, "whisper"),
}
SHOWN = ("muted", "hold", "end_conference_on_exit")  # a read tells whether they came about


def update(target: Target, asked: Asked, **changes: Any) -> Intervention:
    """Raises Denial before anybody is asked: `invalid` with the field, `unsupported`, `use_modes`, …"""
    if (before := repeated(asked)) is not None:
        return before
    rights = sorted({RIGHTS[name] for name in changes or RIGHTS})
    allow(asked, "update", target, rights=rights)
    if COACHING & set(changes):
        raise refuse(asked, "update", target, "use_modes")
    wire = _wire(target, asked, changes)
    _judge_as_verbs(target, asked, changes)
    if isinstance(target, Conference):
        return run(asked, "update", target, Act(send=lambda: _change_call(target, wire)), **changes)
    return run(asked, "update", target, _act(target, wire), **changes)


def _judge_as_verbs(target: Target, asked: Asked, changes: dict[str, Any]) -> None:
    """As the verbs would be; that something is so already stands in the way of no other change."""
    verbs = {"muted": ("unmute", "mute"), "hold": ("resume", "hold")}
    meant = [verbs[name][changes[name]] for name in verbs if name in changes]
    meant += ["announce"] if "announce_url" in changes else []
    for verb in meant:
        code = access.may(asked.by, verb, target).code
        if code not in {None, "already"}:
            raise refuse(asked, verb, target, code)


# --- what is sent -----------------------------------------------------------------------------------------
def _wire(target: Target, asked: Asked, changes: dict[str, Any]) -> dict[str, Any]:
    """The parameters by our names, each of them possible."""
    if not changes:
        raise invalid("changes", "given: at least one")
    account = _conference_of(target).account
    wire = dict(changes)
    if (music := wire.pop("hold_music", None)) is not None:
        if {"hold_url", "hold_method"} & set(wire):
            raise invalid("hold_music", "left out where hold_url or hold_method is given")
        wire |= music_of(chosen(music, kind=Asset.Kind.MUSIC, field="hold_music"))
    for name in ("hold_url", "wait_url", "announce_url"):
        if changes.get(name) and not allowed_url(account, changes[name]):
            raise invalid(name, ALLOWED)
    _check(target, asked, wire)
    return wire


def _check(target: Target, asked: Asked, wire: dict[str, Any]) -> None:
    """Against the rows of what this provider can be asked."""
    conference = _conference_of(target)
    kind = PROVIDERS[conference.account.provider]
    operation = "conference.update" if isinstance(target, Conference) else "participant.update"
    known = kind.operations()[operation]
    unknown = sorted(set(wire) - set(known))
    if unknown:
        denial = refuse(asked, "update", target, "unsupported")
        denial.fields = {name: [f"{kind.title} has no such parameter here."] for name in unknown}
        raise denial
    try:
        fields(operation, known, wire)
    except BadParameter as bad:
        raise invalid(bad.field, bad.allowed) from bad


# --- sending it -------------------------------------------------------------------------------------------
def _change_call(conference: Conference, wire: dict[str, Any]) -> Event:
    return provider_for(conference.account).update_conference(conference.sid, **wire)


def _act(participant: Participant, wire: dict[str, Any]) -> Act:
    shown = {name: wire[name] for name in SHOWN if name in wire}
    started = time.time()

    def done() -> bool:
        row = Participant.objects.get(pk=participant.pk)
        seen = row.source != "answer" and row.as_of.timestamp() >= started
        return seen and all(getattr(row, name) is value for name, value in shown.items())

    def read() -> Any:
        return reading.leg(participant.conference, participant.call_sid)[1]

    return Act(send=lambda: _change_leg(participant, wire), read=read, done=done if shown else None)


def _change_leg(participant: Participant, wire: dict[str, Any]) -> Event:
    conference = participant.conference
    provider = provider_for(conference.account)
    if wire.get("hold"):
        silence_coaches_of(participant)
    if "end_conference_on_exit" in wire and "hold" not in wire:
        # Sent alone this key is echoed and not applied (twilio-go issue 259); with the hold as it is, it is.
        wire = wire | {"hold": _hold_now(provider, participant)}
    return provider.update_participant(conference.sid, participant.call_sid, **wire)


def _hold_now(provider: Provider, participant: Participant) -> bool:
    """As the provider says at this moment: a guess could take somebody off hold."""
    hold = provider.fetch_participant(participant.conference.sid, participant.call_sid).hold
    if hold is None:
        raise NotSent(f"{provider.title} does not say whether this person is on hold, so nothing was sent.")
    return hold


def _conference_of(target: Target) -> Conference:
    return target.conference if isinstance(target, Participant) else target
