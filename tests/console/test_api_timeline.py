"""What happened on a call, newest first, in plain words."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from console.api_timeline.words import DEEDS
from participants.models import Callback, Change, Conference, Outcome, Participant
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


CHANGES = {
    "conference-start": {"status": ["init", "in-progress"]},
    "participant-join": {"status": [None, "connected"], "muted": [None, False]},
    "ringing": {"status": ["connecting", "ringing"]},
    "answered": {"status": ["ringing", "connected"]},
    "participant-hold": {"hold": [False, True]},
    "participant-mute": {"muted": [False, True]},
}


def told(conference: Conference, event: str, leg: Participant | None = None, **fields: Any) -> Callback:
    """A callback; an applied one with what such a one changes."""
    values = {
        "kind": "conference",
        "key": sid("K"),
        "form": [],
        "verdict": "applied",
        "conference_sid": conference.sid,
        "call_sid": leg.call_sid if leg else "",
        **fields,
    }
    callback = Callback.objects.create(account=conference.account, event=event, **values)
    if values["verdict"] == "applied" and event in CHANGES:
        changed(conference, leg, CHANGES[event], "callback", callback=callback, at=callback.received_at)
    return callback


def changed(
    conference: Conference, leg: Participant | None, facts: Any, source: str = "read", **fields: Any
) -> Change:
    return Change.objects.create(conference=conference, participant=leg, facts=facts, source=source, **fields)


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


def test_a_callback_that_changed_nothing_says_so(maria: User, call: Call) -> None:
    conference, agent, customer = call
    told(conference, "participant-hold", customer, verdict="superseded")
    told(conference, "participant-hold", customer, verdict="rejected", detail="Hold is no flag.")
    told(conference, "participant-leave", agent)
    told(conference, "something-new", verdict="unknown")
    assert texts(maria, conference, "callback") == [
        "Twilio sent “something-new” (changed nothing)",
        "Ann Okafor left (already known)",
        "Not believed: Twilio sent something that cannot be right. Hold is no flag.",
        "The customer was put on hold (arrived late, changed nothing)",
    ]


def test_what_is_said_of_speech_or_of_other_calls_is_not_told(maria: User, call: Call) -> None:
    conference, _, customer = call
    told(conference, "participant-speech-start", customer)
    other = make_call("other")
    told(other[0], "participant-hold", other[2])
    told(conference, "ringing", customer, kind="call", conference_sid="", verdict="waiting")
    assert texts(maria, conference, "callback") == []


def test_a_callback_tells_what_else_it_changed(maria: User, call: Call) -> None:
    conference, agent, customer = call
    callback = told(conference, "participant-hold", customer)
    Change.objects.filter(callback=callback).update(facts={"hold": [False, True], "muted": [False, True]})
    callback = told(conference, "conference-end")
    changed(
        conference,
        None,
        {"status": ["in-progress", "completed"], "reason_ended": [None, "last-participant-left"]},
        "callback",
        callback=callback,
    )
    changed(conference, agent, {"status": ["connected", "complete"]}, "callback", callback=callback)
    assert texts(maria, conference, "callback") == [
        "The call ended: everybody hung up",
        "The customer was put on hold: is muted",
    ]


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
        "Twilio accepted it, not confirmed yet: Maria Lindner asked to whisper to Ann Okafor",
        "Refused: Maria Lindner asked to mute Ann Okafor",
        "Maria Lindner put the customer on hold",
        "Twilio accepted it, not confirmed yet: Maria Lindner asked to put the customer on hold",
    ]
    assert texts(maria, conference, "command") == [
        "Maria Lindner asked to whisper to Ann Okafor",
        "Maria Lindner asked to mute Ann Okafor",
        "Maria Lindner asked to put the customer on hold",
    ]
    command = read(maria, conference)["results"][0]
    assert command["by"] == {"id": str(maria.pk), "name": "Maria Lindner"}


@pytest.mark.parametrize("verb", DEEDS)
def test_nobody_is_said_to_ask_to_ask(maria: User, call: Call, verb: str) -> None:
    make_intervention(maria, call[0], verb, "failed")
    (asked,) = texts(maria, call[0], "command")
    (failed,) = texts(maria, call[0], "outcome")
    assert asked.startswith("Maria Lindner asked to ") and failed == f"Not done: {asked}"
    assert " ask " not in asked


def test_what_was_found_by_asking_says_so(maria: User, call: Call) -> None:
    conference, agent, customer = call
    changed(conference, None, {"status": [None, "in-progress"]})
    changed(conference, agent, {"status": [None, "connected"], "muted": [None, True], "hold": [None, False]})
    changed(conference, customer, {"hold": [False, True]}, "answer")
    changed(conference, customer, {"start_conference_on_enter": [None, True]})
    ended = timezone.now()
    changed(conference, None, {"status": ["in-progress", "completed"]}, at=ended)
    changed(conference, customer, {"status": ["connected", "complete"]}, at=ended)
    assert texts(maria, conference, "read") == [
        "The call has ended (seen by asking)",
        "The customer is on hold (Twilio’s answer to a command)",
        "Ann Okafor is on the call and muted (seen by asking)",
        "The call has begun (seen by asking)",
    ]


def test_what_is_left_of_a_callback_that_is_no_longer_kept_is_told(maria: User, call: Call) -> None:
    conference, _, customer = call
    told(conference, "participant-hold", customer).delete()
    assert texts(maria, conference, "callback") == ["The customer is on hold (told by Twilio)"]


def test_a_correction_names_what_the_provider_says(maria: User, call: Call) -> None:
    conference, agent, customer = call
    for leg, facts in (
        (customer, {"hold": [True, False]}),
        (agent, {"muted": [True, False]}),
        (customer, {"status": ["connected", "complete"]}),
        (None, {"status": ["in-progress", "completed"]}),
    ):
        changed(conference, leg, facts, correction=True)
    assert texts(maria, conference, "correction") == [
        "Corrected: Twilio says that the call has ended (no callback came)",
        "Corrected: Twilio says that the customer has left (no callback came)",
        "Corrected: Twilio says that Ann Okafor is not muted (no callback came)",
        "Corrected: Twilio says not on hold (no callback came)",
    ]


@pytest.mark.parametrize("page_size", [1, 2, 3, 7, 100])
def test_pages_lead_to_each_item_once_however_many_share_an_instant(
    maria: User, call: Call, page_size: int
) -> None:
    conference, _, customer = call
    now = timezone.now()
    made = 0
    for number in range(9):
        at = now - timedelta(seconds=number // 5)
        told(conference, "participant-hold", customer, received_at=at)
        changed(conference, customer, {"hold": [True, False]}, at=at)
        made += 2
    make_intervention(maria, conference, "hold", "confirmed", participant=customer)
    Callback.objects.create(
        account=conference.account, kind="call", key="w", form=[], verdict="waiting", received_at=now
    )
    seen: list[str] = []
    pages = 0
    page = read(maria, conference, f"?page_size={page_size}")
    while True:
        pages += 1
        seen += [f"{item['at']} {item['evidence']}" for item in page["results"]]
        if page["next"] is None:
            break
        assert len(page["results"]) == page_size
        page = signed_in(maria).get(page["next"]).json()
    assert len(seen) == len(set(seen)) == made + 2
    assert [line.split()[0] for line in seen] == sorted((line.split()[0] for line in seen), reverse=True)
    assert pages == -(-len(seen) // page_size)


def test_only_what_was_earlier_than_a_time(maria: User, call: Call) -> None:
    conference, _, customer = call
    now = timezone.now()
    for seconds in (1, 2, 3):
        told(conference, "participant-hold", customer, received_at=now - timedelta(seconds=seconds))
    before = (now - timedelta(seconds=2)).isoformat().replace("+00:00", "Z")
    assert len(read(maria, conference, f"?before={before}")["results"]) == 1


@pytest.mark.parametrize("cursor", ["", "x", "1~2", "2026-01-01~1", "2026-01-01~x~1", "~~", "9999~1~1~1"])
def test_a_cursor_that_was_never_given_is_refused(maria: User, call: Call, cursor: str) -> None:
    answer = signed_in(maria).get(f"/api/v1/conferences/{call[0].pk}/timeline/?cursor={cursor}")
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"cursor"}


def test_an_unreadable_time_is_told(maria: User, call: Call) -> None:
    answer = signed_in(maria).get(f"/api/v1/conferences/{call[0].pk}/timeline/?before=yesterday")
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"before"}


def test_a_number_in_a_name_is_masked(maria: User) -> None:
    conference, agent, _ = make_call(agent=make_agent("+442079460102"))
    told(conference, "participant-mute", agent)
    assert texts(maria, conference, "callback") == ["+44 ••• •• 02 was muted"]


def test_each_word_of_the_timeline_can_be_filled() -> None:
    from console.api_timeline import words
    from participants.services import VERBS

    assert set(VERBS) <= set(words.DEEDS)
    assert set(words.OUTCOMES) == set(Outcome.State)
    for sentence in (
        *words.EVENTS.values(),
        *words.OUTCOMES.values(),
        *(deed for pair in words.DEEDS.values() for deed in pair),
    ):
        sentence.format(person="Ann", provider="Twilio", by="Maria", asked="listen", did="listened", said="x")
