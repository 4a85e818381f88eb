"""Callbacks that are forms: known parameters strictly read, once each, by a table of words per provider.

Both providers post the same names for the same things, so what differs is data: see `Words`.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime

from ..events import (
    CALL_STATUSES,
    TERMINAL,
    CallEvent,
    ConferenceEvent,
    Event,
    LegEvent,
    Presence,
    Source,
    Stamp,
    Stream,
)
from .base import Parsed
from .callback_recordings import amd_callback, recording_callback, who_answered
from .errors import Forged, Malformed
from .exchange import Fields
from .facts import Announced

Form = dict[str, str]

# `StatusCallbackEvent` about the room -> Conference.status
CONFERENCE_EVENTS = {"conference-start": "in-progress", "conference-end": "completed"}
FLAGS = {
    "Muted": "muted",
    "Hold": "hold",
    "Coaching": "coaching",
    "StartConferenceOnEnter": "start_conference_on_enter",
    "EndConferenceOnExit": "end_conference_on_exit",
}
BOOLEAN = {"true": True, "false": False}
PROGRESS = "call-progress-events"
# What is known but says who somebody is. The rest of `Words.strict` says what happened.
PERSONAL = frozenset({"FriendlyName", "ParticipantLabel", "From", "To"})
REQUIRED = {
    "conference": ("AccountSid", "ConferenceSid", "StatusCallbackEvent"),
    "call": ("AccountSid", "CallSid"),
    "recording": ("AccountSid", "RecordingSid", "RecordingStatus"),
    "amd": ("AccountSid", "CallSid", "AnsweredBy"),
}

# --- patterns that every provider's table may use; the lengths are those of our columns -------------------
WORD = re.compile(r"[a-z][a-z_-]{0,59}")
SHORT_WORD = re.compile(r"[a-z][a-z_-]{0,39}")
TEXT = re.compile(r"[^\x00-\x1f]{0,255}")
NUMBER = re.compile(r"[0-9]{1,9}")
ANY_URL = re.compile(r"[^\s\x00-\x1f]{1,2000}")
LABEL = re.compile(r"[^/\x00-\x1f]{1,128}")
ADDRESS = re.compile(r"\+?[\w.*#-]{1,64}|(client|sips?|app):[^\s]{1,240}")
RFC_2822 = r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [12][0-9]{3} [0-9:]{8} (\+0000|GMT)"
ISO_8601 = r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|\+00:00)"
BARE_DIGITS = re.compile(r"[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How one provider words its callbacks.

    `strict`: for each kind the pattern of every parameter that is read; what is not in it is never looked at.
    `leg_events`: the events about one leg, with what the word itself says, should the flag be missing.
    `numbered`: the streams whose SequenceNumber gives an order. `keyed`: whether number, event and sids tell
    a callback from every other. `bare_digits`: whether E.164 numbers may come without their plus.
    `answered_by`: their word for who answered -> ours, where it differs. `announcements`: the events that
    tell an announcement's end, and whether it was heard.
    """

    strict: Mapping[str, Mapping[str, re.Pattern[str]]]
    leg_events: Mapping[str, Mapping[str, bool]]
    directions: Mapping[str, str]
    numbered: frozenset[Stream]
    keyed: bool
    bare_digits: bool
    answered_by: Mapping[str, str] = field(default_factory=dict)
    announcements: Mapping[str, bool] = field(default_factory=dict)

    def address(self, text: str | None) -> str | None:
        """An E.164 number that came as bare digits gets its plus; a short number or another word stays."""
        return f"+{text}" if self.bare_digits and text and BARE_DIGITS.fullmatch(text) else text


def parse_form(words: Words, kind: str, pairs: Fields, *, account_sid: str) -> Parsed:
    """See `Provider.parse`."""
    strict = words.strict[kind]
    for name, times in Counter(name for name, _ in pairs).items():
        if name in strict and times > 1:
            raise Forged(name, f"stands {times} times, it may stand once")
    # An empty value says as little as a missing one (ParticipantLabel of a leg without a label).
    form = {name: value for name, value in pairs if value and name in strict}
    if form.get("AccountSid", account_sid) != account_sid:
        raise Forged("AccountSid", "names another account")
    try:
        _check(form, strict, required=REQUIRED[kind])
        return READERS[kind](words, form)
    except Malformed as malformed:
        malformed.conference_sid = _readable(form, "ConferenceSid", strict)
        malformed.call_sid = _readable(form, "CallSid", strict)
        raise


def without_people(words: Words, kind: str, pairs: Fields, *, own_label: str) -> Fields:
    """Events, sids, flags, numbers and times stay, and labels that begin with `own_label`.

    Other names, numbers and addresses are empty, as if not said; what is not known is gone.
    """
    strict = words.strict.get(kind, {})
    return [
        (name, value if _is_harmless(strict, name, value, own_label) else "")
        for name, value in pairs
        if name in strict
    ]


def _is_harmless(strict: Mapping[str, re.Pattern[str]], name: str, value: str, own_label: str) -> bool:
    """A value that breaks its pattern may be anything: it says nothing of what happened, and perhaps who."""
    if not strict[name].fullmatch(value):
        return False
    return name not in PERSONAL or (name == "ParticipantLabel" and value.startswith(own_label))


def _check(form: Form, strict: Mapping[str, re.Pattern[str]], *, required: tuple[str, ...]) -> None:
    for name in required:
        if name not in form:
            raise Malformed(name, "is missing")
    for name, value in form.items():
        if not strict[name].fullmatch(value):
            raise Malformed(name, "is not what this parameter can hold")


def _readable(form: Form, name: str, strict: Mapping[str, re.Pattern[str]]) -> str:
    value = form.get(name, "")
    return value if name in strict and strict[name].fullmatch(value) else ""


# --- about a conference, or one leg in it -----------------------------------------------------------------
def _conference_callback(words: Words, form: Form) -> Parsed:
    event = form["StatusCallbackEvent"]
    if event in words.leg_events and "CallSid" not in form:
        raise Malformed("CallSid", "is missing")
    mark = _stamp(words, form, Stream.CONFERENCE)
    events: list[Event] = []
    if event in CONFERENCE_EVENTS:
        events = [_conference(form, mark)]
    elif event in words.leg_events:
        events = [_leg(form, mark, says=words.leg_events[event])]
    parsed = _parsed(words, form, event, mark, events)
    if event in words.announcements and "AnnounceUrl" in form:
        return replace(parsed, announced=Announced(form["AnnounceUrl"], words.announcements[event]))
    return parsed


def _conference(form: Form, mark: Stamp) -> ConferenceEvent:
    return ConferenceEvent(
        conference_sid=form["ConferenceSid"],
        stamp=mark,
        friendly_name=form.get("FriendlyName"),
        status=CONFERENCE_EVENTS[form["StatusCallbackEvent"]],
        reason_ended=form.get("ReasonConferenceEnded"),
    )


def _leg(form: Form, mark: Stamp, *, says: Mapping[str, bool]) -> LegEvent:
    event = form["StatusCallbackEvent"]
    flags = {**says, **{FLAGS[name]: BOOLEAN[form[name]] for name in FLAGS.keys() & form.keys()}}
    left = event == "participant-leave"
    # A leg that was moved elsewhere leaves with its call still in progress: only an end is an end.
    ended = form.get("ParticipantCallStatus") if left else None
    target = form.get("CallSidToCoach")
    return LegEvent(
        conference_sid=form["ConferenceSid"],
        call_sid=form["CallSid"],
        stamp=mark,
        friendly_name=form.get("FriendlyName"),
        label=form.get("ParticipantLabel"),
        presence=Presence.LEFT if left else Presence.IN,
        call_status=ended if ended in TERMINAL else None,
        target=target,
        target_unsaid=event == "participant-modify" and bool(flags.get("coaching")) and target is None,
        left_reason=form.get("ReasonParticipantLeft"),
        **flags,
    )


# --- about a call -----------------------------------------------------------------------------------------
def _call_callback(words: Words, form: Form) -> Parsed:
    mark = _stamp(words, form, Stream.CALL)
    source = form.get("CallbackSource", PROGRESS)
    if source != PROGRESS:  # what the call costs, for one: known, and nothing of it is mirrored
        return _parsed(words, form, source, mark, [])
    if "CallStatus" not in form:
        raise Malformed("CallStatus", "is missing")
    status = form["CallStatus"]
    event = CallEvent(
        call_sid=form["CallSid"],
        stamp=mark,
        call_status=status,
        from_=words.address(form.get("From")),
        to=words.address(form.get("To")),
        direction=words.directions.get(form.get("Direction", "")),
        answered_by=who_answered(words.answered_by, form.get("AnsweredBy")),
    )
    return _parsed(words, form, status, mark, [event] if status in CALL_STATUSES else [])


# --- what all of them carry -------------------------------------------------------------------------------
def _stamp(words: Words, form: Form, stream: Stream) -> Stamp:
    number = form.get("SequenceNumber")
    return Stamp(
        source=Source.CALLBACK,
        occurred=_occurred(form.get("Timestamp")),
        stream=stream,
        number=int(number) if number is not None and stream in words.numbered else None,
    )


def _occurred(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        read = datetime.fromisoformat if text[0].isdigit() else parsedate_to_datetime
        return read(text).timestamp()
    except ValueError as wrong:
        raise Malformed("Timestamp", "is no date") from wrong


def _parsed(words: Words, form: Form, event: str, mark: Stamp, events: list[Event]) -> Parsed:
    conference_sid, call_sid = form.get("ConferenceSid", ""), form.get("CallSid", "")
    number = form.get("SequenceNumber")
    keyed = words.keyed and number is not None
    return Parsed(
        account_sid=form["AccountSid"],
        event=event,
        key=f"{conference_sid}:{int(number or 0)}:{event}:{call_sid}" if keyed else "",
        conference_sid=conference_sid,
        call_sid=call_sid,
        sequence=None if number is None else int(number),
        occurred=mark.occurred,
        events=events,
    )


READERS: Mapping[str, Callable[[Words, Form], Parsed]] = {
    "conference": _conference_callback,
    "call": _call_callback,
    "recording": recording_callback,
    "amd": amd_callback,
}
