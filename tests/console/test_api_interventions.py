"""GET /api/v1/interventions/: what supervisors did on the calls that one sees, and what one did oneself."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from participants.models import Conference
from tests.console.server import signed_in
from tests.factories import (
    make_call,
    make_conference,
    make_intervention,
    make_supervisor,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
LIST = "/api/v1/interventions/"


@pytest.fixture
def sam() -> User:
    return make_supervisor("sam", teams=(make_team("Billing"),))


@pytest.fixture
def client(sam: User) -> Client:
    return signed_in(sam)


@pytest.fixture
def call() -> Conference:
    return make_call(team=make_team("Billing"))[0]


def verbs(client: Client) -> list[str]:
    return [row["verb"] for row in client.get(LIST).json()["results"]]


def test_it_lists_those_on_ones_calls_and_ones_own_newest_first(
    client: Client, sam: User, call: Conference
) -> None:
    foreign = make_conference("returns", team=make_team("Returns"))
    rosa = make_supervisor("rosa", teams=(make_team("Billing"), make_team("Returns")))
    make_intervention(rosa, call, "hold", "confirmed")
    make_intervention(rosa, foreign, "mute", "confirmed")
    make_intervention(rosa, None, "search", "confirmed")
    make_intervention(sam, foreign, "leave", "confirmed")  # before the call changed its team
    make_intervention(sam, None, "search", "confirmed")
    assert verbs(client) == ["search", "leave", "hold"]
    assert len(verbs(signed_in(make_user("auditor", group="Auditor")))) == 5


def test_one_is_told_alike_and_another_teams_is_not_found(
    client: Client, sam: User, call: Conference
) -> None:
    own = make_intervention(sam, call, "hold", "accepted")
    foreign = make_intervention(
        make_supervisor("ines"), make_conference("returns", team=make_team("Returns")), "hold"
    )
    assert client.get(f"{LIST}{own.pk}/").json() == client.get(LIST).json()["results"][0]
    assert client.get(f"{LIST}{foreign.pk}/").status_code == 404


def test_pages_lead_to_each_one_once(client: Client, sam: User, call: Conference) -> None:
    made = [str(make_intervention(sam, call, "hold").pk) for _ in range(7)]
    seen: list[str] = []
    page = client.get(LIST + "?page_size=3").json()
    while True:
        seen += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        make_intervention(sam, call, "mute")
        page = client.get(page["next"]).json()
    assert seen == made[::-1]


def test_fifty_are_told_in_few_queries(
    client: Client, sam: User, call: Conference, django_assert_max_num_queries
) -> None:
    for _ in range(50):
        make_intervention(sam, call, "hold", "accepted", "confirmed")
    with django_assert_max_num_queries(10):
        assert len(client.get(LIST).json()["results"]) == 50


def test_a_number_in_a_reason_is_masked(client: Client, sam: User, call: Conference) -> None:
    make_intervention(sam, call, "hold", reason="asked by +442079460102")
    assert client.get(LIST).json()["results"][0]["reason"] == "asked by +44 ••• •• 02"
