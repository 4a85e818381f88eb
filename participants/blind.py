"""Whispers while Earshot is blind: what cannot be stored cannot be noticed, an agent's leaving neither.

The disk is full, or the database is away. After `TIMING.silence_deadline` without one step that could be
stored, this process mutes every line that it last knew as audible and not as a barge, straight at the
provider, and tells it in the log. A barge goes on: doubt about it changes the words only.
"""

import logging
import threading
import time
import uuid
from dataclasses import dataclass

from .models import Account, Mode, Supervision
from .pools import Pool
from .providers import Gone, ProviderError, provider_for
from .stay import Audience, State
from .timing import TIMING

log = logging.getLogger(__name__)
_pool = Pool("blind", threads=4)
_lock = threading.Lock()
_lines: dict[uuid.UUID, "Line"] = {}
_since: float | None = None  # on the monotonic clock


@dataclass(frozen=True, slots=True)
class Line:
    account: Account
    conference_sid: str
    leg: str


def remember(stay: Supervision, state: State) -> None:
    """How a stay stands, for a time in which it cannot be looked up."""
    audible = state.wanted != Mode.BARGE and state.exposure(time.time()) is not Audience.NOBODY
    with _lock:
        if audible and stay.call_sid and stay.ended_at is None:
            _lines[stay.pk] = Line(stay.conference.account, stay.conference.sid, stay.call_sid)
        else:
            _lines.pop(stay.pk, None)


def stored() -> None:
    """A step was: Earshot sees."""
    global _since  # noqa: PLW0603 - one for the process, as its database is
    _since = None


def failed() -> None:
    """A step could not be stored. Returns at once; what is muted is muted in other threads."""
    global _since  # noqa: PLW0603
    now = time.monotonic()
    with _lock:
        _since = _since or now
        if now - _since < TIMING.silence_deadline:
            return
        lines = dict(_lines)
    for pk, line in lines.items():
        _pool.submit(line.account.pk, _silence, pk, line, key=pk)


def _silence(pk: uuid.UUID, line: Line) -> None:
    try:
        provider_for(line.account).update_participant(line.conference_sid, line.leg, muted=True)
    except Gone:
        pass
    except ProviderError as error:
        return log.critical("Nothing can be recorded, and the line of stay %s is not muted: %s", pk, error)
    with _lock:
        _lines.pop(pk, None)
    return log.critical("Nothing can be recorded: the line of stay %s was muted.", pk)
