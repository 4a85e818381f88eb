"""Each provider in turn, speaking over real HTTP."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from participants.providers import base, exchange
from participants.timing import Timing
from tests.participants.providers.apis import AGENT, APIS, CUSTOMER, Api
from tests.sandbox.process import Sandbox


@pytest.fixture(params=APIS)
def api(request: pytest.FixtureRequest) -> Api:
    """A test that needs the words of one alone is parametrised with its name, indirectly."""
    return APIS[request.param]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the waiting times, whatever the environment says; 1 is production's.

    `request`: that of the times which a request may take, for tests whose request does not take so long.
    """

    def scale(factor: float, *, request: float | None = None) -> Timing:
        timing = Timing().scaled(factor)
        if request:
            whole = Timing().scaled(request)
            timing = replace(timing, connect=whole.connect, read=whole.read, request=whole.request)
        for module in (base, exchange):
            monkeypatch.setattr(module, "TIMING", timing)
        return timing

    scale(1)
    return scale


@pytest.fixture
def wire(sandbox: Sandbox, waits: Any, api: Api) -> Any:
    return api.at(sandbox.url)


@pytest.fixture
def call(sandbox: Sandbox, api: Api) -> SimpleNamespace:
    """A customer and an agent who talk."""
    made = sandbox.post(
        "/_sandbox/conferences",
        {
            "provider": api.name,
            "friendly_name": "billing-1041",
            "callbacks": False,
            "legs": [CUSTOMER, AGENT],
        },
    )
    customer, agent = (leg["call_sid"] for leg in made["legs"])
    return SimpleNamespace(sid=made["sid"], customer=customer, agent=agent)
