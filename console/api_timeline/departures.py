"""When the agent whom a supervisor whispered to left: how soon the line was closed, and who heard it."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from participants.models import Change

from .people import People
from .words import NOT_HEARD, PERHAPS_HEARD, SILENCED

SOON = timedelta(seconds=30)  # a mute later than this has another cause


class Departures:
    """Told from what the provider said of the supervisors' lines, never from what was asked of it."""

    def __init__(self, people: People) -> None:
        self.people = people

    @cached_property
    def _lines(self) -> dict[str, list[Change]]:
        """What became known of each supervisor's line, oldest first, by its call sid."""
        found: dict[str, list[Change]] = {sid: [] for sid in self.people.supervisors}
        lines = Change.objects.filter(participant__conference=self.people.conference)
        if found:
            for change in lines.filter(participant__call_sid__in=found).select_related("participant"):
                found[change.participant.call_sid].append(change)  # type: ignore[union-attr]
        return found

    def after(self, call_sid: str, left: datetime) -> str:
        """What follows "{person} left" for this leg, of each supervisor who whispered to it then."""
        return "".join(
            self._silenced(line, changes, left)
            for line, changes in self._lines.items()
            if _whispered_to(changes, left) == call_sid
        )

    def _silenced(self, line: str, changes: list[Change], left: datetime) -> str:
        only_coaching = True
        for change in changes:
            if left < change.at <= left + SOON:
                now = {column: value for column, (_, value) in change.facts.items()}
                only_coaching = only_coaching and now.get("coaching", True) is True
                if now.get("muted") is True:
                    return self._told(line, left, change.at, only_coaching=only_coaching)
        return ""

    def _told(self, line: str, left: datetime, muted: datetime, *, only_coaching: bool) -> str:
        heard = NOT_HEARD if only_coaching else PERHAPS_HEARD
        said = SILENCED + (heard if self._is_there_a_customer(left, muted) else "") + "."
        return said.format(supervisor=self.people.named(line), seconds=(muted - left).total_seconds())

    def _is_there_a_customer(self, since: datetime, until: datetime) -> bool:
        return any(
            one.joined_at and one.joined_at < until and (one.left_at is None or one.left_at > since)
            for one in self.people.customers
        )


def _whispered_to(changes: list[Change], at: datetime) -> str | None:
    """The call sid of the one who heard this line then, and nobody else."""
    flags: dict[str, Any] = {}
    for change in changes:
        if change.at <= at:
            flags |= {column: value for column, (_, value) in change.facts.items()}
    whispers = flags.get("muted") is False and flags.get("coaching") is True
    return flags.get("coaching_call_sid") if whispers else None
