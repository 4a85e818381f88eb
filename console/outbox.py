"""One socket: what was written to it, what waits, and how much of it was never acknowledged."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from uuid import UUID

from participants.timing import TIMING

from .frames import Person, numbered

NOT_SIGNED_IN = 4401
NOT_ALLOWED = 4403
TOO_SLOW = 4408
ORDER_LOST = 4409

# Characters, which for this JSON is bytes within a few per cent.
CHUNK = 256 * 1024  # no longer frame of changes; after as much an acknowledgement is asked for early
WINDOW = 2 * CHUNK  # beyond it changes wait, so that a burst does not close those who do read
LIMIT = 1024 * 1024


class Outbox:
    """Numbers the frames of one socket. The server itself has no back-pressure: this is the only one."""

    def __init__(self, person: Person, session_key: str) -> None:
        self.person = person
        self.session_key = session_key
        self.sent: dict[UUID, int] = {}  # conferences on this screen, with their version
        self.pending: dict[UUID, None] = {}  # conferences that may have changed for it, in order
        self.strip: str | None = None
        self.seq = 0
        self.outstanding = 0
        self.closed = False
        self._unacknowledged: deque[tuple[int, int]] = deque()  # number, size
        self._asked: deque[int] = deque()  # numbers that a heartbeat wants acknowledged
        self._heard_at = monotonic()
        self._since_asked = 0
        self._queue: asyncio.Queue[str | int] = asyncio.Queue()

    @property
    def full(self) -> bool:
        return self.outstanding > WINDOW

    @property
    def should_ask(self) -> bool:
        return self._since_asked >= CHUNK

    def write_snapshot(self, tail: str) -> None:
        """The one frame that is not measured: a large floor is not the reader's fault."""
        self._heard_at = monotonic()
        self.seq += 1
        self._put(numbered("snapshot", self.seq, tail))

    def write(self, kind: str, tail: str) -> None:
        if self.closed:
            return
        self.seq += 1
        text = numbered(kind, self.seq, tail)
        self._unacknowledged.append((self.seq, len(text)))
        self.outstanding += len(text)
        self._since_asked += len(text)
        if self.outstanding > LIMIT:
            self.close(TOO_SLOW)
        else:
            self._put(text)

    def ask(self, tail: str) -> None:
        """A heartbeat: repeats the last number, and wants it acknowledged."""
        self._asked.append(self.seq)
        self._since_asked = 0
        self._put(numbered("heartbeat", self.seq, tail))

    def acknowledge(self, seq: int) -> None:
        """The page has handled everything up to this number. A number never written proves nothing."""
        if seq > self.seq:
            return
        while self._unacknowledged and self._unacknowledged[0][0] <= seq:
            self.outstanding -= self._unacknowledged.popleft()[1]
        while self._asked and self._asked[0] <= seq:
            self._asked.popleft()
            self._heard_at = monotonic()

    def is_silent(self) -> bool:
        """Whether nothing that a heartbeat asked for was acknowledged for too long."""
        return monotonic() - self._heard_at > TIMING.acknowledge

    def close(self, code: int) -> None:
        """Drops what was not yet written: who reads slowly shall not be waited for."""
        if not self.closed:
            self.closed = True
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(code)

    def _put(self, item: str) -> None:
        if not self.closed:
            self._queue.put_nowait(item)

    async def drain(
        self, send: Callable[[str], Awaitable[None]], close: Callable[[int], Awaitable[None]]
    ) -> None:
        while True:
            item = await self._queue.get()
            if isinstance(item, int):
                return await close(item)
            await send(item)
