"""What stands between an account's rows and its provider: no database behind either."""

from dataclasses import dataclass, field
from typing import Protocol

from ..events import Event


class AccountLike(Protocol):
    """What a provider needs to know of an account. No database behind it."""

    @property
    def key(self) -> str: ...
    @property
    def sid(self) -> str: ...
    @property
    def api_url(self) -> str: ...
    @property
    def caller_id(self) -> str: ...
    @property
    def application_sid(self) -> str: ...
    @property
    def public_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Announced:
    """The end of an announcement: of this address, played or not."""

    url: str
    played: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A callback in our words. `key` is empty where nothing in it tells it from its neighbours."""

    account_sid: str
    event: str
    key: str = ""
    conference_sid: str = ""
    call_sid: str = ""
    sequence: int | None = None
    occurred: float | None = None
    events: list[Event] = field(default_factory=list)
    announced: Announced | None = None
