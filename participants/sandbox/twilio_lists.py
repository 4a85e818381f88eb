"""Twilio's lists: newest first, page by page, filtered by days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from participants.sandbox import twilio_bodies
from participants.sandbox.paging import newest_first, passed
from participants.sandbox.twilio_account import ACCOUNT_SID
from participants.sandbox.twilio_parameters import INVALID, BadParameter
from participants.sandbox.wire import Answer, Operation
from participants.sandbox.world import World


def page(
    world: World,
    operation: Operation,
    key: str,
    items: Iterable[Any],
    *,
    sid_of: Callable[[Any], str],
    body: Callable[[Any], dict[str, Any]],
    path: str,
    token_owner: Callable[[str], Any],
) -> Answer:
    params = operation.params
    size = params.get("PageSize", 50)
    if size > 1000 and world.switches.page_size_over == "refuse":
        raise BadParameter(INVALID, "PageSize is at most 1000")
    ordered = newest_first(items, sid_of)
    after = 0
    if params.get("Page", 0):
        last = token_owner(params.get("PageToken", "").removeprefix("PA"))
        if last is None:
            raise BadParameter(INVALID, "Page goes with the PageToken of a page URI")
        after = passed(ordered, last, sid_of)
    return Answer(
        200,
        twilio_bodies.page(
            key,
            ordered,
            path=f"/{twilio_bodies.VERSION}/Accounts/{ACCOUNT_SID}/{path}",
            query=operation.query,
            size=min(size, 1000),
            number=params.get("Page", 0),
            after=after,
            sid_of=sid_of,
            body=body,
        ),
    )


def in_days(wanted: dict[str, Any], name: str, seconds: float) -> bool:
    return _between(wanted, name, datetime.fromtimestamp(seconds, UTC).date())


def in_moments(wanted: dict[str, Any], name: str, seconds: float | None) -> bool:
    if not any(f"{name}{sign}" in wanted for sign in ("", "<", ">")):
        return True
    return seconds is not None and _between(wanted, name, datetime.fromtimestamp(seconds, UTC))


def _between(wanted: dict[str, Any], name: str, value: date) -> bool:
    """Twilio's `<` means on or before, its `>` on or after."""
    return (
        wanted.get(name, value) == value
        and value <= wanted.get(f"{name}<", value)
        and value >= wanted.get(f"{name}>", value)
    )
