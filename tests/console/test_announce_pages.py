"""Announcements and cues as forms, with and without scripts: what is asked, what is said of it."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from participants.models import Intervention, Team
from participants.services import announcing
from tests.console.server import signed_in
from tests.factories import make_agent, make_call, make_supervisor, make_team, make_user

pytestmark = pytest.mark.django_db
SCRIPT = {"headers": {"accept": "application/json"}}


@pytest.fixture
def billing() -> Team:
    return make_team("Billing")


@pytest.fixture
def sam(billing: Team) -> User:
    return make_supervisor("sam", teams=(billing,))


@pytest.fixture
def client(sam: User) -> Client:
    return signed_in(sam)


def anns_call(team: Team):
    return make_call(agent=make_agent("Ann Okafor", team=team), team=team)


def to_all(conference: object) -> str:
    return f"/conferences/{conference.pk}/commands/announce/"  # type: ignore[attr-defined]


def cue_to(leg: object) -> str:
    return f"/participants/{leg.pk}/commands/cue/"  # type: ignore[attr-defined]


# --- announcements ----------------------------------------------------------------------------------------
def test_the_form_says_who_will_hear_it(client: Client, billing: Team) -> None:
    conference, agent, _ = anns_call(billing)
    assertContains(client.get(to_all(conference)), "Everyone on Ann Okafor’s call hears it")
    page = client.get(f"/participants/{agent.pk}/commands/announce/")
    assertContains(page, "Announce to Ann Okafor")
    assertContains(page, "Ann Okafor alone hears it")


def test_the_page_counts_the_seconds_as_the_service_does(client: Client, billing: Team) -> None:
    conference, *_ = anns_call(billing)
    page = client.get(to_all(conference)).content.decode()
    digits, signs = (
        float(re.search(rf'data-{kind}-a-second="([\d.]+)"', page)[1])  # type: ignore[index]
        for kind in ("digits", "signs")
    )
    for text in ("Please hold on for a moment, a colleague will join you.", "Call 0800 123456 for 7 days"):
        count = sum(sign.isdigit() for sign in text)
        counted = count / digits + (len(text) - count) / signs
        assert counted == pytest.approx(announcing.seconds_of(text), abs=0.1)


def test_everybody_hears_it_only_after_a_question(client: Client, sam: User, billing: Team) -> None:
    conference, *_ = anns_call(billing)
    text = "Please hold on for a moment."
    asked = client.post(to_all(conference), {"text": text, "key": "one"}, **SCRIPT)
    assert asked.status_code == 409
    assert asked.json() == {
        "code": "confirm",
        "detail": f"Everyone hears: “{text}”, about 2 s.",
        "fields": {},
        "confirm": "yes",
    }
    page = client.post(to_all(conference), {"text": text, "key": "one"})
    assertContains(page, f"Everyone hears: “{text}”, about 2 s.", status_code=409)
    assertContains(page, f'name="text" value="{text}"', status_code=409)
    assertContains(page, 'name="key" value="one"', status_code=409)
    assert not Intervention.objects.filter(user=sam).exists()


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 9000}, "text"),
        ({"text": "Hello", "voice": "nobody"}, "voice"),
        ({"text": "Hello", "language": "xx"}, "language"),
        ({"text": "", "asset": "none"}, "asset"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    client: Client, billing: Team, form: dict[str, str], field: str
) -> None:
    conference, *_ = anns_call(billing)
    answer = client.post(to_all(conference), form | {"confirm": "yes"}, **SCRIPT)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    page = client.post(to_all(conference), form | {"confirm": "yes"})
    sentence = answer.json()["fields"][field][0]
    shown = page.content.decode()
    assert page.status_code == 400
    assert re.search(rf'data-field="{field}".*?{re.escape(sentence[:20])}', shown, re.DOTALL)


def test_the_names_of_people_are_text(client: Client, billing: Team) -> None:
    _, agent, _ = make_call(agent=make_agent("<b>Ann</b>", team=billing), team=billing)
    assertNotContains(client.get(f"/participants/{agent.pk}/commands/announce/"), "<b>Ann</b>")


# --- cues -------------------------------------------------------------------------------------------------
def test_a_cue_has_five_cards_and_a_line(client: Client, billing: Team) -> None:
    _, agent, _ = anns_call(billing)
    page = client.get(cue_to(agent))
    assert page.content.decode().count('class="cue-card"') == 5
    assertContains(page, 'maxlength="120"')
    assertContains(page, "Only Ann Okafor hears this, spoken by a voice.")


def test_the_first_card_says_how_long_the_customer_waits(client: Client, billing: Team) -> None:
    from datetime import timedelta

    from django.utils import timezone

    _, agent, customer = anns_call(billing)
    customer.hold, customer.hold_since = True, timezone.now() - timedelta(seconds=220)
    customer.save()
    assertContains(client.get(cue_to(agent)), "Please go back to your customer: 3:4")


@pytest.mark.parametrize("form", [{"text": ""}, {"text": "x" * 121}, {"card": ""}])
def test_a_cue_is_a_line_of_at_most_120_characters(
    client: Client, billing: Team, form: dict[str, str]
) -> None:
    _, agent, _ = anns_call(billing)
    answer = client.post(cue_to(agent), form, **SCRIPT)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["text"])


def test_a_cue_to_an_agent_on_hold_says_why_not(client: Client, sam: User, billing: Team) -> None:
    _, agent, _ = anns_call(billing)
    agent.hold = True
    agent.save()
    assertContains(client.get(cue_to(agent)), "Ann Okafor is on hold")
    answer = client.post(cue_to(agent), {"text": "Hello"}, **SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (409, "agent_on_hold")


def test_an_auditor_is_told_so(billing: Team) -> None:
    conference, *_ = anns_call(billing)
    auditor = signed_in(make_user("auditor", group="Auditor"))
    assertContains(auditor.get(to_all(conference)), "Auditors read; they do not act on calls.")
    answer = auditor.post(to_all(conference), {"text": "Hello"}, **SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (403, "auditor")


# --- who somebody is, asked by a script -------------------------------------------------------------------
def test_who_it_is_can_be_said_from_the_board(client: Client, billing: Team) -> None:
    _, _, customer = anns_call(billing)
    path = f"/participants/{customer.pk}/commands/identify/"
    wrong = client.post(path, {"role": "agent"}, **SCRIPT)
    assert (wrong.status_code, list(wrong.json()["fields"])) == (400, ["agent"])
    ben = make_agent("Ben Archer", team=billing)
    assert client.post(path, {"role": "agent", "agent": ben.pk}, **SCRIPT).json() == {
        "detail": "Saved: who this is"
    }
    customer.refresh_from_db()
    assert customer.agent == ben
