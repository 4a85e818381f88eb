"""Holes in the numbers of a conference's callbacks: what was lost on the way. Pure.

Only for providers that number without holes (`Reported.sequence`). A hole is worth one read of the call, at
most one in ten seconds; where two reads found nothing, the numbers mean something else, and are left alone.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from .timing import TIMING

MISSES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbering:
    """`last`: the highest number that came; up to `settled` holes are known. `read_at`: our clock."""

    last: int | None = None
    settled: int | None = None
    read_at: float | None = None
    misses: int = 0

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> "Numbering":
        return cls(**stored)

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    def came(self, number: int) -> "Numbering":
        if self.last is None:
            return replace(self, last=number, settled=number)
        return replace(self, last=max(self.last, number))

    def leaves_hole(self, number: int) -> bool:
        """Whether something before this number has not come, or not yet."""
        return self.last is not None and number > self.last + 1 and self.misses < MISSES

    def missing(self, came: Collection[int]) -> set[int]:
        """The numbers that have not come, of those that are not settled."""
        first, last = (self.settled or 0) + 1, self.last or 0
        return set(range(first, last)) - set(came)

    def may_read(self, now: float) -> bool:
        return self.read_at is None or now - self.read_at >= TIMING.gap_read

    def filled(self) -> "Numbering":
        return replace(self, settled=self.last)

    def read(self, now: float, *, found: bool) -> "Numbering":
        """The call was read because of the hole; `found`: that changed something."""
        return replace(self.filled(), read_at=now, misses=0 if found else self.misses + 1)
