"""Callbacks with a wrong signature are counted, and the administrator is told why as far as it shows."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone

from participants import signatures
from participants.models import Account
from tests.participants.callbacks.posting import fresh, nothing_was_kept, post
from tests.participants.wire import PUBLIC_URL, Wire, sign_as_telnyx

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "_noted", {})
    monkeypatch.setattr(signatures, "_waiting", {})


def forge(wire: Wire, *, url: str = "", headers: dict[str, str] | None = None) -> Account:
    kind, form = fresh(wire, "participant-join")
    body = urlencode(form).encode()
    signed = wire.dialect.sign((url or PUBLIC_URL) + wire.path(kind), body, wire.dialect.secret)
    assert wire.post(kind, form, headers=headers if headers is not None else signed) == 403
    assert nothing_was_kept()
    return Account.objects.get()


def test_each_is_counted_and_written_at_most_once_in_a_second(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        account = forge(wire, headers={})
    assert (account.forged, account.forged_why) == (1, "other")
    monkeypatch.setattr(signatures, "NOTED_EVERY", 0)
    assert forge(wire, headers={}).forged == 4
    assert account.forged_since is not None


def test_after_an_hour_of_silence_the_count_begins_anew(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "NOTED_EVERY", 0)
    forge(wire, headers={})
    forge(wire, headers={})
    Account.objects.update(forged_at=timezone.now() - timedelta(hours=2))
    assert forge(wire, headers={}).forged == 1


def test_a_valid_callback_is_not_counted(wire: Wire) -> None:
    assert post(wire, "participant-join") == 200
    assert Account.objects.get().forged == 0


@pytest.mark.parametrize("name", ["twilio"])
def test_a_proxy_that_changes_the_scheme_is_known_by_the_signature(wire: Wire) -> None:
    account = forge(wire, url=PUBLIC_URL.replace("https", "http"))
    assert account.forged_why == "scheme"
    assert account.forged_url == PUBLIC_URL.replace("https", "http") + wire.path("conference")


@pytest.mark.parametrize("name", ["twilio"])
def test_another_public_address_is_known_by_the_signature(wire: Wire, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["calls.example"]
    wire.client.defaults["HTTP_HOST"] = "calls.example"
    account = forge(wire, url="https://calls.example")
    assert account.forged_why == "host"
    assert account.forged_url.startswith("https://calls.example/callbacks/")


@pytest.mark.parametrize("name", ["telnyx"])
def test_a_clock_that_is_wrong_is_said_as_clock(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    late = sign_as_telnyx("", urlencode(form).encode(), wire.dialect.secret, ago_s=400)
    assert wire.post(kind, form, headers=late) == 403
    assert Account.objects.get().forged_why == "clock"


@pytest.mark.parametrize("name", ["twilio"])
def test_what_a_signature_has_shown_is_not_taken_back(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signatures, "NOTED_EVERY", 0)
    forge(wire, url=PUBLIC_URL.replace("https", "http"))
    assert forge(wire, headers={}).forged_why == "scheme"


def test_a_database_that_takes_no_writes_changes_no_answer(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signatures, "_write", lambda *_: 1 / 0)
    forge(wire, headers={})
