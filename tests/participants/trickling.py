"""A server of a few lines that answers whatever bytes a test wants, as slowly as it wants."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.patience import ANSWER_S

Script = Callable[[socket.socket], None]


@dataclass
class Listener:
    """`url` to ask, and what was asked: the raw bytes of each request."""

    url: str
    heard: list[bytes] = field(default_factory=list)


def says(text: str) -> Script:
    return lambda connection: connection.sendall(text.encode())


def answers(body: str, *, status: str = "200 OK", headers: str = "") -> Script:
    return says(f"HTTP/1.1 {status}\r\nContent-Length: {len(body.encode())}\r\n{headers}\r\n{body}")


def trickles(text: str, *, every_s: float, then_s: float = 0) -> Script:
    """One byte at a time: each comes well within a read time-out, the whole does not."""

    def script(connection: socket.socket) -> None:
        for byte in text.encode():
            connection.sendall(bytes([byte]))
            time.sleep(every_s)
        time.sleep(then_s)

    return script


def hangs(for_s: float) -> Script:
    return lambda _: time.sleep(for_s)


@contextlib.contextmanager
def listening(*scripts: Script) -> Iterator[Listener]:
    """The first request gets the first script, and so on; the last one repeats. One request a connection."""
    server = socket.create_server(("127.0.0.1", 0))
    listener = Listener(f"http://127.0.0.1:{server.getsockname()[1]}")

    def serve() -> None:
        waiting = list(scripts)
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                script = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                threading.Thread(target=talk, args=(connection, script), daemon=True).start()

    def talk(connection: socket.socket, script: Script) -> None:
        with connection, contextlib.suppress(OSError):
            listener.heard.append(connection.recv(65536))
            script(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(timeout=ANSWER_S)
