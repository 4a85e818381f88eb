"""Recordings: of whole conferences, of single legs, and their sound. Pure.

One of a conference begins with the conference, one of a leg when the leg is answered or when somebody asks
for it. Both end with what they are of, are made ready for a while, and are `absent` when nothing is in them.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Iterator
from dataclasses import dataclass, field

from participants.sandbox.outbox import Outbox
from participants.sandbox.rooms import Conference, Leg, Sids, Subscription, WorldError

ON, PAUSED, STOPPED, PROCESSING = "in-progress", "paused", "stopped", "processing"
COMPLETED, ABSENT = "completed", "absent"
RUNNING = (ON, PAUSED)
READY_AFTER_S = 1.5
RATE, LONGEST_SOUND_S, TONE_HZ = 8000, 120, 440


@dataclass(slots=True)
class Recording:
    """`since`: when it last went on, None while it does not; `kept`: the seconds before that."""

    sid: str
    provider: str
    conference_sid: str
    call_sid: str | None
    source: str
    created: float
    updated: float
    channels: int = 1
    track: str = "both"
    status: str = ON
    since: float | None = None
    kept: float = 0.0
    link: bool = True
    subscription: Subscription | None = None

    @property
    def over(self) -> bool:
        return self.status not in RUNNING

    def seconds(self, now: float) -> float:
        return self.kept + (0.0 if self.since is None else now - self.since)


@dataclass(slots=True)
class Recordings:
    """All of them by sid. `time_scale` multiplies how long one is made ready."""

    sids: Sids
    outbox: Outbox
    time_scale: float = 1.0
    by_sid: dict[str, Recording] = field(default_factory=dict)
    _ready: list[tuple[float, str]] = field(default_factory=list)

    # Looking

    def get(self, sid: str) -> Recording:
        found = self.by_sid.get(sid)
        if found is None:
            raise WorldError("no_recording", f"no recording {sid}")
        return found

    def of_conference(self, sid: str) -> list[Recording]:
        return [one for one in self.by_sid.values() if one.conference_sid == sid]

    def of_call(self, call_sid: str) -> list[Recording]:
        return [one for one in self.by_sid.values() if one.call_sid == call_sid]

    def next_due(self) -> float | None:
        return min((at for at, _ in self._ready), default=None)

    # What makes them begin and end

    def room_started(self, room: Conference, now: float) -> None:
        if room.recording:
            self._begin(room.provider, room.sid, None, "Conference", room.recording_subscription, now)

    def leg_answered(self, leg: Leg, now: float) -> None:
        if leg.record:
            begun = self.begin_leg(leg, now, source="OutboundAPI", subscription=leg.recording_subscription)
            begun.channels, begun.track = leg.recording_channels, leg.recording_track

    def begin_leg(
        self, leg: Leg, now: float, *, source: str, subscription: Subscription | None, channels: int = 1
    ) -> Recording:
        return self._begin(
            leg.provider, leg.conference_sid, leg.call_sid, source, subscription, now, channels=channels
        )

    def call_ended(self, call_sid: str, now: float) -> None:
        self._end((one for one in self.of_call(call_sid)), now)

    def room_ended(self, sid: str, now: float) -> None:
        self._end((one for one in self.of_conference(sid) if one.call_sid is None), now)

    def tick(self, now: float) -> None:
        """What has been made ready by now is told."""
        due = sorted(one for one in self._ready if one[0] <= now)
        self._ready = [one for one in self._ready if one[0] > now]
        for at, sid in due:
            if (one := self.by_sid.get(sid)) is not None:
                one.status, one.updated = (COMPLETED if one.kept > 0 else ABSENT), at
                self.outbox.of_recording(one, one.status, at)

    # Commands

    def change(self, one: Recording, status: str, now: float) -> None:
        """Pause, go on, stop. Raises `recording_over` where it has ended, `recording_same` for no change."""
        if one.over:
            raise WorldError("recording_over", f"recording {one.sid} is {one.status}")
        if one.status == status:
            raise WorldError("recording_same", f"recording {one.sid} is {status} already")
        self._rest(one, now)
        one.status, one.updated = status, now
        if status == ON:
            one.since = now
        if status == STOPPED:
            self._make_ready(one, now)
        self.outbox.of_recording(one, status, now)

    def delete(self, one: Recording) -> None:
        if one.status not in (COMPLETED, ABSENT):
            raise WorldError("recording_runs", f"recording {one.sid} is {one.status}")
        del self.by_sid[one.sid]

    def _begin(
        self,
        provider: str,
        conference_sid: str,
        call_sid: str | None,
        source: str,
        subscription: Subscription | None,
        now: float,
        *,
        channels: int = 1,
    ) -> Recording:
        sid = self.sids.make(provider, "recording")
        one = Recording(sid, provider, conference_sid, call_sid, source, now, now, channels)
        one.since, one.subscription = now, subscription
        self.by_sid[sid] = one
        self.outbox.of_recording(one, ON, now)
        return one

    def _end(self, ended: Iterator[Recording], now: float) -> None:
        for one in ended:
            if not one.over:
                self._rest(one, now)
                one.status, one.updated = PROCESSING, now
                self._make_ready(one, now)

    def _rest(self, one: Recording, now: float) -> None:
        one.kept, one.since = one.seconds(now), None

    def _make_ready(self, one: Recording, now: float) -> None:
        self._ready.append((now + READY_AFTER_S * self.time_scale, one.sid))


def sound(one: Recording) -> bytes:
    """A quiet tone as long as the recording, at most two minutes: what was said nobody has kept."""
    frames = round(min(max(one.kept, 0.1), LONGEST_SOUND_S) * RATE)
    second = struct.pack(
        f"<{RATE}h", *(round(2000 * math.sin(2 * math.pi * TONE_HZ * n / RATE)) for n in range(RATE))
    )
    whole = second * (frames // RATE) + second[: (frames % RATE) * 2]
    if one.channels == 2:
        whole = b"".join(whole[n : n + 2] * 2 for n in range(0, len(whole), 2))
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setparams((one.channels, 2, RATE, 0, "NONE", ""))
        written.writeframes(whole)
    return file.getvalue()
