"""Agents are entered: from a file, or because an address was seen that nobody knows. Live calls follow."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from .. import mirror
from ..ledger import append_deed
from ..models import Agent, AgentAddress, Destination, Participant, Supervisor, Team
from .roster import Roster, Row

MOST_SHOWN = 200
BATCH = 500
Role, Certainty = Participant.Role, Participant.Certainty


@transaction.atomic
def enrol(by: User, roster: Roster) -> None:
    """All that the file says, or, when anything fails, nothing. Who is not in it stays as they are."""
    assert not roster.faults
    rows = [*roster.new, *roster.changed]
    fresh = [Agent(name=row.name, team=row.team, label=row.label) for row in roster.new]
    Agent.objects.bulk_create(fresh, batch_size=BATCH)
    agents = [*fresh, *map(_changed, roster.changed)]
    for row, agent in zip(roster.changed, agents[len(fresh) :], strict=True):
        if any(not change.startswith("addresses") for change in row.changes):
            agent.save(update_fields=["name", "team", "label"])
    touched = {row.label for row in rows if row.label}
    more: list[AgentAddress] = []
    fewer: list[int] = []
    for row, agent in zip(rows, agents, strict=True):
        touched |= {*row.addresses, *_known(row)}
        fewer += [each.pk for address, each in _known(row).items() if address not in row.addresses]
        more += [AgentAddress(agent=agent, address=one) for one in row.addresses if one not in _known(row)]
    for start in range(0, len(fewer), BATCH):
        AgentAddress.objects.filter(pk__in=fewer[start : start + BATCH]).delete()
    AgentAddress.objects.bulk_create(more, batch_size=BATCH)
    counts = {"new": len(fresh), "changed": len(rows) - len(fresh)}
    append_deed(user=by, verb="import_agents", parameters=counts)
    changed = [agent.pk for agent in agents[len(fresh) :]]
    transaction.on_commit(lambda: _tell(touched, changed), robust=True)


def _tell(touched: set[str], changed: list[int]) -> None:
    """Live calls show who the agent is, and how they are called."""
    mirror.identify_again(touched)
    legs = Participant.objects.filter(agent__in=changed, left_at=None).order_by()
    for conference in legs.values_list("conference", flat=True).distinct():
        mirror.touch(conference)


def _changed(row: Row) -> Agent:
    assert row.agent is not None
    row.agent.name, row.agent.team, row.agent.label = row.name, row.team, row.label
    return row.agent


def _known(row: Row) -> dict[str, AgentAddress]:
    """The addresses that the agent had when the file was read."""
    return {each.address: each for each in row.agent.addresses.all()} if row.agent else {}


# --- addresses that nobody knows --------------------------------------------------------------------------
def unknown_addresses() -> QuerySet[Participant, Any]:
    """Seen today, and nobody's: what an agent's phone may be. No customer who calls in is among them."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    dialled = Q(direction="outbound") | Q(address__startswith="client:") | Q(address__startswith="sip:")
    legs = Participant.objects.filter(dialled, role=Role.CUSTOMER, first_seen_at__gte=midnight)
    legs = legs.exclude(certainty=Certainty.PERSON).exclude(address=None)
    for known in (AgentAddress, Destination, Supervisor):
        legs = legs.exclude(address__in=known.objects.exclude(address="").values("address"))
    seen = legs.order_by().values("address").annotate(calls=Count("pk"), last=Max("first_seen_at"))
    return seen.order_by("-last")


@transaction.atomic
def assign(
    by: User, addresses: Iterable[str], *, agent: Agent | None, name: str = "", team: Team | None = None
) -> Agent:
    """These phones are this agent's from now on; without `agent` a new one of this name and team."""
    new = agent is None
    if agent is None:
        assert team is not None
        agent = Agent.objects.create(name=name, team=team)
    given = list(addresses)
    AgentAddress.objects.bulk_create(
        [AgentAddress(agent=agent, address=address) for address in given], ignore_conflicts=True
    )
    append_deed(
        user=by, verb="assign_addresses", parameters={"agent": agent.pk, "new": new, "addresses": len(given)}
    )
    transaction.on_commit(lambda: mirror.identify_again(set(given)), robust=True)
    return agent


def record_export(by: User, *, rows: int, numbers: bool) -> None:
    append_deed(user=by, verb="export", parameters={"list": "agents", "rows": rows, "numbers": numbers})
