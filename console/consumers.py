"""A socket of the board: says who it is, then belongs to the hub. It never writes and never queries."""

import asyncio
from typing import Any

import orjson
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from .hub import hub
from .outbox import Outbox


class BoardConsumer(AsyncWebsocketConsumer):
    outbox: Outbox | None = None
    writing: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        # A refusal before accepting reaches a browser as a bare 1006; the codes only arrive after it.
        await self.accept()
        session_key = self.scope["cookies"].get(settings.SESSION_COOKIE_NAME)
        admitted = await hub().admit(session_key)
        if isinstance(admitted, int):
            return await self.close(code=admitted)
        self.outbox = Outbox(admitted, session_key)
        self.writing = asyncio.create_task(self.outbox.drain(self.send, self.close))
        hub().join(self.outbox)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        seq = acknowledged(text_data or bytes_data or b"")
        if self.outbox and seq is not None:
            hub().acknowledge(self.outbox, seq)

    async def disconnect(self, _code: int) -> None:
        if self.outbox:
            hub().leave(self.outbox)
        if self.writing:
            self.writing.cancel()


def acknowledged(content: str | bytes) -> int | None:
    """The number of an acknowledgement; None for whatever else somebody may send."""
    try:
        message: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(message, dict) or message.get("type") != "ack":
        return None
    seq = message.get("seq")
    return seq if type(seq) is int else None
