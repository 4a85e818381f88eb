"""The page for dialling somebody in: the address book, whom a text means, and what is wrong where."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from console import address_book
from participants.models import Conference, Destination, Intervention, Team
from tests.console.server import signed_in
from tests.factories import make_agent, make_call, make_supervisor, make_team, make_user

pytestmark = pytest.mark.django_db
NUMBER = "+447700900199"
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


@pytest.fixture
def call(billing: Team) -> Conference:
    agent = make_agent("Ann Okafor", team=billing, addresses=("client:agent-1",))
    return make_call(agent=agent, team=billing)[0]


@pytest.fixture(autouse=True)
def saved(billing: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "sandbox-twilio-token")
    for name, team in (("Second level", None), ("Refund desk", billing), ("Warehouse", make_team("Returns"))):
        Destination.objects.create(name=name, address=NUMBER, team=team)
    make_agent("Mei-Ling Chu", team=make_team("Returns"), addresses=("client:agent-9",))


def wrong(client: Client, call: Conference, **form: str) -> dict[str, list[str]]:
    answer = client.post(f"/conferences/{call.pk}/dial/", form, **SCRIPT)
    assert answer.status_code == 400
    return dict(answer.json()["fields"])


def test_the_book_holds_ones_own_teams_agents_and_destinations_with_numbers_masked(
    client: Client, call: Conference
) -> None:
    page = client.get(f"/conferences/{call.pk}/dial/")
    for shown in ("Second level", "Refund desk", "Ann Okafor", "client:agent-1", "+44 ••• •• 99"):
        assertContains(page, shown)
    for hidden in ("Warehouse", "Mei-Ling Chu", NUMBER):
        assertNotContains(page, hidden)


def test_who_may_see_numbers_reads_them_in_full(call: Conference, billing: Team) -> None:
    lead = signed_in(make_supervisor("lead", teams=(billing,), group="Lead"))
    assertContains(lead.get(f"/conferences/{call.pk}/dial/"), NUMBER)


def test_a_name_of_the_book_means_its_address(sam: User, call: Conference) -> None:
    book = address_book.entries(sam)
    assert [each.address for each in address_book.named(book, " second LEVEL ")] == [NUMBER]
    assert address_book.named(book, "Warehouse") == []
    refs = {each.ref for each in book}
    other = Destination.objects.get(name="Warehouse")
    assert f"destination-{other.pk}" not in refs


def test_somebody_has_to_be_meant_and_one_alone(client: Client, call: Conference, billing: Team) -> None:
    second = Destination.objects.get(name="Second level")
    assert "Write a number or an address" in wrong(client, call, to="")["to"][0]
    both = wrong(client, call, to="+12025550150", book=f"destination-{second.pk}")
    assert both["to"] == ["Write somebody or choose from the address book, not both."]
    make_agent("Second Level", team=billing, addresses=("client:second",))
    assert "Several people have this name" in wrong(client, call, to="second level")["to"][0]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"timeout": "4"}, "timeout"),
        ({"timeout": "soon"}, "timeout"),
        ({"label": "a/b"}, "label"),
        ({"machine_detection": "Perhaps"}, "machine_detection"),
        ({"byoc": "BY1"}, "byoc"),
        ({"role": "supervisor"}, "role"),
    ],
)
def test_each_wrong_value_is_said_at_its_field_in_both_pages(
    client: Client, sam: User, call: Conference, form: dict[str, str], field: str
) -> None:
    form = {"to": "+12025550150", **form}
    said = wrong(client, call, **form)
    assert field in said
    page = client.post(f"/conferences/{call.pk}/dial/", form)
    assertContains(page, said[field][0], status_code=400, html=False)
    assertContains(page, 'aria-invalid="true"', status_code=400)
    assertContains(page, 'value="+12025550150"', status_code=400)
    assert not Intervention.objects.filter(user=sam, verb="dial").exclude(outcomes__state="refused").exists()


def test_whom_nobody_may_dial_is_said_at_the_field(client: Client, call: Conference) -> None:
    answer = client.post(f"/conferences/{call.pk}/dial/", {"to": "+4930123456"}, **SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (409, "dial_number")
    assert list(answer.json()["fields"]) == ["to"]


def test_an_auditor_is_told_so_and_dials_nobody(call: Conference) -> None:
    auditor = signed_in(make_user("auditor", group="Auditor"))
    assertContains(auditor.get(f"/conferences/{call.pk}/dial/"), "Auditors read; they do not act on calls.")
    answer = auditor.post(f"/conferences/{call.pk}/dial/", {"to": "+12025550150"}, **SCRIPT)
    assert (answer.status_code, answer.json()["code"]) == (403, "auditor")


def test_another_teams_call_is_not_there(client: Client) -> None:
    other, *_ = make_call(team=make_team("Returns"))
    assert client.get(f"/conferences/{other.pk}/dial/").status_code == 404
    assert client.post(f"/conferences/{other.pk}/dial/", {"to": "+12025550150"}).status_code == 404
