"""What to believe of a recording: pure, and any order of the same callbacks ends in the same state.

No callback of a recording has a number, and some have no time. So its state only ever moves forward, and
where it may go to and fro (going on and paused) the less safe word stands until the provider was asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .events import Source, Stamp
from .merge import CLOCK_GRAIN

ON, PAUSED = "in-progress", "paused"
RUNNING = (ON, PAUSED)
RANK = {ON: 0, PAUSED: 0, "stopped": 1, "processing": 2, "absent": 3, "completed": 4, "deleted": 5}
# Of several recordings of one call the first of these is the call's word; one that was deleted has none.
WORDS = (ON, PAUSED, "processing", "stopped", "completed", "absent")


@dataclass(frozen=True, slots=True)
class Ruling:
    """`counted`: the word was news. `doubt`: nobody can tell which word is the newer one, so ask."""

    status: str
    counted: bool
    doubt: bool = False


def merge_recording_status(
    known: str | None, said: str | None, stamp: Stamp, *, as_of: float, now: float
) -> Ruling:
    """The word after this one came. `as_of` (our clock): when the known one was told, or its read began."""
    if known is None or said is None or known == said:
        return Ruling(known or said or ON, counted=known is None)
    if RANK[known] != RANK[said]:
        newer = RANK[said] > RANK[known]
        return Ruling(said if newer else known, counted=newer)
    if stamp.source is Source.CALLBACK:
        return Ruling(ON, counted=known != ON, doubt=True)
    # A moment that lies ahead was noted before our clock was set back.
    newer = (stamp.began or 0.0) >= as_of or as_of > now + CLOCK_GRAIN
    return Ruling(said if newer else known, counted=newer, doubt=not newer)


def recording_word(statuses: Iterable[str], *, over: bool) -> str | None:
    """What a call's recordings are together. `over`: the call has ended, and nothing of it is recorded."""
    found = {"processing" if over and status in RUNNING else status for status in statuses}
    return next((word for word in WORDS if word in found), None)
