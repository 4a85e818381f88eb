"""How the line to each provider account is: the content of every heartbeat, and the marks of a page's header.

A text's first sentence is the mark, and holds no time of day: each page appends `since` in its own zone.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from participants.models import Account
from participants.serializers import provider_name, time_text
from participants.timing import TIMING

from .account_states_lag import Line, lines

# The providers' clocks are not scaled, and some count whole seconds: neither are these.
LATE = 5.0
SILENT = timedelta(minutes=10)  # calls, but no callback for so long: none come
UNASKED = timedelta(seconds=3 * TIMING.sweep + TIMING.request)

Why = Account.Unreachable
LAST_SEEN = " Its calls are shown as they were last seen."
UNREACHABLE = {
    Why.REJECTED: "{provider} rejects Earshot’s password for account “{account}”. Nothing can be changed"
    " on its calls until an administrator enters a new token.",
    Why.UNSET: "Earshot has no password for account “{account}” of {provider}. Nothing can be changed on its"
    " calls until an administrator sets it.",
    Why.REFUSED: "{name} refuses Earshot’s questions." + LAST_SEEN,
}
NOT_REACHED = "{name} does not answer." + LAST_SEEN
NOT_ASKED_YET = "{name} has not been asked yet."
NOT_ASKED = "Earshot has stopped asking {name}: its worker does not run. Calls may have changed since."
DELAYED = "{name} delayed {lag:.0f} s. What happens on its calls is shown late."
NO_CALLBACKS = (
    "No callback from “{account}” for {silent} although {calls}."
    " The board follows by asking, up to 60 s late."
)
NEVER_A_CALLBACK = NO_CALLBACKS.replace("for {silent} ", "")
NOT_READ = "Earshot cannot read its database. What you see may have changed since."


@dataclass(frozen=True, slots=True)
class Mark:
    """An account in trouble, as a page prints it: `text` beside the provider's name, `more` as its tip."""

    account: str
    state: str
    text: str
    more: str


def read() -> dict[str, dict[str, Any]]:
    """Every account by its key."""
    now = timezone.now()
    found = lines(now)
    of_provider = Counter(line.account.provider for line in found)
    return {
        line.account.key: state_of(line, alone=of_provider[line.account.provider] == 1, now=now)
        for line in found
    }


def state_of(line: Line, *, alone: bool, now: datetime) -> dict[str, Any]:
    """One account as the frame `heartbeat` says it; `alone`: its provider's name tells it from the others."""
    account, lag = line.account, line.lag
    silent = account.callback_at is None or now - account.callback_at > SILENT
    state, since, text = "ok", account.reachable_since, None
    if account.reachable is False:
        state, text = "unreachable", UNREACHABLE.get(Why(account.unreachable_why or Why.SILENT), NOT_REACHED)
    elif account.swept_at is None:
        state, text = "unknown", NOT_ASKED_YET
    elif now - account.swept_at > UNASKED:
        state, since, text = "unknown", account.swept_at, NOT_ASKED
    elif lag is not None and lag >= LATE:
        state, since, text = "slow", None, DELAYED
    elif silent and line.calls:
        text = NO_CALLBACKS if account.callback_at else NEVER_A_CALLBACK
    said = text.format(**_words(line, alone=alone, now=now)) if text else None
    return _entry(state, since, callbacks=not silent, lag=lag, text=said)


def _words(line: Line, *, alone: bool, now: datetime) -> dict[str, Any]:
    account, title = line.account, provider_name(line.account.provider).title
    return {
        "provider": title,
        "name": title if alone else f"{title} account “{account.key}”",
        "account": account.key,
        "lag": line.lag,
        "silent": _minutes(now - account.callback_at) if account.callback_at else "",
        "calls": "1 call is live" if line.calls == 1 else f"{line.calls} calls are live",
    }


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def unread(accounts: dict[str, dict[str, Any]], since: datetime) -> dict[str, dict[str, Any]]:
    """The same accounts when our own database is silent: nothing is known any more."""
    return {
        key: _entry("unknown", since, callbacks=entry["callbacks"], lag=None, text=NOT_READ)
        for key, entry in accounts.items()
    }


def _entry(
    state: str, since: datetime | None, *, callbacks: bool, lag: float | None, text: str | None
) -> dict[str, Any]:
    return {"state": state, "since": time_text(since), "callbacks": callbacks, "lag_s": lag, "text": text}


def marks(accounts: dict[str, dict[str, Any]]) -> Iterator[Mark]:
    """Those in trouble, as `static/js/lines.js` prints them too. Times are UTC, and say so."""
    said = {entry["text"]: key for key, entry in reversed(accounts.items()) if entry["text"]}
    for key, entry in accounts.items():
        if said.get(entry["text"]) == key:
            mark, _, more = entry["text"].partition(". ")
            if entry["state"] == "unreachable" and entry["since"]:
                mark = f"{mark.rstrip('.')} since {datetime.fromisoformat(entry['since']):%H:%M} UTC"
            yield Mark(key, entry["state"], mark.rstrip("."), more)
