"""How the line to each account is, in words: late, silent, refused; each account apart from the others."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone

from console import account_states
from console.account_states_lag import Line
from participants.models import Account, Callback
from tests.factories import make_account, make_conference

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOW = timezone.now()
FINE = {"reachable": True, "swept_at": NOW, "callback_at": NOW}
DOWN = {**FINE, "reachable": False}
LONG_AGO = NOW - timedelta(hours=1)
_keys = count(1)


def fine(**facts: Any) -> dict[str, Any]:
    """FINE as of this very moment, for what looks at the clock itself."""
    return {"reachable": True, "swept_at": timezone.now(), "callback_at": timezone.now(), **facts}


def an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def told(line: Line, *, alone: bool = True) -> dict[str, Any]:
    return account_states.state_of(line, alone=alone, now=NOW)


def mark(text: str | None) -> str | None:
    """What stands in the header."""
    return text and text.partition(". ")[0]


def came(account: Account, *, age: float, delay: float | None, again: float = 0.0) -> None:
    """A callback `age` seconds ago, `delay` seconds after its event by two clocks; sent `again` s later."""
    occurred = None if delay is None else timezone.now() - timedelta(seconds=age + delay)
    Callback.objects.create(
        account=account,
        kind="call",
        key=str(next(_keys)),
        received_at=timezone.now() - timedelta(seconds=age - again),
        occurred_at=occurred,
        form=[],
        verdict="applied",
    )


def lag(key: str = "twilio") -> float | None:
    return account_states.read()[key]["lag_s"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "facts, lag, state, says",
    [
        (FINE, 0.5, "ok", None),
        (FINE, 4.9, "ok", None),
        (FINE, 12.4, "slow", "Twilio delayed 12 s"),
        (DOWN, 12.0, "unreachable", "Twilio does not answer"),
        ({**DOWN, "unreachable_why": "silent"}, None, "unreachable", "Twilio does not answer"),
        (
            {**DOWN, "unreachable_why": "rejected"},
            None,
            "unreachable",
            "Twilio rejects Earshot’s password for account “twilio”",
        ),
        (
            {**DOWN, "unreachable_why": "unset"},
            None,
            "unreachable",
            "Earshot has no password for account “twilio” of Twilio",
        ),
        ({**DOWN, "unreachable_why": "refused"}, None, "unreachable", "Twilio refuses Earshot’s questions"),
        ({**FINE, "swept_at": None}, None, "unknown", "Twilio has not been asked yet."),
        (
            {**FINE, "swept_at": NOW - timedelta(minutes=5)},
            None,
            "unknown",
            "Earshot has stopped asking Twilio: its worker does not run",
        ),
        (
            {**FINE, "callback_at": NOW - timedelta(minutes=11)},
            None,
            "ok",
            "No callback from “twilio” for 11 min although 6 calls are live",
        ),
        ({**FINE, "callback_at": None}, None, "ok", "No callback from “twilio” although 6 calls are live"),
    ],
)
def test_the_heartbeat_says_how_the_line_to_an_account_is(
    facts: dict[str, Any], lag: float | None, state: str, says: str | None
) -> None:
    entry = told(Line(make_account(**facts), lag, calls=6))
    assert set(entry) == {"state", "since", "callbacks", "lag_s", "text"}
    assert (entry["state"], entry["lag_s"]) == (state, lag)
    assert mark(entry["text"]) == says


@pytest.mark.parametrize("provider, title", [("twilio", "Twilio"), ("telnyx", "Telnyx"), ("gone", "gone")])
def test_an_account_is_called_by_its_provider_and_by_its_key_where_there_are_several(
    provider: str, title: str
) -> None:
    line = Line(make_account("billing", provider=provider, **FINE), 12.0, calls=0)
    assert mark(told(line)["text"]) == f"{title} delayed 12 s"
    assert mark(told(line, alone=False)["text"]) == f"{title} account “billing” delayed 12 s"


def test_accounts_are_alone_or_not_by_their_provider() -> None:
    for key, provider in (("twilio", "twilio"), ("sales", "telnyx"), ("billing", "telnyx")):
        make_account(key, provider=provider, **DOWN)
    marks = {key: mark(entry["text"]) for key, entry in account_states.read().items()}
    assert marks == {
        "twilio": "Twilio does not answer",
        "sales": "Telnyx account “sales” does not answer",
        "billing": "Telnyx account “billing” does not answer",
    }


def test_no_text_tells_a_time_of_day_but_the_page_may_know_since_when() -> None:
    since = NOW.replace(hour=14, minute=30)
    entry = told(Line(make_account(**DOWN, reachable_since=since), None, calls=1))
    assert "14" not in entry["text"]
    assert datetime.fromisoformat(entry["since"]).timestamp() == pytest.approx(since.timestamp(), abs=0.001)
    (printed,) = account_states.marks({"twilio": entry})
    assert printed.text == "Twilio does not answer since 14:30 UTC"
    assert printed.more == "Its calls are shown as they were last seen."


def test_since_when_callbacks_are_late_is_not_known() -> None:
    line = Line(make_account(**FINE, reachable_since=LONG_AGO), 12.0, calls=1)
    assert told(line)["since"] is None


# --- no callbacks -----------------------------------------------------------------------------------------
def test_no_callbacks_on_a_quiet_account_are_no_news() -> None:
    entry = told(Line(make_account(**{**FINE, "callback_at": None}), None, calls=0))
    assert (entry["text"], entry["callbacks"]) == (None, False)


def test_calls_that_live_without_callbacks_are_counted_for_each_account() -> None:
    quiet = fine(callback_at=an_hour_ago())
    for key, calls in (("twilio", 1), ("telnyx", 2), ("idle", 0)):
        account = make_account(key, **quiet)
        for _ in range(calls):
            make_conference(account=account, first_seen_at=an_hour_ago())
        make_conference(account=account, first_seen_at=an_hour_ago(), status="completed")
    says = {key: mark(entry["text"]) for key, entry in account_states.read().items()}
    assert says["twilio"] == "No callback from “twilio” for 60 min although 1 call is live"
    assert says["telnyx"] == "No callback from “telnyx” for 60 min although 2 calls are live"
    assert says["idle"] is None


def test_the_first_call_of_the_morning_is_no_reason_to_miss_callbacks() -> None:
    make_conference(account=make_account(**fine(callback_at=an_hour_ago())))
    assert account_states.read()["twilio"]["text"] is None


# --- how late callbacks are -------------------------------------------------------------------------------
def test_what_the_clocks_disagree_about_is_no_delay() -> None:
    account = make_account(**fine())
    for offset in (-40.0, 0.0, 300.0):
        Callback.objects.all().delete()
        came(account, age=1800, delay=offset + 0.2)
        came(account, age=2, delay=offset + 0.7)
        assert lag() == 0.5
        came(account, age=1, delay=offset + 12.2)
        came(account, age=1, delay=offset + 12.3)
        assert lag() == 12.0


def test_the_smallest_delay_is_forgotten_after_an_hour() -> None:
    account = make_account(**fine())
    came(account, age=3700, delay=0.2)
    came(account, age=2, delay=12.2)
    assert lag() == 0.0, "as far as anybody can know, the clocks differ by 12 s"


def test_what_was_late_more_than_a_minute_ago_says_nothing_of_now() -> None:
    account = make_account(**fine())
    came(account, age=1800, delay=0.2)
    came(account, age=70, delay=30.2)
    assert lag() is None


def test_one_late_callback_among_fresh_ones_is_no_delay() -> None:
    account = make_account(**fine())
    for age in (30, 20, 10):
        came(account, age=age, delay=0.2)
    came(account, age=1, delay=300.2)
    assert lag() == 0.0, "of an old event, sent again"
    came(account, age=0, delay=0.2, again=0)
    came(account, age=0.5, delay=8.2)
    assert lag() == 0.0, "sent again, and its event is among the newest"


def test_two_of_the_three_newest_are_a_delay_and_two_fresh_ones_end_it() -> None:
    account = make_account(**fine())
    came(account, age=1800, delay=0.2)
    came(account, age=40, delay=0.2)
    came(account, age=2, delay=12.2)
    came(account, age=1, delay=12.2)
    assert lag() == 12.0
    for _ in range(2):
        came(account, age=0, delay=0.2)
    assert lag() == 0.0


def test_callbacks_that_say_no_time_are_left_out() -> None:
    account = make_account(**fine())
    came(account, age=1, delay=None)
    assert lag() is None
    came(account, age=1800, delay=0.2)
    came(account, age=2, delay=12.2)
    came(account, age=0, delay=None)
    assert lag() == 12.0


def test_one_account_is_late_and_the_other_is_not() -> None:
    for key, late in (("twilio", 0.0), ("telnyx", 12.0)):
        account = make_account(key, provider=key, **fine())
        came(account, age=1800, delay=0.2)
        came(account, age=2, delay=0.2 + late)
    states = {key: (entry["state"], entry["lag_s"]) for key, entry in account_states.read().items()}
    assert states == {"twilio": ("ok", 0.0), "telnyx": ("slow", 12.0)}


def test_the_delay_of_a_callback_is_to_the_millisecond() -> None:
    account = make_account(**fine())
    for delay in (-3.25, 0.001, 86_400.5):
        received = timezone.now()
        Callback.objects.all().delete()
        came(account, age=0, delay=None)
        Callback.objects.update(received_at=received, occurred_at=received - timedelta(seconds=delay))
        assert Callback.objects.get().delay == pytest.approx(delay, abs=0.002)
