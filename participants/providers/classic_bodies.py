"""What the classic API answers, as events. A body that is not about what was asked for is not believed."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..events import (
    CALL_STATUSES,
    CONFERENCE_STATUSES,
    CallEvent,
    ConferenceEvent,
    LegEvent,
    Presence,
    Source,
)
from .base import Provider, stamp
from .callback_forms import Words
from .exchange import Answer


class ClassicBodies(Provider):
    """How resources are found and read, once; `ClassicApi` asks for them."""

    # --- what a subclass writes -------------------------------------------------------------------
    root: str  # what every path begins with, before the account's sid
    suffix: str  # what our own paths end in; those of pages are followed as given
    conference_sid: re.Pattern[str]
    call_sid: re.Pattern[str]
    # Participant resource, `status` -> the call's status and where the leg is. An unknown word says nothing.
    leg_status: Mapping[str, tuple[str | None, Presence | None]]
    target: str  # the field of a participant that names the coached leg
    words: Words  # of its callbacks; numbers and directions are worded alike in the API
    answered_by: Mapping[str, str] = {}  # their word -> ours, where it differs
    page_sizes: Mapping[str, int] = {}  # operation -> rows of a page, where it can be asked for
    calls_lag: bool = False  # a call that exists may be 404 for a moment

    def _path(self, *segments: str) -> str:
        quoted = "/".join(quote(segment, safe="") for segment in (self.account.sid, *segments))
        return f"{self.root}/{quoted}{self.suffix}"

    def is_sid(self, text: str) -> bool:
        return self.conference_sid.fullmatch(text) is not None

    # --- reading bodies -----------------------------------------------------------------------------------
    def _conference(
        self, row: Any, answer: Answer, source: Source, *, sid: str | None = None
    ) -> ConferenceEvent:
        row = self._object(row)
        self._same(row, "sid", sid or self.conference_sid)
        region = self._text(row, "region")
        return ConferenceEvent(
            conference_sid=row["sid"],
            stamp=stamp(answer, source),
            friendly_name=self._text(row, "friendly_name"),
            status=_known(self._text(row, "status"), CONFERENCE_STATUSES),
            region=None if region == "unknown" else region,  # so it says while the conference is `init`
            reason_ended=self._text(row, "reason_conference_ended"),
        )

    def _leg(
        self, row: Any, answer: Answer, source: Source, conference_sid: str | None, *, of: str | None = None
    ) -> LegEvent:
        """`of` is the call sid or the label that was asked for: the answer must be about it. Without a
        conference's sid any will do: one that was asked for by its name is told by the answer alone.
        """
        row = self._object(row)
        label = None if of is None or self.call_sid.fullmatch(of) else of
        self._same(row, "conference_sid", conference_sid or self.conference_sid)
        self._same(row, "call_sid", of if of and not label else self.call_sid)
        if label and self.reports.labels:
            self._same(row, "label", label)
        call_status, presence = self.leg_status.get(self._text(row, "status") or "", (None, None))
        return LegEvent(
            conference_sid=row["conference_sid"],
            call_sid=row["call_sid"],
            stamp=stamp(answer, source),
            label=label or self._text(row, "label"),
            presence=presence,
            call_status=call_status,
            muted=self._flag(row, "muted"),
            hold=self._flag(row, "hold"),
            coaching=self._flag(row, "coaching"),
            target=self._text(row, self.target),
            start_conference_on_enter=self._flag(row, "start_conference_on_enter"),
            end_conference_on_exit=self._flag(row, "end_conference_on_exit"),
            queue_time=int(queued) if (queued := str(row.get("queue_time"))).isdigit() else None,
        )

    def _call(self, answer: Answer, call_sid: str) -> CallEvent:
        body = self._object(answer.body)
        self._same(body, "sid", call_sid)
        answered_by = self._text(body, "answered_by")
        return CallEvent(
            call_sid=call_sid,
            stamp=stamp(answer, Source.READ),
            call_status=_known(self._text(body, "status"), CALL_STATUSES),
            from_=self.words.address(self._text(body, "from")),
            to=self.words.address(self._text(body, "to")),
            direction=self.words.directions.get(self._text(body, "direction") or ""),
            answered_by=self.answered_by.get(answered_by or "", answered_by),
        )

    def _object(self, row: Any) -> dict[str, Any]:
        if not isinstance(row, dict):
            raise self.unreadable("something that is no JSON object")
        if row.get("account_sid") not in (None, self.account.sid):
            raise self.unreadable("something of another account")
        return row

    def _same(self, row: dict[str, Any], field: str, wanted: str | re.Pattern[str]) -> None:
        said = row.get(field)
        if isinstance(wanted, re.Pattern):
            right = isinstance(said, str) and wanted.fullmatch(said) is not None
        else:
            right = said == wanted
        if not right:
            raise self.unreadable(f"another {field} than the one asked for")

    def _text(self, row: dict[str, Any], field: str) -> str | None:
        value = row.get(field)
        if value is not None and not isinstance(value, str):
            raise self.unreadable(f"a {field} that is no text")
        return value or None

    def _flag(self, row: dict[str, Any], field: str) -> bool | None:
        value = row.get(field)
        if value is not None and not isinstance(value, bool):
            raise self.unreadable(f"a {field} that is neither true nor false")
        return value


def _known(word: str | None, words: tuple[str, ...]) -> str | None:
    return word if word in words else None
