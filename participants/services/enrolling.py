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
Role, Certainty = Participant.Role, Participant.Certainty


@transaction.atomic
def enrol(by: User, roster: Roster) -> None:
    """All that the file says, or, when anything fails, nothing. Who is not in it stays as they are."""
    assert not roster.faults
    touched: set[str] = set()
    for row in roster.rows:
        touched |= _save(row)
    counts = {"new": len(roster.new), "changed": len(roster.changed)}
    append_deed(user=by, verb="import_agents", parameters=counts)
    transaction.on_commit(lambda: mirror.identify_again(touched), robust=True)


def _save(row: Row) -> set[str]:
    """The addresses and labels of which it is new whose they are."""
    agent = row.agent or Agent()
    if row.agent is not None and not row.changes:
        return set()
    agent.name, agent.team, agent.label = row.name, row.team, row.label
    agent.save()
    known = set(agent.addresses.values_list("address", flat=True))
    agent.addresses.filter(address__in=known - set(row.addresses)).delete()
    AgentAddress.objects.bulk_create(
        AgentAddress(agent=agent, address=address) for address in row.addresses if address not in known
    )
    return {*row.addresses, *known, *([row.label] if row.label else [])}


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
