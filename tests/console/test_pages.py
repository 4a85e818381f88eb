"""The pages as the server paints them: complete without scripts."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertTemplateUsed

from console.strip import strip
from participants.models import Intervention, Supervisor, Team
from tests.console.server import signed_in
from tests.factories import (
    PASSWORD,
    make_agent,
    make_call,
    make_conference,
    make_participant,
    make_supervision,
    make_supervisor,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing() -> Team:
    return make_team("Billing")


@pytest.fixture
def sam(billing: Team) -> User:
    return make_supervisor("sam", teams=(billing,), full_name="Sam Whitfield")


@pytest.fixture
def client(sam: User) -> Client:
    return signed_in(sam)


def row_of(page: str, conference_id: object) -> str:
    found = re.search(rf'<tr[^>]*data-id="{conference_id}".*?</tr>', page, re.DOTALL)
    assert found, f"no row of {conference_id}"
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


# --- the board --------------------------------------------------------------------------------------------
def test_the_board_says_who_talks_to_whom_since_when(client: Client, billing: Team) -> None:
    now = timezone.now()
    conference, *_ = make_call(
        agent=make_agent("Ann Okafor", team=billing),
        team=billing,
        state_since=now - timedelta(seconds=372, milliseconds=300),
        started_at=now - timedelta(seconds=400, milliseconds=300),
    )
    page = client.get("/").content.decode()
    words = row_of(page, conference.pk)
    assert words.startswith("Talking Ann Okafor +44 ••• •• 02 Billing 6:1")
    assert " 6:4" in words
    assert f'href="/conferences/{conference.pk}/"' in page


def test_a_call_is_as_old_as_its_first_person_and_never_younger_than_its_state(
    client: Client, billing: Team
) -> None:
    now = timezone.now()
    conference, agent, customer = make_call(team=billing, started_at=now - timedelta(seconds=300.3))
    for leg, seconds in ((agent, 310.3), (customer, 600.3)):
        type(leg).objects.filter(pk=leg.pk).update(joined_at=now - timedelta(seconds=seconds))
    assert " 10:0" in row_of(client.get("/").content.decode(), conference.pk)
    alone = client.get(f"/conferences/{conference.pk}/").content.decode()
    assert re.search(r'class="[^"]*fact-call[^"]*"[^>]*>10:0', alone)


def test_the_board_offers_listen_and_whisper_on_a_row_and_never_barge(client: Client, billing: Team) -> None:
    conference, *_ = make_call(team=billing)
    words = row_of(client.get("/").content.decode(), conference.pk)
    assert words.endswith("Listen Whisper")


def test_the_board_says_who_else_is_there(client: Client, billing: Team) -> None:
    conference, agent, _ = make_call(agent=make_agent("Priya Raman", team=billing), team=billing)
    rosa = make_supervisor("rosa", teams=(billing,), full_name="Rosa Haas")
    make_supervision(rosa, conference, "whisper", target=agent)
    assert "Rosa Haas whispers to Priya Raman" in row_of(client.get("/").content.decode(), conference.pk)


def test_another_teams_call_is_nowhere_on_the_board(client: Client) -> None:
    make_call(
        "returns-2011", agent=make_agent("Mei-Ling Chu", team=make_team("Returns")), team=make_team("Returns")
    )
    assertNotContains(client.get("/"), "Mei-Ling Chu")


def test_names_from_outside_are_text(client: Client, billing: Team) -> None:
    make_call(agent=make_agent('<img src=x onerror="alert(1)">', team=billing), team=billing)
    page = client.get("/")
    assertContains(page, "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;")
    assertNotContains(page, "<img")


def test_a_hundred_rows_are_painted_and_the_rest_is_counted(client: Client, billing: Team) -> None:
    for _ in range(103):
        make_participant(make_conference(team=billing))
    page = client.get("/")
    assert page.content.count(b'<tr class="row" role="row" data-id="') == 100 + 1  # and the scripts' copy
    assertContains(page, "3 more calls are not shown here.")


def test_the_board_takes_as_many_queries_for_thirty_calls_as_for_one(
    client: Client, billing: Team, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        make_call(f"billing-{number}", team=billing)
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        client.get("/")


def test_a_supervisor_of_one_team_is_offered_no_filter(client: Client, billing: Team) -> None:
    assertNotContains(client.get("/"), 'class="tabs"')


def test_the_team_filter_counts_and_chooses(billing: Team) -> None:
    returns = make_team("Returns")
    lead = signed_in(make_supervisor("lead", teams=(billing, returns), group="Lead"))
    make_call("b", agent=make_agent("Ann Okafor", team=billing), team=billing)
    make_call("r", agent=make_agent("Mei-Ling Chu", team=returns), team=returns)
    page = lead.get("/", {"team": returns.pk})
    assertContains(page, "Mei-Ling Chu")
    assertNotContains(page, "Ann Okafor")
    assertContains(page, 'All calls <b class="num">2</b>')


@pytest.mark.parametrize("team", ["x", "999999", "-1", "1 OR 1=1"])
def test_a_team_that_is_none_shows_nothing(client: Client, billing: Team, team: str) -> None:
    make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    assertNotContains(client.get("/", {"team": team}), "Ann Okafor")


def test_the_search_finds_an_agent_and_says_when_it_finds_nothing(client: Client, billing: Team) -> None:
    make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    assertContains(client.get("/", {"q": "okafor"}), "Ann Okafor")
    assertContains(client.get("/", {"q": "nobody"}), "No call matches")


def test_looking_for_a_number_finds_it_masked_and_is_recorded(
    client: Client, sam: User, billing: Team
) -> None:
    conference, *_ = make_call(team=billing)
    page = client.get("/", {"q": "0102"})
    assert "+44 ••• •• 02" in row_of(page.content.decode(), conference.pk)
    assert Intervention.objects.filter(user=sam, verb="search").count() == 1


def test_an_empty_floor_says_what_will_happen(client: Client) -> None:
    assertContains(client.get("/"), "A call appears here by itself as soon as it starts.")


def test_who_has_no_team_and_no_right_sees_the_denied_page() -> None:
    page = signed_in(make_user("nobody")).get("/")
    assertContains(page, "No calls are shared with you", status_code=403)


def test_the_strip_is_painted_by_the_server_with_its_buttons_as_forms(
    client: Client, sam: User, billing: Team
) -> None:
    conference, agent, _ = make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    make_supervision(sam, conference, "listen", target=agent)
    page = client.get("/")
    assertContains(page, strip(sam)["headline"])
    assertContains(page, f'formaction="/conferences/{conference.pk}/commands/leave/"')


# --- one call ---------------------------------------------------------------------------------------------
def test_the_page_of_a_call_says_who_hears_whom(client: Client, billing: Team) -> None:
    conference, *_ = make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    page = client.get(f"/conferences/{conference.pk}/")
    assertContains(page, "+44 ••• •• 02 hears Ann Okafor")
    assertContains(page, "Ann Okafor hears +44 ••• •• 02")


def test_the_hears_route_is_what_the_panel_prints(client: Client, sam: User, billing: Team) -> None:
    conference, agent, customer = make_call(team=billing)
    stay = make_supervision(sam, conference, "whisper", target=agent)
    own = conference.participants.get(call_sid=stay.call_sid)
    answer = client.get(f"/conferences/{conference.pk}/hears/").json()
    assert {person["name"] for person in answer["people"]} >= {"You"}
    assert answer["hears"][str(own.pk)] == {str(agent.pk): True, str(customer.pk): False}


def test_what_is_not_known_is_null(client: Client, billing: Team) -> None:
    conference, agent, customer = make_call(team=billing)
    customer.hold = None
    customer.save()
    answer = client.get(f"/conferences/{conference.pk}/hears/").json()
    assert answer["hears"][str(agent.pk)] == {str(customer.pk): None}


def test_more_than_four_people_are_told_in_sentences(client: Client, billing: Team) -> None:
    conference, *_ = make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    for _ in range(3):
        make_participant(conference, "other", address="client:desk")
    page = client.get(f"/conferences/{conference.pk}/")
    assertContains(page, "Ann Okafor: heard by everyone.")
    assertNotContains(page, 'class="matrix"')


def test_a_command_that_is_off_says_why(client: Client, billing: Team) -> None:
    conference = make_conference(team=billing, state="waiting")
    make_participant(conference)
    assertContains(client.get(f"/conferences/{conference.pk}/"), "No agent on this call yet.")


@pytest.mark.parametrize("path", ["/conferences/{}/", "/conferences/{}/hears/"])
def test_another_teams_call_is_not_there(client: Client, path: str) -> None:
    conference, *_ = make_call(team=make_team("Returns"))
    assert client.get(path.format(conference.pk)).status_code == 404


# --- oneself ----------------------------------------------------------------------------------------------
def test_one_sets_ones_phone_theme_and_keys(client: Client, sam: User) -> None:
    form = {"form": "settings", "address": "+44 20 7946 0102", "theme": "dark"}
    assert client.post("/me/", form).status_code == 302
    profile = Supervisor.objects.get(user=sam)
    assert (profile.address, profile.theme, profile.keys) == ("+442079460102", "dark", False)
    page = client.get("/")
    assertContains(page, 'data-theme="dark"')
    assertContains(page, 'data-keys="off"')


@pytest.mark.parametrize("address", ["0123", "+44", "sip:", "javascript:alert(1)"])
def test_a_phone_that_cannot_be_rung_is_refused_in_words(client: Client, sam: User, address: str) -> None:
    page = client.post("/me/", {"form": "settings", "address": address, "theme": "system"})
    assertContains(page, "or it is no whole number")
    assert Supervisor.objects.get(user=sam).address == "client:sam"


def test_somebody_without_a_profile_can_make_one(billing: Team) -> None:
    auditor = make_user("auditor", group="Auditor")
    signed_in(auditor).post("/me/", {"form": "settings", "address": "", "theme": "light", "keys": "on"})
    assert Supervisor.objects.get(user=auditor).theme == "light"


def test_a_new_password_is_set_and_one_stays_signed_in(client: Client, sam: User) -> None:
    new = "much better than before"
    form = {"form": "password", "old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/me/", form).status_code == 302
    assert client.get("/me/").status_code == 200
    sam.refresh_from_db()
    assert sam.check_password(new)


def test_a_wrong_present_password_changes_nothing(client: Client, sam: User) -> None:
    form = {"form": "password", "old_password": "wrong", "new_password1": "x" * 12, "new_password2": "x" * 12}
    assertContains(client.post("/me/", form), "old password was entered incorrectly")
    sam.refresh_from_db()
    assert sam.check_password(PASSWORD)


# --- the door ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/me/", "/conferences/00000000-0000-0000-0000-000000000000/"])
def test_nobody_enters_without_signing_in(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"] == f"/login/?next={path}"


def test_the_form_at_the_door_has_the_fields_of_the_contract(sam: User) -> None:
    client = Client(enforce_csrf_checks=True)
    page = client.get("/login/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    form = {"login": "sam", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    assert client.post("/login/", form)["Location"] == "/"
    assert {"sessionid", "csrftoken"} <= set(client.cookies)


def test_a_page_that_is_too_old_is_told_so(sam: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    answer = client.post("/me/", {"form": "settings"})
    assertContains(answer, "This page was too old", status_code=403)


@pytest.mark.parametrize(("path", "status"), [("/nothing/", 404), ("/callbacks/", 404)])
def test_what_is_not_there_has_a_page(client: Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assertTemplateUsed(answer, f"{status}.html")


@pytest.mark.parametrize("path", ["/", "/me/", "/login/"])
def test_no_page_holds_script_or_style_of_its_own(client: Client, path: str) -> None:
    page = client.get(path)
    html = page.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))
    policy = page["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("answered_by", "shown"), [("machine_start", 1), ("fax", 1), ("human", 0), (None, 0)]
)
def test_who_was_answered_by_a_machine_is_told_so(
    client: Client, billing: Team, answered_by: str | None, shown: int
) -> None:
    conference, *_ = make_call(team=billing)
    make_participant(conference, "other", address="+12025550150", answered_by=answered_by)
    page = client.get(f"/conferences/{conference.pk}/").content.decode()
    assert page.count("· Answered by a machine") == shown
