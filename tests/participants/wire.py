"""Posts callbacks as each provider does: signed for the public address, whatever the host is."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

RECORDINGS = Path(__file__).parents[1] / "recordings"
PUBLIC_URL = "https://earshot.example"
FORM = "application/x-www-form-urlencoded"
Form = Mapping[str, str]


@dataclass(frozen=True)
class Dialect:
    """What a test has to know of a provider to speak like it."""

    account_sid: str
    secret: str
    foreign_sid: str
    signature: str  # the header
    sign: Callable[[str, bytes, str], dict[str, str]]  # url, body, secret -> headers
    stamp: Callable[[datetime], str]
    call_sid: Callable[[int], str]
    facts: Mapping[str, str] = field(default_factory=dict)  # of an account, beside sid and secret


def sign_as_twilio(url: str, body: bytes, secret: str) -> dict[str, str]:
    fields = sorted(set(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
    text = url + "".join(name + value for name, value in fields)
    digest = hmac.new(secret.encode(), text.encode("utf-8", "replace"), hashlib.sha1).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


def telnyx_key(secret: str) -> Ed25519PrivateKey:
    """The key pair of these tests that goes with this API key."""
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(secret.encode()).digest())


def telnyx_public_key(secret: str) -> str:
    return base64.b64encode(telnyx_key(secret).public_key().public_bytes_raw()).decode()


def sign_as_telnyx(_url: str, body: bytes, secret: str, *, ago_s: int = 0) -> dict[str, str]:
    """The URL is not signed."""
    at = str(int(time.time()) - ago_s)
    signature = telnyx_key(secret).sign(at.encode() + b"|" + body)
    return {
        "telnyx-timestamp": at,
        "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
    }


DIALECTS = {
    "twilio": Dialect(
        account_sid="AC00000000000000000000000000000001",
        secret="sandbox-twilio-token",
        foreign_sid="AC00000000000000000000000000000002",
        signature="X-Twilio-Signature",
        sign=sign_as_twilio,
        stamp=format_datetime,
        call_sid=lambda n: f"CA{n:032x}",
    ),
    "telnyx": Dialect(
        account_sid="00000000-0000-4000-8000-000000000002",
        secret="sandbox-telnyx-key",
        foreign_sid="00000000-0000-4000-8000-000000000009",
        signature="telnyx-signature-ed25519",
        sign=sign_as_telnyx,
        stamp=lambda at: at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        call_sid=lambda n: f"v3:{n:054d}",
        facts={
            "application_sid": "1900000000000000001",
            "public_key": telnyx_public_key("sandbox-telnyx-key"),
        },
    ),
}


def recording(provider: str, event: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((RECORDINGS / provider / f"{event}.json").read_text())
    return read


def recordings(provider: str) -> list[str]:
    return sorted(path.stem for path in (RECORDINGS / provider).glob("*.json"))


@dataclass
class Wire:
    """One account's provider, posting to the application under test."""

    name: str
    client: Client
    key: str = ""

    def __post_init__(self) -> None:
        self.dialect = DIALECTS[self.name]
        self.key = self.key or self.name

    def path(self, kind: str, query: str = "") -> str:
        return f"/callbacks/{self.key}/{kind}/" + (f"?{query}" if query else "")

    def post(
        self,
        kind: str,
        form: Form | bytes,
        *,
        query: str = "",
        headers: dict[str, str] | None = None,
        secret: str = "",
        content_type: str = FORM,
    ) -> int:
        """The status of the answer. `headers` replace the signature; bytes are sent as they are."""
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        path = self.path(kind, query)
        if headers is None:
            headers = self.dialect.sign(PUBLIC_URL + path, body, secret or self.dialect.secret)
        answer = self.client.post(path, body, content_type=content_type, headers=headers)
        assert answer.content == b"", "the answer is always empty"
        return answer.status_code
