"""Who signs in to the demo, and who answers the phones."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.db import transaction

from participants.models import Agent, AgentAddress, Destination, Supervisor, Team
from participants.sandbox.scenes import AGENTS, SECOND_LEVEL

from . import accounts, sounds

# The address book: name -> address, and the team that it is for; of no team: everybody's.
DESTINATIONS = {
    "Second level": (SECOND_LEVEL, ""),
    "Interpreter": ("+442079460880", ""),
    "Refund desk": ("+442079460881", "Returns"),
    "Accounts": ("sip:accounts@sip.example.com", "Billing"),
    "Answering machine (test)": ("+15005550013", ""),
}
PASSWORD = "earshot"  # noqa: S105 (printed on the demo's screen)
TEAMS = ("Billing", "Returns", "Technical")


@dataclass(frozen=True)
class SignIn:
    username: str
    name: str
    group: str
    teams: tuple[str, ...] = ()
    phone: bool = False


SIGN_INS = (
    SignIn("lead", "Maria Lindner", "Lead", TEAMS, phone=True),
    SignIn("supervisor", "Sam Whitfield", "Supervisor", ("Billing",), phone=True),
    SignIn("rosa", "Rosa Haas", "Supervisor", ("Billing", "Returns"), phone=True),
    SignIn("auditor", "Auditor", "Auditor"),
    SignIn("admin", "Administrator", "Administrator", phone=True),
    SignIn("agent", "Ann Okafor", "Agent"),
)


def make(*, api_url: str) -> None:
    """Everything that is missing; what is there stays, but the accounts point at the sandbox at `api_url`.

    Raises CommandError when that sandbox does not answer.
    """
    keys = accounts.public_keys(api_url)
    with transaction.atomic():
        teams = _people()
        accounts.make(keys, api_url=api_url, team=teams["Billing"])
    sounds.make()


def _people() -> dict[str, Team]:
    teams = {name: Team.objects.get_or_create(name=name)[0] for name in TEAMS}
    password = make_password(PASSWORD)  # once: it takes a third of a second
    for sign_in in SIGN_INS:
        _sign_in(sign_in, password, teams)
    for number, (name, team) in AGENTS.items():
        _agent(f"agent-{number}", name, teams[team])
    for name, (address, team) in DESTINATIONS.items():
        saved = {"address": address, "team": teams.get(team)}
        Destination.objects.get_or_create(name=name, defaults=saved)
    Agent.objects.filter(label="agent-1").update(user=User.objects.get(username="agent"))
    return teams


def _sign_in(sign_in: SignIn, password: str, teams: dict[str, Team]) -> None:
    first, _, last = sign_in.name.partition(" ")
    user, created = User.objects.get_or_create(
        username=sign_in.username,
        defaults={
            "first_name": first,
            "last_name": last,
            "password": password,
            "is_superuser": sign_in.group == "Administrator",
            "is_staff": sign_in.group in {"Administrator", "Auditor"},
        },
    )
    if not created:
        return
    user.groups.add(Group.objects.get(name=sign_in.group))
    profile = Supervisor.objects.create(user=user, address=f"client:{user.username}" if sign_in.phone else "")
    profile.teams.set(teams[name] for name in sign_in.teams)


def _agent(label: str, name: str, team: Team) -> None:
    agent, _ = Agent.objects.get_or_create(label=label, defaults={"name": name, "team": team})
    AgentAddress.objects.get_or_create(address=f"client:{label}", defaults={"agent": agent})
