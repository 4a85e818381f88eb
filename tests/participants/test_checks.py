"""The start stops on what would go wrong later, with the name of what is wrong."""

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from participants import checks
from participants.models import Account

SECRET = "EARSHOT_TEST_SECRET"


@pytest.fixture
def account(db: None, monkeypatch: pytest.MonkeyPatch) -> Account:
    monkeypatch.setenv(SECRET, "token")
    return Account.objects.create(
        key="main", provider="twilio", sid="AC1", secret=SECRET, caller_id="+12025550100"
    )


def test_a_complete_account_passes(account: Account) -> None:
    assert checks.accounts() == []


@pytest.mark.parametrize("value", ["", "  ", None])
def test_an_account_without_its_secret_stops_the_start(
    account: Account, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    monkeypatch.delenv(SECRET) if value is None else monkeypatch.setenv(SECRET, value)
    with pytest.raises(SystemCheckError, match=r"participants\.E001.*\"main\" names .*EARSHOT_TEST_SECRET"):
        call_command("check")


def test_in_development_a_missing_secret_is_a_warning(
    account: Account, settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    monkeypatch.delenv(SECRET)
    assert [message.id for message in checks.accounts()] == ["participants.W002"]


def test_a_provider_that_nobody_knows_is_named(account: Account) -> None:
    account.provider = "acme"
    account.save()
    assert [message.id for message in checks.accounts()] == ["participants.E004"]


def test_a_secret_may_not_travel_unencrypted(account: Account) -> None:
    account.api_url = "http://api.example.com"
    account.save()
    assert [message.id for message in checks.accounts()] == ["participants.E002"]


def test_the_sandbox_on_this_machine_may_be_plain(account: Account) -> None:
    account.api_url = "http://127.0.0.1:9010"
    account.save()
    assert checks.accounts() == []


def test_a_deployment_asks_for_https_and_true_time(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    monkeypatch.setenv("EARSHOT_TIME_SCALE", "0.05")
    assert [message.id for message in checks.deployment()] == ["participants.E003", "participants.W001"]


def test_a_deployment_with_both_is_quiet(settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PUBLIC_URL = "https://earshot.example.com"
    monkeypatch.setenv("EARSHOT_TIME_SCALE", "1")
    assert checks.deployment() == []
