"""Twilio's callbacks: what each holds, its signature, and when it is tried again."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

import pytest
from twilio.request_validator import RequestValidator

from participants.sandbox.twilio import retry_policy, signed
from tests.sandbox.conftest import Call, Http
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Received, Receiver, failing
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


def test_the_tries_of_one_callback_share_their_token(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.answer = failing(2)
    call = Call(sandbox, callbacks=["start"])
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 3)
    assert len({one.headers["I-Twilio-Idempotency-Token"] for one in receiver.received}) == 1


def test_a_busy_phone_has_its_sip_code(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    made = Http(sandbox).post(
        f"/Conferences/{call.sid}/Participants.json",
        {"From": CALLER_ID, "To": "+15005550010", "StatusCallback": f"{receiver.url}/#rc=1"},
    )
    receiver.wait_for_event(made.json()["call_sid"], "busy")
    (busy,) = (one.form for one in receiver.received if one.form.get("CallStatus") == "busy")
    assert busy["SipResponseCode"] == "486"


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
    policy = retry_policy(f"https://earshot.example/{fragment}")
    assert policy.kinds == repeated
    assert policy.tries == {"#rc=2&rp=rt,5xx": 3, "#rc=0&rp=4xx": 1}.get(fragment, 2)


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
    methods = {url.removeprefix(receiver.url): one.method for url, one in fetched.items()}
    assert methods == {"/say": "GET", "/music": "GET", "/everybody": "POST"}
    assert all(genuine(one) for one in fetched.values())
    ends = [
        one.form for one in receiver.received if one.form.get("StatusCallbackEvent") == "announcement-end"
    ]
    assert [("CallSid" in form, form["AnnounceUrl"].rpartition("/")[2]) for form in ends] == [
        (True, "say"),
        (False, "everybody"),
    ]
