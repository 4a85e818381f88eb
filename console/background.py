"""What runs beside the server's requests: database work in a thread of its own, jobs that never stop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import close_old_connections

from participants.timing import TIMING

logger = logging.getLogger(__name__)
T = TypeVar("T")


class Thread:
    """One thread for database work. It closes its connections after each use, as a request does."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, _clean, work, *arguments)


def _clean(work: Callable[..., T], *arguments: Any) -> T:
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        close_old_connections()


async def every(seconds: float, job: Callable[[], Awaitable[None]]) -> None:
    """Runs the job for ever, `seconds` after it last ended. Of failures in a row the first is logged."""
    failing = False
    while True:
        try:
            await job()
            failing = False
        except Exception:
            if not failing:
                logger.exception("The board failed to %s; it goes on trying.", job.__name__.strip("_"))
            failing = True
            await asyncio.sleep(TIMING.compare)
        await asyncio.sleep(seconds)
