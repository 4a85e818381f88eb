"""10,000 conferences made by somebody who found a valid number (F47)."""

import time
from collections.abc import Callable, Iterator

import pytest

from tests.outside.person import Call, Person
from tests.patience import ANSWER_S

from .machine import Machine, running_machine
from .screens import Browser
from .times import kept

CALLS = 10_000
PAGE_WITHIN_S = 3.0
SHOWN_WITHIN_S = 3 * 1.0  # three times what a screen usually takes at most
MAKE = """
import sys, django
django.setup()
from django.utils import timezone
from participants.models import Account, Conference, Participant, Team
now, team = timezone.now(), Team.objects.get(name="Billing")
seen = {"first_seen_at": now, "state_since": now, "verified_at": now, "listed_at": now, "started_at": now}
for account in Account.objects.all():
    calls = [
        Conference(account=account, sid=f"{account.key}-{n}", team=team, status="in-progress", **seen)
        for n in range(int(sys.argv[1]) // 2)
    ]
    Conference.objects.bulk_create(calls, batch_size=500)
    legs = [Participant(conference=call, call_sid=f"leg-{call.sid}", role="customer", status="connected",
                        presence="in", as_of=now, first_seen_at=now, joined_at=now) for call in calls]
    Participant.objects.bulk_create(legs, batch_size=500)
"""
pytestmark = [pytest.mark.nightly, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("many")) as machine:
        machine.die("worker")  # which would find that the provider does not know them
        machine.site.processes.run("calls", "-c", MAKE, str(CALLS))
        yield machine


def test_the_board_pages_and_news_of_one_call_still_come(
    machine: Machine, lead: Person, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    page = lead.http.get(machine.site.url, timeout=ANSWER_S)
    took = time.monotonic() - began
    assert page.status_code == 200
    kept(took, PAGE_WITHIN_S, "until the page was there")
    first = lead.get("conferences/")
    assert first["next"] and len(first["results"]) <= 200
    browser = Browser(lead)
    try:
        machine.site.wait_for(lambda: len(browser.conferences) >= CALLS, within_s=30)
        one = Call(lead, "twilio", 1)
        began = time.monotonic()
        one.sandbox.post(f"/_sandbox/legs/{one.call_sids[1]}/hangup")
        machine.site.wait_for(lambda: len(browser.shown(one.sid) or ()) == 1, within_s=SHOWN_WITHIN_S)
        kept(time.monotonic() - began, SHOWN_WITHIN_S, "until the news was there")
        record_property("figures", {"page, s": round(took, 2), "news, s": round(time.monotonic() - began, 2)})
    finally:
        browser.close()
