"""Twilio's callbacks: the signature over one, and what its words mean to us."""

import base64
import hashlib
import hmac
import re
from collections import Counter
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, urlsplit

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
from .errors import Forged, Malformed
from .exchange import Fields

# --- their word on the left, ours on the right ------------------------------------------------------------
# Conference callbacks, `StatusCallbackEvent` about the room -> Conference.status
CONFERENCE_EVENTS = {"conference-start": "in-progress", "conference-end": "completed"}
# … about one leg -> where it is, and what the word itself says, should the flag be missing.
# Speech and announcement events have no word of ours yet.
LEG_EVENTS: dict[str, dict[str, bool]] = {
    "participant-join": {},
    "participant-leave": {},
    "participant-mute": {"muted": True},
    "participant-unmute": {"muted": False},
    "participant-hold": {"hold": True},
    "participant-unhold": {"hold": False},
    "participant-modify": {},  # exit behaviour, coaching or wait URL: never says who is coached
}
FLAGS = {
    "Muted": "muted",
    "Hold": "hold",
    "Coaching": "coaching",
    "StartConferenceOnEnter": "start_conference_on_enter",
    "EndConferenceOnExit": "end_conference_on_exit",
}
BOOLEAN = {"true": True, "false": False}
DIRECTION = {"inbound": "inbound", "outbound-api": "outbound", "outbound-dial": "outbound"}
PROGRESS = "call-progress-events"

# --- the strict pattern of every parameter that is read ---------------------------------------------------
# Names and values of the signed text stand without separators, so a loose pattern would let somebody
# move the boundary between them under a signature that stays right.
CONFERENCE_SID = re.compile(r"CF[0-9a-fA-F]{32}")
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
_WORD = re.compile(r"[a-z][a-z_-]{0,63}")
_TEXT = re.compile(r"[^\x00-\x1f]{0,255}")
_SHARED = {
    "AccountSid": re.compile(r"AC[0-9a-fA-F]{32}"),
    "CallSid": CALL_SID,
    "SequenceNumber": re.compile(r"[0-9]{1,9}"),
    "Timestamp": re.compile(r"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} (\+0000|GMT)"),
}
_ADDRESS = re.compile(r"\+?[\w.*#-]{1,64}|(client|sips?|app):[^\s]{1,240}")
_STRICT = {
    "conference": {
        **_SHARED,
        **dict.fromkeys(FLAGS, re.compile(r"true|false")),
        "ConferenceSid": CONFERENCE_SID,
        "StatusCallbackEvent": _WORD,
        "CallSidToCoach": CALL_SID,
        "ReasonConferenceEnded": _WORD,
        "ReasonParticipantLeft": _WORD,
        "ParticipantCallStatus": _WORD,
        "ParticipantLabel": re.compile(r"[^/\x00-\x1f]{1,128}"),
        "FriendlyName": _TEXT,
    },
    "call": {
        **_SHARED,
        "CallStatus": _WORD,
        "Direction": _WORD,
        "CallbackSource": _WORD,
        "AnsweredBy": _WORD,
        "From": _ADDRESS,
        "To": _ADDRESS,
    },
}
_REQUIRED = {
    "conference": ("AccountSid", "ConferenceSid", "StatusCallbackEvent"),
    "call": ("AccountSid", "CallSid", "CallStatus"),
}

SIGNATURE_HEADER = "X-Twilio-Signature"


def signed(given: str, *, token: bytes, url: str, body: bytes) -> bool:
    """Whether `given` is the signature over the URL and the sorted form.

    Twilio signs with or without the port of the URL, it does not say when.
    """
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    text = "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    right = [
        base64.b64encode(hmac.new(token, (form + text).encode("utf-8", "replace"), hashlib.sha1).digest())
        for form in _with_and_without_port(url)
    ]
    return any(hmac.compare_digest(each, given.encode("utf-8", "surrogateescape")) for each in right)


def _with_and_without_port(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if parts.port:
        return url, parts._replace(netloc=parts.netloc.rpartition(":")[0]).geturl()
    standard = 443 if parts.scheme == "https" else 80
    return parts._replace(netloc=f"{parts.netloc}:{standard}").geturl(), url


def parse_callback(kind: str, pairs: Fields, *, account_sid: str) -> Parsed:
    """See `Provider.parse`."""
    strict = _STRICT[kind]
    for name, times in Counter(name for name, _ in pairs).items():
        if name in strict and times > 1:
            raise Forged(name, f"stands {times} times, it may stand once")
    # An empty value says as little as a missing one (ParticipantLabel of a leg without a label).
    form = {name: value for name, value in pairs if value}
    if form.get("AccountSid", account_sid) != account_sid:
        raise Forged("AccountSid", "names another account")
    try:
        _check(form, strict, required=_REQUIRED[kind])
        return _READ[kind](form)
    except Malformed as malformed:
        malformed.conference_sid = _readable(form, "ConferenceSid", CONFERENCE_SID)
        malformed.call_sid = _readable(form, "CallSid", CALL_SID)
        raise


def _check(form: dict[str, str], strict: dict[str, re.Pattern[str]], *, required: tuple[str, ...]) -> None:
    for name in required:
        if name not in form:
            raise Malformed(name, "is missing")
    for name, value in form.items():
        if name in strict and not strict[name].fullmatch(value):
            raise Malformed(name, "is not what this parameter can hold")


def _readable(form: dict[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = form.get(name, "")
    return value if pattern.fullmatch(value) else ""


def _conference_callback(form: dict[str, str]) -> Parsed:
    event = form["StatusCallbackEvent"]
    if event in LEG_EVENTS and "CallSid" not in form:
        raise Malformed("CallSid", "is missing")
    mark = _stamp(form, Stream.CONFERENCE)
    events: list[Event] = []
    if event in CONFERENCE_EVENTS:
        events = [_conference(form, mark)]
    elif event in LEG_EVENTS:
        events = [_leg(form, mark)]
    return _parsed(form, event, mark, events)


def _conference(form: dict[str, str], mark: Stamp) -> ConferenceEvent:
    return ConferenceEvent(
        conference_sid=form["ConferenceSid"],
        stamp=mark,
        friendly_name=form.get("FriendlyName"),
        status=CONFERENCE_EVENTS[form["StatusCallbackEvent"]],
        reason_ended=form.get("ReasonConferenceEnded"),
    )


def _leg(form: dict[str, str], mark: Stamp) -> LegEvent:
    event = form["StatusCallbackEvent"]
    flags = LEG_EVENTS[event] | {FLAGS[name]: BOOLEAN[form[name]] for name in FLAGS.keys() & form.keys()}
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


def _call_callback(form: dict[str, str]) -> Parsed:
    status = form["CallStatus"]
    mark = _stamp(form, Stream.CALL)
    known = status in CALL_STATUSES and form.get("CallbackSource", PROGRESS) == PROGRESS
    event = CallEvent(
        call_sid=form["CallSid"],
        stamp=mark,
        call_status=status,
        from_=form.get("From"),
        to=form.get("To"),
        direction=DIRECTION.get(form.get("Direction", "")),
        answered_by=form.get("AnsweredBy"),
    )
    return _parsed(form, status, mark, [event] if known else [])


def _stamp(form: dict[str, str], stream: Stream) -> Stamp:
    number = form.get("SequenceNumber")
    return Stamp(
        source=Source.CALLBACK,
        occurred=_occurred(form.get("Timestamp")),
        stream=stream,
        number=None if number is None else int(number),
    )


def _occurred(text: str | None) -> float | None:
    try:
        return None if text is None else parsedate_to_datetime(text).timestamp()
    except ValueError as wrong:
        raise Malformed("Timestamp", "is no date") from wrong


def _parsed(form: dict[str, str], event: str, mark: Stamp, events: list[Event]) -> Parsed:
    """Number, event and sids tell a callback from every other; without a number nothing does."""
    conference_sid, call_sid = form.get("ConferenceSid", ""), form.get("CallSid", "")
    numbered = mark.number is not None
    return Parsed(
        account_sid=form["AccountSid"],
        event=event,
        key=f"{conference_sid}:{mark.number}:{event}:{call_sid}" if numbered else "",
        conference_sid=conference_sid,
        call_sid=call_sid,
        sequence=mark.number,
        occurred=mark.occurred,
        events=events,
    )


_READ = {"conference": _conference_callback, "call": _call_callback}
