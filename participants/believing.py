"""A conference with its legs, and what events make of them. No queries: a replay believes as we do."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property

from . import looks
from .events import CallEvent, ConferenceEvent, Event, LegEvent, Presence, RecordingEvent, Source
from .facts import columns, leg_of, write_leg, write_recording, write_words
from .merge import merge, merge_conference_status
from .merge_recordings import merge_recording_status, recording_word
from .models import Conference, Participant, Recording


class Believed:
    """The rows may be saved or not; nothing is written. `now`: our time of what is merged.

    `doubts`: the call sids of legs of which the newest facts disagree; `doubts_recording`: those of a
    recording do.
    """

    doubts_recording = False

    def __init__(self, conference: Conference, legs: Iterable[Participant], *, now: datetime) -> None:
        self.conference, self.now = conference, now
        self.legs = {leg.call_sid: leg for leg in legs}
        self.doubts: set[str] = set()

    @cached_property
    def recordings(self) -> dict[str, Recording]:
        """By sid: those of this call, and those that are told of now. Asked when one is told of."""
        return {}

    def waited_for(self, event: LegEvent) -> list[Event]:
        """What was told of this leg's call before the leg was known. Asked once, when the leg is made."""
        raise NotImplementedError

    def merge(self, events: Iterable[Event]) -> bool:
        """Whether any of them counted: was newer than what was known. A call's event is about a known leg."""
        counted = [self._merge_one(event) for event in events]
        return any(counted)

    def _merge_one(self, event: Event) -> bool:
        if event.stamp.source is Source.CALLBACK:
            self.conference.callbacks_seen_at = self.now
            looks.note_number(self.conference, event.stamp, now=self.now)
        if isinstance(event, ConferenceEvent):
            return self._merge_conference(event)
        if isinstance(event, RecordingEvent):
            return self._merge_recording(event)
        if isinstance(event, LegEvent):
            self._merge_name(event)
            self._ensure_leg(event)
        return self._merge_leg(event)

    def _merge_conference(self, event: ConferenceEvent) -> bool:
        conference = self.conference
        before = columns(conference)
        conference.status = merge_conference_status(conference.status, event)
        self._merge_name(event)
        if event.region and event.region != "unknown":
            conference.region = event.region
        conference.reason_ended = conference.reason_ended or event.reason_ended
        if conference.status != Conference.Status.INIT and conference.started_at is None:
            conference.started_at = self.now
        if event.stamp.source is Source.READ and conference.stale_reason != "doubt":
            conference.stale_since = conference.stale_reason = None
        self._say_recording([conference.recording] if conference.recording else [])
        return columns(conference) != before or event.stamp.source is not Source.CALLBACK

    def _merge_recording(self, event: RecordingEvent) -> bool:
        """One of this call, or of a leg that is known."""
        row = self.recordings.get(event.sid)
        if row is None:
            row = Recording(account=self.conference.account, sid=event.sid, as_of=self.now, status="")
            self.recordings[event.sid] = row
        row.conference = row.conference or self.conference
        row.participant = row.participant or self.legs.get(event.call_sid or "")
        as_of, now = row.as_of.timestamp(), self.now.timestamp()
        ruling = merge_recording_status(row.status or None, event.status, event.stamp, as_of=as_of, now=now)
        row.status = ruling.status
        self.doubts_recording = self.doubts_recording or ruling.doubt
        told = write_recording(row, event, now=self.now, counted=ruling.counted)
        self._say_recording(one.status for one in self.recordings.values())
        return ruling.counted or told or event.stamp.source is not Source.CALLBACK

    def _say_recording(self, statuses: Iterable[str]) -> None:
        over = not self.conference.live
        self.conference.recording = recording_word(statuses, over=over)

    def _merge_name(self, event: ConferenceEvent | LegEvent) -> None:
        self.conference.friendly_name = event.friendly_name or self.conference.friendly_name

    def _ensure_leg(self, event: LegEvent) -> None:
        if event.call_sid in self.legs:
            return
        self.legs[event.call_sid] = Participant(
            conference=self.conference, call_sid=event.call_sid, as_of=self.now, first_seen_at=self.now
        )
        for past in self.waited_for(event):
            self._merge_one(past)

    def _merge_leg(self, event: LegEvent | CallEvent) -> bool:
        row = self.legs[event.call_sid]
        merged = merge(leg_of(row), event, now=self.now.timestamp())
        if merged.doubt:
            self.doubts.add(row.call_sid)
        elif event.stamp.source is Source.READ and self.conference.stale_reason != "doubt":
            self.conference.stale_since = self.conference.stale_reason = None
        if isinstance(event, LegEvent) and event.presence is not Presence.LEFT:
            row.missed_at = None
        if merged.counted:
            row.source = event.stamp.source
            began = event.stamp.began
            row.as_of = datetime.fromtimestamp(began, UTC) if began else self.now
        write_leg(row, merged.leg)
        write_words(row, event)
        if isinstance(event, LegEvent) and event.presence is Presence.IN:
            row.joined_at = row.joined_at or self.now  # also when its leaving was told first
        return merged.counted
