"""What happened on a call, newest first, in words: callbacks, reads, corrections, commands, outcomes."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.utils import timezone

from participants import access
from participants.models import Conference
from participants.serializers import time_text

from .evidence import changed, find, raw
from .people import People
from .rows import Place, Row, before, newest_first
from .telling import Item, Teller

__all__ = ["Place", "Row", "before", "evidence", "story", "timeline"]

Json = dict[str, Any]
MOST = 20_000  # items of one file


def timeline(
    conference: Conference, *, numbers: bool, page_size: int, after: Place | None = None
) -> tuple[list[Json], Place | None]:
    """`page_size` items from `after` on, newest first, and the place of the last of them; None: no more.

    `conference` comes from `serializers.load`.
    """
    found = list(islice(_items(conference, after, at_once=page_size + 1), page_size + 1))
    page = found[:page_size]
    more = page[-1][0] if len(found) > page_size else None
    return [_masked(_json(place, item), numbers=numbers) for place, item in page], more


def story(conference: Conference, *, numbers: bool, with_raw: bool) -> Json:
    """The newest `MOST` items, each with what it changed and, `with_raw`, the raw form behind it."""
    found = list(islice(_items(conference, None, at_once=MOST), MOST + 1))
    items = [
        _json(place, item) | {"changed": changed(item.row)} | ({"raw": raw(item.row)} if with_raw else {})
        for place, item in found[:MOST]
    ]
    whole = {
        "conference": str(conference.pk),
        "sid": conference.sid,
        "written_at": time_text(timezone.now()),
        "complete": len(found) <= MOST,
        "items": items,
    }
    return _masked(whole, numbers=numbers)


def evidence(conference: Conference, name: str, *, numbers: bool) -> tuple[Row, Json] | None:
    """The row that an item's `evidence` names, and its raw form; None: this call has no such item."""
    row = find(People(conference), name)
    return None if row is None else (row, _masked(raw(row), numbers=numbers))


def _items(conference: Conference, after: Place | None, *, at_once: int) -> Iterator[tuple[Place, Item]]:
    people = People(conference)
    teller = Teller(people)
    for place, row in newest_first(people, after, at_once=at_once):
        item = teller.item(row)
        if item is not None:
            yield place, item


def _json(place: Place, item: Item) -> Json:
    return {
        "at": time_text(place.at),
        "kind": item.kind,
        "text": item.text,
        "participant": item.participant,
        "by": item.by,
        "evidence": item.evidence,
    }


def _masked(json: Json, *, numbers: bool) -> Json:
    if numbers:
        return json
    masked: Json = access.masked(json)
    return masked
