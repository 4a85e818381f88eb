"""Twilio's callbacks: the signature over one, and what its words mean to us."""

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, urlsplit

from ..events import Stream
from .callback_forms import (
    ADDRESS,
    ANY_URL,
    FLAGS,
    LABEL,
    NUMBER,
    RFC_2822,
    SHORT_WORD,
    TEXT,
    WORD,
    Words,
)
from .callback_recordings import AMD_WORDS, RECORDING_WORDS

# Names and values of the signed text stand without separators, so a loose pattern would let somebody
# move the boundary between them under a signature that stays right.
CONFERENCE_SID = re.compile(r"CF[0-9a-fA-F]{32}")
CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")
RECORDING_SID = re.compile(r"RE[0-9a-fA-F]{32}")
_SHARED = {
    "AccountSid": re.compile(r"AC[0-9a-fA-F]{32}"),
    "CallSid": CALL_SID,
    "SequenceNumber": NUMBER,
    "Timestamp": re.compile(RFC_2822),
}
WORDS = Words(
    # Speech events have no word of ours yet.
    leg_events={
        "participant-join": {},
        "participant-leave": {},
        "participant-mute": {"muted": True},
        "participant-unmute": {"muted": False},
        "participant-hold": {"hold": True},
        "participant-unhold": {"hold": False},
        "participant-modify": {},  # exit behaviour, coaching or wait URL: never says who is coached
    },
    announcements={"announcement-end": True, "announcement-fail": False},
    directions={"inbound": "inbound", "outbound-api": "outbound", "outbound-dial": "outbound"},
    numbered=frozenset(Stream),
    keyed=True,
    bare_digits=False,
    answered_by={"machine": "machine_start"},  # the Call resource, as documented
    strict={
        "conference": {
            **_SHARED,
            **dict.fromkeys(FLAGS, re.compile(r"true|false")),
            "ConferenceSid": CONFERENCE_SID,
            "StatusCallbackEvent": WORD,
            "CallSidToCoach": CALL_SID,
            "ReasonConferenceEnded": WORD,
            "ReasonParticipantLeft": SHORT_WORD,
            "ParticipantCallStatus": WORD,
            "ParticipantLabel": LABEL,
            "FriendlyName": TEXT,
            "AnnounceUrl": ANY_URL,
        },
        "call": {
            **_SHARED,
            "CallStatus": WORD,
            "Direction": WORD,
            "CallbackSource": WORD,
            "AnsweredBy": SHORT_WORD,
            "From": ADDRESS,
            "To": ADDRESS,
        },
        "recording": {
            **_SHARED,
            **RECORDING_WORDS,
            "RecordingSid": RECORDING_SID,
            "ConferenceSid": CONFERENCE_SID,
            "RecordingStartTime": re.compile(RFC_2822),
        },
        "amd": {**_SHARED, **AMD_WORDS},
    },
)

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
