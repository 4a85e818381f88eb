"""Whom somebody may have dialled for an account, from the rows: see `participants.dial_policy`."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from . import dial_policy, targets
from .dial_policy import Policy, Refusal
from .models import Account, AgentAddress, Destination, Dial, Supervisor, Team
from .providers import PROVIDERS
from .words import RIGHTS, say


def policy_of(account: Account, user: User) -> Policy:
    kind = PROVIDERS.get(account.provider)
    return Policy(
        countries=dial_policy.countries(account.dial_countries, caller_id=account.caller_id),
        kinds=kind.targets if kind else frozenset(),
        known=lambda address: _is_known(address, user),
        listed=targets.matcher(account.dial_addresses),
    )


def _is_known(address: str, user: User) -> bool:
    agents = AgentAddress.objects.filter(address=address)
    return agents.exists() or destinations_of(user).filter(address__in=[address]).exists()


def destinations_of(user: User) -> QuerySet[Destination]:
    """The saved ones that the user may dial: those of their teams, and those of no team."""
    if user.has_perm("participants.see_all"):
        return Destination.objects.all()
    teams = Team.objects.filter(supervisors__user=user)
    return Destination.objects.filter(Q(team=None) | Q(team__in=teams))


def is_supervisors(address: str) -> bool:
    """A supervisor's phone: it is rung by listening alone, which silences it first."""
    return Supervisor.objects.filter(address=address).exists()


def own_phone_allowed(address: str, account: Account) -> bool:
    """A supervisor's own phone passes the same policy where it is a number; else it is theirs to choose."""
    countries = dial_policy.countries(account.dial_countries, caller_id=account.caller_id)
    return not address.startswith("+") or dial_policy.number_refusal(address, countries) is None


def begun_by(user: User) -> QuerySet[Dial, UUID]:
    """The calls that this person brought to life by dialling somebody into them: they see what becomes of it,
    whatever team it turns out to be. One that was there before is none of them.
    """
    begun = Dial.objects.filter(intervention__user=user, conference__first_seen_at__gte=F("asked_at"))
    return begun.exclude(friendly_name="").values_list("conference", flat=True)


def lacks_right(user: User) -> tuple[str, str]:
    """Code and sentence when this person dials nobody, whatever the account and the call; or nothing."""
    if user.has_perm("participants.dial"):
        return "", ""
    if user.groups.filter(name="Auditor").exists():
        return "auditor", say("auditor")
    button, deed = RIGHTS["dial"]
    return "not_allowed", say("not_allowed", verb=deed, right=button)


def dials(account: Account) -> bool:
    """Whether its provider is one that can place calls."""
    kind = PROVIDERS.get(account.provider)
    return kind is not None and "to" in kind.operations().get("participant.create", {})


def may_dial(user: User, account: Account, verb: str = "dial") -> tuple[str, str]:
    """Code and sentence of what is against dialling for this account, whatever the call; or nothing."""
    if (lacking := lacks_right(user))[0]:
        return lacking
    kind = PROVIDERS.get(account.provider)
    title = kind.title if kind else account.provider
    if not dials(account):
        return "unsupported", say("unsupported", provider=title)
    if account.reachable is False and verb == "dial":
        known = account.unreachable_why != Account.Unreachable.REJECTED
        since = (
            f"{timezone.localtime(account.reachable_since):%H:%M:%S}"
            if account.reachable_since
            else "a while"
        )
        code = "provider_down" if known else "credentials_refused"
        return code, say(code, provider=title, since=since, account=account.key)
    return "", ""


def sentence(refusal: Refusal, account: Account, *, number: str) -> str:
    """Why, in words; `number` as the reader may see it."""
    kind = PROVIDERS.get(account.provider)
    facts = {
        "number": number,
        "country": refusal.country,
        "account": account.key,
        "provider": kind.title if kind else account.provider,
    }
    return say(refusal.why, **facts)
