"""The control routes under `/_sandbox/`: strict JSON in, JSON out; every wrong key is named."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from participants.sandbox import phones, scenes
from participants.sandbox.engine import DIALECTS, Engine
from participants.sandbox.faults import CALLBACK_FAULTS, EFFECTS, REQUEST_RATES, NextFault
from participants.sandbox.rooms import CALL_WORDS, CONFERENCE_WORDS, Changes, Conference, Leg, LegSettings
from participants.sandbox.rooms import COMPLETED, Subscription, WorldError
from participants.sandbox.twilio_bodies import participant_status

Json = dict[str, Any]
Reader = Callable[[str, Any], Any]


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
    "operation": or_null(text),
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


class Control:
    """Each handler takes the checked request and answers JSON; `served` gives it its errors."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route(method, f"/_sandbox/{path}", self._served(handler))
            for method, path, handler in (
                ("POST", "conferences", self.make_conference),
                ("GET", "conferences", self.conferences),
                ("GET", "conferences/{sid}", self.conference),
                ("POST", "conferences/{sid}/legs", self.add_leg),
                ("POST", "conferences/{sid}/end", self.end_conference),
                ("GET", "audibility/{sid}", self.audibility),
                ("POST", "legs/{call_sid}/set", self.set_leg),
                ("POST", "legs/{call_sid}/{act}", self.act_on_leg),
                ("POST", "answering", self.answering),
                ("POST", "faults", self.faults),
                ("POST", "faults/next", self.next_fault),
                ("GET", "callbacks", self.callbacks),
                ("POST", "callbacks/redeliver", self.redeliver),
                ("GET", "requests", self.requests),
                ("POST", "switches", self.switches),
                ("POST", "scene", self.scene),
                ("GET", "time", self.time),
                ("POST", "reset", self.reset),
            )
        ]

    def _served(
        self, handler: Callable[[web.Request, Any], Awaitable[Any]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            try:
                body = await _json(request) if request.method == "POST" else None
                answer = await handler(request, body)
            except BadRequest as error:
                return web.json_response({"error": str(error)}, status=400)
            except WorldError as error:
                status = 404 if error.reason in ("no_conference", "no_leg", "no_call") else 409
                return web.json_response({"error": str(error)}, status=status)
            self.engine.changed()
            return web.json_response(answer, status=201 if handler == self.make_conference else 200)

        return serve

    # Conferences and legs

    async def make_conference(self, request: web.Request, body: Any) -> Json:
        wanted = read(body, CONFERENCE, ("provider", "legs"))
        provider, now = wanted["provider"], self.engine.clock()
        words = wanted.get("callbacks", CONFERENCE_WORDS | CALL_WORDS)
        legs = [read(row, LEG, LEG_NEEDS) for row in wanted["legs"]]
        _check_labels(legs)
        room = self.engine.world.open_conference(
            wanted.get("friendly_name"),
            now=now,
            provider=provider,
            subscription=self.engine.subscription(provider, "conference", words),
        )
        room.recording = wanted.get("record", False)
        made = [self._add(room, row, words, now) for row in legs]
        return {
            "sid": room.sid,
            "provider": provider,
            "legs": [{"label": leg.label, "call_sid": leg.call_sid} for leg in made],
        }

    async def add_leg(self, request: web.Request, body: Any) -> Json:
        row = read(body, LEG, LEG_NEEDS)
        room = self.engine.world.live(request.match_info["sid"])
        words = None if room.subscription else frozenset[str]()
        leg = self._add(room, row, words, self.engine.clock())
        return {"label": leg.label, "call_sid": leg.call_sid}

    def _add(self, room: Conference, row: Json, words: frozenset[str] | None, now: float) -> Leg:
        settings: LegSettings = {
            "label": row.get("label"),
            "from_address": row["from"],
            "to_address": row["to"],
            "direction": "inbound" if row["direction"] == "inbound" else "outbound-api",
            "role": row["role"],
            "end_on_exit": row.get("end_conference_on_exit", False),
            "start_on_enter": row.get("start_conference_on_enter", True),
            "call_subscription": self._call_subscription(room.provider, row["direction"], words),
        }
        place = self.engine.world.seat if row.get("joined", True) else self.engine.world.ring
        return place(room.sid, now=now, **settings)

    def _call_subscription(
        self, provider: str, direction: str, words: frozenset[str] | None
    ) -> Subscription | None:
        return self.engine.subscription(provider, "call", words)

    async def end_conference(self, request: web.Request, body: Any) -> Json:
        read(body, {})
        room = self.engine.world.end(request.match_info["sid"], now=self.engine.clock())
        return self._shown(room)

    async def conferences(self, request: web.Request, body: Any) -> list[Json]:
        return [self._shown(room) for room in self.engine.world.conferences.values()]

    async def conference(self, request: web.Request, body: Any) -> Json:
        return self._shown(self.engine.world.conference(request.match_info["sid"]))

    async def audibility(self, request: web.Request, body: Any) -> list[Json]:
        return self.engine.world.audibility(request.match_info["sid"])

    def _shown(self, room: Conference) -> Json:
        return {
            "sid": room.sid,
            "provider": room.provider,
            "friendly_name": room.friendly_name,
            "status": room.status,
            "reason_ended": room.reason_ended,
            "legs": [_shown_leg(leg) for leg in room.legs.values()],
            "hears": {} if room.status == COMPLETED else self.engine.world.hears(room.sid),
        }

    async def act_on_leg(self, request: web.Request, body: Any) -> Json:
        read(body, {})
        act, call_sid = request.match_info["act"], request.match_info["call_sid"]
        if act not in LEG_ACTS:
            raise BadRequest(f"unknown act {act!r}; allowed: {', '.join(LEG_ACTS)}, set")
        LEG_ACTS[act](self.engine, call_sid)
        return _shown_leg(self.engine.world.call(call_sid))

    async def set_leg(self, request: web.Request, body: Any) -> Json:
        """Somebody else changes flags: the provider tells as it would."""
        wanted = read(body, LEG_SET)
        leg = self.engine.world.call(request.match_info["call_sid"])
        if "call_sid_to_coach" in wanted:
            wanted["target"] = wanted.pop("call_sid_to_coach")
        elif wanted.get("coaching") and leg.target:
            wanted["target"] = leg.target
        changes: Changes = wanted  # type: ignore[assignment]
        self.engine.world.update(leg.conference_sid, leg.call_sid, now=self.engine.clock(), **changes)
        return _shown_leg(leg)

    # What goes wrong

    async def answering(self, request: web.Request, body: Any) -> Json:
        wanted = read(body, {"mode": one_of(*phones.MODES), "after_ms": or_null(MILLISECONDS)}, ("mode",))
        after_ms = wanted.get("after_ms")
        self.engine.world.answering = phones.Answering(
            wanted["mode"], None if after_ms is None else after_ms / 1000
        )
        return {"mode": wanted["mode"], "after_ms": after_ms}

    async def faults(self, request: web.Request, body: Any) -> list[Json]:
        wanted = read(body, FAULTS)
        aim = {"provider": wanted.pop("provider", None), "conference": wanted.pop("conference", None)}
        if "seed" in wanted:
            self.engine.faults.rng.seed(wanted.pop("seed"))
        self.engine.faults.set(wanted, **aim)
        return self.engine.faults.standing()

    async def next_fault(self, request: web.Request, body: Any) -> Json:
        wanted = read(body, NEXT_FAULT, ("effect",))
        self.engine.faults.expect(NextFault(**wanted))
        return wanted

    async def switches(self, request: web.Request, body: Any) -> Json:
        if not isinstance(body, dict):
            raise BadRequest("the body is a JSON object")
        try:
            self.engine.world.switches.set(body)
        except ValueError as error:
            raise BadRequest(str(error)) from None
        return self.engine.world.switches.as_dict()

    # What was seen

    async def callbacks(self, request: web.Request, body: Any) -> list[Json]:
        return self.engine.delivery.records()

    async def redeliver(self, request: web.Request, body: Any) -> Json:
        wanted = read(body, {"index": whole(0, 2**63), "all": flag})
        if len(wanted) != 1 or wanted.get("all") is False:
            raise BadRequest('allowed: {"index": number} or {"all": true}')
        indexes = [wanted["index"]] if "index" in wanted else None
        statuses = await self.engine.delivery.redeliver(indexes)
        if not statuses and indexes:
            raise BadRequest(f"index {indexes[0]}: no such callback")
        return {"statuses": statuses}

    async def requests(self, request: web.Request, body: Any) -> list[Json]:
        try:
            since = float(request.query.get("since", "0"))
        except ValueError:
            raise BadRequest("since: allowed: seconds of the sandbox's clock") from None
        return [
            {name: getattr(entry, name) for name in entry.__slots__}
            for entry in self.engine.journal
            if entry.at >= since
        ]

    # The floor

    async def scene(self, request: web.Request, body: Any) -> Json:
        known = {
            "name": one_of(*scenes.SCENES),
            "speed": number(0.01, 1000),
            "seed": or_null(whole(0, 2**63)),
        }
        wanted = read(body, known, ("name",))
        self.engine.start_scene(wanted["name"], speed=wanted.get("speed", 1), seed=wanted.get("seed"))
        return {"name": wanted["name"], "at": self.engine.clock()}

    async def time(self, request: web.Request, body: Any) -> Json:
        return {"now": self.engine.clock()}

    async def reset(self, request: web.Request, body: Any) -> Json:
        read(body, {})
        self.engine.reset()
        return {}


LEG_ACTS: dict[str, Callable[[Engine, str], None]] = {
    "answer": lambda engine, sid: engine.world.answer(sid, now=engine.clock()),
    "busy": lambda engine, sid: engine.world.give_up(sid, "busy", now=engine.clock()),
    "no-answer": lambda engine, sid: engine.world.give_up(sid, "no-answer", now=engine.clock()),
    "hangup": lambda engine, sid: engine.world.hang_up(sid, now=engine.clock()),
    "speak": lambda engine, sid: engine.world.speak(sid, speaking=True, now=engine.clock()),
    "silence": lambda engine, sid: engine.world.speak(sid, speaking=False, now=engine.clock()),
}


def _shown_leg(leg: Leg) -> Json:
    return {
        "call_sid": leg.call_sid,
        "label": leg.label,
        "role": leg.role,
        "status": participant_status(leg),
        "muted": leg.muted,
        "hold": leg.hold,
        "coaching": leg.coaching,
        "call_sid_to_coach": leg.target,
        "start_conference_on_enter": leg.start_on_enter,
        "end_conference_on_exit": leg.end_on_exit,
    }


def _check_labels(legs: list[Json]) -> None:
    labels = [row["label"] for row in legs if row.get("label")]
    if len(labels) != len(set(labels)):
        raise BadRequest("legs: two legs of one conference cannot have the same label")


async def _json(request: web.Request) -> Any:
    raw = await request.read()
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        raise BadRequest("the body is not JSON") from None
