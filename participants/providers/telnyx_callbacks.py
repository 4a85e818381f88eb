"""Telnyx's callbacks: the signature over one, and what its words mean to us.

Mute, hold, coaching, announcements and reasons are never reported; neither is who called whom.
"""

import base64
import re
import time
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ..events import Stream
from .callback_forms import (
    ADDRESS,
    ISO_8601,
    LABEL,
    NUMBER,
    RFC_2822,
    TEXT,
    WORD,
    Words,
)
from .callback_recordings import AMD_WORDS, RECORDING_WORDS
from .errors import Forged

CALL_SID = re.compile(r"v[0-9]+:[A-Za-z0-9_:-]{1,120}")
# A uuid in the API, `conf_…` in the samples of callbacks: an opaque text.
CONFERENCE_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
RECORDING_SID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")  # a uuid in the API
_SHARED = {
    "AccountSid": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "CallSid": CALL_SID,
    "SequenceNumber": NUMBER,
    "Timestamp": re.compile(f"{RFC_2822}|{ISO_8601}"),  # three forms stand in the documentation
}
WORDS = Words(
    leg_events={"participant-join": {}, "participant-leave": {}},
    directions={"inbound": "inbound", "outbound": "outbound"},  # in the API alone
    # For calls some pages count the states that a call passed, others the callbacks that were sent.
    numbered=frozenset({Stream.CONFERENCE}),
    keyed=False,
    bare_digits=True,
    answered_by={"machine": "machine_start", "not_sure": "unknown"},  # the Call resource
    strict={
        "conference": {
            **_SHARED,
            "ConferenceSid": CONFERENCE_SID,
            "StatusCallbackEvent": WORD,
            "ParticipantLabel": LABEL,
            "FriendlyName": TEXT,
        },
        "call": {
            **_SHARED,
            "CallStatus": WORD,
            "CallbackSource": WORD,
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

SIGNATURE_HEADER = "telnyx-signature-ed25519"
TIMESTAMP_HEADER = "telnyx-timestamp"
# Between two clocks, and the same in the official libraries: EARSHOT_TIME_SCALE must not shorten it.
TOLERANCE_S = 300
_SECONDS = re.compile(r"[0-9]{1,12}")


def signed(headers: Mapping[str, str], body: bytes, *, public_key: str) -> bool:
    """Whether the body was signed by this key, at a time near ours.

    Raises Forged for a right signature that is more than 300 s old or early: somebody kept it, or a clock is
    wrong. The URL is not signed, so nothing in it may be believed.
    """
    given = {name.lower(): value for name, value in headers.items()}
    timestamp = given.get(TIMESTAMP_HEADER, "")
    signature, key = _bytes(given.get(SIGNATURE_HEADER, "")), _bytes(public_key)
    if signature is None or key is None or not _SECONDS.fullmatch(timestamp):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, timestamp.encode() + b"|" + body)
    except (InvalidSignature, ValueError):  # ValueError: a length that no key has
        return False
    away = abs(round(time.time()) - int(timestamp))
    if away > TOLERANCE_S:
        raise Forged(
            TIMESTAMP_HEADER,
            f"is {away} s away from this server's clock; {TOLERANCE_S} s are allowed",
        )
    return True


def _bytes(text: str) -> bytes | None:
    """Base64 in its one spelling: a spare bit that is set would be a second signature."""
    try:
        read = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return read if base64.b64encode(read).decode() == text else None
