"""The line in which dialled calls wait until they are placed: so many a second, a day of them at most."""

from __future__ import annotations

from participants.sandbox.rooms import WorldError

LONGEST_S = 24 * 3600.0


class Line:
    """For each provider, until when its places are taken. `rate` 0: there is no line."""

    def __init__(self, time_scale: float) -> None:
        self._scale = time_scale
        self._until: dict[str, float] = {}

    def next(self, provider: str, now: float, *, rate: int) -> float:
        """When a call that is asked for now is placed. Raises `queue_full` where the line is a day long."""
        placed = max(now, self._until.get(provider, now)) if rate else now
        if placed - now >= LONGEST_S * self._scale:
            raise WorldError("queue_full", "more calls wait than can be placed within 24 hours")
        return placed

    def take(self, provider: str, placed: float, *, rate: int) -> None:
        if rate:
            self._until[provider] = placed + self._scale / rate
