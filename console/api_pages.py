"""Pages of a list that do not shift while new rows arrive: each begins after the last row of the one before.

DRF's cursor counts where rows share their time, as all do that one sweep adopts; this one also uses the id.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError as BadValue
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

Json = dict[str, Any]
OLDER, NEWER = "older", "newer"


def paged(
    rows: QuerySet[Any], request: Request, wanted: Json, *, by: tuple[str, ...], json: Callable[[Any], Json]
) -> Response:
    """{"next", "previous", "results"}: `rows` newest first `by` these columns, the last of them unique."""
    size = wanted["page_size"]
    way, values = _read(wanted["cursor"]) if "cursor" in wanted else (OLDER, [])
    found = _slice(rows, by, way, values, size + 1)
    page, more = found[:size], len(found) > size
    if way == NEWER:
        page.reverse()
    older = page and (more or way == NEWER)
    newer = page and (more if way == NEWER else bool(values))
    return Response(
        {
            "next": _address(request, OLDER, page[-1], by) if older else None,
            "previous": _address(request, NEWER, page[0], by) if newer else None,
            "results": [json(row) for row in page],
        }
    )


def _slice(rows: QuerySet[Any], by: tuple[str, ...], way: str, values: list[Any], most: int) -> list[Any]:
    sign, compare = ("-", "lt") if way == OLDER else ("", "gt")
    ordered = rows.order_by(*(sign + column for column in by))
    try:
        return list(ordered.filter(_beyond(by, values, compare))[:most])
    except (BadValue, ValueError, TypeError, OverflowError):
        raise _unreadable() from None


def _beyond(by: tuple[str, ...], values: list[Any], compare: str) -> Q:
    """Rows past these values: by the first column, or among its equals by the next."""
    if not values:
        return Q()
    past, same = Q(), Q()
    for column, value in zip(by, values, strict=True):
        past |= same & Q(**{f"{column}__{compare}": value})
        same &= Q(**{column: value})
    return past


def _address(request: Request, way: str, row: Model, by: tuple[str, ...]) -> str:
    place = json.dumps([way, *(str(getattr(row, column)) for column in by)])
    query = request.query_params.copy()
    query["cursor"] = base64.urlsafe_b64encode(place.encode()).decode()
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


def _read(cursor: str) -> tuple[str, list[str]]:
    try:
        way, *values = json.loads(base64.urlsafe_b64decode(cursor))
    except (ValueError, TypeError, RecursionError):
        raise _unreadable() from None
    if way not in (OLDER, NEWER) or not values or not all(isinstance(value, str) for value in values):
        raise _unreadable()
    return way, values


def _unreadable() -> ValidationError:
    return ValidationError({"cursor": ["Must be that of a next or previous address."]})
