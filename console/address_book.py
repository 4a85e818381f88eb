"""Whom one may dial by name: the agents of one's teams, and saved destinations."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from participants import access
from participants.models import Agent, Destination


@dataclass(frozen=True, slots=True)
class Entry:
    """`shown` is the address as this person may see it; `address` is for the provider alone."""

    ref: str  # destination-3, agent-7
    name: str
    shown: str
    team: str
    address: str


def entries(user: User) -> list[Entry]:
    """Destinations first, both by name."""
    numbers = access.sees_numbers(user)
    saved = [
        (f"destination-{each.pk}", each.name, each.address, each.team)
        for each in destinations(user).select_related("team")
    ]
    people = [
        (f"agent-{each.pk}", each.name, address, each.team)
        for each in agents(user).select_related("team").prefetch_related("addresses")
        for address in [address.address for address in each.addresses.all()][:1]
    ]
    return [
        Entry(ref, name, address if numbers else access.mask(address), team.name if team else "", address)
        for ref, name, address, team in [*saved, *people]
    ]


def destinations(user: User) -> QuerySet[Destination]:
    """Those of one's teams, and those of all."""
    teams = access.teams_of(user)
    every = Destination.objects.order_by("name", "pk")
    return every if teams is access.ALL else every.filter(Q(team=None) | Q(team__in=teams))


def agents(user: User) -> QuerySet[Agent]:
    teams = access.teams_of(user)
    return Agent.objects.all() if teams is access.ALL else Agent.objects.filter(team__in=teams)


def named(book: list[Entry], typed: str) -> list[Entry]:
    """Those with exactly this name, however it is capitalised."""
    return [each for each in book if each.name.casefold() == typed.strip().casefold()]


def chosen(book: list[Entry], ref: str) -> Entry | None:
    return next((each for each in book if each.ref == ref), None)
