"""A plain HTTP server that takes callbacks, keeps them as they came, and answers what a test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from tests.patience import wait_for

SPOKEN = b"<Response><Say>The line closes at six.</Say></Response>"


@dataclass
class Received:
    method: str
    url: str
    headers: dict[str, str]
    form: dict[str, str]
    body: bytes = b""

    @property
    def event(self) -> str:
        return self.form.get("StatusCallbackEvent") or self.form["CallStatus"]


@dataclass
class Receiver:
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int] = lambda callback: 200
    # What whoever comes for a document is given: its type, and what it says.
    document: Callable[[Received], tuple[str, bytes]] = lambda _: ("text/xml", SPOKEN)
    url: str = ""

    def events(self, sid: str) -> list[str]:
        """What was told of this conference or call, in order of arrival."""
        return [one.event for one in self.received if sid in (one.form.get("ConferenceSid"), self._call(one))]

    def _call(self, one: Received) -> str | None:
        return None if "ConferenceSid" in one.form else one.form.get("CallSid")

    def wait_for_event(self, sid: str, *events: str, within_s: float = 3.0) -> None:
        wait_for(lambda: set(events) <= set(self.events(sid)), within_s=within_s, every_s=0.005)


def failing(times: int, status: int = 503) -> Any:
    left = [times]

    def answer(_: Received) -> int:
        left[0] -= 1
        return status if left[0] >= 0 else 200

    return answer


def start(receiver: Receiver) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            form = dict(parse_qsl(body.decode() or self.path.partition("?")[2], keep_blank_values=True))
            one = Received(self.command, receiver.url + self.path, dict(self.headers), form, body)
            receiver.received.append(one)
            self.send_response(receiver.answer(one))
            kind, said = ("text/plain", b"") if "Timestamp" in form else receiver.document(one)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _take

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
