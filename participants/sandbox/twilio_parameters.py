"""Every parameter of Twilio's operations: how it is read, and the code of the refusal when it cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from participants.sandbox.rooms import CALL_WORDS, CONFERENCE_WORDS
from participants.sandbox.wire import Pairs

INVALID = 20001
SIDS = {kind: re.compile(rf"{kind}[0-9a-fA-F]{{32}}") for kind in ("AC", "CA", "CF", "BY")}
NUMBER = re.compile(r"\+[1-9]\d{6,14}")
ENDPOINT = re.compile(r"\+[1-9]\d{6,14}|client:[^\s/]{1,256}|sip:[^\s@]+@[^\s@]+|app:AP[0-9a-fA-F]{32}\S*")


class BadParameter(Exception):
    """`code` is Twilio's number for this parameter."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Parameter:
    """`read` turns text into a value or raises ValueError with what is allowed; `many` may be repeated."""

    read: Callable[[str], Any]
    code: int = INVALID
    many: bool = False


def flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("true or false")
    return text.lower() == "true"


def mute_flag(text: str) -> bool:
    """Twilio reads every other value as false: `Muted=banana` un-mutes."""
    return text.lower() == "true"


def whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return read


def one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(", ".join(words))
        return text

    return read


def url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an absolute http or https URL")
    return text


def url_or_silence(text: str) -> str:
    return url(text) if text else ""


def text_of(low: int, high: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not low <= len(text) <= high:
            raise ValueError(f"text of {low} to {high} characters")
        return text

    return read


def like(pattern: re.Pattern[str], shown: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(shown)
        return text

    return read


def label(text: str) -> str:
    if not 1 <= len(text) <= 128 or "/" in text or "%2f" in text.lower() or SIDS["CA"].fullmatch(text):
        raise ValueError("at most 128 characters, no slash, not shaped like a call sid")
    return text


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("a day, YYYY-MM-DD") from None


def moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a time in ISO 8601") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def words(*allowed: str) -> Callable[[str], list[str]]:
    """One value may hold several words, separated by spaces."""

    def read(text: str) -> list[str]:
        if not text.split() or not set(text.split()) <= set(allowed):
            raise ValueError(", ".join(allowed))
        return text.split()

    return read


METHOD = one_of("GET", "POST")
ANY_TEXT = text_of(0, 4000)
RECORDING_WORDS = ("started", "in-progress", "paused", "resumed", "stopped", "completed", "failed", "absent")
PAGING = {
    "PageSize": Parameter(whole(1, 10**9)),
    "Page": Parameter(whole(0, 10**9)),
    "PageToken": Parameter(text_of(1, 200)),
}
DAYS = {f"{name}{sign}": Parameter(day) for name in ("DateCreated", "DateUpdated") for sign in ("", "<", ">")}
MOMENTS = {f"{name}{sign}": Parameter(moment) for name in ("StartTime", "EndTime") for sign in ("", "<", ">")}
ANNOUNCING = {"AnnounceUrl": Parameter(url, 16002), "AnnounceMethod": Parameter(METHOD, 16002)}
WAITING = {"WaitUrl": Parameter(url_or_silence, 16002), "WaitMethod": Parameter(METHOD, 16002)}

CREATE = {
    "From": Parameter(like(ENDPOINT, "a number in E.164, client:name or a SIP address"), 21212),
    "To": Parameter(like(ENDPOINT, "a number in E.164, client:name, sip:user@host or app:sid"), 21211),
    "StatusCallback": Parameter(url, 21205),
    "StatusCallbackMethod": Parameter(METHOD, 21209),
    "StatusCallbackEvent": Parameter(words(*sorted(CALL_WORDS)), many=True),
    "Label": Parameter(label, 16024),
    "Timeout": Parameter(whole(5, 600), 21208),
    "Record": Parameter(flag),
    "Muted": Parameter(flag),
    "Beep": Parameter(one_of("true", "false", "onEnter", "onExit")),
    "StartConferenceOnEnter": Parameter(flag),
    "EndConferenceOnExit": Parameter(flag),
    **WAITING,
    "EarlyMedia": Parameter(flag),
    "MaxParticipants": Parameter(whole(2, 250), 16002),
    "ConferenceRecord": Parameter(one_of("true", "false", "record-from-start", "do-not-record"), 16002),
    "ConferenceTrim": Parameter(one_of("trim-silence", "do-not-trim"), 16002),
    "ConferenceStatusCallback": Parameter(url, 16002),
    "ConferenceStatusCallbackMethod": Parameter(METHOD, 16002),
    "ConferenceStatusCallbackEvent": Parameter(words(*sorted(CONFERENCE_WORDS)), 16002, many=True),
    "RecordingChannels": Parameter(one_of("mono", "dual")),
    "RecordingStatusCallback": Parameter(url),
    "RecordingStatusCallbackMethod": Parameter(METHOD),
    "SipAuthUsername": Parameter(ANY_TEXT),
    "SipAuthPassword": Parameter(ANY_TEXT),
    "Region": Parameter(one_of("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1"), 16002),
    "ConferenceRecordingStatusCallback": Parameter(url, 16002),
    "ConferenceRecordingStatusCallbackMethod": Parameter(METHOD, 16002),
    "RecordingStatusCallbackEvent": Parameter(words(*RECORDING_WORDS), many=True),
    "ConferenceRecordingStatusCallbackEvent": Parameter(
        words("in-progress", "completed", "failed", "absent"), 16002, many=True
    ),
    "Coaching": Parameter(flag),
    "CallSidToCoach": Parameter(like(SIDS["CA"], "a call sid"), 16028),
    "JitterBufferSize": Parameter(one_of("off", "small", "medium", "large")),
    "Byoc": Parameter(like(SIDS["BY"], "a BY sid")),
    "CallerId": Parameter(like(ENDPOINT, "a number or an identity, as From"), 21212),
    "CallReason": Parameter(ANY_TEXT),
    "RecordingTrack": Parameter(one_of("inbound", "outbound", "both")),
    "TimeLimit": Parameter(whole(1, 86400)),
    "MachineDetection": Parameter(one_of("Enable", "DetectMessageEnd")),
    "MachineDetectionTimeout": Parameter(whole(3, 59)),
    "MachineDetectionSpeechThreshold": Parameter(whole(1000, 6000)),
    "MachineDetectionSpeechEndThreshold": Parameter(whole(500, 5000)),
    "MachineDetectionSilenceTimeout": Parameter(whole(2000, 10000)),
    "AmdStatusCallback": Parameter(url),
    "AmdStatusCallbackMethod": Parameter(METHOD),
    "Trim": Parameter(one_of("trim-silence", "do-not-trim")),
    "CallToken": Parameter(ANY_TEXT),
    "ClientNotificationUrl": Parameter(url),
    "CallerDisplayName": Parameter(text_of(2, 255)),
}

# By operation: what its form, or the query of a GET, may hold.
PARAMETERS: dict[str, dict[str, Parameter]] = {
    "conference.list": {
        **PAGING,
        **DAYS,
        "FriendlyName": Parameter(text_of(0, 128)),
        "Status": Parameter(one_of("init", "in-progress", "completed")),
    },
    "conference.fetch": {},
    "conference.update": {"Status": Parameter(one_of("completed")), **ANNOUNCING},
    "conference_recording.list": {
        **PAGING,
        **{f"DateCreated{sign}": Parameter(day) for sign in ("", "<", ">")},
    },
    "conference_recording.fetch": {},
    "conference_recording.update": {
        "Status": Parameter(one_of("in-progress", "paused", "stopped", "processing", "completed", "absent")),
        "PauseBehavior": Parameter(one_of("skip", "silence")),
    },
    "conference_recording.delete": {},
    "recording.sound": {},
    "participant.list": {**PAGING, **{name: Parameter(flag) for name in ("Muted", "Hold", "Coaching")}},
    "participant.fetch": {},
    "participant.create": CREATE,
    "participant.update": {
        "Muted": Parameter(mute_flag),
        "Hold": Parameter(flag),
        "HoldUrl": Parameter(url, 16002),
        "HoldMethod": Parameter(METHOD, 16002),
        **ANNOUNCING,
        **WAITING,
        "BeepOnExit": Parameter(flag),
        "EndConferenceOnExit": Parameter(flag),
        "Coaching": Parameter(flag),
        "CallSidToCoach": Parameter(like(SIDS["CA"], "a call sid"), 16028),
    },
    "participant.delete": {},
    "call.list": {
        **PAGING,
        **MOMENTS,
        "To": Parameter(ANY_TEXT),
        "From": Parameter(ANY_TEXT),
        "ParentCallSid": Parameter(like(SIDS["CA"], "a call sid")),
        "Status": Parameter(
            one_of("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")
        ),
    },
    "call.fetch": {},
    "call.update": {
        "Url": Parameter(url, 21205),
        "Method": Parameter(METHOD, 21209),
        "Status": Parameter(one_of("canceled", "completed")),
        "FallbackUrl": Parameter(url, 21205),
        "FallbackMethod": Parameter(METHOD, 21209),
        "StatusCallback": Parameter(url, 21205),
        "StatusCallbackMethod": Parameter(METHOD, 21209),
        "Twiml": Parameter(text_of(1, 4000)),
        "TimeLimit": Parameter(whole(1, 86400)),
    },
}


def read_all(operation: str, pairs: Pairs) -> dict[str, Any]:
    """Name -> value of what was sent. Raises BadParameter for unknown names, repetition and wrong values."""
    known = PARAMETERS[operation]
    values: dict[str, Any] = {}
    for name, raw in pairs:
        parameter = known.get(name)
        if parameter is None:
            raise BadParameter(
                INVALID, f"unknown parameter {name!r} for {operation}; allowed: {', '.join(known)}"
            )
        if name in values and not parameter.many:
            raise BadParameter(parameter.code, f"{name} was sent more than once")
        try:
            value = parameter.read(raw)
        except ValueError as error:
            raise BadParameter(parameter.code, f"{name} is {raw!r}; allowed: {error}") from None
        values[name] = values.get(name, []) + value if parameter.many else value
    return values
