"""A provider that posts: signs as Twilio does, sharing no code with the product."""

import base64
import hashlib
import hmac
import time
import uuid
from typing import Any
from urllib.parse import urlencode

import requests

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "sandbox-twilio-token"
FLAGS = {
    "Muted": "false",
    "Hold": "false",
    "Coaching": "false",
    "EndConferenceOnExit": "false",
    "StartConferenceOnEnter": "true",
}


def signature(url: str, form: dict[str, str]) -> str:
    text = url + "".join(key + form[key] for key in sorted(form))
    return base64.b64encode(hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()).decode()


def post(url: str, form: dict[str, str], **headers: str) -> int:
    """The status with which `url` answers the signed form."""
    answer = requests.post(
        url,
        data=urlencode(form),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature(url, form),
            **headers,
        },
        allow_redirects=False,
        timeout=5,
    )
    return answer.status_code


class Story:
    """The callbacks of one conference; numbers count up as they are told."""

    def __init__(self) -> None:
        self.sid = f"CF{uuid.uuid4().hex}"
        self.name = f"outside-{self.sid[-8:]}x"
        self.told: list[tuple[str, dict[str, str]]] = []
        self.number = 0

    def tell(self, event: str, call_sid: str | None = None, label: str = "", **more: str) -> None:
        self.number += 1
        form = {
            "AccountSid": ACCOUNT,
            "ConferenceSid": self.sid,
            "FriendlyName": self.name,
            "SequenceNumber": str(self.number),
            "StatusCallbackEvent": event,
            "Timestamp": _text(time.time() - 60 + self.number),
        }
        if call_sid:
            form |= {"CallSid": call_sid, **FLAGS, **({"ParticipantLabel": label} if label else {})}
        self.told.append(("conference", form | more))

    def tell_call(self, call_sid: str, number: int, status: str, **more: Any) -> None:
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "CallSid": call_sid,
            "CallStatus": status,
            "CallbackSource": "call-progress-events",
            "Direction": "inbound",
            "From": "+442079460177",
            "To": "+12025550100",
            "SequenceNumber": str(number),
            "Timestamp": _text(time.time() - 60),
        }
        self.told.append(("call", form | more))


def new_call_sid() -> str:
    return f"CA{uuid.uuid4().hex}"


def _text(moment: float) -> str:
    return time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(moment))
