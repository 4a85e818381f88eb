"""Say something into a call: to everybody, to one person, or as a cue to the agent alone.

The provider fetches what it plays from `participants.documents`. No document of either provider tells how to
end an announcement: another one takes its place, and to stop it that one is silent.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from .. import access, documents, mirror
from ..events import Event
from ..ledger import append_outcome_unless
from ..models import Asset, Callback, Conference, Intervention, Outcome, Participant
from ..providers import PROVIDERS, provider_for
from ..providers.errors import Gone
from ..providers.facts import Announced
from ..providers.parameters import BadParameter
from ..providers.speech import seconds_of
from .command import FINAL, LASTING, Act, Asked, allow, conclude, is_open, open_for, repeated, start, wait
from .refusing import invalid

__all__ = ["CARDS", "announce", "cue", "seconds_of", "sounds"]

Target = Conference | Participant
CUE_LENGTH = 120  # characters, about 8 s
# What a supervisor has at hand: key -> what the agent hears. `{held}` is how long the customer is on hold.
CARDS = {
    "hold": "Please go back to your customer.",
    "slow": "Please speak a little slower.",
    "verify": "Please check who the customer is before you go on.",
    "offer": "You may offer the refund.",
    "close": "Please sum up and bring the call to an end.",
}


def announce(
    target: Target,
    asked: Asked,
    *,
    text: str = "",
    language: str = "",
    voice: str = "",
    asset: str = "",
    stop: bool = False,
) -> Intervention:
    """Play a text or a sound of the library once, to the call or to one person; `stop` ends what plays.

    Raises Denial `invalid` with the field, before anybody is asked.
    """
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "announce", target)
    said = _what(_conference_of(target), text=text, language=language, voice=voice, asset=asset, stop=stop)
    return _play("announce", target, asked, said)


def cue(participant: Participant, asked: Asked, *, text: str) -> Intervention:
    """A short line into the ear of this agent, and of nobody else."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "cue", participant)
    if len(text) > CUE_LENGTH:
        raise invalid("text", f"a text of at most {CUE_LENGTH} characters")
    return _play("cue", participant, asked, _what(participant.conference, text=text))


def sounds(kind: str | None = None) -> list[dict[str, Any]]:
    """The library, by name."""
    rows = Asset.objects.order_by("name") if kind is None else Asset.objects.filter(kind=kind)
    return [
        {"id": str(row.pk), "name": row.name, "kind": row.kind, "seconds": round(row.seconds, 1)}
        for row in rows
    ]


def chosen(asset: str, *, kind: str, field: str = "asset") -> Asset:
    """The sound with this id. Raises Denial `invalid`."""
    try:
        found = Asset.objects.filter(pk=UUID(asset), kind=kind).first()
    except ValueError:
        found = None
    if found is None:
        raise invalid(field, f"the id of a sound of the library, of the kind {kind}")
    return found


# --- what is played ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Said:
    """`parameters`: what the intervention keeps, and its document is made of."""

    method: str
    parameters: dict[str, Any]


def _what(
    conference: Conference,
    *,
    text: str = "",
    language: str = "",
    voice: str = "",
    asset: str = "",
    stop: bool = False,
) -> _Said:
    if sum(map(bool, (text, asset, stop))) != 1:
        raise invalid("text", "given, or an asset, or stop: exactly one of them")
    if (language or voice) and not text:
        raise invalid("language" if language else "voice", "left out: it is for a text")
    if stop:
        return _Said("GET", {"stop": True, "seconds": 1.0})
    if asset:
        found = chosen(asset, kind=Asset.Kind.ANNOUNCEMENT)
        return _Said("GET", {"asset": str(found.pk), "name": found.name, "seconds": round(found.seconds, 1)})
    try:
        PROVIDERS[conference.account.provider].speech.check(text, voice, language)
    except BadParameter as bad:
        raise invalid(bad.field, bad.allowed) from bad
    spoken = {"text": text, "voice": voice, "language": language}
    kept = {name: value for name, value in spoken.items() if value}
    # What somebody says is nobody's to keep on the way: no cache keeps the answer to a POST.
    return _Said("POST", kept | {"seconds": seconds_of(text)})


def _play(verb: str, target: Target, asked: Asked, said: _Said) -> Intervention:
    intervention, new = open_for(asked, verb, target, said.parameters)
    if not new:
        return wait(intervention)
    act = Act(
        send=lambda: _send(intervention, target, said.method),
        told=lambda: _more_to_come(intervention, target),
    )
    start(intervention, act)
    return wait(intervention)


def _more_to_come(intervention: Intervention, target: Target) -> bool:
    """Until the provider has come for it, and, where a callback tells, until it is over."""
    return documents.tells_end(_conference_of(target)) or not documents.was_fetched(intervention)


def _send(intervention: Intervention, target: Target, method: str) -> Event:
    """One request, to the very leg that was meant: by its call sid, whoever is on the call by now."""
    conference = _conference_of(target)
    provider = provider_for(conference.account)
    given: dict[str, Any] = {
        "announce_url": documents.announcement_url(intervention),
        "announce_method": method,
    }
    if isinstance(target, Participant):
        if intervention.verb == "cue":
            _still_the_agent(target)
        event: Event = provider.update_participant(conference.sid, target.call_sid, **given)
    else:
        event = provider.update_conference(conference.sid, **given)
    _replace(intervention)
    return event


def _still_the_agent(participant: Participant) -> None:
    """Somebody may have said in the meantime that this is not the agent: then nothing is sent."""
    row = Participant.objects.select_related("conference__account").get(pk=participant.pk)
    call = access.Call(row.conference, row.conference.participants.all())
    if access.blocked_leg(row, row.conference, call.legs).get("cue"):
        raise Gone(
            row.conference.account.provider, status=409, code="", message="This is no longer the agent."
        )


def _replace(intervention: Intervention) -> None:
    """What the same people were hearing is over."""
    earlier = Intervention.objects.filter(
        verb__in=LASTING,
        conference=intervention.conference,
        participant=intervention.participant,
        position__lt=intervention.position,
        outcomes__state=Outcome.State.ACCEPTED,
    )
    for other in earlier.exclude(outcomes__detail=Outcome.NOT_REPORTED).distinct().order_by("-position")[:20]:
        if is_open(other):
            conclude(other, Outcome.State.FAILED, detail="replaced")


def told(callback: Callback, announced: Announced) -> str:
    """A callback said that an announcement was over, or could not be played. Its verdict.

    Within the callback's own transaction: the ledger comes last, as everybody who appends waits for it.
    """
    pk = documents.row_of(announced.url)
    if pk is None:
        return Callback.Verdict.UNKNOWN
    about = Intervention.objects.filter(pk=pk, verb__in=LASTING, conference__account=callback.account)
    intervention = about.filter(conference__sid=callback.conference_sid).first()
    if intervention is None or intervention.conference_id is None:
        return Callback.Verdict.UNKNOWN
    mirror.touch(intervention.conference_id)
    # That nobody came for it is only concluded: whoever says that it was heard knows better.
    supposed = intervention.outcomes.filter(detail="not_fetched", evidence__isnull=True).exists()
    new = append_outcome_unless(
        FINAL - {Outcome.State.FAILED} if supposed and announced.played else FINAL,
        intervention,
        Outcome.State.CONFIRMED if announced.played else Outcome.State.FAILED,
        detail="" if announced.played else "not_fetched",
        evidence={"callback": callback.pk},
    )
    return Callback.Verdict.APPLIED if new else Callback.Verdict.SUPERSEDED


def _conference_of(target: Target) -> Conference:
    return target.conference if isinstance(target, Participant) else target
