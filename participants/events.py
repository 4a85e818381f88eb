"""What a provider can tell us, in our words.

A callback, the answer to a request and a read all become these events and pass through `merge`.
Absent is not false: a field that was not said is None.
"""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    CALLBACK = "callback"
    ANSWER = "answer"
    READ = "read"


class Stream(StrEnum):
    """The numbered streams of callbacks: each conference and each call counts its own."""

    CONFERENCE = "conference"
    CALL = "call"


class Presence(StrEnum):
    IN = "in"
    LEFT = "left"


TERMINAL = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
CALL_STATUSES = ("queued", "initiated", "ringing", "in-progress", *sorted(TERMINAL))
CONFERENCE_STATUSES = ("init", "in-progress", "completed")
# Who answered, as machine detection says it: each row is surer than the one before.
ANSWERED_BY = (
    "unknown",
    "human",
    "machine_start",
    "fax",
    "machine_end_other",
    "machine_end_silence",
    "machine_end_beep",
)
RECORDING_STATUSES = ("in-progress", "paused", "stopped", "processing", "completed", "absent", "deleted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Where an event comes from and when it was true.

    `began` is our clock (unix seconds): the start of the request behind a read or an answer.
    `occurred` is the provider's clock: a callback's Timestamp, or the HTTP Date of a read.
    `number` is the position in `stream` (Twilio: SequenceNumber); None where nothing is numbered.
    """

    source: Source
    began: float | None = None
    occurred: float | None = None
    stream: Stream | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceEvent:
    """Something about a whole conference (Conference resource, conference-start, conference-end)."""

    conference_sid: str
    stamp: Stamp
    friendly_name: str | None = None
    status: str | None = None
    region: str | None = None
    reason_ended: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEvent:
    """Something about one leg in one conference (Participant resource, participant-… callbacks).

    `target` is the call sid of the coached leg; `target_unsaid` marks an event that tells of coaching
    but not of whom (participant-modify): what was known of the target no longer holds.
    """

    conference_sid: str
    call_sid: str
    stamp: Stamp
    friendly_name: str | None = None
    label: str | None = None
    presence: Presence | None = None
    call_status: str | None = None
    muted: bool | None = None
    hold: bool | None = None
    coaching: bool | None = None
    target: str | None = None
    target_unsaid: bool = False
    start_conference_on_enter: bool | None = None
    end_conference_on_exit: bool | None = None
    left_reason: str | None = None
    queue_time: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """Something about a call, whatever conference it is in (Call resource, call-progress callbacks).

    `from_` and `to` are addresses: E.164, `client:…` or `sip:…`. `direction` is `inbound` or `outbound`.
    """

    call_sid: str
    stamp: Stamp
    call_status: str | None = None
    from_: str | None = None
    to: str | None = None
    direction: str | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingEvent:
    """Something about a recording (Recording resource, recording callbacks), which is never sound itself.

    It is of the whole conference where `call_sid` is None; of one leg, its conference may not be said.
    `channels` are 1 or 2, `seconds` its length, `started` the provider's clock.
    """

    sid: str
    conference_sid: str | None
    call_sid: str | None
    stamp: Stamp
    status: str | None = None
    source: str | None = None
    channels: int | None = None
    seconds: int | None = None
    started: float | None = None


Event = ConferenceEvent | LegEvent | CallEvent | RecordingEvent
