"""Each provider in turn, with an account of ours; a module may name the one that it is about."""

from typing import Any

import pytest
from django.test import Client

from participants import supervising
from tests.participants.callbacks.posting import Told, make_wire
from tests.participants.wire import DIALECTS, PUBLIC_URL, Wire


@pytest.fixture(params=DIALECTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def wire(name: str, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Wire:
    settings.PUBLIC_URL = PUBLIC_URL
    return make_wire(name, client, monkeypatch)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What was handed on after each commit."""
    handed: Told = []
    monkeypatch.setattr(supervising, "touched", lambda account, changed: handed.append(changed))
    return handed
