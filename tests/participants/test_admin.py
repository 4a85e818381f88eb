"""The pages of the admin: they open, show who listened, are read only, and keep numbers and scripts out."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import escape

from participants.models import Intervention, Participant, Supervision
from tests.admin_floor import (
    CONFIGURATION,
    NUMBER,
    RECORDS,
    Floor,
    list_of,
    make_auditor,
    make_floor,
    page_of,
    unbroken,
)
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ALL = [*RECORDS, *CONFIGURATION]
NASTY = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg onload=alert(1)>",
    "{{ 7|add:7 }}",
)


@pytest.fixture
def floor() -> Floor:
    return make_floor()


@pytest.fixture
def admin() -> User:
    return make_user("admin", is_superuser=True, is_staff=True)


@pytest.fixture
def auditor() -> User:
    return make_auditor()


def text(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    return answer.content.decode()


def content(client: Client, address: str) -> str:
    """The page without the navigation, which links what may be added elsewhere."""
    return text(client, address).partition('<div id="content"')[2]


@pytest.mark.parametrize("model", ALL)
@pytest.mark.parametrize("person", ["admin", "auditor"])
def test_every_page_opens(client: Client, request: Any, floor: Floor, person: str, model: str) -> None:
    client.force_login(request.getfixturevalue(person))
    assert "results" in text(client, list_of(model)) or "result_list" in text(client, list_of(model))
    row = floor.row(model)
    page = client.get(page_of(row))
    assert page.status_code == 200
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    assert "<style" not in page.content.decode()
    assert client.get(page_of(row, "history")).status_code == 200


@pytest.mark.parametrize("person", ["admin", "auditor"])
def test_the_first_page_names_the_lists(client: Client, request: Any, floor: Floor, person: str) -> None:
    client.force_login(request.getfixturevalue(person))
    index = text(client, "/admin/")
    for name in (
        "Calls",
        "Supervisions",
        "What supervisors did",
        "Callbacks",
        "People on calls",
        "Agents",
        "Teams",
    ):
        assert f">{name}</a>" in index
    assert "Ledger heads" not in index


def test_a_stranger_signs_in_at_the_one_sign_in(client: Client) -> None:
    assert client.get("/admin/", follow=True).redirect_chain[-1] == ("/login/?next=%2Fadmin%2F", 302)
    client.force_login(make_user("agent", group="Agent"))
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.parametrize("model", RECORDS)
@pytest.mark.parametrize("person", ["admin", "auditor"])
def test_records_cannot_be_written(
    client: Client, request: Any, floor: Floor, person: str, model: str
) -> None:
    client.force_login(request.getfixturevalue(person))
    row = floor.row(model)
    for address in (page_of(row), page_of(row, "delete"), list_of(model) + "add/"):
        assert client.post(address, {"post": "yes"}).status_code == 403, address
    client.post(list_of(model), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    row.refresh_from_db()
    assert unbroken()


@pytest.mark.parametrize("model", RECORDS)
def test_the_buttons_of_records_are_absent(client: Client, admin: User, floor: Floor, model: str) -> None:
    client.force_login(admin)
    pages = content(client, list_of(model)) + content(client, page_of(floor.row(model)))
    for button in ("addlink", "deletelink", 'name="_save"', "delete_selected", "action-checkbox"):
        assert button not in pages


@pytest.mark.parametrize("model", CONFIGURATION)
def test_an_auditor_reads_the_configuration_and_changes_nothing(
    client: Client, auditor: User, floor: Floor, model: str
) -> None:
    client.force_login(auditor)
    row = floor.row(model)
    for address in (page_of(row), page_of(row, "delete"), list_of(model) + "add/"):
        assert client.post(address, {"name": "changed", "post": "yes"}).status_code == 403


def test_a_call_says_who_listened_how_long_to_whom_and_why(
    client: Client, auditor: User, floor: Floor
) -> None:
    client.force_login(auditor)
    page = text(client, page_of(floor.conference))
    supervision = page[page.index("who listened to this call") :]
    line = supervision[: supervision.index("</tr>", supervision.index("<tbody>"))]
    for shown in ("Rosa Haas", "1:00", "0:30", "Ann Okafor", "Coaching", "left"):
        assert shown in line
    # Supervision comes before the people, as it is what the page is opened for.
    assert page.index("who listened to this call") < page.index("People on the call")


def test_the_list_of_calls_says_who_supervised(client: Client, auditor: User, floor: Floor) -> None:
    client.force_login(auditor)
    assert "Rosa Haas: listened, whispered" in text(client, list_of("conference"))


def test_the_lists_link_calls_people_stays_interventions_and_callbacks(
    client: Client, auditor: User, floor: Floor
) -> None:
    client.force_login(auditor)
    call = text(client, page_of(floor.conference))
    for row in (floor.stay, floor.customer, floor.intervention):
        assert page_of(row) in call
    assert f'{list_of("callback")}?q={floor.conference.sid}">1 received' in call
    assert page_of(floor.callback) in text(client, f"{list_of('callback')}?q={floor.conference.sid}")
    for row in (floor.stay, floor.customer, floor.intervention, floor.callback):
        assert page_of(floor.conference) in text(client, page_of(row))


def test_an_intervention_shows_its_outcomes_and_its_neighbours_in_the_chain(
    client: Client, auditor: User, floor: Floor
) -> None:
    client.force_login(auditor)
    page = text(client, page_of(floor.intervention))
    for shown in ("Coaching", "confirmed", "key-1", "Ann Okafor", floor.intervention.digest, "✓"):
        assert shown in page


def test_an_auditor_sees_no_number_in_full_on_any_page(client: Client, auditor: User) -> None:
    floor = make_floor(call=f"call from {NUMBER}")
    Participant.objects.filter(pk=floor.customer.pk).update(label=f"label {NUMBER}")
    client.force_login(auditor)
    for model in ALL:
        for address in (list_of(model), page_of(floor.row(model)), page_of(floor.row(model), "history")):
            page = text(client, address)
            for number in ("7946 0102", "79460102", "900131", "900199", "5550100"):
                assert number not in page, (address, number)
    assert "+44 ••• •• 02" in text(client, list_of("conference"))


def test_those_with_the_right_see_numbers_in_full(client: Client, admin: User, floor: Floor) -> None:
    client.force_login(admin)
    for model in ("conference", "participant"):
        assert NUMBER in text(client, list_of(model))
        assert NUMBER in text(client, page_of(floor.row(model)))


@pytest.mark.parametrize("nasty", NASTY)
def test_names_are_escaped_wherever_they_stand(client: Client, admin: User, nasty: str) -> None:
    floor = make_floor(tag=nasty, call=nasty)
    Supervision.objects.filter(pk=floor.stay.pk).update(ended_detail=nasty)
    Participant.objects.filter(pk=floor.customer.pk).update(
        label=nasty, left_reason=nasty[:40], address=nasty
    )
    floor.callback.form = [[nasty, nasty]]
    floor.callback.event = nasty
    floor.callback.save()
    client.force_login(admin)
    seen = ""
    for model in ALL:
        for address in (list_of(model), page_of(floor.row(model))):
            page = text(client, address)
            assert not [script for script in ("<script>alert", "<img src=x", "<svg onload") if script in page]
            seen += page
    assert escape(nasty) in seen


def test_a_raw_callback_is_shown_as_received_and_reading_it_is_recorded(
    client: Client, auditor: User, floor: Floor
) -> None:
    client.force_login(auditor)
    page = text(client, page_of(floor.callback))
    assert "StatusCallbackEvent: participant-join" in page
    assert f"CallSid: {floor.customer.call_sid}" in page
    assert "From: +44 ••• •• 02" in page
    read = Intervention.objects.get(verb="read_callback")
    assert (read.user, read.conference, read.parameters) == (
        auditor,
        floor.conference,
        {"callback": floor.callback.pk},
    )
    assert read.outcomes.last().state == "confirmed"


def test_the_secret_of_an_account_is_never_shown(
    client: Client, admin: User, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "the-token-itself")
    client.force_login(admin)
    page = text(client, page_of(floor.conference.account))
    assert "EARSHOT_TEST_TOKEN" in page
    assert "the-token-itself" not in page
    assert f"/callbacks/{floor.conference.account.key}/conference/" in page


def test_the_history_of_an_agent_holds_no_number(
    client: Client, admin: User, auditor: User, floor: Floor
) -> None:
    client.force_login(admin)
    address = floor.agent.addresses.get()
    form = {
        "name": "Ann Okafor",
        "team": floor.team.pk,
        "label": "ann",
        "user": "",
        "addresses-TOTAL_FORMS": 1,
        "addresses-INITIAL_FORMS": 1,
        "addresses-0-id": address.pk,
        "addresses-0-agent": floor.agent.pk,
        "addresses-0-address": "+442079460117",
    }
    assert client.post(page_of(floor.agent), form).status_code == 302
    client.force_login(auditor)
    history = text(client, page_of(floor.agent, "history"))
    assert "Changed" in history
    assert "460117" not in history
