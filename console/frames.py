"""The texts of the socket. A conference is rendered once in two texts, numbers shown and masked.

A frame is kept as its tail, all that follows the number, so that one text serves many sockets.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from django.utils import timezone

from participants.models import Conference
from participants.serializers import conference_json, time_text
from participants.timing import TIMING

# A finger on a key does not get faster in tests: the one waiting time of the page that is not scaled.
HOLD_KEY = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who sits at a socket, and what may be written to it. `everything`: also calls without a team."""

    user_id: int
    teams: frozenset[int]
    everything: bool
    numbers: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A conference as the board holds it: ready-made, with what decides who may see it."""

    id: UUID
    version: int
    live: bool
    account: str
    team: int | None
    watchers: frozenset[int] = field(default_factory=frozenset)
    text: str = ""
    masked: str = ""

    def visible_to(self, person: Person) -> bool:
        """One's own call stays in sight until one's stay on it has ended, whatever its team."""
        return person.everything or self.team in person.teams or person.user_id in self.watchers

    def text_for(self, person: Person) -> str:
        return self.text if person.numbers else self.masked


def render(conference: Conference) -> Shown:
    open_, masked = (conference_json(conference, numbers=numbers) for numbers in (True, False))
    return Shown(
        id=conference.id,
        version=conference.version,
        live=conference.live,
        account=open_["account"],
        team=conference.team_id,
        watchers=frozenset(_watchers(conference)),
        text=_dumps(open_),
        masked=_dumps(masked),
    )


def _watchers(conference: Conference) -> Iterator[int]:
    yield from (stay.user_id for stay in conference.supervisions.all() if stay.ended_at is None)
    for dial in conference.begun_rows:  # type: ignore[attr-defined]
        if conference.first_seen_at >= dial.asked_at:
            yield dial.intervention.user_id


def numbered(kind: str, seq: int, tail: str) -> str:
    return f'{{"type":"{kind}","seq":{seq},{tail}}}'


def snapshot(epoch: str, texts: Iterable[str]) -> str:
    timing = {
        "heartbeat_s": TIMING.heartbeat,
        "not_live_s": TIMING.not_live,
        "stale_s": TIMING.unverified,
        "hold_key_s": HOLD_KEY,
        "command_s": TIMING.command_wait,
    }
    head = f'"epoch":"{epoch}","at":"{time_text(timezone.now())}","timing":{_dumps(timing)}'
    return f'{head},"conferences":[{",".join(texts)}]'


def changes(texts: Iterable[str], gone: Iterable[UUID]) -> str:
    return f'"conferences":[{",".join(texts)}],"gone":{_dumps([str(id_) for id_ in gone])}'


def me(strip: dict[str, Any]) -> str:
    return f'"strip":{_dumps(strip)}'


def heartbeat(accounts: dict[str, dict[str, Any]]) -> str:
    return f'"at":"{time_text(timezone.now())}","accounts":{_dumps(accounts)}'


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
