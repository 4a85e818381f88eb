"""The control routes under `/_sandbox/`: strict JSON in, JSON out; every wrong key is named."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from participants.sandbox import control_faults, control_rooms
from participants.sandbox.control_reading import Ask, BadRequest
from participants.sandbox.engine import Engine
from participants.sandbox.rooms import WorldError

NOT_FOUND = ("no_conference", "no_leg", "no_call")
Handler = Callable[[Engine, Ask], Awaitable[Any]]

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "conferences", control_rooms.make_conference),
    ("GET", "conferences", control_rooms.conferences),
    ("GET", "conferences/{sid}", control_rooms.conference),
    ("POST", "conferences/{sid}/legs", control_rooms.add_leg),
    ("POST", "conferences/{sid}/end", control_rooms.end_conference),
    ("GET", "audibility/{sid}", control_rooms.audibility),
    ("GET", "plays", control_rooms.plays),
    ("POST", "legs/{call_sid}/set", control_rooms.set_leg),
    ("POST", "legs/{call_sid}/{act}", control_rooms.act_on_leg),
    ("POST", "answering", control_faults.answering),
    ("POST", "faults", control_faults.faults),
    ("POST", "faults/next", control_faults.next_fault),
    ("POST", "switches", control_faults.switches),
    ("GET", "callbacks", control_faults.callbacks),
    ("POST", "callbacks/redeliver", control_faults.redeliver),
    ("GET", "requests", control_faults.requests),
    ("POST", "scene", control_faults.scene),
    ("GET", "time", control_faults.time),
    ("GET", "telnyx-public-key", control_faults.telnyx_public_key),
    ("POST", "reset", control_faults.reset),
)
CREATES = (control_rooms.make_conference, control_rooms.add_leg)


def routes(engine: Engine) -> list[web.RouteDef]:
    return [
        web.route(method, f"/_sandbox/{path}", _served(engine, handler)) for method, path, handler in ROUTES
    ]


def _served(engine: Engine, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        engine.changed()
        try:
            body = await _json(request) if request.method == "POST" else None
            answer = await handler(engine, Ask(request.match_info, request.query, body))
        except BadRequest as error:
            return web.json_response({"error": str(error)}, status=400)
        except WorldError as error:
            return web.json_response({"error": str(error)}, status=404 if error.reason in NOT_FOUND else 409)
        engine.changed()
        return web.json_response(answer, status=201 if handler in CREATES else 200)

    return serve


async def _json(request: web.Request) -> Any:
    """An empty body is an empty object."""
    raw = await request.read()
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        raise BadRequest("the body is not JSON") from None
