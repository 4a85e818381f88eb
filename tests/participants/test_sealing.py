"""Pasted secrets: encrypted at rest, under keys that can be changed, and in no text that anybody reads."""

import logging
import os
import subprocess
import sys
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from participants import checks, sealing
from participants.models import Account
from participants.providers import NoSecret, provider_for
from participants.sealing import Unsealable, new_key, seal, unseal
from tests.factories import make_supervisor

CANARY = "canary-4711-token"


def sealed_account(**fields: Any) -> Account:
    given = {"key": "main", "provider": "twilio", "sid": "AC" + "1" * 32, "caller_id": "+12025550100"}
    return Account.objects.create(**given | {"secret_sealed": seal(CANARY)} | fields)


def test_what_is_sealed_is_not_the_secret_and_opens_again() -> None:
    assert CANARY not in seal(CANARY)
    assert unseal(seal(CANARY)) == CANARY
    assert seal(CANARY) != seal(CANARY)


def test_every_key_opens_and_the_first_seals(settings: Any) -> None:
    old, new = new_key(), new_key()
    settings.EARSHOT_ENCRYPTION_KEYS = [old]
    before = seal(CANARY)
    settings.EARSHOT_ENCRYPTION_KEYS = [new, old]
    assert unseal(before) == CANARY
    after = sealing.resealed(before)
    settings.EARSHOT_ENCRYPTION_KEYS = [new]
    assert unseal(after) == CANARY
    with pytest.raises(Unsealable, match="not among EARSHOT_ENCRYPTION_KEYS"):
        unseal(before)


def test_without_keys_nothing_is_sealed(settings: Any) -> None:
    settings.EARSHOT_ENCRYPTION_KEYS = []
    assert not sealing.available()
    with pytest.raises(Unsealable, match="EARSHOT_ENCRYPTION_KEYS is empty"):
        seal(CANARY)


@pytest.mark.django_db
def test_the_pasted_secret_goes_before_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIN_TOKEN", "from-the-environment")
    account = sealed_account(secret="MAIN_TOKEN")
    assert provider_for(account).session.auth == (account.sid, CANARY)
    account.secret_sealed = ""
    assert provider_for(account).session.auth == (account.sid, "from-the-environment")


@pytest.mark.django_db
def test_a_new_secret_makes_a_new_provider_at_once() -> None:
    account = sealed_account()
    first = provider_for(account)
    assert provider_for(Account.objects.get()) is first
    Account.objects.update(secret_sealed=seal("another"))
    assert provider_for(Account.objects.get()).session.auth == (account.sid, "another")


@pytest.mark.django_db
def test_a_secret_whose_key_is_gone_is_told_and_never_replaced(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIN_TOKEN", "from-the-environment")
    account = sealed_account(secret="MAIN_TOKEN")
    settings.EARSHOT_ENCRYPTION_KEYS = [new_key()]
    with pytest.raises(NoSecret, match="account main cannot be opened"):
        provider_for(account)
    assert [message.id for message in checks.accounts()] == ["participants.W003"]


@pytest.mark.django_db
def test_an_account_without_any_secret_says_where_to_paste_one() -> None:
    account = sealed_account(secret_sealed="")
    with pytest.raises(NoSecret, match="paste it at /connect/"):
        provider_for(account)
    assert [message.id for message in checks.accounts()] == ["participants.E001"]


@pytest.mark.django_db
def test_reseal_says_how_many_and_then_the_old_key_may_go(settings: Any) -> None:
    old, new = new_key(), new_key()
    settings.EARSHOT_ENCRYPTION_KEYS = [old]
    sealed_account()
    sealed_account(key="second", sid="AC2")
    sealed_account(key="third", sid="AC3", secret_sealed="", secret="THIRD_TOKEN")
    settings.EARSHOT_ENCRYPTION_KEYS = [new, old]
    told = StringIO()
    call_command("reseal", stdout=told)
    assert told.getvalue() == "2 secrets are sealed with the first key.\n"
    settings.EARSHOT_ENCRYPTION_KEYS = [new]
    assert [
        unseal(one)
        for one in Account.objects.exclude(secret_sealed="").values_list("secret_sealed", flat=True)
    ] == [CANARY] * 2


@pytest.mark.django_db
def test_reseal_names_what_it_cannot_open(settings: Any) -> None:
    sealed_account()
    settings.EARSHOT_ENCRYPTION_KEYS = [new_key()]
    with pytest.raises(SystemExit, match='"main" cannot be opened'):
        call_command("reseal", stdout=StringIO())


@pytest.mark.django_db
def test_the_admin_shows_where_a_secret_comes_from_and_never_the_secret() -> None:
    account = sealed_account()
    client = Client()
    client.force_login(make_supervisor("admin", group="Administrator", is_superuser=True, is_staff=True))
    page = client.get(f"/admin/participants/account/{account.pk}/change/").content.decode()
    assert "pasted at /connect/ on" in page
    assert CANARY not in page and account.secret_sealed not in page


@pytest.mark.django_db
def test_the_admin_gives_a_pasted_secret_to_no_other_address() -> None:
    account = sealed_account()
    client = Client()
    client.force_login(make_supervisor("admin", group="Administrator", is_superuser=True, is_staff=True))
    form = {
        "key": "main",
        "provider": "twilio",
        "sid": account.sid,
        "caller_id": account.caller_id,
        "secret": "",
    }
    form |= {"dials_per_minute": 6, "dials_per_day": 60, "account_dials_per_minute": 60}
    path = f"/admin/participants/account/{account.pk}/change/"
    assert client.post(path, form).status_code == 302
    assert Account.objects.get().secret_sealed
    assert (
        client.post(path, form | {"api_url": "https://elsewhere.example.com", "secret": "MAIN"}).status_code
        == 302
    )
    assert Account.objects.get().secret_sealed == ""


@pytest.mark.django_db
def test_no_log_line_and_no_representation_holds_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    account = sealed_account(api_url="http://127.0.0.1:9")
    with caplog.at_level(logging.DEBUG):
        provider = provider_for(account)
        try:
            provider.list_conferences("in-progress")
        except Exception:
            logging.getLogger("participants").exception("A read failed.")
    assert CANARY not in caplog.text + repr(provider) + repr(vars(account))


def test_a_page_of_an_error_shows_no_secret() -> None:
    """Django's own report of an error, which prints the variables of every function on the way."""
    program = """
import django; django.setup()
from django.views.debug import ExceptionReporter
from django.test import RequestFactory
from participants import providers, sealing
class Account:
    pk, key, provider, sid, api_url, secret = 1, "main", "nobody", "AC1", "", ""
    caller_id = application_sid = public_key = ""
    secret_sealed = sealing.seal("canary-" + "4711")
try:
    providers.provider_for(Account())
except KeyError:
    import sys
    request = RequestFactory().get("/")
    print(ExceptionReporter(request, *sys.exc_info()).get_traceback_text())
"""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "console.settings",
        "DATABASE_URL": "sqlite://:memory:",
    }
    told = subprocess.run(
        [sys.executable, "-c", program],
        env=environment
        | {
            "DEBUG": "0",
            "SECRET_KEY": "0123456789" * 6,
            "ALLOWED_HOSTS": "a.example",
            "PUBLIC_URL": "https://a.example",
            "EARSHOT_ENCRYPTION_KEYS": new_key(),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert "KeyError" in told.stdout and "canary-4711" not in told.stdout
