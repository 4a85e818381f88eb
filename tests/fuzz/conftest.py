"""Each provider with an account of ours, and a real server for sockets."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from participants import supervising
from tests.console.conftest import billing, server, server_process, supervisor, watch
from tests.participants.callbacks.posting import Told, make_wire
from tests.participants.wire import DIALECTS, PUBLIC_URL, Wire

from .judge import Judge

__all__ = ["billing", "server", "server_process", "supervisor", "watch"]


@pytest.fixture(params=sorted(DIALECTS))
def judge(
    request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> Iterator[Judge]:
    settings.PUBLIC_URL = PUBLIC_URL
    told: Told = []
    # What follows a stored callback asks the provider, which is the matter of other tests.
    monkeypatch.setattr(supervising, "touched", lambda account, changed: told.append(changed))
    wire: Wire = make_wire(request.param, Client(raise_request_exception=False), monkeypatch)
    with Judge(wire, told) as judge:
        yield judge
