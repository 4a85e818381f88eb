"""The rows behind a call's story, newest first, each page beginning exactly after the one before.

Three tables are one list: ordered by time, then by table, then by the row's own number, all of them
descending. However many rows share an instant, a place between two of them is one place.
"""

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q, QuerySet

from participants.models import Callback, Change, Outcome

from .people import People
from .words import DEEDS, NOT_TOLD

CHUNK = 500
Row = Callback | Change | Outcome


class Place(NamedTuple):
    """That of a row in the story. What comes after it is lower."""

    at: datetime
    table: int
    number: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(UTC).isoformat()}~{self.table}~{self.number}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """Raises ValueError for what is no place."""
        at, table, number = text.split("~")
        return cls(datetime.fromisoformat(at).astimezone(UTC), int(table), int(number))


def before(at: datetime) -> Place:
    """All that was earlier comes after this place."""
    return Place(at, -1, 0)


class _Table(NamedTuple):
    rows: Callable[[People], QuerySet[Any]]
    time: str
    number: str


def newest_first(people: People, after: Place | None, *, at_once: int) -> Iterator[tuple[Place, Row]]:
    """Read as they are needed, about `at_once` of each table at a time."""
    chunk = min(at_once, CHUNK)
    tables = [_walk(people, number, after, chunk) for number in range(len(TABLES))]
    return heapq.merge(*tables, key=lambda found: found[0], reverse=True)


def _walk(people: People, table: int, after: Place | None, chunk: int) -> Iterator[tuple[Place, Row]]:
    rows, time, number = TABLES[table]
    ordered = rows(people).order_by(f"-{time}", f"-{number}")
    while True:
        found = list(ordered.filter(_lower(after, table, time, number))[:chunk])
        for row in found:
            after = Place(getattr(row, time), table, getattr(row, number))
            yield after, row
        if len(found) < chunk:
            return


def _lower(after: Place | None, table: int, time: str, number: str) -> Q:
    if after is None:
        return Q()
    earlier, same = Q(**{f"{time}__lt": after.at}), Q(**{time: after.at})
    if table == after.table:
        return earlier | (same & Q(**{f"{number}__lt": after.number}))
    return earlier | same if table < after.table else earlier


def _callbacks(people: People) -> QuerySet[Callback]:
    conference = people.conference
    rows = Callback.objects.filter(
        Q(conference_sid=conference.sid) | Q(conference_sid="", call_sid__in=people.legs),
        account=conference.account_id,
    ).exclude(verdict=Callback.Verdict.WAITING)
    changes = Change.objects.filter(conference=conference).select_related("participant")
    return rows.exclude(event__in=NOT_TOLD).prefetch_related(Prefetch("changes", changes.order_by("id")))


def _changes(people: People) -> QuerySet[Change]:
    """What no callback stands for: it was asked for, answered, or its callback is no longer kept."""
    rows = Change.objects.filter(conference=people.conference, callback=None)
    return rows.select_related("participant")


def _outcomes(people: People) -> QuerySet[Outcome]:
    rows = Outcome.objects.filter(intervention__conference=people.conference, intervention__verb__in=DEEDS)
    return rows.select_related("intervention__user", "intervention__participant")


TABLES = (
    _Table(_changes, "at", "id"),
    _Table(_callbacks, "received_at", "id"),
    _Table(_outcomes, "at", "position"),
)
