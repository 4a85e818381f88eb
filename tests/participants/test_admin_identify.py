"""The page "This leg is an agent…": all that the admin writes about a call, through the service."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from participants.models import Intervention, Participant
from tests.admin_floor import Floor, make_auditor, make_floor, make_team_reader, page_of, unbroken

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor() -> Floor:
    return make_floor()


@pytest.fixture
def reader(client: Client, floor: Floor) -> User:
    """Staff of the team with the right to say who somebody is."""
    user = make_team_reader("reader", floor.team)
    user.user_permissions.add(Permission.objects.get(codename="identify"))
    client.force_login(user)
    return user


def page_for(leg: Participant) -> str:
    return reverse("admin:participants_identify", args=[leg.pk])


def test_a_person_is_named_as_an_agent_through_the_service_and_on_the_record(
    client: Client, reader: User, floor: Floor
) -> None:
    assert page_for(floor.customer) in client.get(page_of(floor.customer)).content.decode()
    assert floor.agent.name in client.get(page_for(floor.customer)).content.decode()
    form = {"role": "agent", "agent": floor.agent.pk, "reason": "I know her voice"}
    answer = client.post(page_for(floor.customer), form, follow=True)
    assert "Recorded: this is Ann Okafor." in answer.content.decode()
    floor.customer.refresh_from_db()
    assert (floor.customer.role, floor.customer.agent, floor.customer.certainty) == (
        "agent",
        floor.agent,
        "person",
    )
    done = Intervention.objects.get(verb="identify")
    assert (done.user, done.participant, done.reason) == (reader, floor.customer, "I know her voice")
    assert done.outcomes.last().state == "confirmed"
    assert unbroken()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"role": "agent"}, "Choose the agent."),
        ({"role": "king"}, "Select a valid choice."),
        ({"role": "agent", "agent": "99999"}, "Select a valid choice."),
    ],
)
def test_an_incomplete_answer_is_said_and_nothing_is_done(
    client: Client, reader: User, floor: Floor, form: dict[str, str], sentence: str
) -> None:
    assert sentence in client.post(page_for(floor.customer), form).content.decode()
    floor.customer.refresh_from_db()
    assert floor.customer.role == "customer"
    assert not Intervention.objects.filter(verb="identify").exists()


def test_only_the_role_agent_has_an_agent(client: Client, reader: User, floor: Floor) -> None:
    answer = client.post(page_for(floor.customer), {"role": "other", "agent": floor.agent.pk})
    assert "Only the role agent has an agent." in answer.content.decode()


def test_agents_of_other_teams_are_not_offered(client: Client, reader: User, floor: Floor) -> None:
    make_floor("Returns", tag="-canary")
    assert "canary" not in client.get(page_for(floor.customer)).content.decode()


def test_somebody_of_another_team_is_not_found(client: Client, reader: User, floor: Floor) -> None:
    other = make_floor("Returns", tag="-canary")
    form = {"role": "agent", "agent": floor.agent.pk}
    assert client.post(page_for(other.customer), form).status_code == 404
    other.customer.refresh_from_db()
    assert other.customer.role == "customer"


def test_an_auditor_is_refused_and_has_no_button(client: Client, floor: Floor) -> None:
    client.force_login(make_auditor())
    assert page_for(floor.customer) not in client.get(page_of(floor.customer)).content.decode()
    form = {"role": "agent", "agent": floor.agent.pk}
    answer = client.post(page_for(floor.customer), form, follow=True)
    assert "Auditors read; they do not act on calls." in answer.content.decode()
    floor.customer.refresh_from_db()
    assert floor.customer.role == "customer"
