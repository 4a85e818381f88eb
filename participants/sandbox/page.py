"""`GET /`: the other end as a page, complete without scripts, with a strict Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from html import escape
from pathlib import Path
from string import Template

from aiohttp import web

from participants.sandbox.engine import Engine
from participants.sandbox.other_end import Call, calls

STATIC = Path(__file__).with_name("static")
FILES = {"other_end.css": "text/css", "other_end.js": "text/javascript"}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
STATE_CLASSES = {"Talking": "talk", "Waiting": "wait", "Ringing": "ring", "On hold": "hold"}
NOBODY = '<p class="nobody">No call is going on. When one begins, it appears here by itself.</p>'


def routes(engine: Engine) -> list[web.RouteDef]:
    return [
        web.get("/", _page(engine)),
        *(web.get(f"/static/{name}", _file(name, kind)) for name, kind in FILES.items()),
    ]


def _page(engine: Engine) -> Callable[[web.Request], Awaitable[web.Response]]:
    template = Template((STATIC / "other_end.html").read_text())

    async def page(_: web.Request) -> web.Response:
        engine.changed()
        shown = "\n".join(_card(call) for call in calls(engine.world, engine.clock())) or NOBODY
        return web.Response(text=template.substitute(calls=shown), content_type="text/html", headers=HEADERS)

    return page


def _file(name: str, kind: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    text = (STATIC / name).read_text()

    async def file(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type=kind, headers=HEADERS)

    return file


def _card(call: Call) -> str:
    ears = "\n".join(
        f'<li class="{ear.tone}"><b>{escape(ear.who)}</b> {escape(ear.hears)}</li>' for ear in call.ears
    )
    return (
        f'<article id="{escape(call.sid)}">'
        f"<header><h2>{escape(call.title)}</h2>"
        f'<span class="state {STATE_CLASSES[call.state]}">{call.state}</span>'
        f"<p>{escape(call.name)} · {escape(call.number)}</p></header>"
        f"<ul>{ears}</ul></article>"
    )
