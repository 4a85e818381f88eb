"""Why an account cannot be read: nobody answers, it does not know us, or we have nothing to show it."""

import pytest

from participants import access, sweep
from participants.models import Account
from participants.providers import ProviderError
from tests.participants.floor import Floor
from tests.sandbox.process import free_port

Why = Account.Unreachable


def after_a_sweep(floor: Floor) -> tuple[bool | None, str]:
    with pytest.raises(ProviderError):
        sweep.sweep(Account.objects.get(pk=floor.account.pk))
    floor.account.refresh_from_db()
    return floor.account.reachable, floor.account.unreachable_why


def test_nobody_answers(floor: Floor) -> None:
    Account.objects.update(api_url=f"http://127.0.0.1:{free_port()}")
    assert after_a_sweep(floor) == (False, Why.SILENT)


def test_it_answers_and_does_not_know_us(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    call = floor.call("kept")
    monkeypatch.setenv(floor.account.secret, "wrong")
    assert after_a_sweep(floor) == (False, Why.REJECTED)
    call.account.refresh_from_db()
    said = access.may(floor.user, "listen", call)
    assert said.code == "credentials_refused"
    said_of = f"{floor.title} rejected Earshot’s password for account “{call.account.key}”."
    assert said.detail.startswith(said_of)


def test_we_have_nothing_to_show_it(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(floor.account.secret)
    assert after_a_sweep(floor) == (False, Why.UNSET)


def test_since_when_is_told_of_what_is_wrong_now(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    floor.sweep()
    monkeypatch.setenv(floor.account.secret, "wrong")
    after_a_sweep(floor)
    rejected = floor.account.reachable_since
    after_a_sweep(floor)
    assert floor.account.reachable_since == rejected
    monkeypatch.delenv(floor.account.secret)
    after_a_sweep(floor)
    assert floor.account.reachable_since != rejected


def test_it_knows_us_again(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as wrong:
        wrong.setenv(floor.account.secret, "wrong")
        after_a_sweep(floor)
    floor.sweep()
    floor.account.refresh_from_db()
    assert (floor.account.reachable, floor.account.unreachable_why) == (True, "")
