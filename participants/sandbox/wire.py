"""What a dialect and the server hand to one another: requests, answers, and callbacks ready to be posted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from participants.sandbox.rooms import Leg, News
from participants.sandbox.world import World

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One provider request as it came in; `path` is raw, still percent-encoded, without the query.

    `json` is a body that was sent as a JSON object; `unreadable` one that says it is JSON and is none.
    """

    method: str
    path: str
    query: Pairs
    form: Pairs
    authorization: str
    json: dict[str, Any] | None = None
    unreadable: bool = False
    base: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` None is an empty body; text is sent as HTML, bytes as sound, everything else as JSON."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that was understood: what it asks for, of whom, with which checked parameters.

    `base` is the address of this server, for links.
    """

    name: str
    params: dict[str, Any]
    conference: str = ""
    call: str = ""
    recording: str = ""
    base: str = ""
    query: Pairs = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A callback for exactly this URL; `forged`: to be signed with a key that is not the account's."""

    url: str
    method: str
    form: dict[str, str]
    headers: dict[str, str]
    forged: bool = False

    @property
    def body(self) -> bytes:
        """The very bytes that are sent."""
        return urlencode(self.form).encode() if self.method == "POST" else b""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a callback is tried in all, after which failures, and how long each try may take.

    `kinds`: ct no connection, rt no answer in time, 3xx 4xx 5xx such an answer. The first repetition comes
    after `first_wait_s`, each other one after `backoff` times the wait before.
    """

    tries: int
    kinds: frozenset[str]
    connect_s: float
    read_s: float
    total_s: float = 15.0
    first_wait_s: float = 0.2
    backoff: float = 1.0

    def waits(self) -> list[float]:
        """Seconds before each repetition."""
        return [self.first_wait_s * self.backoff**number for number in range(self.tries - 1)]


class Refusal(Exception):
    """The dialect's own error answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.body))
        self.answer = answer


class Dialect(Protocol):
    """What a provider's file has to offer; the server knows nothing else about it.

    `callback_suffix` is what callback URLs of scenes and control-made conferences end in.
    """

    name: str
    prefix: str
    callback_suffix: str
    operations: frozenset[str]

    def recognise(self, request: Request, world: World) -> Operation:
        """Check credentials, path and parameters. Raises Refusal."""

    def perform(self, world: World, operation: Operation, now: float) -> Answer:
        """Do it. Raises Refusal."""

    def refusal(self, status: int) -> Answer:
        """An error answer of this status, for faults."""

    def leg_status(self, leg: Leg) -> str:
        """What this provider calls the state of a participant."""

    def callback(self, news: News) -> Outgoing | None:
        """The request that tells of it; None where this provider keeps silent."""

    def signed(self, sent: Outgoing, now: float) -> Outgoing:
        """What goes over the wire in one try that starts now."""

    def retry_policy(self, url: str, world: World) -> RetryPolicy:
        """How a callback to this URL is tried."""

    def document_request(self, url: str, method: str, world: World, call_sid: str) -> Outgoing:
        """How this provider asks for a document that it is to play."""


def pairs_of(body: dict[str, Any] | None) -> Pairs:
    """A JSON object as the form would have said it; a list or an object stays JSON."""
    return [(name, _text(value)) for name, value in (body or {}).items() if value is not None]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def pairs_as_dict(pairs: Pairs) -> dict[str, Any]:
    """For the journal: a key sent once has its value, a key sent several times the list of them."""
    seen: dict[str, Any] = {}
    for name, value in pairs:
        if name not in seen:
            seen[name] = value
        elif isinstance(seen[name], list):
            seen[name].append(value)
        else:
            seen[name] = [seen[name], value]
    return seen
