"""Recordings in the classic API: those of a conference, each by itself where it can be had, and the sound."""

import re
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from ..events import RecordingEvent
from ..events import Source as From
from .base import stamp
from .callback_recordings import RECORDING_STATUS, leg_of_recording
from .classic_bodies import ClassicBodies
from .errors import Gone
from .exchange import Answer
from .recordings import RecordingKey
from .sound import Sound, Source

RECORDINGS = "Recordings"
NO_OTHER_HOST = re.compile(r"(?!)")


class ClassicRecordings(ClassicBodies):
    """See `Recordings` for what each of them promises."""

    # --- what a subclass writes -------------------------------------------------------------------
    recording_sid: re.Pattern[str]
    sound_hosts: re.Pattern[str] = NO_OTHER_HOST  # whose sounds may lie elsewhere
    sound_is_linked: bool = False  # whether a recording names an address for its sound, for a while

    def list_recordings(self, conference_sid: str) -> list[RecordingEvent]:
        listing = self.recording_operation("list", of_leg=False)
        pages = self.read_pages(
            self._recordings("Conferences", conference_sid, RECORDINGS),
            query=self.form(listing, page_size=self.page_sizes.get(listing)),
            items="recordings",
            following="next_page_uri",
        )
        events = [
            self._recording(row, page, From.READ, conference_sid=conference_sid)
            for page in pages
            for row in page.body["recordings"]
        ]
        return list({event.sid: event for event in events}.values())

    def fetch_recording(self, key: RecordingKey) -> RecordingEvent:
        answer = self.read(self._place("fetch", key))
        return self._recording(answer.body, answer, From.READ, conference_sid=key.conference_sid, key=key)

    def update_recording(self, key: RecordingKey, *, status: str, **values: object) -> RecordingEvent:
        operation = self.recording_operation("update", of_leg=key.of_leg)
        form = self.form(operation, status=status, **values)
        answer = self.write("POST", self._place("update", key), form=form)
        return self._recording(answer.body, answer, From.ANSWER, conference_sid=key.conference_sid, key=key)

    def start_recording(self, call_sid: str, **values: object) -> RecordingEvent:
        form = self.form("call_recording.start", **values)
        answer = self.write("POST", self._recordings("Calls", call_sid, RECORDINGS), form=form)
        body = {**self._object(answer.body), "call_sid": call_sid, "conference_sid": None}
        return self._recording(body, answer, From.ANSWER, conference_sid=None)

    def delete_recording(self, key: RecordingKey) -> None:
        if self.write("DELETE", self._place("delete", key)).status != 204:
            raise self.unreadable("something where nothing was to be said")

    def open_sound(self, key: RecordingKey, *, wanted: str = "") -> Sound:
        home = self.account.api_url or self.url
        source = Source(title=self.title, home=home, auth=self.session.auth, hosts=self.sound_hosts)  # type: ignore[arg-type]
        if not self.sound_is_linked:
            path = self._recordings(RECORDINGS, key.sid).removesuffix(".json")
            return source.open(f"{home}{path}.wav", wanted=wanted)
        body = self._object(self.read(self._place("fetch", key)).body)
        self._same(body, "sid", key.sid)
        if (link := self._text(body, "media_url")) is None:
            raise Gone(self.title, status=404, code="", message="no sound yet")
        return source.open(link, signed=True, wanted=wanted)

    # --- paths and bodies ---------------------------------------------------------------------------------
    def _recordings(self, *segments: str) -> str:
        quoted = "/".join(quote(segment, safe="") for segment in (self.account.sid, *segments))
        return f"{self.root}/{quoted}.json"

    def _place(self, act: str, key: RecordingKey) -> str:
        """The path of the resource through which this provider does it."""
        operation = self.recording_operation(act, of_leg=key.of_leg)
        if not operation:
            raise self.unsupported(f"{act} this recording")
        above = {
            "conference_recording": ("Conferences", key.conference_sid),
            "call_recording": ("Calls", key.call_sid or ""),
            "recording": (),
        }[operation.partition(".")[0]]
        return self._recordings(*above, RECORDINGS, key.sid)

    def _recording(
        self,
        row: Any,
        answer: Answer,
        source: From,
        *,
        conference_sid: str | None,
        key: RecordingKey | None = None,
    ) -> RecordingEvent:
        """`key`: the recording that was asked for; `conference_sid`: where it was asked for."""
        row = self._object(row)
        named = key is not None and key.sid != self.current_recording
        self._same(row, "sid", key.sid if key is not None and named else self.recording_sid)
        began, call_sid = self._text(row, "source"), self._text(row, "call_sid")
        conference = self._text(row, "conference_sid") or conference_sid
        return RecordingEvent(
            sid=row["sid"],
            conference_sid=conference,
            call_sid=key.call_sid if key else leg_of_recording(began, conference, call_sid),
            stamp=stamp(answer, source),
            status=RECORDING_STATUS.get(self._text(row, "status") or ""),
            source=began,
            channels=row["channels"] if row.get("channels") in (1, 2) else None,
            seconds=_seconds(row.get("duration")),
            started=self._moment(row, "start_time"),
        )

    def _moment(self, row: dict[str, Any], field: str) -> float | None:
        text = self._text(row, field)
        try:
            return parsedate_to_datetime(text).timestamp() if text else None
        except ValueError:
            raise self.unreadable(f"a {field} that is no date") from None


def _seconds(said: object) -> int | None:
    """A text or a number; while it goes on, nothing or -1."""
    text = str(said)
    return round(float(text)) if re.fullmatch(r"\d{1,8}(\.\d{1,6})?", text) else None
