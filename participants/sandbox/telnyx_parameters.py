"""Every parameter of Telnyx's operations: how it is read, and the code of the refusal when it cannot be.

Forms are what Telnyx documents; its SDK sends JSON. Both are read here: JSON's own true, false and numbers
are taken where the parameter is a boolean or a number. An unknown name is refused with 422 and the general
code 10015: the documents have none for it, and a code with a meaning of its own would claim too much.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from participants.sandbox.rooms import CALL_WORDS
from participants.sandbox.telnyx_errors import Problem, Refused
from participants.sandbox.telnyx_reading import (
    Reader,
    Wrong,
    call_sid,
    days,
    display_name,
    endpoint,
    flag,
    headers,
    label,
    moment,
    one_of,
    text,
    text_of,
    url,
    whole,
    words,
)
from participants.sandbox.wire import Request

HEADER_KEY = re.compile(r"CustomHeaders\[(\d+)\]\[(name|value)\]")
BAD_REQUEST = "10015"

# Their document writes StartTime_gt, their SDK sends StartTime>.
SIGNS = ("", "_gt", "_lt", ">", "<")
METHOD = one_of("GET", "POST")
PAGING: dict[str, Reader] = {"Page": whole(), "PageSize": whole(1), "PageToken": text_of(1, 200)}
ANNOUNCING: dict[str, Reader] = {"AnnounceUrl": url, "AnnounceMethod": METHOD}

CREATE: dict[str, Reader] = {
    "ApplicationSid": text_of(1, 64),
    "Beep": one_of("true", "false", "onEnter", "onExit"),
    "StatusCallback": url,
    "StatusCallbackMethod": METHOD,
    "StatusCallbackEvent": words(*sorted(CALL_WORDS)),
    "To": endpoint,
    "From": endpoint,
    "Timeout": whole(5, 120),
    "Muted": flag,
    "StartConferenceOnEnter": flag,
    "EndConferenceOnExit": flag,
    "Label": label,
    "EarlyMedia": flag,
    "ConferenceStatusCallback": url,
    "ConferenceStatusCallbackMethod": METHOD,
    "ConferenceStatusCallbackEvent": words("start", "end", "join", "leave"),
    "WaitUrl": url,
    "MaxParticipants": whole(2, 800),
    "Coaching": flag,
    "CallSidToCoach": call_sid,
    "CallerId": display_name,
    "TimeLimit": whole(1),
    "MachineDetection": one_of("Enable", "DetectMessageEnd"),
    "MachineDetectionTimeout": whole(),
    "MachineDetectionSpeechThreshold": whole(),
    "MachineDetectionSpeechEndThreshold": whole(),
    "MachineDetectionSilenceTimeout": whole(),
    "MachineDetectionBeepProfile": one_of("both", "freq_only"),
    "AmdStatusCallback": url,
    "AmdStatusCallbackMethod": METHOD,
    "CancelPlaybackOnMachineDetection": flag,
    "CancelPlaybackOnDetectMessageEnd": flag,
    "PreferredCodecs": text_of(0, 1000),
    "Record": flag,
    "RecordingChannels": one_of("mono", "dual"),
    "RecordingStatusCallback": url,
    "RecordingStatusCallbackMethod": METHOD,
    "RecordingStatusCallbackEvent": words("in-progress", "completed", "absent"),
    "RecordingTrack": one_of("inbound", "outbound", "both"),
    "SipAuthPassword": text_of(0, 1000),
    "SipAuthUsername": text_of(0, 1000),
    "Trim": one_of("trim-silence", "do-not-trim"),
    "ConferenceRecord": one_of("true", "false", "record-from-start", "do-not-record"),
    "ConferenceRecordingStatusCallback": url,
    "ConferenceRecordingStatusCallbackMethod": METHOD,
    "ConferenceRecordingStatusCallbackEvent": words("in-progress", "completed", "absent", "failed"),
    "ConferenceRecordingTimeout": whole(),
    "ConferenceTrim": one_of("trim-silence", "do-not-trim"),
    "CustomHeaders": headers,
}

# By operation: what its form or JSON, or the query of a GET, may hold.
PARAMETERS: dict[str, dict[str, Reader]] = {
    "conference.list": {
        **PAGING,
        "FriendlyName": text,
        "Status": one_of("init", "in-progress", "completed"),
        "DateCreated": days,
        "DateUpdated": days,
    },
    "conference.fetch": {},
    "conference.update": {"Status": one_of("completed"), **ANNOUNCING},
    # Two paths answer differently there, with .json and without; here both as with it.
    "conference_recording.list": {},
    "recording.list": {"Page": whole(), "PageSize": whole(1), "DateCreated": moment},
    "recording.fetch": {},
    "recording.delete": {},
    "call_recording.start": {
        "PlayBeep": flag,
        "RecordingChannels": one_of("single", "dual"),
        "RecordingStatusCallback": url,
        "RecordingStatusCallbackEvent": words("in-progress", "completed", "absent"),
        "RecordingStatusCallbackMethod": METHOD,
        "RecordingTrack": one_of("inbound", "outbound", "both"),
        "SendRecordingUrl": flag,
    },
    "call_recording.update": {"Status": one_of("in-progress", "paused", "stopped")},
    # It takes none: only the URI of a further page, which carries its token, has any.
    "participant.list": {},
    "participant.fetch": {},
    "participant.create": CREATE,
    "participant.update": {
        **ANNOUNCING,
        "BeepOnExit": flag,
        "CallSidToCoach": call_sid,
        "Coaching": flag,
        "EndConferenceOnExit": flag,
        "Hold": flag,
        "HoldMethod": METHOD,
        "HoldUrl": url,
        "Muted": flag,
        "WaitUrl": url,
    },
    "participant.delete": {},
    "call.list": {
        **PAGING,
        "To": text,
        "From": text,
        "Status": one_of("canceled", "completed", "failed", "busy", "no-answer"),
        **{f"{name}{sign}": moment for name in ("StartTime", "EndTime") for sign in SIGNS},
    },
    "call.fetch": {},
    "call.update": {
        "Status": one_of("completed"),
        "Url": url,
        "Method": METHOD,
        "FallbackUrl": url,
        "FallbackMethod": METHOD,
        "StatusCallback": url,
        "StatusCallbackMethod": METHOD,
        "Texml": text_of(1, 4000),
    },
}


# Lists whose tokens come from the URIs of pages alone.
TOKEN_OF_URIS = ("participant.list", "conference_recording.list", "recording.list")


@dataclass(frozen=True, slots=True)
class Sent:
    name: str
    value: Any


def read_all(operation: str, request: Request) -> dict[str, Any]:
    """Name -> value of what was sent. Raises Refused with every problem there is."""
    known = PARAMETERS[operation]
    if operation in TOKEN_OF_URIS and "PageToken" in dict(request.query):
        known = {**known, **PAGING}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for sent in _sent(request):
        try:
            if sent.name not in known:
                raise Wrong(BAD_REQUEST, f"one of {', '.join(known)}" if known else "no parameters at all")
            if sent.name in values:
                raise Wrong(BAD_REQUEST, "one value, not several")
            values[sent.name] = known[sent.name](sent.value)
        except Wrong as wrong:
            problems.append(Problem(wrong.code, f"{sent.name} must be {wrong}", sent.name))
    if problems:
        raise Refused(*problems)
    return values


def _sent(request: Request) -> list[Sent]:
    """What the request carries; a GET in its query, everything else in its body."""
    if request.method == "GET":
        return [Sent(*pair) for pair in request.query]
    if request.json is not None:
        # Their SDK leaves out what was not given; null is no value.
        return [Sent(*pair) for pair in request.json.items() if pair[1] is not None]
    return _with_headers([Sent(*pair) for pair in request.form])


def _with_headers(sent: list[Sent]) -> list[Sent]:
    """`CustomHeaders[0][name]` and its like, put together to the list that JSON would have held."""
    rows: dict[str, dict[str, Any]] = {}
    others = []
    for one in sent:
        found = HEADER_KEY.fullmatch(one.name)
        if found:
            rows.setdefault(found[1], {})[found[2]] = one.value
        else:
            others.append(one)
    return [*others, Sent("CustomHeaders", list(rows.values()))] if rows else others
