"""A socket lives no longer than the right to it, and shows no more than that right says."""

import json
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from participants.models import Supervision, Team
from tests.console.server import Screen, signed_in
from tests.factories import make_conference, make_participant, make_supervision, make_team
from tests.patience import ANSWER_S, wait_for

Watch = Callable[..., Screen]


def log_out(_: User, client: Client) -> None:
    client.logout()


def let_the_session_expire(_: User, client: Client) -> None:
    session = client.session
    session.set_expiry(-1)
    session.save()


def deactivate(user: User, _: Client) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_the_password(user: User, _: Client) -> None:
    user.set_password("another")
    user.save()


def delete_the_user(user: User, _: Client) -> None:
    user.delete()


@pytest.mark.parametrize(
    "act", [log_out, let_the_session_expire, deactivate, change_the_password, delete_the_user]
)
def test_who_is_no_longer_signed_in_sees_no_more(
    supervisor: User, watch: Watch, act: Callable[[User, Client], None]
) -> None:
    client = signed_in(supervisor)
    screen = watch(supervisor, client=client)
    act(supervisor, client)
    assert screen.until_closed() == 4401


@pytest.mark.parametrize("elsewhere", [False, True])
def test_whose_last_session_ended_is_taken_off_the_call(
    supervisor: User, billing: Team, watch: Watch, elsewhere: bool
) -> None:
    stay = make_supervision(supervisor, make_conference(team=billing))
    client = signed_in(supervisor)
    screen = watch(supervisor, client=client)
    if elsewhere:
        watch(supervisor)
    let_the_session_expire(supervisor, client)
    assert screen.until_closed() == 4401
    wait_for(lambda: elsewhere or Supervision.objects.get(pk=stay.pk).wanted == "leave")
    assert Supervision.objects.get(pk=stay.pk).wanted == ("listen" if elsewhere else "leave")


def test_who_lost_teams_and_verbs_is_no_longer_allowed(supervisor: User, watch: Watch) -> None:
    screen = watch(supervisor)
    supervisor.groups.clear()
    supervisor.supervisor.teams.clear()
    assert screen.until_closed() == 4403


def test_another_team_brings_its_calls_and_takes_the_others(
    supervisor: User, billing: Team, watch: Watch
) -> None:
    returns = make_team("Returns")
    make_conference("billing-1", team=billing)
    make_conference("returns-1", team=returns)
    screen = watch(supervisor)
    assert screen.names() == {"billing-1"}
    supervisor.supervisor.teams.set([returns])
    screen.until(lambda screen: screen.names() == {"returns-1"})


def test_an_auditor_who_is_one_no_more_loses_every_call(supervisor: User, watch: Watch) -> None:
    supervisor.supervisor.teams.clear()
    supervisor.groups.add(Group.objects.get(name="Auditor"))
    make_conference("of-no-team")
    screen = watch(supervisor)
    assert screen.names() == {"of-no-team"}
    supervisor.groups.remove(Group.objects.get(name="Auditor"))
    screen.until(lambda screen: not screen.names())


def test_the_right_to_numbers_changes_what_stands_on_the_screen(
    supervisor: User, billing: Team, watch: Watch
) -> None:
    call = make_conference(team=billing)
    make_participant(call, address="+442079460777")
    screen = watch(supervisor)
    assert "79460777" not in json.dumps(screen.frames)
    supervisor.groups.add(Group.objects.get(name="Lead"))
    # Not a newer version of the call: the same one, as this person may now see it.
    screen.conferences[str(call.pk)]["version"] = 0
    screen.until(lambda screen: "+442079460777" in json.dumps(screen.conferences))


def test_a_sixth_socket_of_one_person_closes_the_oldest(supervisor: User, watch: Watch) -> None:
    client = signed_in(supervisor)
    screens = [watch(supervisor, client=client) for _ in range(6)]
    assert screens[0].until_closed() == 4408
    assert all(screen.socket.ping().wait(ANSWER_S) for screen in screens[1:])
