"""“Test connection”, against the sandbox: what was found, or the mistake, in a sentence."""

import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from participants.models import Account
from participants.sealing import seal
from participants.services import diagnosing
from participants.services.diagnosing import diagnose
from tests.participants.floor import Floor


def test_it_says_how_many_calls_were_found(floor: Floor) -> None:
    assert diagnose(floor.account).found == f"{floor.title} answers, and knows this account: no live call."
    floor.call("one")
    floor.call("two")
    found = diagnose(floor.account)
    assert found.connected and found.found.endswith("2 live calls.")
    assert found.warnings == []


def test_a_wrong_secret_is_told_with_the_provider_s_words(floor: Floor) -> None:
    floor.account.secret_sealed = seal("wrong-secret-4711")
    found = diagnose(floor.account)
    assert not found.connected
    assert "does not accept the a" in found.found and "one of the two is wrong." in found.found
    assert "HTTP 401" in found.found and "wrong-secret-4711" not in found.found


def test_an_account_without_a_secret_is_told(floor: Floor) -> None:
    floor.account.secret = floor.account.secret_sealed = ""
    assert "has no secret: paste it at /connect/" in diagnose(floor.account).found


def test_nobody_there_is_told(floor: Floor) -> None:
    floor.account.api_url = "http://127.0.0.1:9"
    assert "could not be reached at 127.0.0.1:9" in diagnose(floor.account).found


class _Website(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def website() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Website) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_an_address_that_is_no_api_is_told(floor: Floor, website: str) -> None:
    floor.account.api_url = website
    assert f"answers, but not as {floor.title} does" in diagnose(floor.account).found


def test_a_clock_that_is_wrong_is_told_with_its_seconds(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = diagnosing.time
    monkeypatch.setattr(diagnosing, "time", lambda: real() + 400)
    [warning] = diagnose(floor.account).warnings
    assert f" s ahead of {floor.title}’s. Set it right" in warning
    monkeypatch.setattr(diagnosing, "time", lambda: real() - 400)
    assert f" s behind {floor.title}’s" in diagnose(floor.account).warnings[0]


def test_a_public_address_that_no_provider_reaches_is_told(floor: Floor, settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    account = Account.objects.get(pk=floor.account.pk)
    assert diagnosing.diagnose(account).warnings == [], "the sandbox is on this machine too"
    account.api_url = ""
    [warning] = diagnosing._public_address(account)
    assert "no provider reaches this" in warning


@pytest.mark.parametrize("provider", ["telnyx"], indirect=True)
def test_what_was_entered_elsewhere_and_cannot_be_right_is_told(floor: Floor) -> None:
    floor.account.public_key, floor.account.application_sid = "bm9uZQ==", "my-app"
    told = diagnose(floor.account).warnings
    assert told[0].startswith("TeXML application: ") and told[1].startswith("Public key: ")
