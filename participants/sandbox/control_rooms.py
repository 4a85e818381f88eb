"""Control of conferences and legs: what customers, agents and other software do to them."""

from __future__ import annotations

from collections.abc import Callable

from participants.sandbox import control_reading as reading
from participants.sandbox.control_reading import Ask, BadRequest, Json, read
from participants.sandbox.engine import DIALECTS, Engine
from participants.sandbox.rooms import (
    CALL_WORDS,
    COMPLETED,
    CONFERENCE_WORDS,
    Changes,
    Conference,
    Leg,
    LegSettings,
)

EVERYTHING = CONFERENCE_WORDS | CALL_WORDS


async def make_conference(engine: Engine, ask: Ask) -> Json:
    """A call that is already going on, with its legs; callbacks about it as asked for."""
    wanted = read(ask.body, reading.CONFERENCE, ("provider", "legs"))
    legs = [read(row, reading.LEG, reading.LEG_NEEDS) for row in wanted["legs"]]
    _check_labels(legs)
    provider, now = wanted["provider"], engine.clock()
    told = wanted.get("callbacks", EVERYTHING)
    room = engine.world.open_conference(
        wanted.get("friendly_name"),
        now=now,
        provider=provider,
        subscription=engine.subscription(provider, "conference", told),
    )
    room.recording, room.told = wanted.get("record", False), told
    # Of the words of calls and conferences none tells of a recording: all of it, or nothing.
    room.recording_subscription = engine.subscription(provider, "recording") if told == EVERYTHING else None
    made = [_add(engine, room, row, now) for row in legs]
    return {
        "sid": room.sid,
        "provider": provider,
        "legs": [{"label": leg.label, "call_sid": leg.call_sid} for leg in made],
    }


def _check_labels(legs: list[Json]) -> None:
    labels = [row["label"] for row in legs if row.get("label")]
    if len(labels) != len(set(labels)):
        raise BadRequest("legs: two legs of one conference cannot have the same label")


async def add_leg(engine: Engine, ask: Ask) -> Json:
    row = read(ask.body, reading.LEG, reading.LEG_NEEDS)
    leg = _add(engine, engine.world.floor.live(ask.path["sid"]), row, engine.clock())
    return {"label": leg.label, "call_sid": leg.call_sid}


def _add(engine: Engine, room: Conference, row: Json, now: float) -> Leg:
    settings: LegSettings = {
        "label": row.get("label"),
        "from_address": row["from"],
        "to_address": row["to"],
        "direction": "inbound" if row["direction"] == "inbound" else "outbound-api",
        "role": row["role"],
        "end_on_exit": row.get("end_conference_on_exit", False),
        "start_on_enter": row.get("start_conference_on_enter", True),
        "call_subscription": engine.subscription(room.provider, "call", room.told),
    }
    place = engine.world.seat if row.get("joined", True) else engine.world.ring
    return place(room.sid, now=now, **settings)


async def end_conference(engine: Engine, ask: Ask) -> Json:
    read(ask.body, {})
    return _shown(engine, engine.world.end(ask.path["sid"], now=engine.clock()))


async def conferences(engine: Engine, _: Ask) -> list[Json]:
    return [_shown(engine, room) for room in engine.world.floor.conferences.values()]


async def conference(engine: Engine, ask: Ask) -> Json:
    return _shown(engine, engine.world.floor.conference(ask.path["sid"]))


async def audibility(engine: Engine, ask: Ask) -> list[Json]:
    return engine.world.audibility(ask.path["sid"])


async def plays(engine: Engine, _: Ask) -> list[Json]:
    """What was to be played, oldest first: fetched or not, heard or not."""
    return engine.world.floor.plays.as_dicts()


def _shown(engine: Engine, room: Conference) -> Json:
    return {
        "sid": room.sid,
        "provider": room.provider,
        "friendly_name": room.friendly_name,
        "status": room.status,
        "reason_ended": room.reason_ended,
        "legs": [_shown_leg(leg) for leg in room.legs.values()],
        "hears": {} if room.status == COMPLETED else engine.world.hears(room.sid),
    }


def _shown_leg(leg: Leg) -> Json:
    return {
        "call_sid": leg.call_sid,
        "label": leg.label,
        "role": leg.role,
        "status": DIALECTS[leg.provider].leg_status(leg),
        "muted": leg.muted,
        "hold": leg.hold,
        "coaching": leg.coaching,
        "call_sid_to_coach": leg.target,
        "start_conference_on_enter": leg.start_on_enter,
        "end_conference_on_exit": leg.end_on_exit,
    }


async def act_on_leg(engine: Engine, ask: Ask) -> Json:
    read(ask.body, {})
    act, call_sid = ask.path["act"], ask.path["call_sid"]
    if act not in ACTS:
        raise BadRequest(f"unknown act {act!r}; allowed: {', '.join(ACTS)}, set")
    ACTS[act](engine, call_sid)
    return _shown_leg(engine.world.floor.call(call_sid))


ACTS: dict[str, Callable[[Engine, str], None]] = {
    "answer": lambda engine, sid: engine.world.answer(sid, now=engine.clock()),
    "busy": lambda engine, sid: engine.world.give_up(sid, "busy", now=engine.clock()),
    "no-answer": lambda engine, sid: engine.world.give_up(sid, "no-answer", now=engine.clock()),
    "hangup": lambda engine, sid: engine.world.hang_up(sid, now=engine.clock()),
    "speak": lambda engine, sid: engine.world.speak(sid, speaking=True, now=engine.clock()),
    "silence": lambda engine, sid: engine.world.speak(sid, speaking=False, now=engine.clock()),
}


async def set_leg(engine: Engine, ask: Ask) -> Json:
    """Somebody else changes flags; the provider tells of it as it would."""
    wanted = read(ask.body, reading.LEG_SET)
    leg = engine.world.floor.call(ask.path["call_sid"])
    if "call_sid_to_coach" in wanted:
        wanted["target"] = wanted.pop("call_sid_to_coach")
    elif wanted.get("coaching") and leg.target:
        wanted["target"] = leg.target
    changes: Changes = wanted  # type: ignore[assignment]
    engine.world.update(leg.conference_sid, leg.call_sid, now=engine.clock(), **changes)
    return _shown_leg(leg)
