"""The one JSON of a call: every key of the contract, nulls kept, numbers masked, few queries."""

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from participants.models import Conference, Participant
from participants.serializers import conference_json, intervention_json, load, time_text
from tests.factories import (
    make_agent,
    make_call,
    make_conference,
    make_intervention,
    make_participant,
    make_supervision,
    make_supervisor,
    make_team,
)

pytestmark = pytest.mark.django_db

CONFERENCE = """id account provider sid friendly_name status state state_since team region started_at ended_at
    reason_ended recording version verified_at stale stale_reason hand blocked supervisions pending
    participants"""
PARTICIPANT = """id call_sid label role agent name address direction status muted hold hold_since coaching
    coaching_call_sid start_conference_on_enter end_conference_on_exit joined_at left_at left_reason
    answered_by queue_time source as_of blocked"""
SUPERVISION = "id user participant target wanted confirmed armed state audience since"
INTERVENTION = """id verb state by conference participant reason requested_at accepted_at confirmed_at detail
    provider"""


def shown(conference: Conference, *, numbers: bool = True) -> dict:
    return conference_json(load([conference.pk])[0], numbers=numbers)


def test_a_call_has_every_key_of_the_contract_and_no_other() -> None:
    conference, agent, _ = make_call()
    make_supervision(make_supervisor(), conference, target=agent)
    call = shown(conference)
    assert set(call) == set(CONFERENCE.split())
    assert {key for person in call["participants"] for key in person} == set(PARTICIPANT.split())
    assert set(call["supervisions"][0]) == set(SUPERVISION.split())
    json.dumps(call)


def test_times_have_milliseconds_and_ids_are_texts() -> None:
    at = datetime(2026, 11, 21, 10, 15, 4, 123999, tzinfo=UTC)
    assert time_text(at) == "2026-11-21T10:15:04.123Z"
    assert time_text(None) is None
    conference, agent, _ = make_call(started_at=at)
    call = shown(conference)
    assert call["started_at"] == "2026-11-21T10:15:04.123Z"
    assert call["id"] == str(conference.pk) and call["account"] == "twilio"
    assert call["team"] == {"id": str(conference.team_id), "name": "Billing"}
    assert call["participants"][0]["agent"] == {"id": str(agent.agent_id), "name": "Agent of billing-1041"}


def test_what_was_not_said_is_null() -> None:
    conference = make_conference(None, region=None, verified_at=None, started_at=None)
    make_participant(conference, None, muted=None, hold=None, coaching=None, queue_time=None, joined_at=None)
    call = shown(conference)
    for key in (
        "friendly_name",
        "region",
        "verified_at",
        "started_at",
        "team",
        "recording",
        "hand",
        "ended_at",
    ):
        assert call[key] is None, key
    person = call["participants"][0]
    for key in ("role", "agent", "name", "muted", "hold", "coaching", "queue_time", "joined_at", "label"):
        assert person[key] is None, key


def test_a_live_call_lists_who_has_not_left_and_a_finished_one_everybody() -> None:
    conference, agent, customer = make_call()
    Participant.objects.filter(pk=agent.pk).update(status="complete", left_at=timezone.now())
    assert [person["id"] for person in shown(conference)["participants"]] == [str(customer.pk)]
    Conference.objects.filter(pk=conference.pk).update(status="completed")
    assert len(shown(conference)["participants"]) == 2


def test_the_people_on_a_call_are_named() -> None:
    conference, *_ = make_call(agent=make_agent("Ann Okafor"))
    make_participant(conference, "other")
    make_supervision(make_supervisor("rosa", full_name="Rosa Haas"), conference)
    names = {person["role"]: person["name"] for person in shown(conference)["participants"]}
    assert names == {
        "agent": "Ann Okafor",
        "customer": "Customer",
        "other": "Another phone",
        "supervisor": "Rosa Haas",
    }


def test_what_the_facts_forbid_stands_on_the_call_and_on_each_person() -> None:
    conference, agent, customer = make_call()
    Participant.objects.filter(pk=agent.pk).update(hold=True)
    call = shown(conference)
    assert call["blocked"] == {"whisper": "agent_on_hold", "cue": "agent_on_hold"}
    people = {person["id"]: person["blocked"] for person in call["participants"]}
    assert people[str(agent.pk)]["hold"] == "already" and people[str(customer.pk)]["resume"] == "already"


def test_a_stay_says_who_hears_the_supervisor() -> None:
    conference, agent, _ = make_call()
    now = timezone.now().timestamp()
    seen = {"found": True, "status": "connected", "muted": True, "coaching": True, "target": agent.call_sid}
    stay = make_supervision(make_supervisor(), conference, target=agent, seen={"began": now, **seen})
    listening = shown(conference)["supervisions"][0]
    assert (listening["state"], listening["audience"], listening["armed"]) == ("confirmed", "nobody", True)
    assert listening["target"] == str(agent.pk)
    assert listening["participant"] == str(conference.participants.get(role="supervisor").pk)
    stay.requests.create(
        verb="update", wish=1, sent_at=timezone.now(), muted=False, coaching=True, target=agent.call_sid
    )
    stay.wanted = "whisper"
    stay.save()
    opening = shown(conference)["supervisions"][0]
    assert (opening["state"], opening["audience"]) == ("switching", "agent")
    stay.seen = {"began": now - 30, **seen}
    stay.save()
    assert shown(conference)["supervisions"][0]["audience"] == "unknown"


def test_a_phone_that_rings_is_heard_by_nobody() -> None:
    conference, *_ = make_call()
    make_supervision(make_supervisor(), conference, leg=False)
    stay = shown(conference)["supervisions"][0]
    assert (stay["state"], stay["audience"], stay["confirmed"], stay["participant"]) == (
        *("dialling", "nobody"),
        *(None, None),
    )


def test_stays_that_are_over_are_not_listed() -> None:
    conference, *_ = make_call()
    make_supervision(make_supervisor(), conference, ended_at=timezone.now())
    assert shown(conference)["supervisions"] == []


def test_a_command_is_pending_for_a_minute_until_its_end_is_known() -> None:
    conference, _, customer = make_call()
    user = make_supervisor()
    make_intervention(user, conference, "hold", "accepted", "confirmed")
    waiting = make_intervention(user, conference, "mute", "accepted", participant=customer)
    assert shown(conference)["pending"] == [
        {
            "intervention": str(waiting.pk),
            "verb": "mute",
            "participant": str(customer.pk),
            "state": "accepted",
        }
    ]


def test_an_intervention_has_every_key_of_the_contract() -> None:
    conference, _, customer = make_call()
    user = make_supervisor(full_name="Sam Whitfield")
    row = make_intervention(
        user, conference, "hold", "accepted", "confirmed", participant=customer, reason="x"
    )
    told = intervention_json(row, numbers=True)
    assert set(told) == set(INTERVENTION.split())
    assert told["state"] == "confirmed" and told["by"] == {"id": str(user.pk), "name": "Sam Whitfield"}
    assert told["accepted_at"] and told["confirmed_at"] and told["provider"] is None


def test_a_refusal_carries_the_providers_words() -> None:
    from participants import ledger

    row = make_intervention(make_supervisor(), make_conference())
    ledger.append_outcome(row, "refused", code="16027", message="+442079460102 is on hold")
    assert intervention_json(row, numbers=False)["provider"] == {
        "code": "16027",
        "message": "+44 ••• •• 02 is on hold",
    }


def test_without_the_right_no_number_is_in_it_whatever_field_it_stands_in() -> None:
    number = "+442079460157"
    team = make_team("Team " + number)
    conference, agent, _ = make_call("From " + number, team=team, agent=make_agent(number, team=team))
    Participant.objects.filter(conference=conference).update(
        label="leg of 020 7946 0157", address=number, left_reason=number, answered_by=number
    )
    make_supervision(make_supervisor(full_name="Sam 442079460157"), conference)
    masked = json.dumps(shown(conference, numbers=False), ensure_ascii=False)
    assert "7946" not in masked and "••• •• 57" in masked
    full = shown(conference)
    assert {person["address"] for person in full["participants"]} >= {number}
    assert shown(conference, numbers=False)["participants"][0]["call_sid"] == agent.call_sid


def test_a_call_that_is_gone_is_left_out() -> None:
    conference, *_ = make_call()
    assert load([conference.pk, uuid4()]) == [conference]


@pytest.mark.parametrize("calls", [1, 40])
def test_thousands_of_calls_are_read_in_as_few_queries_as_one(calls: int) -> None:
    from django.db import connection

    ids = []
    for number in range(calls):
        conference, agent, _ = make_call(f"billing-{number}")
        user = make_supervisor(f"s{number}")
        make_supervision(user, conference, target=agent)
        make_intervention(user, conference, "mute", "accepted")
        ids.append(conference.pk)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        shown = [conference_json(conference, numbers=False) for conference in load(ids)]
    assert len(shown) == calls and all(call["supervisions"] and call["pending"] for call in shown)
    assert len(queries) <= 7


@pytest.mark.nightly
def test_five_thousand_calls_are_read_in_twelve_queries_at_most(django_assert_max_num_queries) -> None:
    account, team, now = make_conference().account, make_team(), timezone.now() - timedelta(minutes=1)
    rooms = Conference.objects.bulk_create(
        Conference(
            account=account, sid=f"CF{number:032x}", team=team, status="in-progress", first_seen_at=now
        )
        for number in range(10_000, 15_000)
    )
    Participant.objects.bulk_create(
        Participant(
            conference=room, call_sid=f"CA{room.sid}{n}", status="connected", source="read", as_of=now
        )
        for room in rooms
        for n in (1, 2)
    )
    with django_assert_max_num_queries(12):
        shown = [conference_json(row, numbers=False) for row in load(room.pk for room in rooms)]
    assert len(shown) == 5000 and all(len(call["participants"]) == 2 for call in shown)
