"""What a dialect and the server hand to one another: requests, answers, and callbacks ready to be posted."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from participants.sandbox.rooms import Leg, News
from participants.sandbox.world import World

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One provider request as it came in; `path` is raw, still percent-encoded, without the query."""

    method: str
    path: str
    query: Pairs
    form: Pairs
    authorization: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` None is an empty body; text is sent as HTML, everything else as JSON."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """A request that was understood: what it asks for, of whom, with which checked parameters."""

    name: str
    params: dict[str, Any]
    conference: str = ""
    call: str = ""
    query: Pairs = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A callback, signed for exactly this URL."""

    url: str
    method: str
    form: dict[str, str]
    headers: dict[str, str]


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

    def callback(self, news: News) -> Outgoing:
        """The request that tells of it."""

    def document_request(self, url: str, method: str, world: World, call_sid: str) -> Outgoing:
        """How this provider asks for a document that it is to play."""


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
