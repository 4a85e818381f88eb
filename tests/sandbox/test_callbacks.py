"""Callbacks as they arrive: signed, in order, tried again, and spoilt on demand."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from twilio.request_validator import RequestValidator

from participants.sandbox.delivery import RetryPolicy
from participants.sandbox.twilio import signed
from tests.sandbox.conftest import Call, Http
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Received, Receiver
from tests.sandbox.sdk import ACCOUNT, CALLER_ID, TOKEN

OPENING = ["participant-join", "participant-join", "conference-start"]


@pytest.fixture
def sandbox(posting_sandbox: Sandbox) -> Sandbox:
    return posting_sandbox


@pytest.fixture
def call(sandbox: Sandbox, receiver: Receiver) -> Call:
    call = Call(sandbox)
    receiver.wait_for_event(call.sid, "conference-start")
    return call


def change(sandbox: Sandbox, leg: str, **flags: bool) -> None:
    sandbox.post(f"/_sandbox/legs/{leg}/set", flags)


def genuine(callback: Received) -> bool:
    form = callback.form if callback.method == "POST" else {}
    signature = callback.headers["X-Twilio-Signature"]
    return bool(RequestValidator(TOKEN).validate(callback.url, form, signature))


def test_the_test_vector_of_the_documents() -> None:
    form = {"AccountSid": "ACinvented", "CallSid": "CAinvented", "Muted": "true"}
    sent = signed("https://earshot.example/cb?x=1#rc=3&rp=all", "POST", form, token="12345")
    assert sent.url == "https://earshot.example/cb?x=1"
    assert sent.headers["X-Twilio-Signature"] == "9YKXoJLTfIE+geQOW1sv4lQOUQM="


def test_callbacks_carry_twilios_own_signature(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    receiver.wait_for_event(call.sid, "conference-end")
    receiver.wait_for_event(call.agent, "completed")
    assert all(genuine(callback) for callback in receiver.received)
    paths = {callback.url.removeprefix(receiver.url) for callback in receiver.received}
    assert paths == {"/callbacks/twilio/conference/", "/callbacks/twilio/call/"}, "the fragment is not sent"


def test_a_conference_is_told_from_its_first_join_to_its_end(
    sandbox: Sandbox, receiver: Receiver, call: Call
) -> None:
    change(sandbox, call.customer, hold=True)
    change(sandbox, call.customer, hold=False)
    change(sandbox, call.agent, muted=True)
    change(sandbox, call.agent, muted=False)
    sandbox.post(f"/_sandbox/legs/{call.agent}/speak")
    sandbox.post(f"/_sandbox/legs/{call.agent}/silence")
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    sandbox.post(f"/_sandbox/legs/{call.customer}/hangup")
    receiver.wait_for_event(call.sid, "conference-end")
    assert receiver.events(call.sid) == [
        *OPENING,
        "participant-hold",
        "participant-unhold",
        "participant-mute",
        "participant-unmute",
        "participant-speech-start",
        "participant-speech-stop",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]
    told = [one.form for one in receiver.received if "ConferenceSid" in one.form]
    assert [form["SequenceNumber"] for form in told] == [str(number) for number in range(1, 13)]
    assert told[-2]["ReasonParticipantLeft"] == "participant_hung_up"
    assert told[-2]["ParticipantCallStatus"] == "completed"
    assert told[-1]["ReasonConferenceEnded"] == "last-participant-left"
    assert told[-1]["CallSidEndingConference"] == call.customer


def test_a_callback_holds_what_the_documents_list(receiver: Receiver, call: Call) -> None:
    joined = next(one.form for one in receiver.received if one.form.get("ParticipantLabel") == "agent-1")
    assert parsedate_to_datetime(joined.pop("Timestamp")).utcoffset().total_seconds() == 0
    assert joined == {
        "AccountSid": ACCOUNT,
        "ConferenceSid": call.sid,
        "FriendlyName": "billing-1",
        "SequenceNumber": "1",
        "StatusCallbackEvent": "participant-join",
        "CallSid": call.agent,
        "ParticipantLabel": "agent-1",
        "Muted": "false",
        "Hold": "false",
        "Coaching": "false",
        "EndConferenceOnExit": "false",
        "StartConferenceOnEnter": "true",
    }


def test_a_dialled_leg_tells_its_progress_where_it_was_asked_to(
    sandbox: Sandbox, receiver: Receiver, call: Call
) -> None:
    made = Http(sandbox).post(
        f"/Conferences/{call.sid}/Participants.json",
        {
            "From": CALLER_ID,
            "To": "+15005550010",
            "StatusCallback": f"{receiver.url}/progress?leg=a%2Fb&x=1#rc=1",
            "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        },
    )
    sid = made.json()["call_sid"]
    receiver.wait_for_event(sid, "busy")
    told = [one for one in receiver.received if one.form.get("CallSid") == sid and "CallStatus" in one.form]
    assert [one.form["CallStatus"] for one in told] == ["initiated", "ringing", "busy"]
    assert [one.form["SequenceNumber"] for one in told] == ["0", "1", "2"]
    assert told[-1].form["SipResponseCode"] == "486"
    assert told[-1].url == f"{receiver.url}/progress?leg=a%2Fb&x=1"
    assert all(genuine(one) for one in told)


def test_get_puts_everything_into_the_signed_query(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    made = Http(sandbox).post(
        "/Conferences/asked with get/Participants.json",
        {
            "From": CALLER_ID,
            "To": "client:lead",
            "ConferenceStatusCallback": f"{receiver.url}/rooms?x=1",
            "ConferenceStatusCallbackMethod": "GET",
            "ConferenceStatusCallbackEvent": "join",
        },
    )
    receiver.wait_for_event(made.json()["conference_sid"], "participant-join")
    (told,) = [one for one in receiver.received if one.method == "GET"]
    assert told.form["x"] == "1"
    assert genuine(told)


@pytest.mark.parametrize(
    ("callbacks", "told"),
    [(False, []), (["join"], ["participant-join", "participant-join"]), (["completed"], [])],
)
def test_a_conference_tells_only_what_it_was_asked_to(
    sandbox: Sandbox, receiver: Receiver, callbacks: Any, told: list[str]
) -> None:
    call = Call(sandbox, callbacks=callbacks)
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    witness = Call(sandbox, friendly_name="witness")
    receiver.wait_for_event(witness.sid, "conference-start")
    assert receiver.events(call.sid) == told


# Retries


def failing(times: int, status: int = 503) -> Any:
    left = [times]

    def answer(_: Received) -> int:
        left[0] -= 1
        return status if left[0] >= 0 else 200

    return answer


def test_scenes_and_control_try_again_after_an_error(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.answer = failing(2)
    call = Call(sandbox, callbacks=["start"])
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 3)
    tokens = {one.headers["I-Twilio-Idempotency-Token"] for one in receiver.received}
    assert len(tokens) == 1, "the tries of one callback share their token"
    (record,) = sandbox.get("/_sandbox/callbacks")
    assert record["status"] == 200


def test_without_a_policy_an_error_is_final(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.answer = failing(1)
    Http(sandbox).post(
        "/Conferences/new/Participants.json",
        {
            "From": CALLER_ID,
            "To": "client:lead",
            "ConferenceStatusCallback": receiver.url,
            "ConferenceStatusCallbackEvent": "join leave",
        },
    )
    sandbox.wait_for(lambda: receiver.received)
    time.sleep(0.1)
    assert [record["status"] for record in sandbox.get("/_sandbox/callbacks")] == [503]
    assert len(receiver.received) == 1


@pytest.mark.parametrize(
    ("fragment", "repeated"),
    [
        ("", {"ct"}),
        ("#rc=2&rp=rt,5xx", {"rt", "5xx"}),
        ("#rp=all", {"ct", "rt", "4xx", "5xx"}),
        ("#rc=0&rp=4xx", {"4xx"}),
    ],
)
def test_the_fragment_says_what_is_tried_again(fragment: str, repeated: set[str]) -> None:
    policy = RetryPolicy.of(f"https://earshot.example/{fragment}")
    assert {kind for kind in ("ct", "rt", "4xx", "5xx") if policy.repeats(kind)} == repeated
    assert not policy.repeats("")
    assert policy.tries == {"#rc=2&rp=rt,5xx": 3, "#rc=0&rp=4xx": 1}.get(fragment, 2)


# Spoilt on the way


def test_dropped_callbacks_are_recorded_and_not_sent(
    sandbox: Sandbox, receiver: Receiver, call: Call
) -> None:
    sandbox.post("/_sandbox/faults", {"drop": 1, "conference": "billing-1"})
    other = Call(sandbox, friendly_name="other")
    change(sandbox, call.agent, muted=True)
    receiver.wait_for_event(other.sid, "conference-start")
    assert receiver.events(call.sid) == OPENING
    lost = sandbox.get("/_sandbox/callbacks")[-1]
    assert (lost["form"]["StatusCallbackEvent"], lost["status"]) == ("participant-mute", None)


def test_a_cleared_fault_is_gone(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    sandbox.post("/_sandbox/faults", {"drop": 1})
    sandbox.post("/_sandbox/faults", {"drop": None})
    change(sandbox, call.agent, muted=True)
    receiver.wait_for_event(call.sid, "participant-mute")


def test_duplicates_come_twice_with_one_token(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    sandbox.post("/_sandbox/faults", {"duplicate": 1, "provider": "twilio"})
    change(sandbox, call.agent, muted=True)
    sandbox.wait_for(lambda: receiver.events(call.sid).count("participant-mute") == 2)
    first, second = (one for one in receiver.received if one.event == "participant-mute")
    assert (first.form, first.headers) == (second.form, second.headers)


def test_delayed_callbacks_stay_in_order(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    sandbox.post("/_sandbox/faults", {"delay_ms": 4000})
    began = time.monotonic()
    for muted in (True, False, True):
        change(sandbox, call.agent, muted=muted)
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 6)
    assert time.monotonic() - began > 0.19, "4 s at time-scale 0.05"
    assert receiver.events(call.sid)[3:] == ["participant-mute", "participant-unmute", "participant-mute"]


def test_shuffled_callbacks_overtake_each_other(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    sandbox.post("/_sandbox/faults", {"reorder": 1, "seed": 3})
    for number in range(12):
        change(sandbox, call.agent, muted=number % 2 == 0)
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 15)
    numbers = [int(one.form["SequenceNumber"]) for one in receiver.received if "ConferenceSid" in one.form]
    assert sorted(numbers) == list(range(1, 16))
    assert numbers != sorted(numbers)


def test_a_callback_can_be_delivered_once_more(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    sandbox.wait_for(lambda: all(one["status"] == 200 for one in sandbox.get("/_sandbox/callbacks")))
    before = len(receiver.received)
    index = next(
        one["index"]
        for one in sandbox.get("/_sandbox/callbacks")
        if one["form"].get("StatusCallbackEvent") == "conference-start"
    )
    assert sandbox.post("/_sandbox/callbacks/redeliver", {"index": index}) == {"statuses": [200]}
    assert receiver.received[-1].event == "conference-start"
    assert genuine(receiver.received[-1])
    sandbox.post("/_sandbox/callbacks/redeliver", {"all": True})
    assert len(receiver.received) == 2 * (before + 1)


# Documents


def test_announcements_and_hold_music_are_fetched_and_their_end_is_told(
    sandbox: Sandbox, receiver: Receiver, call: Call
) -> None:
    http = Http(sandbox)
    path = f"/Conferences/{call.sid}/Participants/{call.agent}.json"
    http.post(path, {"AnnounceUrl": f"{receiver.url}/say", "AnnounceMethod": "GET"})
    http.post(path, {"Hold": "true", "HoldUrl": f"{receiver.url}/music"})
    http.post(f"/Conferences/{call.sid}.json", {"AnnounceUrl": f"{receiver.url}/everybody"})
    sandbox.wait_for(lambda: receiver.events(call.sid).count("announcement-end") == 2)
    fetched = {
        one.url.partition("?")[0]: one for one in receiver.received if "SequenceNumber" not in one.form
    }
    assert {url.removeprefix(receiver.url) for url in fetched} == {"/say", "/music", "/everybody"}
    assert [one.method for one in fetched.values()] == ["GET", "GET", "POST"]
    assert all(genuine(one) for one in fetched.values())
    ends = [
        one.form for one in receiver.received if one.form.get("StatusCallbackEvent") == "announcement-end"
    ]
    assert [("CallSid" in form, form["AnnounceUrl"].rpartition("/")[2]) for form in ends] == [
        (True, "say"),
        (False, "everybody"),
    ]
