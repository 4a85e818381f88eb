"""Twilio's classic API (2010-04-01): conferences, participants and calls."""

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
from .exchange import Answer, Fields
from .twilio_callbacks import CALL_SID, CONFERENCE_SID, DIRECTION, SIGNATURE_HEADER, parse_callback, signed

# --- their word on the left, ours on the right ------------------------------------------------------------
# Participant resource, `status`. An unknown word says nothing.
LEG_STATUS: dict[str, tuple[str, Presence | None]] = {
    "queued": ("queued", None),
    "connecting": ("initiated", None),
    "ringing": ("ringing", None),
    "connected": ("in-progress", Presence.IN),
    "complete": ("completed", Presence.LEFT),
    "failed": ("failed", Presence.LEFT),  # busy and no-answer too: only the Call resource tells which
}
# Everything but `true` un-mutes, with a 200: no other spelling may leave this house.
BOOLEAN = {True: "true", False: "false"}

PAGE_SIZE = ("PageSize", "1000")
RING_SECONDS = range(5, 601)
LABEL = re.compile(r"[^/\x00-\x1f]{1,128}")
PROGRESS = ("initiated", "ringing", "answered", "completed")


class Twilio(Provider):
    name = "twilio"
    title = "Twilio"
    short = "TW"
    url = "https://api.twilio.com"
    refused_for_coaching = frozenset({"16027", "16028"})  # the coached leg is on hold, or not in the room
    # By default Twilio loses an event when we answer 5xx: three tries more, of 2 and 4 seconds.
    callback_fragment = "#rc=3&rp=all&ct=2000&rt=4000"

    def authenticate(self, secret: str) -> None:
        self.session.auth = (self.account.sid, secret)
        self._token = secret.encode()

    def refusal(self, body: Any) -> tuple[str, str] | None:
        """Twilio's error body: `code` is left out on rare faults."""
        if not isinstance(body, dict) or not isinstance(body.get("message"), str):
            return None
        return str(body.get("code") or ""), body["message"]

    # --- conferences --------------------------------------------------------------------------------------
    def list_conferences(self, status: str) -> list[ConferenceEvent]:
        pages = self.read_pages(
            self._path("Conferences"),
            query=[("Status", status), PAGE_SIZE],
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
        if status != "completed":
            raise ValueError(f"status is {status!r}, a conference can only be set to 'completed'.")
        answer = self.write("POST", self._path("Conferences", conference_sid), form=[("Status", status)])
        return self._conference(answer.body, answer, Source.ANSWER, sid=conference_sid)

    # --- participants -------------------------------------------------------------------------------------
    def list_participants(self, conference_sid: str) -> list[LegEvent]:
        pages = self.read_pages(
            self._path("Conferences", conference_sid, "Participants"),
            query=[PAGE_SIZE],
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
        _check_dial(label=label, timeout=timeout)
        form = [
            ("From", self.account.caller_id),
            ("To", to),
            ("Label", label),
            ("Timeout", str(timeout)),
            ("Beep", BOOLEAN[beep]),
            # True, the default, lets the room hear this phone ring, or its network's announcements.
            ("EarlyMedia", BOOLEAN[False]),
            *_flags(
                Muted=muted,
                StartConferenceOnEnter=start_conference_on_enter,
                EndConferenceOnExit=end_conference_on_exit,
            ),
            *_coaching(coaching, target),
            ("StatusCallback", status_callback),
            *(("StatusCallbackEvent", word) for word in PROGRESS),
        ]
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
        flags = _flags(Muted=muted, Hold=hold, EndConferenceOnExit=end_conference_on_exit)
        form = [*flags, *_coaching(coaching, target)]
        if not form:
            raise ValueError("An update of a participant needs at least one field.")
        path = self._path("Conferences", conference_sid, "Participants", call_sid)
        answer = self.write("POST", path, form=form)
        return self._leg(answer.body, answer, Source.ANSWER, conference_sid, of=call_sid)

    def delete_participant(self, conference_sid: str, call_sid_or_label: str) -> None:
        path = self._path("Conferences", conference_sid, "Participants", call_sid_or_label)
        if self.write("DELETE", path).status != 204:
            raise self.unreadable("something where nothing was to be said")

    # --- calls --------------------------------------------------------------------------------------------
    def fetch_call(self, call_sid: str) -> CallEvent:
        answer = self.read(self._path("Calls", call_sid))
        body = self._object(answer.body)
        self._same(body, "sid", call_sid)
        return CallEvent(
            call_sid=call_sid,
            stamp=stamp(answer, Source.READ),
            call_status=_known(body.get("status"), CALL_STATUSES),
            from_=body.get("from") or None,
            to=body.get("to") or None,
            direction=DIRECTION.get(body.get("direction") or ""),
            answered_by=body.get("answered_by") or None,
        )

    # --- callbacks ----------------------------------------------------------------------------------------
    def verify(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        given = headers.get(SIGNATURE_HEADER)
        return given is not None and signed(
            given, token=self._token, url=url, body=body if method == "POST" else b""
        )

    def parse(self, kind: str, pairs: Fields) -> Parsed:
        return parse_callback(kind, pairs, account_sid=self.account.sid)

    # --- reading bodies -----------------------------------------------------------------------------------
    def _path(self, *segments: str) -> str:
        quoted = "/".join(quote(segment, safe="") for segment in segments)
        return f"/2010-04-01/Accounts/{self.account.sid}/{quoted}.json"

    def _conference(
        self, row: Any, answer: Answer, source: Source, *, sid: str | None = None
    ) -> ConferenceEvent:
        row = self._object(row)
        self._same(row, "sid", sid or CONFERENCE_SID)
        region = row.get("region")
        return ConferenceEvent(
            conference_sid=row["sid"],
            stamp=stamp(answer, source),
            friendly_name=row.get("friendly_name"),
            status=_known(row.get("status"), CONFERENCE_STATUSES),
            region=None if region == "unknown" else region,  # so it says while the conference is `init`
            reason_ended=row.get("reason_conference_ended"),
        )

    def _leg(
        self, row: Any, answer: Answer, source: Source, conference_sid: str, *, of: str | None = None
    ) -> LegEvent:
        """`of` is the call sid or the label that was asked for: the answer must be about it."""
        row = self._object(row)
        self._same(row, "conference_sid", conference_sid)
        self._same(row, "call_sid", of if of and CALL_SID.fullmatch(of) else CALL_SID)
        if of and not CALL_SID.fullmatch(of):
            self._same(row, "label", of)
        call_status, presence = LEG_STATUS.get(row.get("status") or "", (None, None))
        return LegEvent(
            conference_sid=conference_sid,
            call_sid=row["call_sid"],
            stamp=stamp(answer, source),
            label=row.get("label") or None,
            presence=presence,
            call_status=call_status,
            muted=self._flag(row, "muted"),
            hold=self._flag(row, "hold"),
            coaching=self._flag(row, "coaching"),
            target=row.get("call_sid_to_coach") or None,
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

    def _flag(self, row: dict[str, Any], field: str) -> bool | None:
        value = row.get(field)
        if value is not None and not isinstance(value, bool):
            raise self.unreadable(f"a {field} that is neither true nor false")
        return value


def _known(word: Any, words: tuple[str, ...]) -> str | None:
    return word if word in words else None


def _flags(**flags: bool | None) -> list[tuple[str, str]]:
    return [(name, BOOLEAN[value]) for name, value in flags.items() if value is not None]


def _coaching(coaching: bool | None, target: str | None) -> list[tuple[str, str]]:
    """A target turns coaching on by itself, and coaching without one is refused: say both or none."""
    if bool(coaching) != (target is not None):
        raise ValueError(
            f"coaching is {coaching} and target is {target!r}: coaching needs a target, and back."
        )
    if target is not None and not CALL_SID.fullmatch(target):
        raise ValueError(f"target is {target!r}, it must be a call sid, CA and 32 hex digits.")
    return [*_flags(Coaching=coaching), *([("CallSidToCoach", target)] if target else [])]


def _check_dial(*, label: str, timeout: int) -> None:
    if not LABEL.fullmatch(label) or CALL_SID.fullmatch(label):
        raise ValueError(
            f"label is {label!r}: 1 to 128 characters, no slash, and not shaped like a call sid."
        )
    if timeout not in RING_SECONDS:
        raise ValueError(f"timeout is {timeout}, it must be 5 to 600 seconds.")
