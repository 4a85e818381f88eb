"""What Daphne's own socket has to do otherwise; imported once, by `console.asgi`.

Its limit holds for what it sends as well: with the usual 1 MB a large snapshot would silently never leave.
It drops a connection that sends too much, and does not let an application say why (1009). Another server
needs the same limit in its own words, as `uvicorn --ws-max-size 16384`.
"""

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

RECEIVED_LIMIT = 16 * 1024


class BoardSocket(WebSocketProtocol):
    maxMessagePayloadSize = 0
    failByDrop = False

    def onMessageFrameBegin(self, length: int) -> None:
        """Refuses before the bytes are kept, also of a message in many fragments."""
        super().onMessageFrameBegin(length)
        size = self.message_data_total_length
        if size > RECEIVED_LIMIT and not self.failedByMe:
            self._max_message_size_exceeded(size, RECEIVED_LIMIT, f"more than {RECEIVED_LIMIT} bytes")


WebSocketFactory.protocol = BoardSocket
