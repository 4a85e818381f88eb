"""The only sender of news: says which conference or person changed, never what.

Call these after the commit, so that whoever reads finds what was written. Nobody waits for the news to
arrive: a reader compares versions with the database and so finds what it was not told.
"""

from typing import Protocol
from uuid import UUID


class Reader(Protocol):
    """Who wants the news: called from any thread; returns at once and never raises."""

    def conference_changed(self, conference_id: UUID, version: int) -> None: ...

    def user_changed(self, user_id: int) -> None: ...


_readers: list[Reader] = []


def subscribe(reader: Reader) -> None:
    _readers.append(reader)


def unsubscribe(reader: Reader) -> None:
    _readers.remove(reader)


def publish(conference_id: UUID, version: int) -> None:
    """The JSON of this conference now has this version."""
    for reader in _readers:
        reader.conference_changed(conference_id, version)


def publish_user(user_id: int) -> None:
    """What this person's strip says may have changed."""
    for reader in _readers:
        reader.user_changed(user_id)
