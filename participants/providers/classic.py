"""The conference API that the oldest provider made and others took over: forms in, JSON out, lists in pages.

A subclass says in tables and patterns where its provider differs.
"""

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
from .base import Parsed, Provider, stamp
from .callback_forms import LABEL, Words, parse_form, without_people
from .exchange import Answer, Fields
from .parameters import BadParameter

PROGRESS = ("initiated", "ringing", "answered", "completed")


class ClassicApi(Provider):
    """Every operation, once; see `Provider` for what each of them promises."""

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

    def dials_with(self) -> Mapping[str, object]:
        """What else a dial says here."""
        return {}

    # --- conferences --------------------------------------------------------------------------------------
    def list_conferences(self, status: str) -> list[ConferenceEvent]:
        pages = self.read_pages(
            self._path("Conferences"),
            query=self._paged("conference.list", status=status),
            items="conferences",
            following="next_page_uri",
        )
        events = [
            self._conference(row, page, Source.READ) for page in pages for row in page.body["conferences"]
        ]
        # The list shifts while it is read: a row may come twice.
        return list({event.conference_sid: event for event in events}.values())

    def fetch_conference(self, conference_sid: str) -> ConferenceEvent:
        answer = self.read(self._path("Conferences", conference_sid))
        return self._conference(answer.body, answer, Source.READ, sid=conference_sid)

    def update_conference(self, conference_sid: str, *, status: str) -> ConferenceEvent:
        form = self.form("conference.update", status=status)
        answer = self.write("POST", self._path("Conferences", conference_sid), form=form)
        return self._conference(answer.body, answer, Source.ANSWER, sid=conference_sid)

    # --- participants -------------------------------------------------------------------------------------
    def list_participants(self, conference_sid: str) -> list[LegEvent]:
        pages = self.read_pages(
            self._path("Conferences", conference_sid, "Participants"),
            query=self._paged("participant.list"),
            items="participants",
            following="next_page_uri",
        )
        events = [
            self._leg(row, page, Source.READ, conference_sid)
            for page in pages
            for row in page.body["participants"]
        ]
        return list({event.call_sid: event for event in events}.values())

    def fetch_participant(self, conference_sid: str, call_sid_or_label: str) -> LegEvent:
        answer = self.read(self._path("Conferences", conference_sid, "Participants", call_sid_or_label))
        return self._leg(answer.body, answer, Source.READ, conference_sid, of=call_sid_or_label)

    def create_participant(
        self,
        conference_sid: str,
        *,
        to: str,
        label: str,
        muted: bool,
        coaching: bool | None,
        target: str | None,
        timeout: int,
        beep: bool,
        start_conference_on_enter: bool,
        end_conference_on_exit: bool,
        status_callback: str,
    ) -> LegEvent:
        # The label is a segment of paths, and must not name somebody else's leg.
        if not LABEL.fullmatch(label) or self.call_sid.fullmatch(label):
            raise BadParameter("label", "1 to 128 characters, no slash, and not shaped like a call sid")
        self._check_coaching(coaching, target)
        form = self.form(
            "participant.create",
            from_=self.account.caller_id,
            to=to,
            label=label,
            timeout=timeout,
            beep=beep,
            early_media=False,  # true would let the room hear this phone ring, or its network's announcements
            muted=muted,
            start_conference_on_enter=start_conference_on_enter,
            end_conference_on_exit=end_conference_on_exit,
            coaching=coaching,
            call_sid_to_coach=target,
            status_callback=status_callback,
            status_callback_event=PROGRESS,
            **self.dials_with(),
        )
        answer = self.write("POST", self._path("Conferences", conference_sid, "Participants"), form=form)
        return self._leg(answer.body, answer, Source.ANSWER, conference_sid, of=label)

    def update_participant(
        self,
        conference_sid: str,
        call_sid: str,
        *,
        muted: bool | None = None,
        hold: bool | None = None,
        coaching: bool | None = None,
        target: str | None = None,
        end_conference_on_exit: bool | None = None,
    ) -> LegEvent:
        self._check_coaching(coaching, target)
        form = self.form(
            "participant.update",
            muted=muted,
            hold=hold,
            end_conference_on_exit=end_conference_on_exit,
            coaching=coaching,
            call_sid_to_coach=target,
        )
        if not form:
            raise ValueError("An update of a participant needs at least one field.")
        path = self._path("Conferences", conference_sid, "Participants", call_sid)
        answer = self.write("POST", path, form=form)
        return self._leg(answer.body, answer, Source.ANSWER, conference_sid, of=call_sid)

    def delete_participant(self, conference_sid: str, call_sid_or_label: str) -> None:
        path = self._path("Conferences", conference_sid, "Participants", call_sid_or_label)
        if self.write("DELETE", path).status != 204:
            raise self.unreadable("something where nothing was to be said")

    # --- calls and callbacks ------------------------------------------------------------------------------
    def fetch_call(self, call_sid: str) -> CallEvent:
        answer = self.read(self._path("Calls", call_sid), absent_again=self.calls_lag)
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

    def parse(self, kind: str, pairs: Fields) -> Parsed:
        return parse_form(self.words, kind, pairs, account_sid=self.account.sid)

    @classmethod
    def without_people(cls, kind: str, pairs: Fields, *, own_label: str) -> Fields:
        return without_people(cls.words, kind, pairs, own_label=own_label)

    # --- paths, queries and forms -------------------------------------------------------------------------
    def _path(self, *segments: str) -> str:
        quoted = "/".join(quote(segment, safe="") for segment in (self.account.sid, *segments))
        return f"{self.root}/{quoted}{self.suffix}"

    def _paged(self, operation: str, **query: object) -> Fields:
        return self.form(operation, **query, page_size=self.page_sizes.get(operation))

    def _check_coaching(self, coaching: bool | None, target: str | None) -> None:
        """Coaching without a target is refused, and a target may turn coaching on: say both or none."""
        if bool(coaching) != (target is not None):
            raise ValueError(f"coaching is {coaching}: coaching needs a target, and back.")
        if target is not None and not self.call_sid.fullmatch(target):
            raise BadParameter("call_sid_to_coach", "a call sid")

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
        self, row: Any, answer: Answer, source: Source, conference_sid: str, *, of: str | None = None
    ) -> LegEvent:
        """`of` is the call sid or the label that was asked for: the answer must be about it."""
        row = self._object(row)
        label = None if of is None or self.call_sid.fullmatch(of) else of
        self._same(row, "conference_sid", conference_sid)
        self._same(row, "call_sid", of if of and not label else self.call_sid)
        if label and self.reports.labels:
            self._same(row, "label", label)
        call_status, presence = self.leg_status.get(self._text(row, "status") or "", (None, None))
        return LegEvent(
            conference_sid=conference_sid,
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
