"""The live board in memory, and what each socket may see of it. Touched by the hub's loop alone."""

import secrets
from collections.abc import Collection
from typing import Any
from uuid import UUID

from . import frames
from .frames import Person, Shown
from .outbox import CHUNK, Outbox


class Board:
    def __init__(self) -> None:
        self.shown: dict[UUID, Shown] = {}
        self.accounts: dict[str, dict[str, Any]] = {}
        self.epoch = secrets.token_hex(8)

    def update(self, shown: dict[UUID, Shown | None]) -> None:
        """Takes what was read. An ended conference is kept only for those on whose screen it stands."""
        for id_, conference in shown.items():
            if conference is None:
                self.shown.pop(id_, None)
            elif conference.live or id_ in self.shown:
                self.shown[id_] = conference

    def forget_ended(self, outboxes: Collection[Outbox]) -> None:
        ended = [id_ for id_, conference in self.shown.items() if not conference.live]
        for id_ in ended:
            if not any(id_ in outbox.sent for outbox in outboxes):
                del self.shown[id_]

    def watching(self) -> set[int]:
        """Users with a live stay on any call."""
        return set().union(*(conference.watchers for conference in self.shown.values()))

    def welcome(self, outbox: Outbox, strip: dict[str, Any]) -> None:
        """The first frames of a socket: the whole board, its person's strip, the accounts."""
        person = outbox.person
        seen = [each for each in self.shown.values() if each.live and each.visible_to(person)]
        outbox.sent = {conference.id: conference.version for conference in seen}
        outbox.write_snapshot(frames.snapshot(self.epoch, (each.text_for(person) for each in seen)))
        self.write_strip(outbox, strip)
        outbox.ask(self.heartbeat())

    def write_strip(self, outbox: Outbox, strip: dict[str, Any]) -> None:
        tail = frames.me(strip)
        if tail != outbox.strip:
            outbox.strip = tail
            outbox.write("me", tail)

    def flush(self, outbox: Outbox) -> None:
        """Writes what waits for this socket, as long as what it was sent before gets acknowledged."""
        while outbox.pending and not outbox.full:
            self._write_changes(outbox, outbox.pending)

    def flush_own(self, outbox: Outbox, conference: str | None) -> None:
        """The call that one is on never waits."""
        own = UUID(conference) if conference else None
        if own in outbox.pending:
            del outbox.pending[own]
            self._write_changes(outbox, {own: None})

    def rescope(self, outbox: Outbox, person: Person) -> None:
        """Other teams or another right to numbers: everything on the screen is looked at again."""
        if person.numbers != outbox.person.numbers:
            outbox.sent = dict.fromkeys(outbox.sent, 0)
        outbox.person = person
        outbox.pending |= dict.fromkeys(self.shown)

    def heartbeat(self) -> str:
        return frames.heartbeat(self.accounts)

    def _write_changes(self, outbox: Outbox, waiting: dict[UUID, None]) -> None:
        """One frame of at most about CHUNK; takes from `waiting` what it holds."""
        texts: list[str] = []
        gone: list[UUID] = []
        size = 0
        while waiting and size < CHUNK:
            id_ = next(iter(waiting))
            del waiting[id_]
            text, left = self._news(outbox, id_)
            if text:
                texts.append(text)
                size += len(text)
            if left:
                gone.append(id_)
        if texts or gone:
            outbox.write("changes", frames.changes(texts, gone))
        if outbox.should_ask:
            outbox.ask(self.heartbeat())

    def _news(self, outbox: Outbox, id_: UUID) -> tuple[str | None, bool]:
        """What this screen does not have yet of a conference, and whether it leaves the screen."""
        conference = self.shown.get(id_)
        if conference is None or not conference.visible_to(outbox.person):
            return None, outbox.sent.pop(id_, None) is not None
        text = conference.text_for(outbox.person)
        if not conference.live:
            left = outbox.sent.pop(id_, None) is not None
            return (text if left else None), left
        if outbox.sent.get(id_) == conference.version:
            return None, False
        outbox.sent[id_] = conference.version
        return text, False
