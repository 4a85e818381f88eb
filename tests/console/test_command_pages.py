"""Every command as a plain form: the same service as the API's, and confirmations as pages."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertContains, assertNotContains

from participants.models import Intervention, Participant, Team
from participants.services import verbs_at
from tests.console.server import signed_in
from tests.factories import make_agent, make_call, make_participant, make_supervisor, make_team, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing() -> Team:
    return make_team("Billing")


@pytest.fixture
def sam(billing: Team) -> User:
    return make_supervisor("sam", teams=(billing,))


@pytest.fixture
def client(sam: User) -> Client:
    return signed_in(sam)


def states(user: User) -> list[str]:
    rows = Intervention.objects.filter(user=user).prefetch_related("outcomes")
    return [list(row.outcomes.all())[-1].state for row in rows]


def test_ending_a_call_asks_first_on_a_page_of_its_own(client: Client, sam: User, billing: Team) -> None:
    conference, *_ = make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    page = client.post(f"/conferences/{conference.pk}/commands/end/")
    assertContains(page, "End this call?")
    assertContains(page, "cut off at once. It cannot be undone.")
    assertContains(page, 'name="confirm"')
    assert not Intervention.objects.filter(user=sam).exists()


def test_taking_somebody_off_says_what_will_happen(client: Client, billing: Team) -> None:
    _, agent, _ = make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    agent.end_conference_on_exit = True
    agent.save()
    page = client.post(f"/participants/{agent.pk}/commands/remove/")
    assertContains(page, "ends the call for everyone")


def test_speaking_to_everyone_asks_first(client: Client, billing: Team) -> None:
    conference, *_ = make_call(team=billing)
    page = client.post(f"/conferences/{conference.pk}/commands/barge/")
    assertContains(page, "Speak to everyone?")
    assertContains(page, 'name="confirm" value="true"')


def test_two_agents_mean_that_one_is_chosen(client: Client, billing: Team) -> None:
    conference, *_ = make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    second = make_participant(conference, agent=make_agent("Ben Archer", team=billing))
    page = client.post(f"/conferences/{conference.pk}/commands/whisper/")
    assertContains(page, "choose who should hear you")
    assertContains(page, f'name="participant" value="{second.pk}"')


def test_a_refusal_is_said_on_the_page_of_the_call_and_kept(client: Client, sam: User, billing: Team) -> None:
    conference, agent, _ = make_call(agent=make_agent("Ann Okafor", team=billing), team=billing)
    agent.hold = True
    agent.save()
    page = client.post(f"/conferences/{conference.pk}/commands/whisper/", follow=True)
    assert page.redirect_chain[-1][0] == f"/conferences/{conference.pk}/"
    assertContains(page, "Ann Okafor is on hold; Twilio cannot whisper to a held phone.")
    assert states(sam) == ["refused"]


def test_an_auditor_reads_and_does_not_act(billing: Team) -> None:
    conference, *_ = make_call(team=billing)
    auditor = signed_in(make_user("auditor", group="Auditor"))
    page = auditor.post(f"/conferences/{conference.pk}/commands/listen/", follow=True)
    assertContains(page, "Auditors read; they do not act on calls.")


def test_somebody_who_knows_says_who_it_is(client: Client, billing: Team) -> None:
    ben = make_agent("Ben Archer", team=billing)
    conference, *_ = make_call(team=billing)
    unknown = make_participant(conference, None, address="+447700900044")
    path = f"/participants/{unknown.pk}/commands/identify/"
    assertContains(client.get(path), "A caller id can be forged.")
    assert client.post(path, {"role": "agent", "agent": ben.pk}).status_code == 302
    unknown.refresh_from_db()
    assert (unknown.role, unknown.agent, unknown.certainty) == (Participant.Role.AGENT, ben, "person")


@pytest.mark.parametrize(
    "form", [{}, {"role": "agent"}, {"role": "supervisor"}, {"role": "agent", "agent": "x"}]
)
def test_who_it_is_has_to_be_said_whole(client: Client, billing: Team, form: dict[str, str]) -> None:
    conference, *_ = make_call(team=billing)
    unknown = make_participant(conference, None)
    page = client.post(f"/participants/{unknown.pk}/commands/identify/", form)
    assertContains(page, "errorlist")
    unknown.refresh_from_db()
    assert unknown.role is None


def test_an_agent_of_another_team_cannot_be_named(client: Client, billing: Team) -> None:
    make_agent("Mei-Ling Chu", team=make_team("Returns"))
    conference, *_ = make_call(team=billing)
    unknown = make_participant(conference, None)
    assertNotContains(client.get(f"/participants/{unknown.pk}/commands/identify/"), "Mei-Ling Chu")


@pytest.mark.parametrize("verb", verbs_at("conference"))
def test_no_command_reaches_another_teams_call(client: Client, sam: User, verb: str) -> None:
    conference, *_ = make_call(team=make_team("Returns"))
    for answer in (client.post, client.get):
        assert answer(f"/conferences/{conference.pk}/commands/{verb}/").status_code == 404
    assert not Intervention.objects.filter(user=sam).exists()


@pytest.mark.parametrize("verb", verbs_at("participant"))
def test_no_command_reaches_somebody_on_another_teams_call(client: Client, sam: User, verb: str) -> None:
    _, agent, _ = make_call(team=make_team("Returns"))
    for answer in (client.post, client.get):
        assert answer(f"/participants/{agent.pk}/commands/{verb}/").status_code == 404
    assert not Intervention.objects.filter(user=sam).exists()


@pytest.mark.parametrize("verb", ["dance", "mute"])
def test_a_verb_that_is_none_of_a_call_is_not_there(client: Client, billing: Team, verb: str) -> None:
    conference, *_ = make_call(team=billing)
    assert client.post(f"/conferences/{conference.pk}/commands/{verb}/").status_code == 404


def test_a_reload_after_a_command_leads_back_to_the_call(client: Client, sam: User, billing: Team) -> None:
    conference, *_ = make_call(team=billing)
    answer = client.get(f"/conferences/{conference.pk}/commands/end/")
    assert answer["Location"] == f"/conferences/{conference.pk}/"
    assert not Intervention.objects.filter(user=sam).exists()


def test_a_form_from_elsewhere_does_nothing(sam: User, billing: Team) -> None:
    conference, *_ = make_call(team=billing)
    client = Client(enforce_csrf_checks=True)
    client.force_login(sam)
    assert client.post(f"/conferences/{conference.pk}/commands/listen/").status_code == 403
    assert not Intervention.objects.filter(user=sam).exists()
