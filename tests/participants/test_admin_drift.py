"""How often reads had to correct an account's calls, which calls those were, and what a callback changed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from participants.models import Callback, Change, Conference
from tests.admin_floor import make_auditor
from tests.factories import make_account, make_call

pytestmark = pytest.mark.django_db
ACCOUNTS, CALLS = "/admin/participants/account/", "/admin/participants/conference/"


@pytest.fixture
def client() -> Client:
    client = Client()
    client.force_login(make_auditor())
    return client


@pytest.fixture
def call() -> Conference:
    """Corrected twice today and once before; another call, and another account, never."""
    conference, _, customer = make_call("drifting", status="completed")
    make_call("steady", status="completed")
    make_account("quiet")
    for hours in (0, 1, 30):
        at = timezone.now() - timedelta(hours=hours)
        Change.objects.create(
            conference=conference,
            participant=customer,
            source="read",
            facts={"hold": [True, False]},
            correction=True,
            at=at,
        )
    Change.objects.create(conference=conference, source="read", facts={"recording": [None, "in-progress"]})
    # A callback beside them: counted once, it must not multiply what is counted here.
    for number in range(3):
        Callback.objects.create(
            account=conference.account, kind="conference", key=f"{number}", form=[], verdict="applied"
        )
    return conference


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_accounts_count_the_corrections_of_the_last_day(client: Client, call: Conference) -> None:
    rows = page(client, ACCOUNTS)
    assert f'?account__id__exact={call.account_id}&amp;corrected=day">2</a>' in rows
    assert rows.count('<td class="field-drift">0</td>') == 1
    assert '<td class="field-applied">3</td>' in rows


def test_the_count_leads_to_the_calls_concerned(client: Client, call: Conference) -> None:
    found = page(client, f"{CALLS}?account__id__exact={call.account_id}&corrected=day")
    assert "drifting" in found and "steady" not in found
    Change.objects.filter(correction=True).update(at=timezone.now() - timedelta(hours=25))
    assert "drifting" not in page(client, f"{CALLS}?corrected=day")
    assert "drifting" in page(client, f"{CALLS}?corrected=ever")


def test_a_call_says_how_often_it_was_corrected_and_leads_to_its_story(
    client: Client, call: Conference
) -> None:
    shown = page(client, f"{CALLS}{call.pk}/change/")
    assert f'<a href="/conferences/{call.pk}/">3 times</a>' in shown


def test_a_callback_says_which_facts_it_changed(client: Client, call: Conference) -> None:
    callback = Callback.objects.create(
        account=call.account,
        kind="conference",
        key="x",
        form=[],
        verdict="applied",
        conference_sid=call.sid,
    )
    customer = call.participants.get(role="customer")
    facts = {"hold": [None, True], "status": ["ringing", "connected"]}
    Change.objects.create(
        conference=call, participant=customer, callback=callback, source="callback", facts=facts
    )
    shown = page(client, f"/admin/participants/callback/{callback.pk}/change/")
    assert "Customer +44 ••• •• 02: hold – → yes" in shown
    assert "status ringing → connected" in shown
    assert f'<a href="/conferences/{call.pk}/">The story of the call</a>' in shown
