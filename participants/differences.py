"""What the rows of a call say and its callbacks do not: explained by what was asked, or not explained."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from . import replaying
from .facts import COLUMN
from .history import OF_CONFERENCE, OF_LEG
from .merge import GROUPS, Mark
from .models import Conference, Participant
from .replaying import Play, Stored

GROUP_OF = {column: group for group, column in COLUMN.items()} | {"status": "presence"}
# Who says so first, stays: a read may have been it. So only what a row does not know at all is a difference.
SAID_ONCE = ("label", "address", "direction", "queue_time")


@dataclass
class Report:
    """In words, without personal data. `differences` are what callbacks should explain and do not."""

    differences: list[str] = field(default_factory=list)
    explained: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    callbacks: int = 0


def compare(conference: Conference, *, seed: int | None = None) -> Report:
    """Replay one call and hold what came of it against its rows. Reads only."""
    report = Report()
    if why := replaying.gone(conference):
        report.notes.append(f"{conference.sid} {why}.")
        return report
    stored = replaying.load(conference.pk)
    if stored is None:
        report.notes.append(f"{conference.sid} changes while it is looked at.")
        return report
    report.callbacks = len(stored.callbacks)
    _note_redacted(stored, report)
    told, asked = replaying.play(stored, seed=seed), replaying.play(stored, reads=True)
    _note_unread(stored, told, report)
    _Comparison(stored, told, asked, report).run()
    return report


def untold(conference_sid: str) -> str:
    """A call of which callbacks were applied, and there is none."""
    return f"{conference_sid}: callbacks that were applied tell of it, and it has no row."


def _note_redacted(stored: Stored, report: Report) -> None:
    since = [row.redacted_at for row in stored.callbacks if row.redacted_at is not None]
    if since:
        report.notes.append(
            f"{stored.conference.sid}: {len(since)} of {len(stored.callbacks)} callbacks are redacted since"
            f" {min(since):%Y-%m-%d}: names and numbers are not compared."
        )


def _note_unread(stored: Stored, told: Play, report: Report) -> None:
    for callback, why in told.unread:
        line = f"{stored.conference.sid}: callback {callback.pk} ({callback.event or callback.kind})"
        if callback.redacted_at is not None:
            report.notes.append(f"{line} cannot be replayed, because it is redacted.")
        else:
            report.differences.append(f"{line} was {callback.verdict} and cannot be read today: {why}.")


@dataclass
class _Comparison:
    """`told`: the callbacks alone. `asked`: the same with the newest read of each fact."""

    stored: Stored
    told: Play
    asked: Play
    report: Report

    def run(self) -> None:
        sid = self.stored.conference.sid
        told, asked = self.told.calls.get(sid), self.asked.calls.get(sid)
        self._row(f"{sid}:", self.stored.conference, told and told.conference, asked and asked.conference)
        legs, legs_asked = told.legs if told else {}, asked.legs if asked else {}
        for call_sid, leg in self.stored.legs.items():
            where = f"{sid}: leg {call_sid}:"
            self._row(where, leg, legs.get(call_sid), legs_asked.get(call_sid))
            if call_sid in legs:
                self._numbers(where, leg, legs[call_sid])
        for call_sid in legs.keys() - self.stored.legs.keys():
            self.report.differences.append(f"{sid}: leg {call_sid}: callbacks tell of it, and it has no row.")

    def _row(self, where: str, row: Any, alone: Any, with_reads: Any) -> None:
        """`alone`: what the callbacks make of this row; `with_reads`: with what was asked. None: nothing."""
        if alone is None:
            alone = with_reads if self._untold(where, row) else None
        if alone is None:
            return
        for name in OF_LEG if isinstance(row, Participant) else OF_CONFERENCE:
            known, told = getattr(row, name), getattr(alone, name)
            if known == told:
                continue
            line = f"{where} {name} is {_word(known)}, the callbacks make it {_word(told)}"
            if why := self._why(row, name, alone, agrees=getattr(with_reads, name, None) == known):
                self.report.explained.append(f"{line}; {why}.")
            else:
                self.report.differences.append(f"{line}, and nothing that was asked explains it.")
        for name in SAID_ONCE if isinstance(row, Participant) else ():
            if getattr(row, name) is None and getattr(alone, name) is not None:
                self.report.differences.append(f"{where} callbacks tell its {name}, and the row has none.")

    def _untold(self, where: str, row: Any) -> bool:
        """No callback told of it. Whether something that was asked did."""
        first = next((one for one in self.stored.changes if one.participant_id == _leg_pk(row)), None)
        if first is None:
            self.report.differences.append(f"{where} no callback tells of it, and nothing asked did.")
            return False
        self.report.explained.append(f"{where} no callback tells of it; {_asked(first)}.")
        return True

    def _why(self, row: Any, name: str, alone: Any, *, agrees: bool) -> str:
        """What was asked and told the row this; empty: nothing did, or a callback was newer."""
        change = self._change(row, name)
        if not isinstance(row, Participant) or name not in GROUP_OF:
            return _asked(change) if change else ""
        if change is not None and change.at >= alone.as_of:
            return _asked(change)
        mark = Mark.load(row.marks.get(GROUP_OF[name]))
        if mark.began is None or not agrees:
            return ""
        return _asked(change) if change else f"what was read at {_clock(mark.began)} says so"

    def _change(self, row: Any, name: str) -> Any:
        """The newest read or answer after which the row said what it says."""
        about = [change for change in reversed(self.stored.changes) if change.participant_id == _leg_pk(row)]
        known = getattr(row, name)
        return next((one for one in about if name in one.facts and one.facts[name][1] == known), None)

    def _numbers(self, where: str, leg: Participant, told: Participant) -> None:
        """Whatever reads did: the highest number that came is the highest number that is known."""
        for group in GROUPS:
            came, known = (Mark.load(row.marks.get(group)).numbers for row in (told, leg))
            if dict(came) != dict(known):
                self.report.differences.append(
                    f"{where} the newest callback about its {group.replace('_', ' ')} has number"
                    f" {_numbered(came)}, the row knows {_numbered(known)}."
                )


def _leg_pk(row: Any) -> Any:
    return row.pk if isinstance(row, Participant) else None


def _asked(change: Any) -> str:
    at = _clock(change.at.timestamp())
    if change.source == "answer":
        return f"the answer to a command at {at} told it"
    return f"a read at {at} {'corrected' if change.correction else 'told'} it"


def _numbered(numbers: Any) -> str:
    return ", ".join(str(number) for number in numbers.values()) or "none"


def _word(value: Any) -> str:
    return {True: "yes", False: "no", None: "not known"}.get(value, str(value))


def _clock(unix: float | None) -> str:
    return f"{datetime.fromtimestamp(unix or 0, UTC):%H:%M:%S}"
