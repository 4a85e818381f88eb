"""What administrators write in the admin: agents, phones, supervisors, accounts, and who may sign in."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from participants.models import Account, Agent, AgentAddress, Supervisor, Team
from tests.admin_floor import AGENTS_NUMBER, Floor, list_of, make_floor, page_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor() -> Floor:
    return make_floor()


@pytest.fixture
def administrator(client: Client) -> User:
    user = make_user("administrator", group="Administrator", is_staff=True)
    client.force_login(user)
    return user


def agent_form(floor: Floor, address: str) -> dict[str, object]:
    known = AgentAddress.objects.filter(agent=floor.agent).first()
    return {
        "name": floor.agent.name,
        "team": floor.team.pk,
        "label": "ann",
        "user": "",
        "addresses-TOTAL_FORMS": 2,
        "addresses-INITIAL_FORMS": 1,
        "addresses-0-id": known.pk if known else "",
        "addresses-0-agent": floor.agent.pk,
        "addresses-0-address": address,
        "addresses-1-address": "",
    }


def test_an_administrator_adds_teams_and_agents_with_phones(client: Client, administrator: User) -> None:
    assert client.post(list_of("team") + "add/", {"name": "Returns"}).status_code == 302
    form = {
        "name": "Mei-Ling Chu",
        "team": Team.objects.get(name="Returns").pk,
        "label": "",
        "user": "",
        "addresses-TOTAL_FORMS": 2,
        "addresses-INITIAL_FORMS": 0,
        "addresses-0-address": "client:mei-ling",
        "addresses-1-address": "+12025550121",
    }
    assert client.post(list_of("agent") + "add/", form).status_code == 302
    phones = Agent.objects.get(name="Mei-Ling Chu").addresses.values_list("address", flat=True)
    assert set(phones) == {"client:mei-ling", "+12025550121"}


def test_a_masked_phone_that_is_left_as_it_stands_is_kept(
    client: Client, administrator: User, floor: Floor
) -> None:
    page = client.get(page_of(floor.agent)).content.decode()
    assert "+44 ••• •• 31" in page
    assert AGENTS_NUMBER not in page
    assert client.post(page_of(floor.agent), agent_form(floor, "+44 ••• •• 31")).status_code == 302
    assert floor.agent.addresses.get().address == AGENTS_NUMBER
    assert client.post(page_of(floor.agent), agent_form(floor, "+442079460117")).status_code == 302
    assert floor.agent.addresses.get().address == "+442079460117"


@pytest.mark.parametrize(
    "wrong", ["0207 946 0117", "+44", "+44 ••• •• 99", "client:", "mailto:a@b", "+442079460117;ext=1"]
)
def test_what_is_no_phone_is_refused_with_a_sentence(
    client: Client, administrator: User, floor: Floor, wrong: str
) -> None:
    answer = client.post(page_of(floor.agent), agent_form(floor, wrong))
    assert "is no phone: write it as +442079460102, client:… or sip:…." in answer.content.decode()
    assert floor.agent.addresses.get().address == AGENTS_NUMBER


def test_a_supervisors_masked_phone_is_kept_too(client: Client, administrator: User, floor: Floor) -> None:
    supervisor = floor.rosa.supervisor
    page = client.get(page_of(supervisor)).content.decode()
    assert "+44 ••• •• 99" in page and "+447700900199" not in page
    form = {
        "user": floor.rosa.pk,
        "teams": [floor.team.pk],
        "address": "+44 ••• •• 99",
        "theme": "dark",
        "keys": "on",
    }
    assert client.post(page_of(supervisor), form).status_code == 302
    kept = Supervisor.objects.get(pk=supervisor.pk)
    assert (kept.address, kept.theme) == ("+447700900199", "dark")


ACCOUNT = {
    "key": "second",
    "provider": "twilio",
    "sid": "AC2",
    "api_url": "",
    "caller_id": "+12025550101",
    "application_sid": "",
    "public_key": "",
    "default_team": "",
    "dials_per_minute": 6,
    "dials_per_day": 60,
    "account_dials_per_minute": 60,
}


def test_an_account_keeps_the_name_of_its_secret(client: Client, administrator: User) -> None:
    assert client.post(list_of("account") + "add/", ACCOUNT | {"secret": "SECOND_TOKEN"}).status_code == 302
    assert Account.objects.get(key="second").secret == "SECOND_TOKEN"


@pytest.mark.parametrize(
    "secret", ["SECRET_KEY", "DATABASE_URL", "0123456789abcdef0123456789abcdef", "a token"]
)
def test_an_account_never_takes_a_token_or_a_secret_of_the_product(
    client: Client, administrator: User, secret: str
) -> None:
    answer = client.post(list_of("account") + "add/", ACCOUNT | {"secret": secret})
    assert "never the token itself" in answer.content.decode()
    assert not Account.objects.filter(key="second").exists()


@pytest.mark.parametrize("missing", ["application_sid", "public_key"])
def test_an_account_is_not_kept_without_what_its_provider_needs(
    client: Client, administrator: User, missing: str
) -> None:
    facts = {"provider": "telnyx", "secret": "KEY", "application_sid": "19", "public_key": "bm9uZQ=="}
    answer = client.post(list_of("account") + "add/", ACCOUNT | facts | {missing: ""})
    assert answer.context["adminform"].form.errors == {missing: ["Telnyx needs one."]}
    assert not Account.objects.filter(key="second").exists()
    assert client.post(list_of("account") + "add/", ACCOUNT | facts).status_code == 302


def test_an_account_s_page_says_what_its_provider_can_do(client: Client, administrator: User) -> None:
    facts = {"provider": "telnyx", "secret": "KEY", "application_sid": "19", "public_key": "bm9uZQ=="}
    client.post(list_of("account") + "add/", ACCOUNT | facts)
    page = client.get(page_of(Account.objects.get(key="second"))).content.decode()
    assert "Telnyx reports: start, end, join, leave." in page
    assert "does not report mute and hold, coaching, why somebody left, who speaks: Earshot asks." in page
    assert 'href="/api/v1/accounts/second/capabilities/"' in page


def user_form(**changes: object) -> dict[str, object]:
    return {
        "username": "somebody",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "10:00",
        "is_active": "on",
        **changes,
    }


def user_page(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


def test_an_administrator_makes_nobody_a_superuser(client: Client, administrator: User) -> None:
    somebody = make_user("somebody")
    form = user_form(is_superuser="on", groups=[Group.objects.get(name="Supervisor").pk])
    assert client.post(user_page(somebody), form).status_code == 302
    somebody.refresh_from_db()
    assert not somebody.is_superuser
    assert somebody.groups.get().name == "Supervisor"


def test_an_administrator_does_not_touch_superusers(client: Client, administrator: User) -> None:
    root = make_user("root", is_superuser=True, is_staff=True)
    assert client.post(user_page(root), user_form(username="root")).status_code == 403
    assert client.post(f"/admin/auth/user/{root.pk}/delete/", {"post": "yes"}).status_code == 403
    assert (
        client.post(f"/admin/auth/user/{root.pk}/password/", {"password1": "x", "password2": "x"}).status_code
        == 403
    )


def test_an_administrator_does_not_give_themselves_rights(client: Client, administrator: User) -> None:
    lead = Group.objects.get(name="Lead").pk
    client.post(user_page(administrator), user_form(username="administrator", is_staff="on", groups=[lead]))
    assert [group.name for group in administrator.groups.all()] == ["Administrator"]


def test_a_superuser_makes_superusers(client: Client) -> None:
    client.force_login(make_user("root", is_superuser=True, is_staff=True))
    somebody = make_user("somebody")
    assert client.post(user_page(somebody), user_form(is_superuser="on")).status_code == 302
    somebody.refresh_from_db()
    assert somebody.is_superuser
