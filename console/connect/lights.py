"""The lights of an account: what works by now, each with the sentence that says so or what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from console import account_states
from participants import access
from participants.models import Account, Agent, Participant, Ring, Supervisor
from participants.serializers import provider_name

Why = Account.Unreachable
WRONG = "{count} for “{account}” had a wrong signature since {since}."
USUAL = (
    " Usual causes: PUBLIC_URL is not the address in the {provider} console,"
    " or a proxy changes https to http."
)
SHOWN = {
    "scheme": " They are signed for {url}, but PUBLIC_URL is {public}: a proxy in front of Earshot changes"
    " the scheme, or PUBLIC_URL has the wrong one.",
    "host": " They are signed for {url}, but PUBLIC_URL is {public}: set PUBLIC_URL to the address that"
    " {provider} posts to.",
    "clock": " The signatures are right and their time is not: the clock of this machine is more than"
    " 300 s off, or something holds callbacks back for so long.",
}
RANG = {
    "no_answer": "Your phone did not answer. Try again, or change your phone.",
    "refused": "The provider refused to call your phone. Check the caller id and the number.",
    "not_sent": "The provider could not be reached; your phone was not called.",
    "unknown": "The provider did not say whether your phone was called.",
}
LASTING = timedelta(minutes=10)
MANY = 10
RINGING = timedelta(minutes=1)  # the provider ends it by then


@dataclass(frozen=True, slots=True)
class Light:
    """`on` is None while nobody can know yet."""

    name: str
    title: str
    on: bool
    text: str

    def json(self) -> dict[str, Any]:
        return {"name": self.name, "on": self.on, "text": self.text}


def lights(account: Account, user: User) -> list[Light]:
    return [_connected(account), _callback(account), _agent(account), _phone(account, user)]


def _connected(account: Account) -> Light:
    title = "Account connected"
    if account.reachable:
        return Light("connected", title, True, f"Read at {_at(account.swept_at)}.")
    if account.reachable is None:
        return Light("connected", title, False, "Not asked yet: the worker asks within 15 s of its start.")
    why = account_states.UNREACHABLE.get(
        Why(account.unreachable_why or Why.SILENT), account_states.NOT_REACHED
    )
    name = provider_name(account.provider).title
    return Light("connected", title, False, why.format(provider=name, name=name, account=account.key))


def _callback(account: Account) -> Light:
    title = "First callback received, signature valid"
    if account.callback_at:
        return Light("callback", title, True, f"The last came at {_at(account.callback_at)}.")
    text = "None yet. Give the address below to your call flow, then make a test call."
    return Light("callback", title, False, text)


def _agent(account: Account) -> Light:
    title = "First agent known"
    legs = Participant.objects.filter(conference__account=account, role=Participant.Role.AGENT)
    known = legs.exclude(agent=None).select_related("agent").order_by("first_seen_at").first()
    if known and known.agent:
        return Light("agent", title, True, f"{known.agent.name} was the first on a call.")
    entered = Agent.objects.count()
    if entered:
        people = "1 agent is" if entered == 1 else f"{entered} agents are"
        return Light("agent", title, False, f"{people} entered; none was seen on a call of this account yet.")
    return Light("agent", title, False, "No agents are entered yet.")


def _phone(account: Account, user: User) -> Light:
    title = "Your phone rings"
    profile = Supervisor.objects.filter(user=user).first()
    if profile is None or not profile.address:
        return Light("phone", title, False, "Tell Earshot which phone is yours, on your own page.")
    rings = Ring.objects.filter(user=user, account=account, address=profile.address)
    newest = rings.first()
    if newest and newest.answered_at:
        return Light("phone", title, True, f"You answered at {_at(newest.answered_at)}.")
    if newest is None:
        return Light("phone", title, False, "Not tried with this account yet.")
    if newest.ended_at is None and timezone.now() - newest.asked_at < RINGING:
        return Light("phone", title, False, "It is being called now: pick up.")
    return Light("phone", title, False, RANG.get(newest.ended_how, RANG["unknown"]))


def _at(moment: datetime | None) -> str:
    if moment is None:
        return "–"
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate()
    return f"{local:%H:%M}" if today else f"{local:%Y-%m-%d %H:%M}"


# --- what is wrong now ------------------------------------------------------------------------------------
def troubles(account: Account) -> Iterator[str]:
    """The usual mistakes, while they are being made."""
    provider = provider_name(account.provider).title
    if _forged_lately(account):
        many = f"{account.forged:,} callbacks" if account.forged != 1 else "1 callback"
        words = {"provider": provider, "url": account.forged_url, "public": settings.PUBLIC_URL}
        why = SHOWN.get(account.forged_why, USUAL).format(**words)
        yield WRONG.format(count=many, account=account.key, since=_at(account.forged_since)) + why


def for_administrators(user: User) -> list[dict[str, str]]:
    """On top of the board, for those who can put it right."""
    if not access.configures(user):
        return []
    rows = Account.objects.exclude(forged=0)
    return [{"account": account.key, "text": text} for account in rows for text in troubles(account)]


def _forged_lately(account: Account) -> bool:
    """Until a valid one has come. Between valid ones a few mean nothing: anybody can post there."""
    if account.forged_at is None:
        return False
    many = account.forged >= MANY and timezone.now() - account.forged_at < LASTING
    return many or account.callback_at is None or account.callback_at < account.forged_at
