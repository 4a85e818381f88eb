"""Posts callbacks as the provider does: in order unless told otherwise, tried again as its dialect says."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from participants.sandbox.faults import Faults, Subject
from participants.sandbox.rooms import News
from participants.sandbox.wire import Dialect, Outgoing, RetryPolicy
from participants.sandbox.world import World

KEPT = 50_000
REORDER_WITHIN_S = 2.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DOCUMENT = "document"  # in the place of the conference or call that others are about
ONCE = RetryPolicy(tries=1, kinds=frozenset(), connect_s=5.0, read_s=15.0)


@dataclass(slots=True)
class Record:
    """One delivery. `status` is null while it is on its way, and stays so when nobody answered.

    `sent` is what went over the wire last: some providers sign each try anew.
    """

    index: int
    dialect: Dialect
    sent: Outgoing
    at: float
    subject: str
    policy: RetryPolicy
    status: int | None = None
    content_type: str = ""
    content: bytes = b""

    def as_dict(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "url": self.sent.url,
            "form": self.sent.form,
            "headers": self.sent.headers,
            "status": self.status,
            "at": self.at,
        }


class Delivery:
    """Needs a running event loop. `clock` gives the seconds that records carry."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        faults: Faults,
        dialects: Mapping[str, Dialect],
        world: World,
        time_scale: float,
    ) -> None:
        self._clock, self._faults, self._dialects = clock, faults, dialects
        self._world, self._scale = world, time_scale
        # Short: a connection that the receiver is about to close would lose a callback.
        connections = aiohttp.TCPConnector(limit=100, keepalive_timeout=5)
        self._session = aiohttp.ClientSession(connector=connections)
        self._tasks: set[asyncio.Task[None]] = set()
        self.forget()

    def forget(self) -> None:
        """Drop what was recorded and what is still on its way."""
        for task in self._tasks:
            task.cancel()
        self._last_of: dict[str, asyncio.Task[None]] = {}
        self._records: deque[Record] = deque(maxlen=KEPT)
        self._count = 0

    async def close(self) -> None:
        self.forget()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._session.close()

    def records(self) -> list[dict[str, Any]]:
        return [record.as_dict() for record in self._records]

    def post(self, news: News) -> None:
        """Send one callback, or do with it what the faults say."""
        if not news.subscription.url:
            return
        dialect = self._dialects[news.provider]
        sent = dialect.callback(news)
        if sent is None:
            return
        policy = dialect.retry_policy(news.subscription.url, self._world)
        record = self._record(dialect, sent, news.subject, policy)
        aim = Subject(news.provider, frozenset({news.conference_sid, news.facts.get("friendly_name", "")}))
        if news.fate == "lost" or self._faults.strikes("drop", aim):
            return
        delay = self._faults.value("delay_ms", aim) / 1000 * self._scale + news.late_by
        if self._faults.strikes("reorder", aim):
            self._start(
                self._send(record, delay + self._faults.rng.uniform(0, REORDER_WITHIN_S) * self._scale)
            )
        else:
            self._in_line(record, delay)
        if self._faults.strikes("duplicate", aim):
            self._in_line(self._record(dialect, sent, news.subject, policy), delay)

    async def redeliver(self, indexes: list[int] | None) -> list[int | None]:
        """Send recorded callbacks once more, byte for byte; None: all of them. Answers their new statuses."""
        chosen = [record for record in self._records if indexes is None or record.index in indexes]
        copies = [
            self._record(record.dialect, record.sent, record.subject, record.policy) for record in chosen
        ]
        for copy in copies:
            await self._try(copy)
        return [copy.status for copy in copies]

    async def fetch(self, dialect: Dialect, request: Outgoing) -> tuple[int | None, str, bytes]:
        """A document that somebody is to hear: its status (None: nobody answered), its type, what it says."""
        record = self._record(dialect, request, DOCUMENT, ONCE)
        failure = await self._try(record)
        content, record.content = record.content, b""  # as long as somebody is to hear it, and no longer
        return None if failure in ("ct", "rt") else record.status, record.content_type, content

    def start(self, work: Any) -> None:
        self._start(work)

    def _record(self, dialect: Dialect, sent: Outgoing, subject: str, policy: RetryPolicy) -> Record:
        record = Record(self._count, dialect, sent, self._clock(), subject, policy)
        self._count += 1
        self._records.append(record)
        return record

    def _in_line(self, record: Record, delay: float) -> None:
        """After the one before it of the same conference or call has been answered."""
        before = self._last_of.get(record.subject)
        task = self._start(self._send(record, delay, before))
        self._last_of[record.subject] = task
        task.add_done_callback(lambda done: self._leave_line(record.subject, done))

    def _leave_line(self, subject: str, done: asyncio.Task[None]) -> None:
        if self._last_of.get(subject) is done:
            del self._last_of[subject]

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send(self, record: Record, delay: float, before: asyncio.Task[None] | None = None) -> None:
        if delay:
            await asyncio.sleep(delay)
        if before:
            await asyncio.wait([before])
        failure = await self._try(record)
        if failure in record.policy.kinds:
            # Whoever comes next in line does not wait for these, as at the provider.
            self._start(self._repeat(record))

    async def _repeat(self, record: Record) -> None:
        for wait in record.policy.waits():
            await asyncio.sleep(wait * self._scale)
            if await self._try(record) not in record.policy.kinds:
                return

    async def _try(self, record: Record) -> str:
        """One attempt: what failed, in the words of a retry policy, or nothing."""
        timeout = aiohttp.ClientTimeout(
            sock_connect=record.policy.connect_s, sock_read=record.policy.read_s, total=record.policy.total_s
        )
        record.sent = sent = record.dialect.signed(record.sent, self._clock())
        try:
            async with self._session.request(
                sent.method,
                URL(sent.url, encoded=True),
                data=sent.body or None,
                headers=sent.headers | (FORM if sent.body else {}),
                timeout=timeout,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
                record.status = answer.status
                if record.subject == DOCUMENT:
                    record.content_type, record.content = answer.content_type, content
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            return "ct"
        except (aiohttp.ClientError, TimeoutError):
            return "rt"
        return "" if record.status // 100 == 2 else f"{record.status // 100}xx"
