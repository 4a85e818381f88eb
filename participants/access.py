"""Who may see and do what, with the reason. Everything that is scoped is scoped here.

Not visible: 404. Visible and not allowed: 403. Not possible now: 409. Nothing ever refuses silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Q, QuerySet

from . import access_dialling
from .access_facts import Call, blocked, blocked_leg, first, forbids, is_connected, is_here
from .access_numbers import mask, mask_text, masked, phone_allowed
from .access_reasons import (
    RIGHT_OF,
    About,
    about_intervention,
    person_name,
    provider_title,
    refusal,
    sentence,
    user_name,
)
from .access_search import is_number, matching
from .models import Account, Conference, LegRequest, Participant, Supervision, Team
from .words import RIGHTS, SENTENCES

__all__ = [
    "ALL",
    "About",
    "Call",
    "Denial",
    "Verdict",
    "about_intervention",
    "blocked",
    "blocked_leg",
    "check",
    "configures",
    "is_connected",
    "is_here",
    "is_number",
    "mask",
    "mask_text",
    "masked",
    "matching",
    "may",
    "may_see",
    "may_stay",
    "person_name",
    "phone_allowed",
    "provider_title",
    "reads_raw",
    "refusal",
    "sees_numbers",
    "sentence",
    "stay_of",
    "teams_of",
    "user_name",
    "verbs_of",
    "visible_participants",
    "visible_to",
]

Person = User | AbstractBaseUser | AnonymousUser
Target = Conference | Participant
AUDITORS = "Auditor"
FORBIDDEN = frozenset({"not_allowed", "auditor", "yourself", "phone_not_allowed", "csrf"})
STATUS = dict.fromkeys(FORBIDDEN, 403) | {
    "invalid": 400,
    "not_signed_in": 401,
    "not_found": 404,
    "refused": 422,
    "too_many": 429,
    "unreachable": 502,
    "unavailable": 503,
    "unknown": 504,
}
# What each verb needs; leaving and asking the provider need only sight of the call.
RIGHT_FOR = {verb: verb for verb in RIGHTS} | RIGHT_OF
MODES = frozenset({"listen", "whisper", "barge"})


class Denial(Exception):
    """A command that will not be done. `code` is a word of the catalogue, `detail` its sentence.

    `status` is the HTTP status: 403, 404, 409, 422, 429, 502, 503 or 504. `provider` is {"code", "message"}.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        status: int = 0,
        fields: dict[str, list[str]] | None = None,
        provider: dict[str, str] | None = None,
        intervention: Any = None,
        conference: Any = None,
        confirm: str | bool | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.code = code
        self.detail = detail or SENTENCES[code]
        self.status = status or STATUS.get(code, 409)
        self.fields, self.provider, self.confirm = fields, provider, confirm
        self.intervention, self.conference = intervention, conference
        self.retry_after = retry_after
        super().__init__(f"{code}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`code` is None when it may be done; else `detail` says why not."""

    code: str | None = None
    detail: str = ""

    @property
    def allowed(self) -> bool:
        return self.code is None


class _Everything(frozenset[int]):
    """The teams of somebody who sees all: also calls without a team."""

    def __contains__(self, team: object) -> bool:
        return True


ALL = _Everything()


def _sees_all(user: Person) -> bool:
    return isinstance(user, User) and user.has_perm("participants.see_all")


def sees_numbers(user: Person) -> bool:
    return isinstance(user, User) and user.has_perm("participants.see_numbers")


def configures(user: Person) -> bool:
    """Whether the user may change accounts: connects them, and enters agents."""
    return isinstance(user, User) and user.is_active and user.has_perm("participants.change_account")


def reads_raw(user: Person) -> bool:
    """Whether the user may read what providers posted, as received: who may do so in the admin."""
    return isinstance(user, User) and user.is_staff and user.has_perm("participants.view_callback")


def verbs_of(user: User) -> list[str]:
    """Every right of the user, as the names of the permissions, sorted; sight of all teams is not one."""
    names = dict(Conference._meta.permissions)
    return sorted(name for name in names if name != "see_all" and user.has_perm(f"participants.{name}"))


def teams_of(user: User) -> frozenset[int]:
    """The ids of the teams whose calls the user sees, or `ALL`, which holds every team and none."""
    if _sees_all(user):
        return ALL
    if not user.is_active:
        return frozenset()
    return frozenset(Team.objects.filter(supervisors__user=user).values_list("pk", flat=True))


def visible_to(user: Person, conferences: QuerySet[Conference]) -> QuerySet[Conference]:
    """Those that the user may see: calls of their teams, the one they are on, those that they began."""
    if not isinstance(user, User) or not user.is_active:
        return conferences.none()
    if _sees_all(user):
        return conferences
    teams = Team.objects.filter(supervisors__user=user)
    own = Supervision.objects.filter(user=user, ended_at=None)
    begun = access_dialling.begun_by(user)
    return conferences.filter(Q(team__in=teams) | Q(pk__in=own.values("conference")) | Q(pk__in=begun))


def visible_participants(user: Person, participants: QuerySet[Participant]) -> QuerySet[Participant]:
    return participants.filter(conference__in=visible_to(user, Conference.objects.order_by()))


def may_see(user: Person, conference: Conference) -> bool:
    return visible_to(user, Conference.objects.filter(pk=conference.pk)).exists()


def stay_of(user: User) -> Supervision | None:
    """The user's live supervision; there is at most one."""
    stays = Supervision.objects.filter(user=user, ended_at=None)
    return stays.select_related("conference__account").first()


def may_stay(user: User, stay: Supervision) -> bool:
    """Whether the user still has the rights with which the stay began: active, its mode, the call's team."""
    if not user.is_active or not user.has_perm(f"participants.{stay.wanted}"):
        return False
    teams = teams_of(user)
    return stay.team_id in teams or stay.conference.team_id in teams


def may(user: User, verb: str, target: Target, *, rights: Iterable[str] = ()) -> Verdict:
    """Whether the user may do this to the call, or to this leg of it, now. Sight is asked elsewhere.

    `target` of a whisper may be the agent's leg. Leaving, and listening on one's own call, always may.
    `rights`: verbs of which each is needed too.
    """
    leg = target if isinstance(target, Participant) else None
    conference = target.conference if isinstance(target, Participant) else target
    stay = stay_of(user)
    if _is_silence(verb, conference, stay):
        return Verdict()
    call = Call(conference, conference.participants.all())
    lacking = next((each for each in (verb, *rights) if _forbidden(user, each)), None)
    facts = [forbids(verb, call, leg), *_personal(user, verb, call, leg, stay)]
    code = _forbidden(user, lacking) if lacking else first(facts)
    if not code:
        return Verdict()
    return Verdict(code, sentence(code, About(user, lacking or verb, call, leg, stay)))


def check(user: User, verb: str, target: Target) -> None:
    """Raises Denial with 403 or 409 when the user may not do this now."""
    verdict = may(user, verb, target)
    if verdict.code:
        raise Denial(verdict.code, verdict.detail)


def _is_silence(verb: str, conference: Conference, stay: Supervision | None) -> bool:
    if stay is None or verb not in {"leave", "listen"}:
        return False
    moving_here = verb == "leave" and stay.then_conference_id == conference.pk
    return stay.conference_id == conference.pk or moving_here


def _forbidden(user: User, verb: str) -> str:
    right = RIGHT_FOR.get(verb)
    if right is None or user.has_perm(f"participants.{right}"):
        return ""
    return "auditor" if user.groups.filter(name=AUDITORS).exists() else "not_allowed"


def _personal(
    user: User, verb: str, call: Call, leg: Participant | None, stay: Supervision | None
) -> list[str]:
    """What stands in the way of this user, whatever the call's facts say."""
    if verb == "leave":
        return ["not_on_call" if call.conference.live else "gone"]
    if verb in MODES:
        own = stay if stay and stay.conference_id == call.conference.pk else None
        agent = getattr(user, "agent", None)
        yourself = agent is not None and any(leg.agent_id == agent.pk for leg in call.legs)
        phone = _phone(user, call.conference.account)
        return ["yourself" if yourself else "", *_of_stay(phone, verb, leg, stay, own)]
    mine = leg is not None and stay is not None and leg.call_sid == stay.call_sid
    return ["own_leg" if mine and verb in {"mute", "remove"} else ""]


def _of_stay(
    phone: str, verb: str, leg: Participant | None, stay: Supervision | None, own: Supervision | None
) -> list[str]:
    if own is not None:
        return ["unresolved" if _cannot_be_trusted(own, verb, leg) else "", _already(own, verb, leg)]
    elsewhere = stay is not None and verb != "listen"
    return [phone, "on_other_call" if elsewhere else ""]


def _phone(user: User, account: Account) -> str:
    supervisor = getattr(user, "supervisor", None)
    if supervisor is None or not supervisor.address:
        return "no_phone"
    address = supervisor.address
    allowed = phone_allowed(address) and access_dialling.own_phone_allowed(address, account)
    return "" if allowed else "phone_not_allowed"


def _cannot_be_trusted(stay: Supervision, verb: str, leg: Participant | None) -> bool:
    """Whether a request to speak to others than this verb means was never answered: it may land late."""
    unanswered = stay.requests.filter(outcome=LegRequest.Outcome.UNKNOWN)
    opened = unanswered.filter(Q(muted=False) | Q(coaching=False))
    if verb == "barge":
        return opened.exclude(coaching=False).exists()
    same = Q(coaching=True)
    if leg is not None:
        same &= Q(target=leg.call_sid)
    return opened.exclude(same).exists()


def _already(stay: Supervision, verb: str, leg: Participant | None) -> str:
    same_agent = leg is None or stay.target == leg.call_sid
    return "already" if stay.confirmed == stay.wanted == verb and same_agent else ""
