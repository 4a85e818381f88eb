"""The entry for HTTP and for the socket of the board."""

import os
from typing import Any
from urllib.parse import urlsplit

from .start import http_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
http = http_application()  # before anything that imports models

from channels.routing import ProtocolTypeRouter  # noqa: E402
from channels.sessions import CookieMiddleware  # noqa: E402
from django.conf import settings  # noqa: E402
from django.http.request import split_domain_port, validate_host  # noqa: E402

from . import daphne_socket  # noqa: E402, F401
from .consumers import BoardConsumer  # noqa: E402

DEFAULT_PORTS = {"http": 80, "https": 443}
board = CookieMiddleware(BoardConsumer.as_asgi())


async def socket(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Only our own pages may open the socket: a browser sends the session's cookie for every other, too."""
    if scope["path"] == "/ws/board/" and is_same_origin(dict(scope["headers"])):
        return await board(scope, receive, send)
    await receive()
    await send({"type": "websocket.close"})  # before accepting: HTTP 403


def is_same_origin(headers: dict[bytes, bytes]) -> bool:
    """Compares scheme, host and port. PUBLIC_URL counts where a proxy asks under another host."""
    origin = _origin(headers.get(b"origin", b"").decode("latin1"))
    host = headers.get(b"host", b"").decode("latin1")
    own = {_origin(settings.PUBLIC_URL)}
    if validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
        own.add(_origin(f"{'https' if settings.HTTPS else 'http'}://{host}"))
    return origin is not None and origin in own


def _origin(text: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None for what is not exactly an origin (`null`, a path, a bad port)."""
    try:
        parts = urlsplit(text)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    if (
        not parts.hostname
        or port is None
        or text != f"{parts.scheme}://{parts.netloc}"
        or "@" in parts.netloc
    ):
        return None
    return parts.scheme, parts.hostname, port


application = ProtocolTypeRouter({"http": http, "websocket": socket})
