"""GET /api/v1/conferences/: whose calls, which of them, in pages, and never another team's bytes."""

import base64
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from participants.models import Conference, Intervention, Participant, Team
from tests.console.server import signed_in
from tests.factories import (
    make_account,
    make_agent,
    make_call,
    make_conference,
    make_intervention,
    make_participant,
    make_supervision,
    make_supervisor,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
LIST = "/api/v1/conferences/"


@pytest.fixture
def billing() -> Team:
    return make_team("Billing")


@pytest.fixture
def sam(billing: Team) -> User:
    return make_supervisor("sam", teams=(billing,))


@pytest.fixture
def client(sam: User) -> Client:
    return signed_in(sam)


def cursor(*place: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def names(client: Client, query: str = "") -> list[str]:
    answer = client.get(LIST + query)
    assert answer.status_code == 200, answer.content
    return [call["friendly_name"] for call in answer.json()["results"]]


def test_it_lists_the_live_calls_of_ones_teams_newest_first(client: Client, billing: Team) -> None:
    now = timezone.now()
    for number in range(3):
        make_conference(f"billing-{number}", team=billing, first_seen_at=now - timedelta(minutes=number))
    make_conference("over", team=billing, status="completed")
    make_conference("returns", team=make_team("Returns"))
    make_conference("nobody's")
    assert names(client) == ["billing-0", "billing-1", "billing-2"]


@pytest.mark.parametrize(
    "status, expected",
    [
        ("live", {"a", "b"}),
        ("init", {"a"}),
        ("in-progress", {"b"}),
        ("completed", {"c"}),
        ("all", {"a", "b", "c"}),
    ],
)
def test_it_filters_by_status(status: str, expected: set[str], client: Client, billing: Team) -> None:
    for name, word in (("a", "init"), ("b", "in-progress"), ("c", "completed")):
        make_conference(name, team=billing, status=word)
    assert set(names(client, f"?status={status}")) == expected


def test_it_filters_by_team_account_and_sid(billing: Team) -> None:
    client = signed_in(make_user("auditor", group="Auditor"))
    returns = make_team("Returns")
    make_conference("a", team=billing)
    make_conference("b", team=returns, account=make_account("second"))
    assert names(client, f"?team={returns.pk}") == ["b"]
    assert names(client, "?account=second") == ["b"]
    assert names(client, f"?sid={Conference.objects.get(friendly_name='a').sid}") == ["a"]
    assert names(client, "?account=unknown") == [] == names(client, "?team=999999")


def test_another_teams_filter_finds_nothing(client: Client) -> None:
    returns = make_team("Returns")
    call = make_conference("returns", team=returns)
    for query in (f"?team={returns.pk}", f"?sid={call.sid}", "?q=returns", "?status=all"):
        assert names(client, query) == []


@pytest.mark.parametrize(
    "query, field, allowed",
    [
        ("status=alive", "status", "live, init, in-progress, completed, all"),
        ("page_size=0", "page_size", "1"),
        ("page_size=501", "page_size", "500"),
        ("page_size=1e2", "page_size", "whole number"),
        ("page_size=5_0", "page_size", "whole number"),
        ("page_size=", "page_size", "whole number"),
        ("team=Billing", "team", "whole number"),
        ("cursor=garbage", "cursor", "next or previous"),
        ("cursor=cD1nYXJiYWdl", "cursor", "next or previous"),
        ("cursor=" + cursor("older", "yesterday", "1"), "cursor", "next or previous"),
        ("cursor=" + cursor("older", "2026-11-21 10:00:00+00:00"), "cursor", "next or previous"),
        ("cursor=" + cursor("older", 1, 2), "cursor", "next or previous"),
        ("cursor=" + cursor("sideways", "a", "b"), "cursor", "next or previous"),
        ("limit=5", "limit", "possible here: cursor, page_size, status"),
        ("status=live&status=all", "status", "once"),
        ("q=" + "x" * 101, "q", "100"),
        ("q=%00", "q", "Null"),
        ("sid=" + "x" * 65, "sid", "64"),
    ],
)
def test_a_wrong_value_is_told_by_name_with_what_is_allowed(
    query: str, field: str, allowed: str, client: Client
) -> None:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    problem = answer.json()
    assert problem["code"] == "invalid" and set(problem["fields"]) == {field}
    assert allowed in " ".join(problem["fields"][field])
    assert field in problem["detail"]


def test_pages_lead_to_each_call_once(client: Client, billing: Team) -> None:
    at = timezone.now()
    for number in range(7):
        make_conference(f"billing-{number}", team=billing, first_seen_at=at)  # all at the same instant
    seen: list[str] = []
    page: dict[str, Any] = client.get(LIST + "?page_size=3").json()
    assert page["previous"] is None
    while True:
        seen += [call["friendly_name"] for call in page["results"]]
        if page["next"] is None:
            break
        make_conference(f"late-{len(seen)}", team=billing)  # what arrives meanwhile shifts nothing
        page = client.get(page["next"]).json()
    assert sorted(seen) == [f"billing-{number}" for number in range(7)]
    back = client.get(page["previous"]).json()
    assert [call["friendly_name"] for call in back["results"]] == seen[3:6]


def test_five_hundred_calls_are_one_page_in_few_queries(
    client: Client, billing: Team, django_assert_max_num_queries: Any
) -> None:
    account = make_account()
    Conference.objects.bulk_create(
        Conference(account=account, sid=f"CF{number}", team=billing, status="in-progress")
        for number in range(500)
    )
    with django_assert_max_num_queries(12):
        page = client.get(LIST + "?page_size=500").json()
    assert len(page["results"]) == 500 and page["next"] is None


# --- one call ---------------------------------------------------------------------------------------------
def test_it_tells_one_call_as_the_list_does(client: Client, billing: Team) -> None:
    call, *_ = make_call(team=billing)
    one = client.get(f"{LIST}{call.pk}/").json()
    assert one == client.get(LIST).json()["results"][0]


def test_another_teams_call_and_none_at_all_are_told_alike(client: Client) -> None:
    foreign = make_conference("returns", team=make_team("Returns"))
    answers = [client.get(f"{LIST}{pk}/") for pk in (foreign.pk, uuid4())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert (
        answers[0].json()
        == answers[1].json()
        == {
            "code": "not_found",
            "detail": "There is no such call, or it is not yours to see.",
        }
    )


def test_somebody_on_a_call_sees_it_whatever_its_team(client: Client, sam: User) -> None:
    call = make_conference("returns", team=make_team("Returns"))
    make_supervision(sam, call)
    assert names(client) == ["returns"]


# --- numbers ----------------------------------------------------------------------------------------------
def test_numbers_are_masked_without_the_right(client: Client, billing: Team) -> None:
    make_call("From +442079460102", team=billing, agent=make_agent("Ann Okafor", team=billing))
    shown = client.get(LIST).content.decode()
    assert "7946" not in shown and "+44 ••• •• 02" in json.loads(shown)["results"][0]["friendly_name"]
    lead = signed_in(make_supervisor("lead", group="Lead", teams=(billing,)))
    assert "+442079460102" in lead.get(LIST).content.decode()


def test_a_search_for_a_number_is_recorded_without_the_number(
    client: Client, sam: User, billing: Team
) -> None:
    make_call("billing-1041", team=billing)
    assert names(client, "?q=%2B442079460102") == ["billing-1041"] == names(client, "?q=0102")
    assert names(client, "?q=billing") == ["billing-1041"]
    searches = list(Intervention.objects.filter(user=sam, verb="search").order_by("position"))
    assert [search.parameters for search in searches] == [{"q": "+44 ••• •• 02"}, {"q": "0102"}]


# --- one team's bytes never reach another -----------------------------------------------------------------
CANARY = "canary-4f1d"


@pytest.fixture
def foreign() -> Conference:
    """A call of another team with the canary in every field that people fill."""
    team = make_team(f"Team {CANARY}")
    agent = make_agent(f"Agent {CANARY}", team=team, label=CANARY, addresses=(f"client:{CANARY}",))
    conference, *_ = make_call(CANARY, team=team, agent=agent, region=CANARY, reason_ended=CANARY)
    leg = make_participant(conference, "other", label=CANARY, address=f"client:{CANARY}", left_reason=CANARY)
    rosa = make_supervisor(f"rosa-{CANARY}", teams=(team,))
    make_supervision(rosa, conference)
    make_intervention(rosa, conference, "hold", "accepted", participant=leg, reason=CANARY)
    return conference


def test_no_answer_holds_a_byte_of_another_team(
    client: Client, sam: User, billing: Team, foreign: Conference
) -> None:
    own, agent, _ = make_call(team=billing)
    leg = Participant.objects.filter(conference=foreign).first()
    intervention = Intervention.objects.get(conference=foreign)
    paths = [
        *("/api/v1/me/", LIST, f"{LIST}?status=all&q=canary", f"{LIST}?sid={foreign.sid}"),
        *(f"{LIST}{foreign.pk}/", f"{LIST}{foreign.pk}/timeline/", f"{LIST}{own.pk}/timeline/"),
        *("/api/v1/interventions/", f"/api/v1/interventions/{intervention.pk}/", "/api/v1/words/"),
    ]
    posts: list[tuple[str, dict[str, Any]]] = [
        *((f"{LIST}{foreign.pk}/{verb}/", {}) for verb in ("listen", "whisper", "leave", "refresh", "end")),
        (f"{LIST}{foreign.pk}/barge/", {"confirm": True}),
        *((f"/api/v1/participants/{leg.pk}/{verb}/", {}) for verb in ("mute", "unmute", "hold", "resume")),
        (f"/api/v1/participants/{leg.pk}/remove/", {"confirm": "x"}),
        (f"/api/v1/participants/{leg.pk}/identify/", {"role": "customer"}),
        (f"{LIST}{own.pk}/whisper/", {"participant": str(leg.pk)}),
        (f"/api/v1/participants/{agent.pk}/identify/", {"role": "agent", "agent": "999"}),
    ]
    answers = [client.get(path) for path in paths]
    answers += [client.post(path, body, content_type="application/json") for path, body in posts]
    for answer in answers:
        assert CANARY not in answer.content.decode() + str(answer.headers), answer.request["PATH_INFO"]
    assert CANARY in signed_in(make_user("auditor", group="Auditor")).get(LIST).content.decode()
