"""What the hub asks the database, against the database."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from console import account_states, reader, rights
from console.consumers import acknowledged
from console.reader import Wanted
from participants import access
from participants.models import Callback, Conference
from tests.factories import (
    make_account,
    make_call,
    make_conference,
    make_supervision,
    make_supervisor,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


def wanted(**fields: Any) -> Wanted:
    nothing: dict[str, Any] = {"ids": set(), "users": set(), "present": set()}
    return Wanted(**{**nothing, "compare": False, "accounts": False, **fields})


def board(*conferences: Conference) -> dict[Any, Any]:
    return reader.read(wanted(ids={each.pk for each in conferences}), {}).shown


def test_a_quiet_comparison_is_one_query(django_assert_num_queries: Any) -> None:
    held = board(*(make_conference(f"billing-{number}") for number in range(5)))
    with django_assert_num_queries(1):
        assert reader.read(wanted(compare=True), held).shown == {}


def test_the_comparison_is_answered_from_the_index_of_live_versions() -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    assert "live_versions" in reader.live_versions().explain()


def test_the_comparison_finds_what_came_changed_ended_and_vanished() -> None:
    same, changed, ended, vanished = (make_conference(name) for name in ("a", "b", "c", "d"))
    held = board(same, changed, ended, vanished)
    come = make_conference("e")
    Conference.objects.filter(pk=changed.pk).update(version=2)
    Conference.objects.filter(pk=ended.pk).update(version=2, status="completed")
    Conference.objects.filter(pk=vanished.pk).delete()
    found = reader.read(wanted(compare=True), held)
    assert set(found.shown) == {come.pk, changed.pk, ended.pk, vanished.pk}
    assert found.shown[vanished.pk] is None
    assert not found.shown[ended.pk].live
    assert not found.lost_order


@pytest.mark.parametrize("look", [{"compare": True}, {"compare": False}])
def test_a_lower_version_than_was_held_is_a_lost_order(look: dict[str, bool]) -> None:
    conference = make_conference(version=5)
    held = board(conference)
    Conference.objects.filter(pk=conference.pk).update(version=4)
    assert reader.read(wanted(ids={conference.pk}, **look), held).lost_order


def test_a_changed_call_brings_the_strips_of_those_on_it_who_are_present() -> None:
    call, _, _ = make_call()
    on, away = make_supervisor("on"), make_supervisor("away")
    make_supervision(on, call)
    make_supervision(away, call)
    found = reader.read(wanted(ids={call.pk}, present={on.pk}), {})
    assert set(found.strips) == {on.pk}
    assert found.strips[on.pk]["conference"] == str(call.pk)


def test_a_strip_comes_with_its_call_as_new_as_it_is() -> None:
    """Somebody joins between the two looks: the strip may name them, so the call has to hold them."""
    call, _, _ = make_call()
    user = make_supervisor("on")
    held = board(call)
    make_supervision(user, call)
    Conference.objects.filter(pk=call.pk).update(version=2)
    found = reader.read(wanted(users={user.pk}, present={user.pk}), held)
    assert found.shown[call.pk].version == 2
    assert found.shown[call.pk].watchers == {user.pk}


def test_a_strip_that_cannot_be_said_costs_nobody_else_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = make_user("broken"), make_user("fine")

    def strip(user: User) -> dict[str, Any]:
        return {"conference": {}[user] if user == broken else None}

    monkeypatch.setattr(reader, "strip", strip)
    found = reader.read(wanted(users={broken.pk, fine.pk}), {})
    assert (set(found.strips), found.unsaid) == ({fine.pk}, {broken.pk})


ROLES = [None, "Supervisor", "Lead", "Auditor", "Administrator", "Agent"]


@pytest.mark.parametrize("teams", [(), ("Billing",), ("Billing", "Returns")])
@pytest.mark.parametrize("group", ROLES)
@pytest.mark.parametrize("superuser", [False, True])
def test_rights_of_many_are_the_rights_that_access_says_of_one(
    group: str | None, teams: tuple[str, ...], superuser: bool
) -> None:
    user = make_supervisor(
        "somebody", group=group, teams=tuple(make_team(name) for name in teams), is_superuser=superuser
    )
    user.user_permissions.add(Permission.objects.get(codename="view_session"))
    client = Client()
    client.force_login(user)
    person = rights.people({client.session.session_key})[client.session.session_key]
    teams_seen, verbs = access.teams_of(user), access.verbs_of(user)
    if isinstance(person, int):
        assert (person, teams_seen, verbs) == (4403, frozenset(), [])
        return
    assert person.everything == (teams_seen is access.ALL)
    assert person.everything or person.teams == teams_seen
    assert person.numbers == access.sees_numbers(user)


def test_rights_of_many_take_four_queries(django_assert_num_queries: Any) -> None:
    keys = set()
    for number in range(6):
        client = Client()
        client.force_login(make_supervisor(f"user-{number}", teams=(make_team(),)))
        keys.add(client.session.session_key)
    with django_assert_num_queries(4):
        people = rights.people(keys)
    assert not [person for person in people.values() if isinstance(person, int)]


def test_an_unknown_session_is_nobody() -> None:
    make_user("somebody")
    assert rights.people({"no-such-session"}) == {"no-such-session": 4401}


def test_how_late_callbacks_are_is_answered_by_an_index() -> None:
    """Else each look, every few seconds, would read every callback that is kept."""
    came = {"received_at": timezone.now(), "occurred_at": timezone.now(), "form": [], "kind": "call"}
    Callback.objects.create(account=make_account(), verdict="applied", **came)
    with CaptureQueriesContext(connection) as asked:
        account_states.read()
    looks = [query["sql"] for query in asked if "callback" in query["sql"]]
    assert len(looks) == 2
    with connection.cursor() as cursor:
        for sql in looks:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = [detail for *_, detail in cursor.fetchall() if "SEARCH" in detail or "SCAN" in detail]
            read = [detail for detail in plan if "callback" in detail or "U0" in detail]
            assert read
            assert all("USING INDEX callback_delay (account_id=? AND received_at>?)" in one for one in read)


@pytest.mark.parametrize(
    "message, seq",
    [
        ('{"type":"ack","seq":3}', 3),
        (b'{"type":"ack","seq":3}', 3),
        ('{"type":"ack","seq":true}', None),
        ('{"type":"ack","seq":"3"}', None),
        ('{"type":"ack"}', None),
        ('{"type":"other","seq":3}', None),
        ('["ack"]', None),
        ("3", None),
        ("", None),
        (b"\xff\xfe", None),
        ("[" * 8000, None),
        ('{"type":"ack","seq":' + "9" * 400 + "}", None),
    ],
)
def test_only_an_acknowledgement_is_understood(message: str | bytes, seq: int | None) -> None:
    assert acknowledged(message) == seq
