"""Somebody on the wire between Earshot and its providers: passes all on until told otherwise."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

PASSED = ("Authorization", "Content-Type", "Accept")
RETURNED = ("Content-Type", "Retry-After")


@dataclass
class Exchange:
    """A request, and the answer that the provider gave to it. `every_s`: between two bytes of the answer."""

    method: str
    path: str
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    every_s: float = 0.0

    @property
    def place(self) -> list[str]:
        return self.path.partition("?")[0].removesuffix(".json").split("/")

    @property
    def is_list(self) -> bool:
        return self.method == "GET" and self.place[-1] in {"Conferences", "Participants"}

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def say(self, body: Any, *, status: int = 200) -> None:
        self.status, self.body = status, json.dumps(body).encode()
        self.headers["Content-Type"] = "application/json"


Tamper = Callable[[Exchange], None]


class Between:
    """`before`: in place of the provider (True: it answered); `after`: what becomes of an answer."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.port = 0
        self.calm()
        self.listen()
        self.url = f"http://127.0.0.1:{self.port}"

    def calm(self) -> None:
        self.before: Callable[[Exchange], bool] = lambda exchange: False
        self.after: Tamper = lambda exchange: None
        self.clock_off = 0.0  # seconds by which the provider's clock is ahead

    def listen(self) -> None:
        handler = type("Handler", (_Handler,), {"between": self})
        self.server = _Server(("127.0.0.1", self.port), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """From now on nobody listens here, and who was connected is not any more."""
        self.server.shutdown()
        self.server.server_close()
        self.server.hang_up()

    def ask(self, exchange: Exchange, headers: dict[str, str], sent: bytes) -> None:
        answer = requests.request(
            exchange.method, self.target + exchange.path, headers=headers, data=sent, timeout=60
        )
        exchange.status, exchange.body = answer.status_code, answer.content
        exchange.headers = {name: answer.headers[name] for name in RETURNED if name in answer.headers}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self, *arguments: Any) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def hang_up(self) -> None:
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hung up has its reasons."""


class _Handler(BaseHTTPRequestHandler):
    between: Between
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        with contextlib.suppress(OSError):
            return super().handle_one_request()
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        pass

    def finish(self) -> None:
        self.server.connections.discard(self.request)  # type: ignore[attr-defined]
        super().finish()

    def serve(self) -> None:
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        exchange = Exchange(self.command, self.path)
        try:
            if not self.between.before(exchange):
                headers = {name: self.headers[name] for name in PASSED if name in self.headers}
                self.between.ask(exchange, headers, sent)
            self.between.after(exchange)
        except requests.RequestException:
            exchange.status = 0
        self._answer(exchange)

    do_GET = do_POST = do_DELETE = serve

    def _answer(self, exchange: Exchange) -> None:
        if exchange.status == 0:
            self.close_connection = True
            return
        headers = {**exchange.headers, "Date": formatdate(time.time() + self.between.clock_off, usegmt=True)}
        self.send_response_only(exchange.status)
        for name, value in headers.items():
            self.send_header(name, value)
        if exchange.status != 204:
            self.send_header("Content-Length", str(len(exchange.body)))
        self.end_headers()
        self._write(exchange)

    def _write(self, exchange: Exchange) -> None:
        body = exchange.body[: len(exchange.body) // 2] if exchange.cut else exchange.body
        self.close_connection = self.close_connection or exchange.cut
        if not exchange.every_s:
            self.wfile.write(body)
            return
        for byte in body:
            self.wfile.write(bytes([byte]))
            time.sleep(exchange.every_s)


@contextlib.contextmanager
def between(target: str) -> Iterator[Between]:
    """Listens on a port of its own and passes to `target`, a URL."""
    made = Between(target)
    try:
        yield made
    finally:
        made.close()
