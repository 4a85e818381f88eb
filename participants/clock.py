"""Our own clock may be set back. What was noted before that lies ahead of it, and says nothing any more.

What has happened cannot lie ahead, a plan only by as much as it was made for: `by`, in seconds.
"""

from datetime import datetime, timedelta

SLIP = 1.0  # seconds by which a clock is corrected without anybody noticing


def is_ahead(unix: float | None, now: float, *, by: float = 0.0) -> bool:
    """Whether a moment was noted before the clock was set back."""
    return unix is not None and unix > now + by + SLIP


def horizon(now: datetime, *, by: float) -> datetime:
    """The same for a query: what is later was noted before the clock was set back."""
    return now + timedelta(seconds=by + SLIP)
