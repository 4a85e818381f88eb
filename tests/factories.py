"""Rows for tests, made quickly. Everything has a default; name only what the test is about.

Mirrored rows are written directly here: a test that is about the mirror goes through it instead.
"""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import Group, User
from django.utils import timezone

from participants.management.demo import accounts
from participants.models import (
    Account,
    Agent,
    AgentAddress,
    Conference,
    Dial,
    Intervention,
    Mode,
    Participant,
    Recording,
    Supervision,
    Supervisor,
    Team,
)
from tests.sandbox.process import Sandbox

PASSWORD = "earshot"
_numbers = count(1)


def sid(prefix: str) -> str:
    """A provider's id that no other row has: two letters and 32 hex digits."""
    return f"{prefix}{next(_numbers):032x}"


def make_team(name: str = "Billing") -> Team:
    return Team.objects.get_or_create(name=name)[0]


def make_user(name: str, *, group: str | None = None, full_name: str = "", **fields: Any) -> User:
    first, _, last = (full_name or name.title()).partition(" ")
    user = User.objects.create_user(name, password=None, first_name=first, last_name=last, **fields)
    # One round: the usual million for every user would be most of a test's time.
    user.password = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
    user.save(update_fields=["password"])
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def make_supervisor(
    name: str = "supervisor",
    *,
    teams: tuple[Team, ...] = (),
    group: str | None = "Supervisor",
    address: str | None = None,
    full_name: str = "",
    **fields: Any,
) -> User:
    """A user of `group` who sees `teams`; `address` is the phone that rings (default `client:<name>`)."""
    user = make_user(name, group=group, full_name=full_name, **fields)
    profile = Supervisor.objects.create(user=user, address=f"client:{name}" if address is None else address)
    profile.teams.set(teams)
    return user


def make_agent(
    name: str = "Ann Okafor",
    *,
    team: Team | None = None,
    label: str | None = None,
    addresses: tuple[str, ...] = (),
    user: User | None = None,
) -> Agent:
    agent = Agent.objects.create(name=name, team=team or make_team(), label=label, user=user)
    AgentAddress.objects.bulk_create(AgentAddress(agent=agent, address=address) for address in addresses)
    return agent


def make_account(key: str = "twilio", **fields: Any) -> Account:
    values = {
        "provider": "twilio",
        "sid": sid("AC"),
        "api_url": "http://127.0.0.1:9",
        "secret": "EARSHOT_TEST_TOKEN",
        "caller_id": "+12025550100",
        "dial_countries": "GB US",
        **fields,
    }
    return Account.objects.get_or_create(key=key, defaults=values)[0]


def make_sandbox_account(
    provider: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, **fields: Any
) -> Account:
    """The account that the sandbox knows at this provider, named after it, with its secret in place."""
    known = next(one for one in accounts.ACCOUNTS if one.provider == provider)
    monkeypatch.setenv(known.variable, known.secret)
    facts: dict[str, Any] = {"provider": provider, "sid": known.sid, "secret": known.variable, **known.facts}
    if known.signs:
        facts["public_key"] = sandbox.get(f"/_sandbox/{provider}-public-key")["key"]
    return make_account(provider, api_url=sandbox.url, **facts, **fields)


def make_conference(
    name: str | None = "billing-1041", *, team: Team | None = None, **fields: Any
) -> Conference:
    """A live conference that was just checked. Without `team` it has none: only `see_all` sees it."""
    now = timezone.now()
    values = {
        "account": fields.pop("account", None) or make_account(),
        "sid": sid("CF"),
        "friendly_name": name,
        "status": "in-progress",
        "state": "talking",
        "started_at": now - timedelta(minutes=5),
        "verified_at": now,
        "region": "us1",
        **fields,
    }
    return Conference.objects.create(team=team, **values)


def make_participant(conference: Conference, role: str | None = "customer", **fields: Any) -> Participant:
    """A connected leg, neither muted nor held. `agent=` makes it that agent, certainly."""
    now = timezone.now()
    if fields.get("agent") is not None:
        role = "agent"
    values = {
        "call_sid": sid("CA"),
        "certainty": None if role is None else "certain",
        "address": "+442079460102" if role == "customer" else None,
        "direction": "inbound" if role == "customer" else "outbound",
        "status": "connected",
        "presence": "in",
        "call_status": "in-progress",
        "muted": False,
        "hold": False,
        "coaching": False,
        "start_conference_on_enter": True,
        "end_conference_on_exit": False,
        "joined_at": now - timedelta(minutes=5),
        "source": "callback",
        "as_of": now,
        **fields,
    }
    return Participant.objects.create(conference=conference, role=role, **values)


def make_call(
    name: str = "billing-1041", *, team: Team | None = None, agent: Agent | None = None, **fields: Any
) -> tuple[Conference, Participant, Participant]:
    """A talking call: the conference, its agent's leg and its customer's leg."""
    team = team or make_team()
    conference = make_conference(name, team=team, **fields)
    agent = agent or make_agent(f"Agent of {name}", team=team, addresses=(f"client:{name}",))
    address = agent.addresses.values_list("address", flat=True).first()
    return (
        conference,
        make_participant(conference, agent=agent, address=address, label=agent.label),
        make_participant(conference),
    )


def make_recording(
    conference: Conference, status: str = "completed", *, leg: Participant | None = None, **fields: Any
) -> Recording:
    """A recording of the whole call, or of this leg; the call's word stays as it is."""
    values = {
        "account": conference.account,
        "participant": leg,
        "sid": sid("RE"),
        "source": "StartCallRecordingAPI" if leg else "Conference",
        "channels": 1,
        "seconds": 62,
        "started_at": timezone.now() - timedelta(minutes=5),
        **fields,
    }
    return Recording.objects.create(conference=conference, status=status, **values)


def make_supervision(
    user: User,
    conference: Conference,
    mode: str = Mode.LISTEN,
    *,
    leg: bool = True,
    target: Participant | None = None,
    **fields: Any,
) -> Supervision:
    """A live stay, confirmed in `mode`. `leg` also makes the supervisor's connected participant."""
    now = timezone.now()
    label, call_sid = f"earshot-{next(_numbers)}", sid("CA")
    coached = mode != Mode.BARGE and target is not None
    if leg:
        make_participant(
            conference,
            "supervisor",
            call_sid=call_sid,
            label=label,
            address="client:" + user.username,
            muted=mode == Mode.LISTEN,
            coaching=coached,
            coaching_call_sid=target.call_sid if coached and target else None,
            start_conference_on_enter=False,
        )
    values = {
        "address": "client:" + user.username,
        "label": label,
        "call_sid": call_sid if leg else None,
        "wanted": mode,
        "wanted_at": now,
        "target": target.call_sid if target else None,
        "confirmed": mode if leg else None,
        "confirmed_at": now if leg else None,
        "mode_since": now if leg else None,
        "armed": coached and mode == Mode.LISTEN,
        "connected": leg,
        "dialled_at": now,
        "since": now,
        **fields,
    }
    return Supervision.objects.create(user=user, conference=conference, **values)


def make_dial(user: User, conference: Conference, to: str = "+447700900199", **fields: Any) -> Dial:
    """One that was busy, and is over."""
    values = {
        "account": conference.account,
        "intervention": make_intervention(user, conference, "dial", "failed"),
        "label": f"dialled-{next(_numbers)}",
        "to": to,
        "state": Dial.State.ENDED,
        "ended_how": Dial.End.BUSY,
        "ended_at": timezone.now(),
        **fields,
    }
    values["parameters"] = {"to": to, "label": values["label"]}
    return Dial.objects.create(conference=conference, **values)


def make_intervention(
    user: User, conference: Conference | None, verb: str = "hold", *states: str, **fields: Any
) -> Intervention:
    """An intervention through the ledger, with these outcomes after `requested`."""
    from participants import ledger

    intervention, _ = ledger.open_intervention(user=user, verb=verb, conference=conference, **fields)
    for state in states:
        ledger.append_outcome(intervention, state)
    return intervention
