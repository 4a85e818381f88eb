"""The address book in the admin: whom supervisors may dial by name."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from participants.models import Destination
from tests.admin_floor import list_of, page_of
from tests.factories import make_supervisor, make_team, make_user

pytestmark = pytest.mark.django_db
NUMBER = "+447700900199"


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user("administrator", group="Administrator", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def second_level() -> Destination:
    return Destination.objects.create(name="Second level", address=NUMBER, team=make_team("Billing"))


@pytest.mark.parametrize(
    "address", [NUMBER, "client:desk?from=earshot", "sip:desk@example.com", "app:AP0123456789"]
)
def test_an_administrator_saves_whom_one_may_dial(client: Client, administrator: User, address: str) -> None:
    form = {"name": "Second level", "address": address, "team": make_team("Billing").pk}
    assert client.post(list_of("destination") + "add/", form).status_code == 302
    assert Destination.objects.get().address == address


@pytest.mark.parametrize("address", ["0207 946 0117", "mailto:a@b", "app:", "client:", "tel:+447700900199"])
def test_what_nobody_could_dial_is_refused_with_a_sentence(
    client: Client, administrator: User, address: str
) -> None:
    answer = client.post(list_of("destination") + "add/", {"name": "x", "address": address, "team": ""})
    assert "is no phone: write it as +442079460102, client:…, sip:… or app:…." in answer.content.decode()
    assert not Destination.objects.exists()


def test_a_masked_number_that_is_left_as_it_stands_is_kept(
    client: Client, administrator: User, second_level: Destination
) -> None:
    page = client.get(page_of(second_level)).content.decode()
    assert "+44 ••• •• 99" in page and NUMBER not in page
    form = {"name": "Interpreter", "address": "+44 ••• •• 99", "team": ""}
    assert client.post(page_of(second_level), form).status_code == 302
    second_level.refresh_from_db()
    assert (second_level.name, second_level.address, second_level.team) == ("Interpreter", NUMBER, None)


def test_auditors_read_it_masked_and_change_nothing(client: Client, second_level: Destination) -> None:
    client.force_login(make_user("auditor", group="Auditor", is_staff=True))
    page = client.get(list_of("destination")).content.decode()
    assert "Second level" in page and "+44 ••• •• 99" in page and NUMBER not in page
    assert client.get(list_of("destination") + "add/").status_code == 403


def test_staff_of_one_team_see_its_destinations_and_those_of_all(client: Client) -> None:
    billing = make_team("Billing")
    for name, team in (("Ours", billing), ("Theirs", make_team("Returns")), ("Everybody’s", None)):
        Destination.objects.create(name=name, address=NUMBER, team=team)
    staff = make_supervisor("staff", teams=(billing,), group="Auditor", is_staff=True)
    staff.groups.clear()
    staff.user_permissions.add(*_permissions("view_destination"))
    client.force_login(staff)
    page = client.get(reverse("admin:participants_destination_changelist")).content.decode()
    assert "Ours" in page and "Everybody’s" in page and "Theirs" not in page


def _permissions(codename: str) -> list:
    from django.contrib.auth.models import Permission

    return list(Permission.objects.filter(codename=codename))
