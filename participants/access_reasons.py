"""Fills the sentence of a reason from the call that it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from string import Formatter

from django.contrib.auth.models import User
from django.utils import timezone

from .access_facts import Call, is_connected
from .access_numbers import mask
from .models import Conference, Participant, Supervision
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
    return PROVIDERS[conference.account.provider].title


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


def _right(place: int) -> Callable[[About], str]:
    return lambda about: RIGHTS[RIGHT_OF.get(about.verb, about.verb)][place]


RIGHT_OF = {"unmute": "mute", "resume": "hold"}
FILL: dict[str, Callable[[About], str]] = {
    "provider": lambda about: provider_title(about.call.conference),
    "ended": lambda about: _time(about.call.conference.ended_at or about.call.conference.state_since),
    "since": lambda about: _time(about.call.conference.account.reachable_since),
    "left": lambda about: _time(about.leg.left_at if about.leg else None),
    "age": _age,
    "agent": _agent,
    "person": _person,
    "phone": lambda about: mask(about.user.supervisor.address),
    "call": lambda about: call_name(about.stay.conference) if about.stay else "another call",
    "state": lambda about: ALREADY[about.verb],
    "right": _right(0),
    "verb": _right(1),
}
