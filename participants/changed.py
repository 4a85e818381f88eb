"""What a change of the mirror calls for: the small note that goes from its writer to whoever acts on it."""

from dataclasses import dataclass, field
from uuid import UUID

from .models import Callback


@dataclass
class Changed:
    """What `mirror.apply` did. Its caller hands it to `supervising.touched`.

    There `legs` are fetched, `calls` looked up, of `endings` (conferences) the reason is asked for, and the
    recordings of `recordings` (conferences) are read.
    `watched` are those of the conferences on which a supervisor's leg is.
    """

    conferences: set[UUID] = field(default_factory=set)
    watched: set[UUID] = field(default_factory=set)
    legs: set[tuple[UUID, str]] = field(default_factory=set)
    calls: set[tuple[UUID, str]] = field(default_factory=set)
    endings: set[UUID] = field(default_factory=set)
    recordings: set[UUID] = field(default_factory=set)
    verdict: str = Callback.Verdict.UNKNOWN

    def add(self, more: "Changed") -> None:
        """What another change calls for, too; its verdict is its own."""
        for name in ("conferences", "watched", "legs", "calls", "endings", "recordings"):
            setattr(self, name, getattr(self, name) | getattr(more, name))
