"""Telnyx's lists: newest first, page by page; the last page names no next one, and none the one before."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from participants.sandbox.paging import newest_first, passed
from participants.sandbox.telnyx_bodies import PREFIX, Body, said
from participants.sandbox.telnyx_errors import Problem, Refused
from participants.sandbox.wire import Answer, Operation, Pairs
from participants.sandbox.world import World

# Neither is stated: a page as long as Twilio's, and at most as many.
USUAL_SIZE, LARGEST_SIZE = 50, 1000
COMPARED: dict[str, Callable[[date, date], bool]] = {
    "": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}

MOMENTS_COMPARED = {sign: COMPARED[sign] for sign in ("", ">", "<")} | {
    "_gt": operator.gt,
    "_lt": operator.lt,
}


def page(
    world: World,
    operation: Operation,
    key: str,
    items: Iterable[Any],
    *,
    sid_of: Callable[[Any], str],
    body: Callable[[Any], Body],
    path: str,
    token_owner: Callable[[str], Any],
) -> Answer:
    params = operation.params
    number, size = params.get("Page", 0), params.get("PageSize", USUAL_SIZE)
    if size > LARGEST_SIZE and world.switches.page_size_over == "refuse":
        raise Refused(Problem("10033", f"PageSize must be at most {LARGEST_SIZE}", "PageSize"))
    size, token = min(size, LARGEST_SIZE), params.get("PageToken", "")
    ordered = newest_first(items, sid_of)
    after = passed(ordered, _owner(token, token_owner), sid_of) if number else 0
    shown = ordered[after : after + size]

    def uri(page_number: int, token: str = "") -> str:
        return _uri(f"{PREFIX}/{path}.json", operation.query, page_number, size, token)

    return Answer(
        200,
        said(
            {
                key: [body(item) for item in shown],
                "end": number * size + len(shown) - 1 if shown else 0,
                "first_page_uri": uri(0),
                "next_page_uri": uri(number + 1, sid_of(shown[-1])) if after + size < len(ordered) else None,
                "page": number,
                "page_size": size,
                "start": number * size if shown else 0,
                "uri": uri(number, token),
            }
        ),
    )


def _owner(token: str, token_owner: Callable[[str], Any]) -> Any:
    owner = token_owner(token)
    if owner is None:
        raise Refused(Problem("10033", "Page must go with the PageToken of a page's URI", "PageToken"))
    return owner


def _uri(path: str, query: Pairs, number: int, size: int, token: str) -> str:
    """The first page of a list without parameters is its bare path, and so it is always written."""
    kept = [pair for pair in query if pair[0] not in ("Page", "PageSize", "PageToken")]
    usual = number == 0 and size == USUAL_SIZE
    paging = [] if usual else [("Page", str(number)), ("PageSize", str(size))]
    wanted = kept + paging + ([("PageToken", token)] if token else [])
    return f"{path}?{urlencode(wanted)}" if wanted else path


def in_days(wanted: dict[str, Any], name: str, seconds: float) -> bool:
    if name not in wanted:
        return True
    sign, day = wanted[name]
    return COMPARED[sign](datetime.fromtimestamp(seconds, UTC).date(), day)


def in_moments(wanted: dict[str, Any], name: str, seconds: float | None) -> bool:
    asked = {sign: wanted[name + sign] for sign in MOMENTS_COMPARED if name + sign in wanted}
    if seconds is None:
        return not asked
    moment = datetime.fromtimestamp(seconds, UTC)
    return all(MOMENTS_COMPARED[sign](moment, limit) for sign, limit in asked.items())
