"""How the line to each provider account is: the content of every heartbeat."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from participants.models import Account, Callback
from participants.serializers import time_text
from participants.timing import TIMING

# The providers' clocks are not scaled, and some count whole seconds: neither are these.
SILENT = timedelta(minutes=10)  # calls, but no callback for so long: none come
RECENT = timedelta(minutes=1)  # an older callback says nothing about how late they are now
LATE = 5.0
UNASKED = timedelta(seconds=3 * TIMING.sweep + TIMING.request)

NOT_REACHED = "{provider} cannot be reached. Its calls are shown as they were last seen."
NOT_ASKED_YET = "{provider} has not been asked yet."
NOT_ASKED = "Earshot has stopped asking {provider}: its worker does not run. Calls may have changed since."
DELAYED = "{provider} tells what happens {lag:.0f} s late."
NO_CALLBACKS = (
    'No callback comes from "{account}" although calls are live.'
    " The board follows by asking, up to 60 s late."
)
NOT_READ = "Earshot cannot read its database. What you see may have changed since."


def read(accounts_with_calls: Collection[str]) -> dict[str, dict[str, Any]]:
    now = timezone.now()
    return {
        account.key: state_of(
            account, lag=_lag(account, now), calls=account.key in accounts_with_calls, now=now
        )
        for account in Account.objects.all()
    }


def state_of(account: Account, *, lag: float | None, calls: bool, now: datetime) -> dict[str, Any]:
    """One account as the frame `heartbeat` says it; `calls`: whether any is live there."""
    silent = account.callback_at is None or now - account.callback_at > SILENT
    state, since, text = "ok", account.reachable_since, None
    if account.reachable is False:
        state, text = "unreachable", NOT_REACHED
    elif account.swept_at is None:
        state, text = "unknown", NOT_ASKED_YET
    elif now - account.swept_at > UNASKED:
        state, since, text = "unknown", account.swept_at, NOT_ASKED
    elif lag is not None and lag >= LATE:
        state, text = "slow", DELAYED
    elif silent and calls:
        text = NO_CALLBACKS
    words = {"provider": account.provider.capitalize(), "account": account.key, "lag": lag}
    return _entry(state, since, not silent, lag, text.format(**words) if text else None)


def unread(accounts: dict[str, dict[str, Any]], since: datetime) -> dict[str, dict[str, Any]]:
    """The same accounts when our own database is silent: nothing is known any more."""
    return {
        key: _entry("unknown", since, entry["callbacks"], None, NOT_READ) for key, entry in accounts.items()
    }


def _entry(
    state: str, since: datetime | None, callbacks: bool, lag: float | None, text: str | None
) -> dict[str, Any]:
    return {
        "state": state,
        "since": time_text(since),
        "callbacks": callbacks,
        "lag_s": lag,
        "text": text,
    }


def _lag(account: Account, now: datetime) -> float | None:
    """From the provider's event to our door, as the newest callback of the last minute shows it."""
    callbacks = Callback.objects.filter(
        account=account, occurred_at__isnull=False, received_at__gte=now - RECENT
    )
    newest = callbacks.order_by("-received_at").first()
    if newest is None or newest.occurred_at is None:
        return None
    return max(0.0, round((newest.received_at - newest.occurred_at).total_seconds(), 1))
