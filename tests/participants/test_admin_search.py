"""Finding a call in the admin: what the boxes find, what they must not let anybody guess, how fast it is."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from participants.models import Conference, Intervention, Participant
from tests.admin_floor import (
    NUMBER,
    Floor,
    list_of,
    make_auditor,
    make_floor,
    make_stay,
    make_team_reader,
    page_of,
)
from tests.factories import (
    make_agent,
    make_conference,
    make_participant,
    make_supervisor,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor() -> Floor:
    return make_floor()


@pytest.fixture
def auditor(client: Client) -> User:
    user = make_auditor()
    client.force_login(user)
    return user


@pytest.fixture
def admin(client: Client) -> User:
    user = make_user("admin", is_superuser=True, is_staff=True)
    client.force_login(user)
    return user


def found(client: Client, model: str, words: str, **filters: str) -> list[str]:
    answer = client.get(list_of(model), {"q": words, **filters})
    assert answer.status_code == 200
    return [str(row.pk) for row in answer.context["cl"].result_list]


def seed(calls: int) -> None:
    """Calls with an agent, a customer with a number of their own, and for every tenth a supervisor's stay."""
    billing = make_team()
    ann = make_agent(team=billing)
    rosa = make_supervisor("rosa", teams=(billing,), full_name="Rosa Haas")
    for number in range(calls):
        conference = make_conference(f"billing-{number}", team=billing, status="completed")
        leg = make_participant(conference, agent=ann, status="complete")
        make_participant(conference, address=f"+4477009{number + 10000:05}", status="complete")
        if number % 10 == 0:
            make_stay(rosa, conference, leg)


@pytest.mark.parametrize("calls", [300, pytest.param(10_000, marks=pytest.mark.nightly)])
def test_who_listened_to_this_call_takes_two_clicks(client: Client, auditor: User, calls: int) -> None:
    seed(calls)
    wanted = Conference.objects.get(friendly_name="billing-120")
    number = wanted.participants.get(role="customer").address
    get(client, list_of("conference"))
    first = get(client, list_of("conference"), q=number[-4:]).context["cl"].result_list[0]
    page = get(client, page_of(first)).content.decode()
    assert first == wanted
    assert "Rosa Haas" in page
    assert number not in page


def get(client: Client, address: str, **query: str) -> Any:
    """One of the three requests, each of which may ask the database 25 times."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address, query)
    assert answer.status_code == 200
    assert len(queries) <= 25, "\n".join(query["sql"][:150] for query in queries)
    return answer


@pytest.mark.parametrize(
    "model", ["conference", "participant", "supervision", "intervention", "callback", "agent"]
)
def test_a_full_page_takes_no_more_queries_than_a_short_one(
    client: Client, auditor: User, floor: Floor, model: str
) -> None:
    counts = []
    for extra in (0, 20):
        for number in range(extra):
            make_floor(tag=f"-{number}")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(list_of(model)).status_code == 200
        counts.append(len(queries))
    assert counts[1] <= counts[0]


@pytest.mark.parametrize(
    "words",
    ["0102", NUMBER, "+44 20 7946 0102", "0044 20 79460102", "Ann", "Okafor Ann", "rosa haas", "billing-10"],
)
def test_a_call_is_found_by_number_people_and_name(
    client: Client, admin: User, floor: Floor, words: str
) -> None:
    other = make_conference("returns-2011", team=floor.team)
    assert found(client, "conference", words) == [str(floor.conference.pk)]
    assert str(other.pk) in found(client, "conference", "returns")


def test_a_call_is_found_by_its_sid_exactly(client: Client, auditor: User, floor: Floor) -> None:
    assert found(client, "conference", floor.conference.sid) == [str(floor.conference.pk)]
    assert found(client, "conference", floor.customer.call_sid) == [str(floor.conference.pk)]
    assert found(client, "conference", floor.conference.sid[:-1]) == []


@pytest.mark.parametrize("words", ["0102", NUMBER, "+44 20 7946 0102"])
def test_without_the_right_a_number_is_found_in_full_or_by_its_last_four(
    client: Client, auditor: User, floor: Floor, words: str
) -> None:
    assert found(client, "conference", words) == [str(floor.conference.pk)]
    assert found(client, "participant", words) == [str(floor.customer.pk)]


@pytest.mark.parametrize("guess", ["60102", "460102", "+4420", "4420794", "+44 20 79", "7946"])
def test_without_the_right_no_number_can_be_guessed_digit_by_digit(
    client: Client, auditor: User, floor: Floor, guess: str
) -> None:
    Conference.objects.update(friendly_name=f"call {NUMBER}")
    Participant.objects.filter(pk=floor.customer.pk).update(label=f"x{NUMBER}")
    for model in ("conference", "participant", "supervision"):
        assert found(client, model, guess) == []
        assert found(client, model, f"call{guess}") == []


@pytest.mark.parametrize(
    "lookup",
    ["address__startswith", "address", "conference__friendly_name__contains", "label__gt", "agent__name"],
)
def test_no_other_column_can_be_asked_for_in_the_address(
    client: Client, auditor: User, floor: Floor, lookup: str
) -> None:
    answer = client.get(list_of("participant"), {lookup: "+44"})
    assert answer.status_code == 400 or "e=1" in answer.get("Location", "")


def test_a_search_for_a_number_is_recorded_without_it(client: Client, auditor: User, floor: Floor) -> None:
    found(client, "conference", NUMBER)
    found(client, "conference", "Ann")
    search = Intervention.objects.get(verb="search")
    assert (search.user, search.parameters) == (auditor, {"q": "+44 ••• •• 02"})


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("supervision", "rosa"),
        ("supervision", "okafor"),
        ("intervention", "rosa haas"),
        ("intervention", "key-1"),
        ("agent", "ann"),
        ("supervisor", "haas"),
        ("team", "billing"),
        ("account", "twilio"),
    ],
)
def test_the_other_lists_are_searched_too(
    client: Client, auditor: User, floor: Floor, model: str, words: str
) -> None:
    assert str(floor.row(model).pk) in found(client, model, words)
    assert found(client, model, "nobody of this name") == []


@pytest.mark.parametrize(
    ("model", "filters", "hit"),
    [
        ("conference", {"reached": "whisper"}, True),
        ("conference", {"reached": "barge"}, False),
        ("conference", {"supervised": "yes"}, True),
        ("conference", {"supervised": "no"}, False),
        ("conference", {"doubt": "yes"}, False),
        ("conference", {"status__exact": "in-progress"}, True),
        ("conference", {"state": "talking"}, True),
        ("supervision", {"reached": "whisper"}, True),
        ("supervision", {"reached": "barge"}, False),
        ("supervision", {"ended": "normal"}, True),
        ("supervision", {"ended": "other"}, False),
        ("supervision", {"length": "long"}, False),
        ("intervention", {"newest": "confirmed"}, True),
        ("intervention", {"newest": "unknown"}, False),
        ("intervention", {"verb": "whisper"}, True),
        ("callback", {"lag": "slow"}, False),
        ("callback", {"verdict__exact": "applied"}, True),
        ("participant", {"who": "unknown"}, False),
        ("participant", {"role__exact": "customer"}, True),
        ("agent", {"phone": "some"}, True),
        ("agent", {"phone": "none"}, False),
        ("agent", {"seen": "yes"}, True),
        ("account", {"silent": "yes"}, True),
    ],
)
def test_each_filter_takes_what_it_says(
    client: Client, auditor: User, floor: Floor, model: str, filters: dict[str, str], hit: bool
) -> None:
    assert (str(floor.row(model).pk) in found(client, model, "", **filters)) is hit


def test_lists_have_a_date_hierarchy_and_related_filters(client: Client, auditor: User, floor: Floor) -> None:
    year = str(floor.conference.first_seen_at.year)
    assert found(client, "conference", "", first_seen_at__year=year)
    assert found(client, "conference", "", first_seen_at__year="2001") == []
    assert found(client, "supervision", "", user__id__exact=str(floor.rosa.pk))
    assert found(client, "supervision", "", team__id__exact="999999") == []


def test_staff_of_a_team_see_nothing_of_another(client: Client) -> None:
    own, other = (
        make_floor("Billing", tag="-own"),
        make_floor("Returns", tag="-canary", number="+442079460999"),
    )
    client.force_login(make_team_reader("reader", own.team))
    for model in (
        "conference",
        "participant",
        "supervision",
        "intervention",
        "callback",
        "agent",
        "supervisor",
        "team",
    ):
        page = client.get(list_of(model)).content.decode()
        assert page_of(own.row(model)) in page, model
        assert "canary" not in page, model
        assert page_of(other.row(model)) not in page, model
        for address in (page_of(other.row(model)), page_of(other.row(model), "history")):
            answer = client.get(address, follow=True)
            assert "canary" not in answer.content.decode(), address
            assert answer.redirect_chain or answer.status_code == 403, address
        exported = client.post(list_of(model) + "export/").content.decode()
        assert "canary" not in exported
        assert found(client, model, "canary") == []
    assert found(client, "conference", "0999") == []
    assert found(client, "account", "") == []
