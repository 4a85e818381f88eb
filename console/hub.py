"""One per server process: reads what changed, and hands ready-made frames to the sockets.

Everything here runs on the server's loop; the database is read in one thread of its own. The database is
the truth: what this process is told only decides how soon it looks.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any
from uuid import UUID

from django.utils import timezone

from participants import live, supervising
from participants.services import dial_running
from participants.services.monitoring import take_off_signed_out
from participants.timing import TIMING

from . import account_states, reader, rights
from .background import Thread, every
from .board import Board
from .frames import Person
from .outbox import NOT_SIGNED_IN, ORDER_LOST, TOO_SLOW, Outbox

SOCKETS_PER_USER = 5
# Oftener than the deadline: within it the socket has to be closed, not only looked at.
REVOCATION_PERIOD = TIMING.revocation * 0.6

logger = logging.getLogger(__name__)
_hub: "Hub | None" = None


def hub() -> "Hub":
    """The hub of this process. It starts with its first socket: a server has no start-up hook."""
    global _hub  # noqa: PLW0603
    if _hub is None:
        _hub = Hub()
        _hub.start()
    return _hub


def open_sockets() -> int:
    """How many of this process; any thread may ask."""
    return len(_hub.sockets) if _hub else 0


class Hub:
    def __init__(self) -> None:
        self.board = Board()
        self.sockets: dict[Outbox, None] = {}  # in the order they came
        self.joining: dict[Outbox, None] = {}  # wait for their first frames
        self._loop = asyncio.get_running_loop()
        self._reading, self._finishing = Thread("hub"), Thread("hub-finishing")
        self._ids: set[UUID] = set()
        self._users: set[int] = set()
        self._told: set[int] = set()  # users whose strip says something of a call
        self._wake = asyncio.Event()
        self._hurry = False
        self._next = dict.fromkeys(("compare", "strips", "accounts"), 0.0)
        self._read_at, self._read_time = monotonic(), timezone.now()
        self._flushed_at = 0.0
        self._flush_timer: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        live.subscribe(self)
        jobs = {
            self._follow: 0.0,
            self._beat: TIMING.heartbeat,
            self._close_silent: TIMING.due_interval,
            self._revoke: REVOCATION_PERIOD,
            self._finish_silencing: TIMING.due_interval,
        }
        self._tasks = [self._loop.create_task(every(seconds, job)) for job, seconds in jobs.items()]

    # --- news, from any thread ---
    def conference_changed(self, conference_id: UUID, version: int) -> None:
        self._call_soon(self._note_conference, conference_id, version)

    def user_changed(self, user_id: int) -> None:
        self._call_soon(self._note_user, user_id)

    def _call_soon(self, note: Callable[..., None], *arguments: Any) -> None:
        with suppress(RuntimeError):  # the server is stopping: nobody is left to tell
            self._loop.call_soon_threadsafe(note, *arguments)

    def _note_conference(self, conference_id: UUID, version: int) -> None:
        shown = self.board.shown.get(conference_id)
        if shown is None or shown.version < version:
            self._ids.add(conference_id)
            self._hurry |= bool(shown and shown.watchers)
            self._wake.set()

    def _note_user(self, user_id: int) -> None:
        self._users.add(user_id)
        self._hurry = True
        self._wake.set()

    # --- sockets ---
    async def admit(self, session_key: str | None) -> Person | int:
        """Who this session is, or the code to close its socket with."""
        if not session_key:
            return NOT_SIGNED_IN
        people = await self._reading.run(rights.people, {session_key})
        return people[session_key]

    def join(self, outbox: Outbox) -> None:
        """From now on the socket is written to. Its user's oldest makes room where there are too many."""
        user_id = outbox.person.user_id
        own = [each for each in (*self.sockets, *self.joining) if each.person.user_id == user_id]
        for oldest in own[: max(0, len(own) + 1 - SOCKETS_PER_USER)]:
            self._drop(oldest, TOO_SLOW)
        self.joining[outbox] = None
        self._note_user(user_id)

    def leave(self, outbox: Outbox) -> None:
        self.sockets.pop(outbox, None)
        self.joining.pop(outbox, None)

    def acknowledge(self, outbox: Outbox, seq: int) -> None:
        outbox.acknowledge(seq)
        if outbox.pending:
            self._flush_soon()

    def _drop(self, outbox: Outbox, code: int) -> None:
        outbox.close(code)
        self.leave(outbox)

    # --- reading ---
    async def _follow(self) -> None:
        await self._until_due()
        wanted = self._wanted()
        try:
            found = await self._reading.run(reader.read, wanted, self.board.shown)
        except Exception:
            self._ids |= wanted.ids
            self._users |= wanted.users
            raise
        self._read_at, self._read_time = monotonic(), timezone.now()
        self._apply(found)

    async def _until_due(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self._next.values()) - monotonic()):
                await self._wake.wait()
        if self._wake.is_set() and not self._hurry:
            await asyncio.sleep(TIMING.batch)
        self._wake.clear()
        self._hurry = False

    def _wanted(self) -> reader.Wanted:
        present = {outbox.person.user_id for outbox in (*self.sockets, *self.joining)}
        supervising_now = present & self.board.watching()
        compare = TIMING.compare_supervised if supervising_now else TIMING.compare
        if self._is_due("strips", TIMING.due_interval):
            # What is said of a line changes with time alone: an observation, or the end of a stay, grows old.
            self._users |= supervising_now | self._told
        wanted = reader.Wanted(
            ids=self._ids,
            users=self._users & present,
            present=present,
            compare=self._is_due("compare", compare) or bool(self.joining),
            accounts=self._is_due("accounts", TIMING.due_interval),
        )
        self._ids, self._users = set(), set()
        return wanted

    def _is_due(self, what: str, period: float) -> bool:
        now = monotonic()
        if now < self._next[what]:
            return False
        self._next[what] = now + period
        return True

    # --- writing ---
    def _apply(self, found: reader.Found) -> None:
        if found.lost_order:
            return self._start_again()
        self.board.update(found.shown)
        self._told -= set(found.strips)
        self._told |= {user for user, strip in found.strips.items() if strip["conference"]}
        self._write_own(found)
        if found.accounts is not None:
            self.board.accounts = found.accounts
            self.board.forget_ended(self.sockets)
        self._welcome(found.strips)
        if found.shown:
            self._flush_soon()

    def _write_own(self, found: reader.Found) -> None:
        for outbox in (*self.sockets, *self.joining):
            if outbox.person.user_id in found.unsaid:
                # Rather no screen than a line whose last words stay although they may be wrong.
                self._drop(outbox, ORDER_LOST)
        for outbox in self.sockets:
            outbox.pending |= dict.fromkeys(found.shown)
            strip = found.strips.get(outbox.person.user_id)
            if strip is not None:
                self.board.flush_own(outbox, strip["conference"])
                self.board.write_strip(outbox, strip)

    def _welcome(self, strips: dict[int, dict[str, Any]]) -> None:
        for outbox in [each for each in self.joining if each.person.user_id in strips]:
            self.board.welcome(outbox, strips[outbox.person.user_id])
            self.leave(outbox)
            self.sockets[outbox] = None

    def _start_again(self) -> None:
        logger.error("The database holds older versions than were sent. Every board starts again.")
        for outbox in (*self.sockets, *self.joining):
            self._drop(outbox, ORDER_LOST)
        self.board = Board()
        self._next = dict.fromkeys(self._next, 0.0)

    def _flush_soon(self) -> None:
        """The first change goes out at once; those that follow it closely go together."""
        if self._flush_timer is None:
            wait = max(0.0, self._flushed_at + TIMING.coalesce - monotonic())
            self._flush_timer = self._loop.call_later(wait, self._flush)

    def _flush(self) -> None:
        self._flush_timer, self._flushed_at = None, monotonic()
        for outbox in self.sockets:
            self.board.flush(outbox)

    # --- duties ---
    async def _beat(self) -> None:
        if monotonic() - self._read_at > TIMING.heartbeat:
            self.board.accounts = account_states.unread(self.board.accounts, self._read_time)
        tail = self.board.heartbeat()
        for outbox in self.sockets:
            outbox.ask(tail)

    async def _close_silent(self) -> None:
        for outbox in [each for each in self.sockets if each.is_silent()]:
            self._drop(outbox, TOO_SLOW)

    async def _revoke(self) -> None:
        """A socket never looks at its session again by itself: log-out and lost rights end here."""
        outboxes = [*self.sockets, *self.joining]
        people = await self._reading.run(rights.people, {each.session_key for each in outboxes})
        for outbox in outboxes:
            person = people[outbox.session_key]
            if isinstance(person, int):
                self._drop(outbox, person)
            elif person != outbox.person:
                self.board.rescope(outbox, person)
                self._flush_soon()
        gone = {each.person.user_id for each in outboxes if people[each.session_key] == NOT_SIGNED_IN}
        here = {each.person.user_id for each in self.sockets}
        for user_id in gone - here:
            await self._finishing.run(take_off_signed_out, user_id)

    async def _finish_silencing(self) -> None:
        """Also without a worker what should be silent becomes silent, and who is in line is dialled."""
        await self._finishing.run(supervising.run_due)
        await self._finishing.run(dial_running.run_due)
