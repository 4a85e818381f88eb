"""The store in which Telnyx keeps sounds: whoever has a link may fetch it, until it expires.

Like the real one it takes one proof and not two: a request that also carries a password is refused.
"""

from __future__ import annotations

import hmac

from aiohttp import web

from participants.sandbox.engine import Engine
from participants.sandbox.recordings import COMPLETED, sound
from participants.sandbox.telnyx_recordings import SOUNDS, signature


def routes(engine: Engine) -> list[web.RouteDef]:
    async def serve(request: web.Request) -> web.Response:
        engine.changed()
        one = engine.world.floor.recordings.by_sid.get(request.match_info["sid"])
        if "Authorization" in request.headers:
            return web.Response(status=400, text="Only one auth mechanism allowed")
        if not _is_valid(request, engine.clock()):
            return web.Response(status=403, text="The link has expired or is not ours")
        if one is None or one.status != COMPLETED:
            return web.Response(status=404, text="NoSuchKey")
        return in_parts(request, sound(one), kind="binary/octet-stream")

    return [web.get(f"{SOUNDS}/{{sid}}.wav", serve)]


def _is_valid(request: web.Request, now: float) -> bool:
    expires, given = request.query.get("Expires", ""), request.query.get("Signature", "")
    if not expires.isdecimal() or int(expires) < now:
        return False
    return hmac.compare_digest(given.encode(), signature(request.match_info["sid"], int(expires)).encode())


def in_parts(request: web.Request, whole: bytes, *, kind: str) -> web.Response:
    """All of it, or the one part that a Range header asks for."""
    headers = {"Accept-Ranges": "bytes", "Content-Type": kind}
    wanted = request.headers.get("Range")
    if not wanted:
        return web.Response(body=whole, headers=headers)
    try:
        part = request.http_range
        start, stop, _ = part.indices(len(whole))
    except ValueError:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(whole)}"})
    if start >= stop:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(whole)}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(whole)}"
    return web.Response(status=206, body=whole[start:stop], headers=headers)
