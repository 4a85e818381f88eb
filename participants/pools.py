"""Work that nobody waits for, in threads of each account: a provider that hangs holds up its own alone."""

import logging
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

log = logging.getLogger(__name__)
_lock = threading.Lock()
_busy = 0


class Pool:
    """`threads` for each account, started as they are needed. Each piece of work closes its connections.

    `needed=False`: what is still queued when the process stops is dropped; somebody else does it later.
    """

    def __init__(self, name: str, *, threads: int, needed: bool = True) -> None:
        self._name, self._size, self._needed = name, threads, needed
        self._threads: dict[int, ThreadPoolExecutor] = {}
        self._waiting: set[Hashable] = set()

    def submit(
        self, account_id: int, work: Callable[..., Any], *arguments: Any, key: Hashable = None
    ) -> None:
        """Queue a piece of work. A `key` waits in the queue once: what came meanwhile, the one piece sees."""
        with _lock:
            if key is not None:
                if key in self._waiting:
                    return
                self._waiting.add(key)
            if account_id not in self._threads:
                prefix = f"{self._name}-{account_id}"
                self._threads[account_id] = ThreadPoolExecutor(self._size, thread_name_prefix=prefix)
        _count(+1)
        self._threads[account_id].submit(self._run, key, work, arguments)

    def _run(self, key: Hashable, work: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        with _lock:
            self._waiting.discard(key)
        try:
            # The interpreter waits for its pools; by then the main thread has ended.
            if self._needed or threading.main_thread().is_alive():
                work(*arguments)
        except Exception:
            log.exception("Work in the background failed; it is taken up again when it is due.")
        finally:
            connections.close_all()
            _count(-1)


def idle() -> bool:
    """Whether nothing is queued or under way in this process."""
    return _busy == 0


def _count(change: int) -> None:
    global _busy  # noqa: PLW0603 - one number for the process
    with _lock:
        _busy += change
