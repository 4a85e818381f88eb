"""The sandbox with somebody who takes its callbacks, and the official SDK that drives it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.patience import ANSWER_S
from tests.sandbox import receiver as receiving
from tests.sandbox.process import Sandbox, running_sandbox
from tests.sandbox.receiver import Receiver
from tests.sandbox.sdk import ACCOUNT, TOKEN, Wire, client
from tests.sandbox.sides import Api

AGENT = {
    "label": "agent-1",
    "from": "+12025550100",
    "to": "client:agent-1",
    "direction": "outbound",
    "role": "agent",
}
CUSTOMER = {"from": "+442079460102", "to": "+12025550100", "direction": "inbound", "role": "customer"}


class Call:
    """A conference of an agent and a customer, made by the control routes."""

    def __init__(self, sandbox: Sandbox, provider: str = "twilio", **more: Any) -> None:
        made = sandbox.post(
            "/_sandbox/conferences",
            {"provider": provider, "friendly_name": "billing-1", "legs": [AGENT, CUSTOMER], **more},
        )
        self.sid: str = made["sid"]
        self.agent, self.customer = (leg["call_sid"] for leg in made["legs"])
        self._sandbox = sandbox

    def hears(self, listener: str) -> list[str]:
        return self.shown()["hears"][listener]

    def shown(self) -> Any:
        return self._sandbox.get(f"/_sandbox/conferences/{self.sid}")

    def leg(self, call_sid: str) -> Any:
        return next((leg for leg in self.shown()["legs"] if leg["call_sid"] == call_sid), None)


class Http:
    """Twilio's API over plain HTTP, signed in."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.base = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}"
        self.auth: Any = (ACCOUNT, TOKEN)

    def get(self, path: str, **params: str) -> requests.Response:
        return requests.get(self.base + path, params=params, auth=self.auth, timeout=ANSWER_S)

    def post(self, path: str, data: Any = None) -> requests.Response:
        return requests.post(self.base + path, data=data or {}, auth=self.auth, timeout=ANSWER_S)

    def delete(self, path: str) -> requests.Response:
        return requests.delete(self.base + path, auth=self.auth, timeout=ANSWER_S)


@pytest.fixture(scope="session")
def _receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    server = receiving.start(receiver)
    yield receiver
    server.shutdown()
    server.server_close()


@pytest.fixture
def receiver(_receiver: Receiver) -> Receiver:
    _receiver.received.clear()
    _receiver.answer = lambda callback: 200
    _receiver.document = lambda callback: ("text/xml", receiving.SPOKEN)
    return _receiver


@pytest.fixture(scope="session")
def _posting_sandbox(_receiver: Receiver) -> Iterator[Sandbox]:
    with running_sandbox(callback_url=_receiver.url) as sandbox:
        yield sandbox


@pytest.fixture
def posting_sandbox(_posting_sandbox: Sandbox, receiver: Receiver) -> Sandbox:
    """A sandbox whose scenes and control-made conferences post to `receiver`."""
    _posting_sandbox.post("/_sandbox/reset")
    receiver.received.clear()
    return _posting_sandbox


@pytest.fixture
def http(sandbox: Sandbox) -> Http:
    return Http(sandbox)


@pytest.fixture
def api(sandbox: Sandbox, provider: str) -> Api:
    return Api(sandbox, provider)


@pytest.fixture
def wire(sandbox: Sandbox) -> Wire:
    return Wire(sandbox.url)


@pytest.fixture
def twilio(wire: Wire) -> Any:
    return client(wire)
