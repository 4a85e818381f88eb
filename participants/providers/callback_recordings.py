"""Callbacks about recordings, and about who answered: a person, a machine, a fax.

Neither carries a number, and of one provider not even a time: what orders them is told in
`participants.merge_recordings` and `participants.merge`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from ..events import ANSWERED_BY, CallEvent, Event, RecordingEvent, Source, Stamp
from .base import Parsed
from .errors import Malformed

if TYPE_CHECKING:
    from .callback_forms import Form, Words

# Their words of a recording's state -> ours, in callbacks and resources alike; of any other nothing is
# believed. Which words come when somebody pauses and resumes, no document settles.
RECORDING_STATUS = {
    "started": "in-progress",
    "resumed": "in-progress",
    "in-progress": "in-progress",
    "paused": "paused",
    "stopped": "stopped",
    "processing": "processing",
    "completed": "completed",
    "absent": "absent",
    "failed": "absent",
    "deleted": "deleted",
}
# What began a recording of one leg alone.
OF_ONE_LEG = frozenset({"DialVerb", "OutboundAPI", "RecordVerb", "StartCallRecordingAPI", "Trunking"})
CHANNELS = {"1": 1, "2": 2, "mono": 1, "single": 1, "dual": 2}
# Shared by both providers. Links to the sound are in none of them, so they are never looked at.
RECORDING_WORDS = {
    "RecordingStatus": re.compile(r"[a-z][a-z_-]{0,39}"),
    "RecordingSource": re.compile(r"[A-Za-z]{1,60}"),
    "RecordingChannels": re.compile("|".join(CHANNELS)),
    "RecordingDuration": re.compile(r"[0-9]{1,8}(\.[0-9]{1,6})?"),
    "RecordingTrack": re.compile(r"[a-z]{1,20}"),
    "ErrorCode": re.compile(r"[0-9]{1,9}"),
}
AMD_WORDS = {
    "AnsweredBy": re.compile(r"[a-z][a-z_-]{0,39}"),
    "MachineDetectionDuration": re.compile(r"[0-9]{1,9}"),
}


def who_answered(words: Mapping[str, str], text: str | None) -> str | None:
    """Our word for it; a word that nobody knows says nothing."""
    word = words.get(text or "", text)
    return word if word in ANSWERED_BY else None


def leg_of_recording(source: str | None, conference_sid: str | None, call_sid: str | None) -> str | None:
    """The call that it is of; None: of the whole conference, of which a leg may be named all the same."""
    return call_sid if conference_sid is None or source in OF_ONE_LEG else None


def recording_callback(_words: Words, form: Form) -> Parsed:
    conference_sid, call_sid = form.get("ConferenceSid"), form.get("CallSid")
    if conference_sid is None and call_sid is None:
        raise Malformed("ConferenceSid", "and CallSid are both missing")
    said, source = form["RecordingStatus"], form.get("RecordingSource")
    status = RECORDING_STATUS.get(said)
    event = RecordingEvent(
        sid=form["RecordingSid"],
        conference_sid=conference_sid,
        call_sid=leg_of_recording(source, conference_sid, call_sid),
        stamp=Stamp(source=Source.CALLBACK),
        status=status,
        source=source,
        channels=CHANNELS.get(form.get("RecordingChannels", "")),
        seconds=_seconds(form.get("RecordingDuration")),
        started=_started(form.get("RecordingStartTime")),
    )
    return _parsed(form, f"recording-{said}", [event] if status else [])


def _seconds(text: str | None) -> int | None:
    return None if text is None else round(float(text))


def _started(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError as wrong:
        raise Malformed("RecordingStartTime", "is no date") from wrong


def amd_callback(words: Words, form: Form) -> Parsed:
    word = who_answered(words.answered_by, form["AnsweredBy"])
    event = CallEvent(call_sid=form["CallSid"], stamp=Stamp(source=Source.CALLBACK), answered_by=word)
    return _parsed(form, f"answered-by-{word or form['AnsweredBy']}", [event] if word else [])


def _parsed(form: Form, event: str, events: list[Event]) -> Parsed:
    return Parsed(
        account_sid=form["AccountSid"],
        event=event,
        conference_sid=form.get("ConferenceSid", ""),
        call_sid=form.get("CallSid", ""),
        events=events,
    )
