"""The hub's look into the database: every query of the live board, run in the hub's one thread."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import DatabaseError

from participants.models import Conference
from participants.serializers import load

from . import account_states, frames
from .frames import Shown
from .strip import strip

logger = logging.getLogger(__name__)
PORTION = 500  # conferences in one query


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to read in one go: `present`: users with a socket; `users`: those whose strip is asked for."""

    ids: set[UUID]
    users: set[int]
    present: set[int]
    compare: bool
    accounts: bool


@dataclass(slots=True, kw_only=True)
class Found:
    """`shown` maps to None where the conference is no more; `lost_order`: the database went backwards.

    `unsaid` are users whose strip could not be put in words: a fault of ours, theirs alone to suffer.
    """

    shown: dict[UUID, Shown | None] = field(default_factory=dict)
    strips: dict[int, dict[str, Any]] = field(default_factory=dict)
    accounts: dict[str, dict[str, Any]] | None = None
    unsaid: set[int] = field(default_factory=set)
    lost_order: bool = False


def read(wanted: Wanted, board: Mapping[UUID, Shown]) -> Found:
    found = Found()
    ids = set(wanted.ids)
    if wanted.compare:
        ids |= _differing(board, found)
    _render(ids, board, found)
    watchers = {user for id_ in ids for user in _watchers(board.get(id_)) | _watchers(found.shown.get(id_))}
    _say(wanted.users | (watchers & wanted.present), found)
    # A strip may name somebody who joined since: never show it with an older conference than its own.
    _render(_behind(board, found), board, found)
    if wanted.accounts:
        found.accounts = account_states.read()
    return found


def _say(user_ids: Iterable[int], found: Found) -> None:
    for user in User.objects.filter(pk__in=user_ids):
        try:
            found.strips[user.pk] = strip(user)
        except DatabaseError:
            raise
        except Exception:
            logger.exception("The strip of user %s cannot be said.", user.pk)
            found.unsaid.add(user.pk)


def _differing(board: Mapping[UUID, Shown], found: Found) -> set[UUID]:
    """Compares every live version in one query that its index alone answers."""
    versions = dict(live_versions())
    found.lost_order = any(id_ in board and version < board[id_].version for id_, version in versions.items())
    changed = {id_ for id_, version in versions.items() if id_ not in board or board[id_].version != version}
    return changed | {id_ for id_, shown in board.items() if shown.live and id_ not in versions}


def live_versions() -> Any:
    return (
        Conference.objects.exclude(status=Conference.Status.COMPLETED).order_by().values_list("id", "version")
    )


def _render(ids: Iterable[UUID], board: Mapping[UUID, Shown], found: Found) -> None:
    waiting = list(ids)
    for start in range(0, len(waiting), PORTION):
        portion = waiting[start : start + PORTION]
        found.shown |= dict.fromkeys(portion)
        found.shown |= {conference.id: frames.render(conference) for conference in load(portion)}
    found.lost_order |= any(
        shown is not None and id_ in board and shown.version < board[id_].version
        for id_, shown in found.shown.items()
    )


def _watchers(shown: Shown | None) -> frozenset[int]:
    return shown.watchers if shown else frozenset()


def _behind(board: Mapping[UUID, Shown], found: Found) -> set[UUID]:
    named = {UUID(strip["conference"]) for strip in found.strips.values() if strip["conference"]}
    held = {id_: found.shown.get(id_) or board.get(id_) for id_ in named}
    versions = Conference.objects.filter(pk__in=named).values_list("id", "version")
    return {id_ for id_, version in versions if not (shown := held[id_]) or shown.version != version}
