"""How the control routes read their JSON: every key checked, every refusal a sentence that names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from participants.sandbox.engine import DIALECTS
from participants.sandbox.faults import CALLBACK_FAULTS, EFFECTS, REQUEST_RATES
from participants.sandbox.phones import MODES
from participants.sandbox.rooms import CALL_WORDS, CONFERENCE_WORDS
from participants.sandbox.scenes import SCENES

Json = dict[str, Any]
Reader = Callable[[str, Any], Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """One control request: the parts of its path, its query, and its JSON body."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


class BadRequest(Exception):
    """Names the key, what was wrong, and what is allowed."""


# Readers: (name of the key, value) -> value, or BadRequest


def text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{name} is {value!r}; allowed: text")
    return value


def flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadRequest(f"{name} is {value!r}; allowed: true, false")
    return value


def number(low: float, high: float) -> Reader:
    def read(name: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise BadRequest(f"{name} is {value!r}; allowed: a number from {low:g} to {high:g}")
        return value

    return read


def whole(low: int, high: int) -> Reader:
    def read(name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise BadRequest(f"{name} is {value!r}; allowed: a whole number from {low} to {high}")
        return value

    return read


def one_of(*words: str) -> Reader:
    def read(name: str, value: Any) -> str:
        if value not in words:
            raise BadRequest(f"{name} is {value!r}; allowed: {', '.join(words)}")
        return str(value)

    return read


def or_null(reader: Reader) -> Reader:
    return lambda name, value: None if value is None else reader(name, value)


def objects(name: str, value: Any) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise BadRequest(f"{name}: allowed: a list of objects")
    return value


def texts_by_name(name: str, value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise BadRequest(f"{name} is {value!r}; allowed: an object of texts")
    return value


def event_words(name: str, value: Any) -> frozenset[str]:
    """true: every event, false: none."""
    known = CONFERENCE_WORDS | CALL_WORDS
    if isinstance(value, bool):
        return known if value else frozenset()
    if (
        not isinstance(value, list)
        or not all(isinstance(word, str) for word in value)
        or not set(value) <= known
    ):
        raise BadRequest(f"{name} is {value!r}; allowed: true, false or a list of {', '.join(sorted(known))}")
    return frozenset(value)


OPERATIONS = sorted({name for dialect in DIALECTS.values() for name in dialect.operations})
PROVIDER = one_of(*DIALECTS)
RATE = or_null(number(0, 1))
MILLISECONDS = number(0, 3_600_000)
LEG: dict[str, Reader] = {
    "label": or_null(text),
    "from": text,
    "to": text,
    "direction": one_of("inbound", "outbound"),
    "role": one_of("agent", "customer"),
    "joined": flag,
    "end_conference_on_exit": flag,
    "start_conference_on_enter": flag,
}
LEG_NEEDS = ("from", "to", "direction", "role")
CONFERENCE: dict[str, Reader] = {
    "provider": PROVIDER,
    "friendly_name": or_null(text),
    "callbacks": event_words,
    "record": flag,
    "legs": objects,
}
FAULTS: dict[str, Reader] = {
    "provider": or_null(PROVIDER),
    "conference": or_null(text),
    "seed": or_null(whole(0, 2**63)),
    "delay_ms": or_null(MILLISECONDS),
    **{name: RATE for name in (*CALLBACK_FAULTS, *REQUEST_RATES) if name != "delay_ms"},
}
NEXT_FAULT: dict[str, Reader] = {
    "provider": or_null(PROVIDER),
    "operation": or_null(one_of(*OPERATIONS)),
    "conference": or_null(text),
    "call_sid": or_null(text),
    "params": texts_by_name,
    "effect": one_of(*EFFECTS),
    "after_ms": or_null(MILLISECONDS),
    "times": whole(1, 1_000_000),
}
LEG_SET: dict[str, Reader] = {
    "muted": flag,
    "hold": flag,
    "coaching": flag,
    "call_sid_to_coach": or_null(text),
}
ANSWERING: dict[str, Reader] = {"mode": one_of(*MODES), "after_ms": or_null(MILLISECONDS)}
REDELIVER: dict[str, Reader] = {"index": whole(0, 2**63), "all": flag}
SCENE: dict[str, Reader] = {
    "name": one_of(*SCENES),
    "speed": number(0, 1000),
    "seed": or_null(whole(0, 2**63)),
}


def read(body: Any, known: dict[str, Reader], needs: tuple[str, ...] = ()) -> Json:
    """The checked values of a JSON object. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("the body is a JSON object")
    allowed = f"allowed: {', '.join(known) or 'nothing'}"
    for name in body:
        if name not in known:
            raise BadRequest(f"unknown key {name!r}; {allowed}")
    for name in needs:
        if name not in body:
            raise BadRequest(f"{name} is missing; {allowed}")
    return {name: known[name](name, value) for name, value in body.items()}
