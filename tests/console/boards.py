"""Sockets and calls without a server or a database, for tests of what the hub writes to whom."""

import json
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from console.frames import Person, Shown
from console.outbox import Outbox
from console.reader import Found

_users = count(1)
NO_CALL = {"conference": None, "headline": "You are on no call."}


def person(*teams: int, user_id: int = 0, everything: bool = False, numbers: bool = False) -> Person:
    return Person(
        user_id=user_id or next(_users), teams=frozenset(teams), everything=everything, numbers=numbers
    )


def call(
    team: int | None = 1, *, id: UUID | None = None, version: int = 1, live: bool = True, watchers: Any = ()
) -> Shown:
    id_ = id or uuid4()
    content = {"id": str(id_), "version": version, "status": "in-progress" if live else "completed"}
    return Shown(
        id=id_,
        version=version,
        live=live,
        account="wire",
        team=team,
        watchers=frozenset(watchers),
        text=json.dumps({**content, "address": "+442079460102"}),
        masked=json.dumps({**content, "address": "+44 ••• •• 02"}),
    )


def again(shown: Shown, **fields: Any) -> Shown:
    """The same call, one version later."""
    kept = {"team": shown.team, "watchers": shown.watchers, "live": shown.live}
    return call(**{**kept, "id": shown.id, "version": shown.version + 1, **fields})


def found(*calls: Shown, **parts: Any) -> Found:
    return Found(shown={each.id: each for each in calls}, **parts)


def written(outbox: Outbox) -> list[Any]:
    """What was written since it was last asked: frames, and at the end perhaps a close code."""
    items = []
    while not outbox._queue.empty():
        item = outbox._queue.get_nowait()
        items.append(item if isinstance(item, int) else json.loads(item))
    return items


def ids(frame: dict[str, Any]) -> list[str]:
    return [each["id"] for each in frame["conferences"]]
