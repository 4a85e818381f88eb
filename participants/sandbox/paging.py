"""How both providers' lists go on where a page ended, also when the list has changed since. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

SidOf = Callable[[Any], str]


def newest_first(items: Iterable[Any], sid_of: SidOf) -> list[Any]:
    return sorted(items, key=lambda item: _rank(item, sid_of))


def passed(ordered: list[Any], last: Any, sid_of: SidOf) -> int:
    """How many of them come before the page that follows `last`, which need not be among them any more."""
    return sum(1 for item in ordered if _rank(item, sid_of) <= _rank(last, sid_of))


def _rank(item: Any, sid_of: SidOf) -> tuple[float, str]:
    return (-item.created, sid_of(item))
