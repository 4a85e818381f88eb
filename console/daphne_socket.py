"""What Daphne's own socket has to do otherwise, and how it stops; imported once, by `console.asgi`.

Its limit holds for what it sends as well: with the usual 1 MB a large snapshot would silently never leave.
It drops a connection that sends too much, and does not let an application say why (1009). On SIGTERM it
cancels every request under way and says nothing to the sockets. Another server needs the same limit in its
own words, as `uvicorn --ws-max-size 16384`.
"""

import asyncio
import os
import threading
from time import monotonic
from typing import Any

from daphne.server import Server
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.tcp import Port

from participants.timing import TIMING

RECEIVED_LIMIT = 16 * 1024
RESTARTS = 1012
LONGEST = 1.2  # times what the slowest request takes: 10 s after SIGTERM the process has ended


class BoardSocket(WebSocketProtocol):
    maxMessagePayloadSize = 0
    failByDrop = False

    def onMessageFrameBegin(self, length: int) -> None:
        """Refuses before the bytes are kept, also of a message in many fragments."""
        super().onMessageFrameBegin(length)
        size = self.message_data_total_length
        if size > RECEIVED_LIMIT and not self.failedByMe:
            self._max_message_size_exceeded(size, RECEIVED_LIMIT, f"more than {RECEIVED_LIMIT} bytes")

    def serverSend(self, content: Any, binary: bool = False) -> None:
        """Nothing follows the close frame; the hub goes on until the other side has answered it."""
        if self.state != self.STATE_CLOSING:
            super().serverSend(content, binary)


WebSocketFactory.protocol = BoardSocket


# --- stopping ---------------------------------------------------------------------------------------------
def _stop(server: Server) -> Deferred:
    """Nobody new is let in, the sockets are told to come back, and requests under way get their time."""
    # A request that is cancelled leaves a thread behind that waits for this loop, and the process for it.
    end = threading.Timer(LONGEST * TIMING.request, os._exit, (0,))
    end.daemon = True
    end.start()
    for reader in reactor.getReaders():  # type: ignore[misc]
        if isinstance(reader, Port):
            reader.stopListening()
    for connection in list(server.connections):
        if isinstance(connection, BoardSocket) and connection.state == connection.STATE_OPEN:
            # `sendClose` keeps the codes below 3000 from applications; this one is the server's own.
            connection.sendCloseFrame(code=RESTARTS)
    return Deferred.fromFuture(asyncio.ensure_future(_drained(server)))


async def _drained(server: Server) -> None:
    until = monotonic() + TIMING.request
    while monotonic() < until and any(_is_busy(*each) for each in server.connections.items()):
        await asyncio.sleep(0.05)
    await _kill(server).asFuture(asyncio.get_running_loop())


def _is_busy(connection: Any, details: dict[str, Any]) -> bool:
    if isinstance(connection, BoardSocket):
        return bool(connection.state == connection.STATE_CLOSING)
    application = details.get("application_instance")
    return application is not None and not application.done()


_kill, Server.kill_all_applications = Server.kill_all_applications, _stop
