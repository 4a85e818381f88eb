"""Fetches what somebody is to hear, over HTTP, as the provider does: its method, its form, its patience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from participants.sandbox import documents
from participants.sandbox.documents import SOUND_TYPES, XML_TYPES, Unplayable
from participants.sandbox.playing import Play
from participants.sandbox.wire import Dialect

if TYPE_CHECKING:
    from participants.sandbox.delivery import Delivery
    from participants.sandbox.world import World

MOST_STEPS = 4  # documents that lead to one another


class Fetching:
    def __init__(self, world: World, delivery: Delivery) -> None:
        self._world, self._delivery = world, delivery

    async def hear(self, dialect: Dialect, play: Play) -> tuple[str, float | None]:
        """What is heard, and for how many seconds; None: without end. Raises Unplayable."""
        return await self._of(dialect, play, play.url, play.method, steps=MOST_STEPS)

    async def _of(
        self, dialect: Dialect, play: Play, url: str, method: str, *, steps: int
    ) -> tuple[str, float | None]:
        if not steps:
            raise Unplayable("its documents lead to one another without end")
        request = dialect.document_request(url, method, self._world, play.call_sid or "")
        status, content_type, content = await self._delivery.fetch(dialect, request)
        if status is None:
            raise Unplayable("nobody answers at its address")
        if status not in (200, 206):
            raise Unplayable(f"its address answers with HTTP {status}")
        if content_type in SOUND_TYPES:
            return "a recorded sound", documents.sound_seconds(content, content_type)
        if content_type not in XML_TYPES:
            raise Unplayable(f"its address answers with {content_type or 'no type'}")
        return await self._spoken(dialect, play, documents.verbs(content, provider=dialect.name), steps)

    async def _spoken(
        self, dialect: Dialect, play: Play, verbs: list[documents.Verb], steps: int
    ) -> tuple[str, float | None]:
        said: list[str] = []
        total: float | None = 0.0
        for verb in verbs:
            words, seconds = verb.text, verb.seconds
            if verb.name == "Redirect":
                further, rest = await self._of(dialect, play, verb.text, verb.method, steps=steps - 1)
                said.append(further)
                return ", then ".join(said), None if rest is None or total is None else total + rest
            if verb.name == "Play":
                words, length = await self._of(dialect, play, verb.text, "GET", steps=steps - 1)
                seconds = length or 0.0
            said += [f"“{words}”" if verb.name == "Say" else words] if words else []
            if verb.times is None:
                return ", then ".join(said), None
            total = None if total is None else total + seconds * verb.times
        return ", then ".join(said) or "silence", total
