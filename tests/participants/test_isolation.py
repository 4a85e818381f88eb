"""An account that is misconfigured or unreachable blurs no other; tests/outside has the one that hangs."""

import logging
from typing import Any

import pytest
from django.core.management import call_command

from participants import sweep
from participants.access import Denial
from participants.models import Account, Conference, Outcome
from participants.providers import NoSecret, NotSent, ProviderError, Refused
from participants.services import legs, monitoring
from tests.participants.floor import Floor, second_floor
from tests.sandbox.process import free_port

LONG_S = 8.0


@pytest.fixture
def other(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Floor:
    """The account that goes on; `floor` has the one that fails."""
    return second_floor(floor, monkeypatch)


def wrong_secret(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(account.secret, "wrong")


def no_secret(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(account.secret)


def nobody_there(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.api_url = f"http://127.0.0.1:{free_port()}"
    account.save(update_fields=["api_url"])


@pytest.mark.parametrize(
    ("failing", "error", "why", "code"),
    [
        (wrong_secret, Refused, Account.Unreachable.REJECTED, "credentials_refused"),
        (no_secret, NoSecret, Account.Unreachable.UNSET, "provider_down"),
        (nobody_there, NotSent, Account.Unreachable.SILENT, "provider_down"),
    ],
)
def test_an_account_that_fails_takes_no_other_with_it(
    floor: Floor,
    other: Floor,
    failing: Any,
    error: type[ProviderError],
    why: str,
    code: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost, call = floor.call("lost"), other.call("kept")
    failing(floor.account, monkeypatch)
    caplog.set_level(logging.CRITICAL)
    with pytest.raises(error):
        sweep.sweep(floor.account)
    call_command("worker", "--once")
    for account in (floor.account, other.account):
        account.refresh_from_db()
    assert (floor.account.reachable, floor.account.unreachable_why) == (False, why)
    assert (other.account.reachable, other.account.unreachable_why) == (True, "")
    with pytest.raises(Denial, match=code):
        monitoring.listen(Conference.objects.get(pk=lost.pk), floor.asked())
    held = legs.hold(other.leg(call, "customer"), other.asked())
    other.outcome(held, Outcome.State.CONFIRMED, within_s=LONG_S)
    monitoring.listen(call, other.asked())
    other.confirmed("listen", within_s=LONG_S)
    for row in (lost, call):
        row.refresh_from_db()
        assert row.live
    assert call.stale_since is None
