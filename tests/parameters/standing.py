"""One floor for all tests of a file: each row of the table is a test, and no row needs a floor of its own."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.core.management import call_command
from django.test import Client

from participants import pools
from participants.models import Supervision
from participants.providers import PROVIDERS, provider_for
from participants.timing import TIMING
from tests.console.server import signed_in
from tests.factories import make_sandbox_account
from tests.participants.floor import Floor, make_floor
from tests.participants.providers.test_requests import DOCUMENTS, SPECIFICATIONS
from tests.patience import wait_for
from tests.sandbox.process import Sandbox

ALLOWED = {
    "dial_urls": "cdn.example.com",
    "dial_countries": "GB US",
    "dial_addresses": "sip:desk@sip.example.com app:AP*",
    "calls_per_second": 1000,
    "dials_per_minute": 30_000,
    "dials_per_day": 30_000,
    "account_dials_per_minute": 30_000,
}
WAITING = ("participants.services.command", "console.api")


class Place:
    """One provider's account: its API, what went over the wire, and its specification."""

    def __init__(self, floor: Floor) -> None:
        type(floor.account).objects.filter(pk=floor.account.pk).update(**ALLOWED)
        floor.account.refresh_from_db()
        self.floor = floor
        self.client: Client = signed_in(floor.user)
        self.wire: Any = provider_for(floor.account)
        self.exchanges: list[requests.Response] = []
        self.wire.session.hooks["response"].append(self._keep)
        self.specification = SPECIFICATIONS[floor.provider](floor.sandbox.url)
        self.document = DOCUMENTS[floor.provider](floor.sandbox.url)

    def _keep(self, answer: requests.Response, **_: Any) -> None:
        assert answer.content is not None, "read here, because it is read as a stream, once"
        self.exchanges.append(answer)

    def writes(self) -> list[requests.Response]:
        return [answer for answer in self.exchanges if answer.request.method != "GET"]

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(f"/api/v1/{path}", body, content_type="application/json")

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(f"/api/v1/{path}", body, content_type="application/json")


def form_of(answer: requests.Response) -> list[tuple[str, str]]:
    """Of the query and of the form of what was asked, also what is empty."""
    body = answer.request.body or ""
    text = body if isinstance(body, str) else body.decode()
    return [
        pair
        for part in (str(urlsplit(answer.request.url or "").query), text)
        for pair in parse_qsl(part, keep_blank_values=True)
    ]


@contextlib.contextmanager
def places(sandbox: Sandbox, *, wait_s: float) -> Iterator[dict[str, Place]]:
    """Both providers, one team, one supervisor with every right; commands are waited for so long."""
    patch = pytest.MonkeyPatch()
    for module in WAITING:
        patch.setattr(f"{module}.TIMING", replace(TIMING, command_wait=wait_s))
    patch.setattr("participants.services.dialling.TIMING", replace(TIMING, command_wait=0))
    try:
        first, *others = sorted(PROVIDERS)
        floor = make_floor(first, sandbox, patch)
        found = {first: floor}
        for name in others:
            account = make_sandbox_account(
                name, sandbox, patch, default_team=floor.user.supervisor.teams.get()
            )
            found[name] = Floor(sandbox, account, floor.user, floor.agents)
        yield {name: Place(each) for name, each in found.items()}
    finally:
        Supervision.objects.filter(ended_at=None).update(next_step_at=None)
        wait_for(pools.idle)
        call_command("flush", verbosity=0, interactive=False)
        patch.undo()
