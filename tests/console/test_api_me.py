"""/api/v1/me/: who one is, and what one may change of oneself."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.console.server import signed_in
from tests.factories import make_call, make_supervision, make_supervisor, make_team, make_user

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"


@pytest.fixture
def sam() -> User:
    return make_supervisor("sam", teams=(make_team("Billing"),), full_name="Sam Whitfield")


@pytest.fixture
def client(sam: User) -> Client:
    return signed_in(sam)


def patch(client: Client, body: Any) -> Any:
    return client.patch(ME, body, content_type="application/json")


def test_it_tells_name_teams_verbs_phone_and_strip(client: Client, sam: User) -> None:
    me = client.get(ME).json()
    assert me["id"] == str(sam.pk) and me["name"] == "Sam Whitfield"
    assert [team["name"] for team in me["teams"]] == ["Billing"]
    assert {"listen", "whisper", "barge"} <= set(me["verbs"]) and "see_numbers" not in me["verbs"]
    assert (me["address"], me["theme"], me["keys"], me["supervision"]) == ("client:sam", "system", True, None)
    assert me["strip"]["worst"] == "nobody"


def test_it_tells_which_call_one_is_on(client: Client, sam: User) -> None:
    conference, agent, _ = make_call()
    stay = make_supervision(sam, conference, target=agent)
    assert client.get(ME).json()["supervision"] == {"id": str(stay.pk), "conference": str(conference.pk)}


def test_an_auditor_sees_every_team_and_has_no_verb() -> None:
    make_team("Billing")
    make_team("Returns")
    me = signed_in(make_user("auditor", group="Auditor")).get(ME).json()
    assert [team["name"] for team in me["teams"]] == ["Billing", "Returns"] and me["verbs"] == []


@pytest.mark.parametrize(
    "change",
    [
        {"address": "+442079460102"},
        {"address": "sip:sam@example.com"},
        {"address": ""},
        {"theme": "dark"},
        {"keys": False},
        {"address": "client:sam2", "theme": "light", "keys": True},
        {},
    ],
    ids=str,
)
def test_one_changes_ones_own_phone_theme_and_keys(change: dict[str, Any], client: Client) -> None:
    answer = patch(client, change)
    assert answer.status_code == 200 and answer.json() | change == answer.json()
    assert client.get(ME).json() | change == answer.json()


@pytest.mark.parametrize(
    "change, field",
    [
        ({"address": "020 7946 0102"}, "address"),
        ({"address": "12345"}, "address"),
        ({"address": None}, "address"),
        ({"theme": "pink"}, "theme"),
        ({"keys": "yes"}, "keys"),
        ({"keys": 1}, "keys"),
        ({"verbs": ["barge"]}, "verbs"),
        ({"teams": []}, "teams"),
        ({"id": "1"}, "id"),
    ],
    ids=str,
)
def test_nothing_else_can_be_changed(change: dict[str, Any], field: str, client: Client) -> None:
    before = client.get(ME).json()
    answer = patch(client, change)
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {field}
    assert client.get(ME).json() == before


def test_somebody_without_a_profile_gets_one() -> None:
    client = signed_in(make_user("new"))
    assert client.get(ME).json()["address"] == ""
    assert patch(client, {"address": "client:new"}).json()["address"] == "client:new"
