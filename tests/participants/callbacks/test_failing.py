"""When we cannot: a 2xx means stored, and whatever goes wrong before that is a 503."""

import logging
from typing import Any

import pytest
from django.db import OperationalError

from participants import callbacks, mirror, supervising
from tests.participants.callbacks.posting import fresh, nothing_was_kept, post, verdicts
from tests.participants.wire import Wire

pytestmark = pytest.mark.django_db


def test_what_cannot_be_applied_is_not_kept_either(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr(mirror, "apply", full)
        assert post(wire, "participant-join") == 503
    assert nothing_was_kept()
    assert post(wire, "participant-join") == 200, "the provider tries again"


@pytest.mark.parametrize("wrong", [OperationalError("no connection"), ZeroDivisionError("a fault of ours")])
def test_whatever_fails_before_it_is_stored_is_503(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise wrong

    monkeypatch.setattr(callbacks.Account.objects, "filter", fail)
    wire.client.raise_request_exception = False
    assert post(wire, "participant-join") == 503


def test_without_its_secret_an_account_can_store_nothing(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "")
    assert post(wire, "participant-join") == 503
    assert nothing_was_kept()


def test_whatever_fails_afterwards_is_still_200(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the step failed")

    monkeypatch.setattr(supervising, "touched", fail)
    assert post(wire, "participant-join") == 200
    assert verdicts() == ["applied"]


@pytest.mark.django_db(transaction=True)
def test_news_that_cannot_be_told_do_not_undo_the_answer(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("nobody listens")

    monkeypatch.setattr(mirror.live, "publish", fail)
    assert post(wire, "participant-join") == 200
    assert verdicts() == ["applied"]


def test_no_number_and_no_name_stands_in_the_log(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kind, form = fresh(wire, "call-inbound", CallerName="Ada Lovelace", CallStatus="???")
    assert wire.post(kind, form) == 200
    assert wire.post(kind, form, secret="not-the-token") == 403
    assert wire.post(kind, form | {"AccountSid": wire.dialect.foreign_sid}) == 403
    assert "403" in caplog.text
    assert "7946" not in caplog.text and "Ada" not in caplog.text and wire.dialect.secret not in caplog.text
