"""How often an account's provider is asked: a token bucket that too many requests (429) make smaller."""

import threading
import time

from ..timing import TIMING

BURST = 10  # reads that may follow one another at once
SLOWEST = 16  # a rate is never lowered to less than this part of the usual one
SHORTEST = 0.001  # seconds that are worth a sleep
RECOVERY = 30  # pauses between reads, at the usual rate, that bring a lowered rate back from half


class Budget:
    """Every read takes a token. One that can wait does; one that a person waits for may overdraw.

    Writes are outside: a mute or a removal waits for nothing. Safe to share between threads.
    """

    def __init__(self, *, pause: float = TIMING.read_pause) -> None:
        """`pause`: seconds between two reads when there are always more to do."""
        self._usual = self._rate = 1 / pause
        self._tokens = float(BURST)
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    @property
    def rate(self) -> float:
        """Reads a second that are in the budget now."""
        with self._lock:
            self._refill()
            return self._rate

    def spend(self) -> None:
        with self._lock:
            self._refill()
            self._tokens = max(self._tokens - 1, -float(BURST))

    def wait(self) -> None:
        """Until there is a token, but not for ever: those who overdraw must not starve the others."""
        until = time.monotonic() + TIMING.read_patience
        while (short := self._missing()) > SHORTEST and (left := until - time.monotonic()) > 0:
            time.sleep(min(short, left))

    def exceeded(self, retry_after: float | None) -> None:
        """The provider answered 429; `retry_after` (seconds) where it said so."""
        with self._lock:
            self._refill()
            self._rate = max(self._rate / 2, self._usual / SLOWEST)
            self._tokens = min(self._tokens, 1 - self._rate * (retry_after or 0.0))

    def _missing(self) -> float:
        """Seconds until there is a whole token."""
        with self._lock:
            self._refill()
            return max(0.0, (1 - self._tokens) / self._rate)

    def _refill(self) -> None:
        now = time.monotonic()
        passed, self._filled = now - self._filled, now
        self._tokens = min(float(BURST), self._tokens + passed * self._rate)
        self._rate = min(self._usual, self._rate + passed * self._usual**2 / (2 * RECOVERY))
