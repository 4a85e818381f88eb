"""Accounts and their secrets: one pool each, never printed, never shared."""

import threading
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from participants.providers import PROVIDERS, NotSent, Refused, callback_url, provider_for
from tests.participants.providers.apis import Api
from tests.patience import ANSWER_S
from tests.sandbox.process import Sandbox, free_port


@pytest.fixture
def account(api: Api, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> SimpleNamespace:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", api.secret)
    facts = vars(api.account(sandbox.url)) | {"key": "main"}
    return SimpleNamespace(pk=1, provider=api.name, secret="EARSHOT_TEST_TOKEN", secret_sealed="", **facts)


def test_one_account_has_one_pool_until_something_about_it_changes(
    account: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = provider_for(account)
    assert provider_for(account) is first
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "rotated")
    rotated = provider_for(account)
    assert rotated is not first
    account.public_key = "another"
    assert provider_for(account) is not rotated


def test_a_missing_secret_is_a_sentence_that_names_its_variable(
    account: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "")
    with pytest.raises(NotSent, match="EARSHOT_TEST_TOKEN"):
        provider_for(account)


def test_an_empty_secret_makes_no_provider(api: Api) -> None:
    with pytest.raises(ValueError, match="empty"):
        PROVIDERS[api.name](api.account(""), "")


@pytest.mark.parametrize("api, code", [("twilio", "20003"), ("telnyx", "10009")], indirect=["api"])
def test_a_wrong_secret_is_refused_in_the_provider_s_words(
    api: Api, sandbox: Sandbox, call: SimpleNamespace, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        api.at(sandbox.url, secret="wrong").fetch_conference(call.sid)
    assert (refused.value.status, refused.value.code) == (401, code)


def test_no_file_of_the_machine_s_user_replaces_the_secret(
    api: Api, sandbox: Sandbox, call: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine {urlsplit(sandbox.url).hostname} login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert api.at(sandbox.url).fetch_conference(call.sid)


def test_no_secret_shows_in_what_is_printed_logged_or_raised(
    api: Api, waits: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    provider = api.at(f"http://127.0.0.1:{free_port()}", secret="very-secret-token")
    shown = [repr(provider), str(provider)]
    try:
        provider.update_participant(api.room, api.leg, muted=True)
    except NotSent as failed:
        chain: BaseException | None = failed
        while chain is not None:
            shown += [str(chain), repr(chain)]
            chain = chain.__cause__ or chain.__context__
    assert len(shown) > 3
    assert "very-secret-token" not in " ".join(shown) + caplog.text


def test_many_threads_share_one_provider(wire: Any, call: SimpleNamespace) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(wire.fetch_participant(call.sid, call.agent).call_sid))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=ANSWER_S)
    assert found == [call.agent] * 8


def test_a_callback_url_names_the_account_and_the_leg(account: SimpleNamespace, settings: Any) -> None:
    settings.PUBLIC_URL = "https://earshot.example"
    fragment = PROVIDERS[account.provider].callback_fragment
    assert callback_url(account, "conference") == (
        f"https://earshot.example/callbacks/main/conference/{fragment}"
    )
    assert callback_url(account, "call", leg="earshot 1") == (
        f"https://earshot.example/callbacks/main/call/?leg=earshot+1{fragment}"
    )
