"""What a test has to know of each provider to speak with its dialect over plain HTTP, and check its post."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from telnyx.lib.webhook_verification import WebhookVerificationError, verify_webhook_signature
from twilio.request_validator import RequestValidator

from tests.patience import ANSWER_S
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Received
from tests.sandbox.sdk import ACCOUNT, CALLER_ID, TOKEN

TELNYX_ACCOUNT = "00000000-0000-4000-8000-000000000002"
TELNYX_KEY = "sandbox-telnyx-key"
APPLICATION = "1900000000000000001"


class Bearer(AuthBase):
    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request


@dataclass(frozen=True)
class Side:
    """`dial`: what every dial needs. `told`: the conference events that it tells, of those a test causes."""

    account: str
    root: str
    suffix: str
    auth: AuthBase
    dial: Mapping[str, str]
    created: int
    ringing: str
    first_number: int
    flags_are_told: bool
    code_of: Callable[[Any], Any]
    codes: Mapping[str, Any]
    genuine: Callable[[Sandbox, Received], bool]


def signed_by_twilio(_: Sandbox, callback: Received) -> bool:
    form = callback.form if callback.method == "POST" else {}
    signature = callback.headers["X-Twilio-Signature"]
    return bool(RequestValidator(TOKEN).validate(callback.url, form, signature))


def signed_by_telnyx(sandbox: Sandbox, callback: Received) -> bool:
    """As their own SDK checks it."""
    key = sandbox.get("/_sandbox/telnyx-public-key")["key"]
    try:
        verify_webhook_signature(callback.body, callback.headers, key)
    except WebhookVerificationError:
        return False
    return True


SIDES = {
    "twilio": Side(
        account=ACCOUNT,
        root="/2010-04-01",
        suffix=".json",
        auth=HTTPBasicAuth(ACCOUNT, TOKEN),
        dial={"From": CALLER_ID},
        created=201,
        ringing="ringing",
        first_number=1,
        flags_are_told=True,
        code_of=lambda body: body["code"],
        codes={"refuse": 20001, "429": 20429, "500": 20500},
        genuine=signed_by_twilio,
    ),
    "telnyx": Side(
        account=TELNYX_ACCOUNT,
        root="/v2/texml",
        suffix="",
        auth=Bearer(TELNYX_KEY),
        dial={"From": CALLER_ID, "ApplicationSid": APPLICATION},
        created=200,
        ringing="connecting",
        first_number=0,
        flags_are_told=False,
        code_of=lambda body: body["errors"][0]["code"],
        codes={"refuse": "10015", "429": "10011", "500": "10007"},
        genuine=signed_by_telnyx,
    ),
}


class Api:
    """A provider's API, signed in; paths as both have them, after the account and without a suffix."""

    def __init__(self, sandbox: Sandbox, provider: str) -> None:
        self.provider, self.side = provider, SIDES[provider]
        self.base = f"{sandbox.url}{self.side.root}/Accounts/{self.side.account}"

    def path(self, path: str) -> str:
        """What the journal calls it."""
        return f"{self.side.root}/Accounts/{self.side.account}{path}{self.side.suffix}"

    def get(self, path: str, **params: str) -> requests.Response:
        return self._send("GET", path, params=params)

    def post(self, path: str, data: Any = None) -> requests.Response:
        return self._send("POST", path, data=data or {})

    def delete(self, path: str) -> requests.Response:
        return self._send("DELETE", path)

    def dial(self, conference: str, **params: Any) -> requests.Response:
        """To `client:lead`, unless told otherwise."""
        form = {**self.side.dial, "To": "client:lead", **params}
        return self.post(f"/Conferences/{conference}/Participants", form)

    def _send(self, method: str, path: str, **more: Any) -> requests.Response:
        url = f"{self.base}{path}{self.side.suffix}"
        return requests.request(method, url, auth=self.side.auth, timeout=ANSWER_S, **more)
