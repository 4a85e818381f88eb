"""Fills the sentence of a reason from the call that it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from .access_facts import RECORDING, Call, is_connected
from .access_numbers import mask
from .models import Conference, Intervention, Participant, Supervision
from .providers import PROVIDERS
from .words import ALREADY, RIGHTS, SENTENCES, say


@dataclass(frozen=True, slots=True)
class About:
    user: User
    verb: str
    call: Call
    leg: Participant | None
    stay: Supervision | None


def user_name(user: User) -> str:
    return user.get_full_name() or user.get_username()


def person_name(leg: Participant) -> str:
    """The person as the screen calls them, at the beginning of a sentence."""
    if leg.agent is not None:
        return leg.agent.name
    names = {
        "agent": "The agent",
        "customer": "The customer",
        "supervisor": "The supervisor",
        "other": "Another phone",
    }
    return names.get(leg.role or "", "This person")


def provider_title(conference: Conference) -> str:
    """As the screen says it; an account at a provider that Earshot does not know shows what it holds."""
    kind = PROVIDERS.get(conference.account.provider)
    return kind.title if kind else conference.account.provider


def call_name(conference: Conference) -> str:
    """A call as a supervisor knows it: by who is on it."""
    agent = conference.participants.filter(role="agent", left_at=None).select_related("agent").first()
    if agent is None or agent.agent is None:
        return "another call"
    return f"{agent.agent.name}’s call"


def sentence(code: str, about: About) -> str:
    """The catalogue's sentence for this code, about this call."""
    if code == "gone" and about.call.conference.live:
        code = "left"
    names = {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}
    return say(code, **{name: FILL[name](about) for name in names})


def refusal(provider_code: str, about: About) -> str:
    """Our sentence for a refusal with this code of the call's provider; empty for a code without one."""
    kind = PROVIDERS.get(about.call.conference.account.provider)
    reason = kind.refusals.get(provider_code) if kind else None
    return sentence(reason, about) if reason else ""


def about_intervention(intervention: Intervention, conference: Conference) -> About:
    """What was asked, with the leg that it was meant for: the one acted on, or the agent to whisper to."""
    legs = list(conference.participants.select_related("agent"))
    target = intervention.parameters.get("target")
    leg = intervention.participant or next((leg for leg in legs if target and leg.call_sid == target), None)
    return About(intervention.user, intervention.verb, Call(conference, legs), leg, None)


def _time(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}" if at else "an unknown time"


def _age(about: About) -> str:
    conference = about.call.conference
    since = conference.stale_since or conference.verified_at or conference.first_seen_at
    seconds = max(0, int((timezone.now() - since).total_seconds()))
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def _agent(about: About) -> str:
    agents = [about.leg] if about.leg is not None else about.call.agents
    chosen = next((leg for leg in agents if is_connected(leg)), agents[0] if agents else None)
    return person_name(chosen) if chosen is not None else "The agent"


def _person(about: About) -> str:
    return person_name(about.leg) if about.leg is not None else "This person"


def _phone(about: About) -> str:
    supervisor = getattr(about.user, "supervisor", None)
    return mask(supervisor.address) if supervisor else "Your phone"


def _right(place: int) -> Callable[[About], str]:
    return lambda about: RIGHTS[RIGHT_OF.get(about.verb, about.verb)][place]


# What is done by the right to something else.
RIGHT_OF = {"unmute": "mute", "resume": "hold", "cancel": "dial"} | dict.fromkeys(
    ("recording/start", *RECORDING, "recording/delete", "recording/play"), "record"
)
FILL: dict[str, Callable[[About], str]] = {
    "provider": lambda about: provider_title(about.call.conference),
    "ended": lambda about: _time(about.call.conference.ended_at or about.call.conference.state_since),
    "since": lambda about: _time(about.call.conference.account.reachable_since),
    "left": lambda about: _time(about.leg.left_at if about.leg else None),
    "age": _age,
    "agent": _agent,
    "person": _person,
    "address": lambda _about: settings.PUBLIC_URL,
    "account": lambda about: about.call.conference.account.key,
    "caller": lambda about: mask(about.call.conference.account.caller_id),
    "phone": _phone,
    "call": lambda about: call_name(about.stay.conference) if about.stay else "another call",
    "state": lambda about: ALREADY[about.verb],
    "right": _right(0),
    "verb": _right(1),
    "act": lambda about: about.verb.rpartition("/")[2],
}
