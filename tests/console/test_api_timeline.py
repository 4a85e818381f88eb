"""What happened on a call, newest first, in plain words."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from participants.models import Callback, Conference, Participant
from tests.console.server import signed_in
from tests.factories import (
    make_agent,
    make_call,
    make_intervention,
    make_supervision,
    make_supervisor,
    make_team,
    sid,
)

pytestmark = pytest.mark.django_db
Call = tuple[Conference, Participant, Participant]


@pytest.fixture
def maria() -> User:
    return make_supervisor("maria", teams=(make_team(),), full_name="Maria Lindner")


@pytest.fixture
def call() -> Call:
    return make_call(agent=make_agent("Ann Okafor"))


def told(conference: Conference, event: str, leg: Participant | None = None, **fields: Any) -> Callback:
    values = {
        "kind": "conference",
        "key": sid("K"),
        "form": [],
        "verdict": "applied",
        "conference_sid": conference.sid,
        "call_sid": leg.call_sid if leg else "",
        **fields,
    }
    return Callback.objects.create(account=conference.account, event=event, **values)


def read(user: User, conference: Conference, query: str = "") -> dict[str, Any]:
    answer = signed_in(user).get(f"/api/v1/conferences/{conference.pk}/timeline/{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def texts(user: User, conference: Conference, kind: str) -> list[str]:
    return [item["text"] for item in read(user, conference)["results"] if item["kind"] == kind]


def test_callbacks_are_told_in_plain_words_newest_first(maria: User, call: Call) -> None:
    conference, agent, customer = call
    told(conference, "conference-start")
    told(conference, "participant-join", customer)
    told(conference, "ringing", agent, kind="call", conference_sid="")
    told(conference, "answered", agent, kind="call", conference_sid="")
    last = told(conference, "participant-hold", customer)
    assert texts(maria, conference, "callback") == [
        "The customer was put on hold",
        "Ann Okafor answered",
        "Ann Okafor’s phone rings",
        "The customer joined",
        "The call began",
    ]
    newest = read(maria, conference)["results"][0]
    assert newest["participant"] == str(customer.pk) and newest["evidence"] == str(last.pk)


def test_what_was_not_applied_or_says_nothing_is_not_told(maria: User, call: Call) -> None:
    conference, _, customer = call
    told(conference, "participant-hold", customer, verdict="superseded")
    told(conference, "participant-hold", customer, verdict="rejected")
    told(conference, "participant-speech-start", customer)
    other = make_call("other")
    told(other[0], "participant-hold", other[2])
    assert texts(maria, conference, "callback") == []


def test_commands_and_what_became_of_them_are_told(maria: User, call: Call) -> None:
    conference, agent, customer = call
    make_intervention(maria, conference, "hold", "accepted", "confirmed", participant=customer)
    make_intervention(maria, conference, "mute", "refused", participant=agent)
    make_supervision(maria, conference, target=agent)
    make_intervention(
        maria, conference, "whisper", "accepted", "confirmed", parameters={"target": agent.call_sid}
    )
    assert texts(maria, conference, "outcome") == [
        "Maria Lindner began to whisper to Ann Okafor",
        "Refused: Maria Lindner asked to mute Ann Okafor",
        "Maria Lindner put the customer on hold",
    ]
    assert texts(maria, conference, "command") == [
        "Maria Lindner asked to whisper to Ann Okafor",
        "Maria Lindner asked to mute Ann Okafor",
        "Maria Lindner asked to put the customer on hold",
    ]
    command = read(maria, conference)["results"][0]
    assert command["by"] == {"id": str(maria.pk), "name": "Maria Lindner"}


def test_what_no_callback_told_was_seen_by_asking(maria: User, call: Call) -> None:
    conference, agent, customer = call
    told(conference, "participant-join", customer)
    assert texts(maria, conference, "read") == ["Ann Okafor is on the call (seen by asking)"]
    Participant.objects.filter(pk=agent.pk).update(status="complete", left_at=timezone.now())
    Conference.objects.filter(pk=conference.pk).update(status="completed", ended_at=timezone.now())
    assert texts(maria, conference, "read")[:2] == [
        "The call has ended (seen by asking)",
        "Ann Okafor has left (seen by asking)",
    ]


def test_pages_lead_to_each_item_once(maria: User, call: Call) -> None:
    conference, _, customer = call
    now = timezone.now()
    for number in range(9):
        told(conference, "participant-hold", customer, received_at=now - timedelta(seconds=number // 2))
    make_intervention(maria, conference, "hold", "confirmed", participant=customer)
    seen: list[str] = []
    page = read(maria, conference, "?page_size=3")
    while True:
        seen += [f"{item['at']} {item['text']} {item['evidence']}" for item in page["results"]]
        if page["next"] is None:
            break
        page = signed_in(maria).get(page["next"]).json()
    assert len(seen) == len(set(seen)) == 9 + 2 + 2
    assert seen == sorted(seen, key=lambda line: line.split()[0], reverse=True)


def test_an_unreadable_time_is_told(maria: User, call: Call) -> None:
    answer = signed_in(maria).get(f"/api/v1/conferences/{call[0].pk}/timeline/?before=yesterday")
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"before"}


def test_a_number_in_a_name_is_masked(maria: User) -> None:
    conference, agent, _ = make_call(agent=make_agent("+442079460102"))
    told(conference, "participant-mute", agent)
    assert texts(maria, conference, "callback") == ["+44 ••• •• 02 was muted"]


def test_each_word_of_the_timeline_can_be_filled() -> None:
    from console.api_timeline import DEEDS, EVENTS, OUTCOMES
    from participants.services import VERBS

    assert set(VERBS) == set(DEEDS)
    for sentence in (
        *EVENTS.values(),
        *OUTCOMES.values(),
        *(deed for pair in DEEDS.values() for deed in pair),
    ):
        sentence.format(person="Ann", provider="Twilio", by="Maria", asked="listen", did="listened")
