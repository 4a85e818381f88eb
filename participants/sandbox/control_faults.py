"""Control of what goes wrong, of the scene and the clock, and what the sandbox has seen."""

from __future__ import annotations

from participants.sandbox import control_reading as reading
from participants.sandbox import phones
from participants.sandbox.control_reading import Ask, BadRequest, Json, read
from participants.sandbox.engine import Engine
from participants.sandbox.faults import NextFault
from participants.sandbox.telnyx_account import PUBLIC_KEY


async def answering(engine: Engine, ask: Ask) -> Json:
    wanted = read(ask.body, reading.ANSWERING, ("mode",))
    after_ms = wanted.get("after_ms")
    after_s = None if after_ms is None else after_ms / 1000
    never = engine.world.answering.never
    engine.world.answering = phones.Answering(wanted["mode"], after_s, never)
    return {"mode": wanted["mode"], "after_ms": after_ms}


async def faults(engine: Engine, ask: Ask) -> list[Json]:
    wanted = read(ask.body, reading.FAULTS)
    provider, conference = wanted.pop("provider", None), wanted.pop("conference", None)
    if "seed" in wanted:
        engine.faults.rng.seed(wanted.pop("seed"))
    engine.faults.set(wanted, provider=provider, conference=conference)
    return engine.faults.standing()


async def next_fault(engine: Engine, ask: Ask) -> Json:
    wanted = read(ask.body, reading.NEXT_FAULT, ("effect",))
    engine.faults.expect(NextFault(**wanted))
    return wanted


async def switches(engine: Engine, ask: Ask) -> Json:
    """Answers all of them; an empty object changes none."""
    if not isinstance(ask.body, dict):
        raise BadRequest("the body is a JSON object")
    try:
        engine.world.switches.set(ask.body)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return engine.world.switches.as_dict()


async def callbacks(engine: Engine, _: Ask) -> list[Json]:
    return engine.delivery.records()


async def redeliver(engine: Engine, ask: Ask) -> Json:
    wanted = read(ask.body, reading.REDELIVER)
    if len(wanted) != 1 or wanted.get("all") is False:
        raise BadRequest('allowed: {"index": number} or {"all": true}')
    indexes = [wanted["index"]] if "index" in wanted else None
    statuses = await engine.delivery.redeliver(indexes)
    if not statuses and indexes:
        raise BadRequest(f"index {indexes[0]}: no such callback")
    return {"statuses": statuses}


async def requests(engine: Engine, ask: Ask) -> list[Json]:
    try:
        since = float(ask.query.get("since", "0"))
    except ValueError:
        raise BadRequest("since: allowed: seconds of the sandbox's clock") from None
    return [
        {name: getattr(entry, name) for name in entry.__slots__}
        for entry in engine.journal
        if entry.at >= since
    ]


async def scene(engine: Engine, ask: Ask) -> Json:
    wanted = read(ask.body, reading.SCENE, ("name",))
    engine.start_scene(wanted["name"], speed=wanted.get("speed", 1), seed=wanted.get("seed"))
    return {"name": wanted["name"], "at": engine.clock()}


async def time(engine: Engine, _: Ask) -> Json:
    return {"now": engine.clock()}


async def telnyx_public_key(_engine: Engine, _ask: Ask) -> Json:
    """What Telnyx's portal shows: with it a receiver checks who posted a callback."""
    return {"key": PUBLIC_KEY}


async def reset(engine: Engine, ask: Ask) -> Json:
    read(ask.body, {})
    engine.reset()
    return {}
