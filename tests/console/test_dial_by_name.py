"""The page for dialling into a call by its name, which begins or is joined; what is wrong where."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from participants.models import Account, Dial, Intervention
from participants.services import dial_running, dialling
from tests.console.server import signed_in
from tests.factories import make_sandbox_account, make_supervisor, make_team, make_user
from tests.participants.floor import Floor, quicker, standing_floor
from tests.patience import wait_for
from tests.sandbox.process import Sandbox

SECOND_LEVEL = "+447700900199"
FORM = {"to": SECOND_LEVEL, "friendly_name": "case 4711"}
OTHER = {"twilio": "telnyx", "telnyx": "twilio"}


@pytest.fixture
def floor(
    provider: str, sandbox: Sandbox, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Floor]:
    yield from standing_floor(provider, sandbox, monkeypatch)


@pytest.fixture
def client(floor: Floor) -> Client:
    return signed_in(floor.user)


def test_a_call_begins_with_whoever_is_dialled_and_its_page_follows(floor: Floor, client: Client) -> None:
    page = client.get("/dial/")
    assertContains(page, f"{floor.title} dials, for account {floor.account.key}.")
    assertNotContains(page, 'name="choose"')  # of one account there is no choice
    assertContains(page, "1 to 128 characters, without a slash")
    answer = client.post("/dial/", {**FORM, "key": "k1", "fields_of": floor.account.key})
    row = Dial.objects.get()
    assert row.conference is not None
    assertRedirects(answer, f"/conferences/{row.conference.pk}/")
    assert (row.conference.friendly_name, row.to) == ("case 4711", SECOND_LEVEL)
    (sent,) = floor.dials()
    assert sent["place"] == ("Conferences", "case 4711", "Participants")
    client.post("/dial/", {**FORM, "key": "k1", "fields_of": floor.account.key})  # a second click
    assert len(floor.dials()) == 1


def test_the_live_call_of_the_name_is_joined_unless_it_is_not_ones_own(floor: Floor, client: Client) -> None:
    call = floor.call("billing-1041")
    answer = client.post("/dial/", {**FORM, "friendly_name": "billing-1041"})
    assertRedirects(answer, f"/conferences/{call.pk}/")
    assert floor.dials()[0]["place"] == ("Conferences", call.sid, "Participants")
    stranger = signed_in(make_supervisor("stranger", teams=(make_team("Returns"),)))
    refused = stranger.post("/dial/", {**FORM, "friendly_name": "billing-1041"})
    assertContains(refused, "A call of this name goes on, and it is not yours to see.", status_code=409)
    assertContains(refused, 'value="billing-1041"', status_code=409)
    assert len(floor.dials()) == 1


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"friendly_name": ""}, "friendly_name"),
        ({"friendly_name": "a/b"}, "friendly_name"),
        ({"friendly_name": "a\x00b"}, "friendly_name"),
        ({"friendly_name": ".."}, "friendly_name"),
        ({"friendly_name": "x" * 129}, "friendly_name"),
        ({"to": ""}, "to"),
        ({"to": "+882161234567"}, "to"),
        ({"timeout": "4"}, "timeout"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    floor: Floor, client: Client, form: dict[str, str], field: str
) -> None:
    script = client.post("/dial/", FORM | form, headers={"accept": "application/json"})
    assert list(script.json()["fields"]) == [field]
    page = client.post("/dial/", FORM | form)
    assert page.status_code == script.status_code in {400, 409}
    assertContains(page, script.json()["fields"][field][0], status_code=page.status_code, html=False)
    assertContains(page, 'aria-invalid="true"', status_code=page.status_code)
    assert floor.dials() == []


def test_another_accounts_fields_are_shown_before_anything_is_dialled(
    floor: Floor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_sandbox_account(OTHER[floor.provider], floor.sandbox, monkeypatch)
    form = {**FORM, "account": other.key, "fields_of": floor.account.key}
    page = client.post("/dial/", form)
    assertContains(page, f"for account {other.key}.")
    assertContains(page, f'value="{SECOND_LEVEL}"')
    assertContains(page, f'<option value="{other.key}" selected>')
    unknown = client.post("/dial/", form | {"account": "nobodys"})
    assertContains(unknown, "There is no such account", status_code=404)
    client.post("/dial/", FORM)  # of two accounts neither is meant
    assert not Dial.objects.exists()
    client.post("/dial/", form | {"fields_of": other.key})
    assert Dial.objects.get().account == other


def test_a_dial_whose_call_is_not_known_yet_is_followed_on_a_page_of_its_own(
    floor: Floor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker(monkeypatch, dialling, command_wait=0.1)
    Account.objects.update(placed_until=timezone.now() + timedelta(hours=1))  # a long line
    answer = client.post("/dial/", FORM)
    row = Dial.objects.get()
    assertRedirects(answer, f"/dials/{row.pk}/")
    page = client.get(f"/dials/{row.pk}/")
    assertContains(page, "In line to be dialled")
    assertContains(page, "Cancel")
    assert page.headers["Refresh"]
    stranger = signed_in(make_supervisor("stranger", teams=(make_team("Returns"),)))
    assert stranger.get(f"/dials/{row.pk}/").status_code == 404
    Dial.objects.update(due_at=timezone.now())
    wait_for(
        lambda: client.get(f"/dials/{row.pk}/").status_code == 302,
        every_s=0.1,
        meanwhile=dial_running.run_due,
    )
    row.refresh_from_db()
    assertRedirects(client.get(f"/dials/{row.pk}/"), f"/conferences/{row.conference_id}/")


def test_a_dial_in_line_is_cancelled_and_dialled_again_from_there(
    floor: Floor, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker(monkeypatch, dialling, command_wait=0.1)
    Account.objects.update(placed_until=timezone.now() + timedelta(hours=1))
    client.post("/dial/", FORM)
    row = Dial.objects.get()
    page = client.post(f"/dials/{row.pk}/commands/cancel/", follow=True)
    assertContains(page, "Cancelled")
    assert "Refresh" not in page.headers
    again = client.post(f"/dials/{row.pk}/commands/again/")
    assertRedirects(again, f"/dials/{Dial.objects.exclude(pk=row.pk).get().pk}/")
    assert floor.dials() == []


def test_a_dial_that_is_refused_says_why_and_is_dialled_again(floor: Floor, client: Client) -> None:
    floor.fault(operation="participant.create", effect="refuse")
    answer = client.post("/dial/", FORM, follow=True)
    assertContains(answer, "Dial again")
    assert "Refresh" not in answer.headers
    row = Dial.objects.get()
    again = client.post(f"/dials/{row.pk}/commands/again/")
    assertRedirects(again, f"/conferences/{Dial.objects.exclude(pk=row.pk).get().conference_id}/")


def test_who_may_not_dial_is_told_so_on_the_board_and_on_the_page(floor: Floor, client: Client) -> None:
    assertNotContains(client.get("/"), 'href="/dial/" aria-disabled="true"')
    auditor = signed_in(make_user("auditor", group="Auditor"))
    for path in ("/", "/dial/"):
        assertContains(auditor.get(path), "Auditors read; they do not act on calls.")
    assert auditor.post("/dial/", FORM).status_code == 403
    assert Intervention.objects.get(verb="dial").outcomes.filter(state="refused").exists()
    Account.objects.update(reachable=False)
    assertContains(client.get("/dial/"), "does not answer since")
