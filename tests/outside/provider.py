"""Providers that post: each signs and words its callbacks as documented, sharing no code with the product."""

import base64
import hashlib
import hmac
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.patience import ANSWER_S

FORM = "application/x-www-form-urlencoded"
FLAGS = {
    "Muted": "false",
    "Hold": "false",
    "Coaching": "false",
    "EndConferenceOnExit": "false",
    "StartConferenceOnEnter": "true",
}
REASONS = ("ReasonParticipantLeft", "ParticipantCallStatus", "ReasonConferenceEnded")
# The sandbox's own pair, which it makes of this text: the site's account holds the public half.
KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"earshot sandbox").digest())
ANOTHER_KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)


def sign_as_twilio(url: str, body: bytes) -> dict[str, str]:
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    text = url + "".join(key + form[key] for key in sorted(form))
    digest = hmac.new(b"sandbox-twilio-token", text.encode(), hashlib.sha1).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


def sign_as_telnyx(
    url: str, body: bytes, *, at: float | None = None, key: Ed25519PrivateKey = KEY
) -> dict[str, str]:
    """Over the time and the raw body; the URL is not signed."""
    moment = str(int(time.time() if at is None else at))
    signature = base64.b64encode(key.sign(moment.encode() + b"|" + body)).decode()
    return {"telnyx-timestamp": moment, "telnyx-signature-ed25519": signature}


@dataclass(frozen=True)
class Provider:
    """`told`: the events that it posts (none named: all of them); `unsaid`: keys that stand in none of them.

    `more`: what else stands in every form; `legacy`: keys that repeat another.
    """

    key: str
    account: str
    foreign: str
    signature: str  # the header
    sign: Callable[[str, bytes], dict[str, str]]
    first_number: int
    conference_sid: Callable[[], str]
    call_sid: Callable[[], str]
    when: str  # strftime, UTC
    told: frozenset[str] = frozenset()
    unsaid: frozenset[str] = frozenset()
    more: Mapping[str, str] = field(default_factory=dict)
    legacy: Mapping[str, str] = field(default_factory=dict)

    def form(self, form: Mapping[str, str]) -> dict[str, str]:
        """What it would say of all this."""
        said = {key: value for key, value in form.items() if key not in self.unsaid}
        legacy = {key: said[same] for key, same in self.legacy.items() if same in said}
        return {**said, **self.more, **legacy}

    def text(self, moment: float) -> str:
        return time.strftime(self.when, time.gmtime(moment))


TWILIO = Provider(
    key="twilio",
    account="AC00000000000000000000000000000001",
    foreign="AC00000000000000000000000000000002",
    signature="X-Twilio-Signature",
    sign=sign_as_twilio,
    first_number=1,
    conference_sid=lambda: f"CF{uuid.uuid4().hex}",
    call_sid=lambda: f"CA{uuid.uuid4().hex}",
    when="%a, %d %b %Y %H:%M:%S +0000",
)
TELNYX = Provider(
    key="telnyx",
    account="00000000-0000-4000-8000-000000000002",
    foreign="00000000-0000-4000-8000-000000000003",
    signature="telnyx-signature-ed25519",
    sign=sign_as_telnyx,
    first_number=0,
    conference_sid=lambda: str(uuid.uuid4()),
    call_sid=lambda: f"v3:{uuid.uuid4().hex}_{uuid.uuid4().hex[:20]}-",
    when="%Y-%m-%dT%H:%M:%SZ",
    told=frozenset({"conference-start", "conference-end", "participant-join", "participant-leave"}),
    unsaid=frozenset({*FLAGS, *REASONS, "ApiVersion", "Direction"}),
    more={"ConnectionId": "1900000000000000001"},
    legacy={"CallSidLegacy": "CallSid"},
)
PROVIDERS = {one.key: one for one in (TWILIO, TELNYX)}


def address(site: str, poster: Provider, kind: str) -> str:
    return f"{site}/callbacks/{poster.key}/{kind}/"


def post(provider: Provider, url: str, form: dict[str, str], **headers: str) -> int:
    """The status with which `url` answers the signed form."""
    body = urlencode(form).encode()
    signed = {"Content-Type": FORM, **provider.sign(url, body), **headers}
    return requests.post(url, data=body, headers=signed, allow_redirects=False, timeout=ANSWER_S).status_code


class Story:
    """The callbacks of one conference. Numbers count up with what happens, told or not."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.sid = provider.conference_sid()
        self.name = f"outside-{self.sid[-8:]}x"
        self.told: list[tuple[str, dict[str, str]]] = []
        self.number = provider.first_number

    def tell(self, event: str, call_sid: str | None = None, label: str = "", **more: str) -> None:
        number, self.number = self.number, self.number + 1
        if self.provider.told and event not in self.provider.told:
            return
        form = {
            "AccountSid": self.provider.account,
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "SequenceNumber": str(number),
            "StatusCallbackEvent": event,
            "Timestamp": self.provider.text(time.time() - 60 + number),
        }
        if call_sid:
            form |= {"CallSid": call_sid, **FLAGS, **({"ParticipantLabel": label} if label else {})}
        self.told.append(("conference", self.provider.form(form | more)))

    def tell_call(self, call_sid: str, number: int, status: str, **more: Any) -> None:
        form = {
            "AccountSid": self.provider.account,
            "ApiVersion": "2010-04-01",
            "CallSid": call_sid,
            "CallStatus": status,
            "CallbackSource": "call-progress-events",
            "Direction": "inbound",
            "From": "+442079460177",
            "To": "+12025550100",
            "SequenceNumber": str(number),
            "Timestamp": self.provider.text(time.time() - 60),
        }
        self.told.append(("call", self.provider.form(form | more)))
