"""Who hears whom, from the flags alone, and since when. The sandbox's own reading of the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from participants.sandbox.rooms import Conference, Leg

Pair = tuple[str, str]


def pairs(conference: Conference, *, coach_without_target: str) -> set[Pair]:
    """Every (speaker's call sid, listener's call sid) of this moment."""
    if conference.status != "in-progress":
        return set()
    in_the_mix = [leg for leg in conference.legs.values() if leg.connected and not leg.hold]
    return {
        (speaker.call_sid, listener.call_sid)
        for speaker in in_the_mix
        if not speaker.muted
        for listener in in_the_mix
        if listener is not speaker and _reaches(speaker, listener, conference, coach_without_target)
    }


def _reaches(speaker: Leg, listener: Leg, conference: Conference, coach_without_target: str) -> bool:
    if not speaker.coaching:
        return True
    target = conference.legs.get(speaker.target or "")
    if target is None or not target.connected:
        return coach_without_target == "everyone"
    return listener is target


class Hearing:
    """Intervals of one conference: (speaker, listener, from, to), `to` open while it lasts."""

    __slots__ = ("_closed", "_open")

    def __init__(self) -> None:
        self._open: dict[Pair, float] = {}
        self._closed: list[tuple[str, str, float, float]] = []

    def note(self, audible: set[Pair], now: float) -> None:
        for pair in [pair for pair in self._open if pair not in audible]:
            began = self._open.pop(pair)
            if began < now:
                self._closed.append((*pair, began, now))
        for pair in audible:
            self._open.setdefault(pair, now)

    def now_open(self) -> set[Pair]:
        return set(self._open)

    def intervals(self) -> list[dict[str, str | float | None]]:
        """Oldest first; seconds of the clock that the world is driven by."""
        rows: list[tuple[str, str, float, float | None]] = [*self._closed]
        rows += [(*pair, began, None) for pair, began in self._open.items()]
        rows.sort(key=lambda row: row[2])
        return [dict(zip(("speaker", "listener", "from", "to"), row, strict=True)) for row in rows]
