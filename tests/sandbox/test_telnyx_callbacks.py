"""Telnyx's callbacks: what each holds and what is never told, its signature, and when it is tried again."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from participants.sandbox import telnyx_callbacks
from participants.sandbox.rooms import News, Subscription
from participants.sandbox.telnyx import Telnyx
from tests.sandbox.conftest import AGENT, Call
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Received, Receiver, failing
from tests.sandbox.sides import APPLICATION, TELNYX_ACCOUNT, Api, signed_by_telnyx

OF_A_LEG = {"CallSid", "CallSidLegacy"}
OF_A_ROOM = {
    "AccountSid",
    "ConferenceSid",
    "ConnectionId",
    "FriendlyName",
    "SequenceNumber",
    "StatusCallbackEvent",
    "Timestamp",
}
OF_A_CALL = {
    "AccountSid",
    "CallInitiatedAt",
    "CallSid",
    "CallSidLegacy",
    "CallStatus",
    "CallbackSource",
    "ConnectionId",
    "From",
    "SequenceNumber",
    "Timestamp",
    "To",
}
OPTIONAL = {"From", "To", "ParticipantLabel"}
PROGRESS = "initiated ringing answered completed"


@pytest.fixture
def sandbox(posting_sandbox: Sandbox) -> Sandbox:
    return posting_sandbox


@pytest.fixture
def provider() -> str:
    return "telnyx"


@pytest.fixture
def call(sandbox: Sandbox, receiver: Receiver) -> Call:
    call = Call(sandbox, "telnyx")
    receiver.wait_for_event(call.sid, "conference-start")
    return call


def told(receiver: Receiver, sid: str) -> list[dict[str, str]]:
    """What was told of this conference."""
    return [one.form for one in receiver.received if one.form.get("ConferenceSid") == sid]


def test_the_test_vector_of_the_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        telnyx_callbacks, "SIGNING_KEY", Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
    )
    form = {
        "AccountSid": "acct",
        "CallSid": "v3:invented",
        "StatusCallbackEvent": "participant-join",
    }
    sent = Telnyx().signed(telnyx_callbacks.outgoing("https://x.example/", "POST", form), 1795255200.9)
    assert sent.body == b"AccountSid=acct&CallSid=v3%3Ainvented&StatusCallbackEvent=participant-join"
    assert sent.headers["telnyx-timestamp"] == "1795255200"
    assert sent.headers["telnyx-signature-ed25519"] == (
        "FnOcB6gfsB7VPPdYEv3VuI5/sZL+IdItim84ri/4cGJ51q3Qxl2DdQcum0R8a7Ijn+SlmtcJ3W0LUdGyqQbjBg=="
    )


def test_one_byte_more_and_the_signature_is_wrong(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    honest = receiver.received[0]
    assert signed_by_telnyx(sandbox, honest)
    changed = Received(honest.method, honest.url, honest.headers, honest.form, honest.body + b"&Muted=true")
    assert not signed_by_telnyx(sandbox, changed)


def test_the_public_key_is_the_same_in_every_sandbox(sandbox: Sandbox) -> None:
    shown = sandbox.get("/_sandbox/telnyx-public-key")
    assert shown == {"key": "jj+sKbbzXnC9meYMf9pgKLCIvCGTBzaujnMD/EO6MGk="}


def test_conference_callbacks_hold_the_documented_keys_and_no_flag(
    sandbox: Sandbox, receiver: Receiver, call: Call
) -> None:
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    sandbox.post(f"/_sandbox/legs/{call.customer}/hangup")
    receiver.wait_for_event(call.sid, "conference-end")
    forms = told(receiver, call.sid)
    assert [form["StatusCallbackEvent"] for form in forms] == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]
    for form in forms:
        assert OF_A_ROOM | OF_A_LEG <= set(form) <= OF_A_ROOM | OF_A_LEG | OPTIONAL
        assert datetime.fromisoformat(form["Timestamp"]).utcoffset().total_seconds() == 0
        assert (form["AccountSid"], form["ConnectionId"]) == (TELNYX_ACCOUNT, APPLICATION)
    assert [form["SequenceNumber"] for form in forms] == ["0", "1", "2", "3", "4", "5"]
    assert forms[2]["CallSid"] == call.customer, "the leg that started it"
    assert (forms[0]["ParticipantLabel"], forms[0]["CallSid"]) == ("agent-1", call.agent)


def test_mute_hold_coaching_and_speech_are_never_told(
    sandbox: Sandbox, receiver: Receiver, call: Call, api: Api
) -> None:
    for flags in ({"muted": True}, {"hold": True}, {"call_sid_to_coach": call.customer}):
        sandbox.post(f"/_sandbox/legs/{call.agent}/set", flags)
    sandbox.post(f"/_sandbox/legs/{call.customer}/speak")
    api.post(f"/Conferences/{call.sid}", {"AnnounceUrl": f"{receiver.url}/say"})
    sandbox.wait_for(lambda: any(one.url.endswith("/say") for one in receiver.received))
    time.sleep(0.2)  # four seconds of the sandbox's: the announcement is over
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    receiver.wait_for_event(call.sid, "conference-end")
    assert set(receiver.events(call.sid)[3:]) <= {"participant-leave", "conference-end"}
    numbers = [int(form["SequenceNumber"]) for form in told(receiver, call.sid)]
    assert any(later - earlier > 1 for earlier, later in pairwise(sorted(numbers))), "holes are normal"


def test_who_never_came_in_does_not_leave(sandbox: Sandbox, receiver: Receiver, call: Call, api: Api) -> None:
    asked = {"StatusCallback": receiver.url}
    sid = api.dial(call.sid, To="+15005550010", **asked).json()["call_sid"]
    receiver.wait_for_event(sid, "busy")
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    receiver.wait_for_event(call.sid, "participant-leave")
    assert receiver.events(call.sid).count("participant-leave") == 1


@pytest.mark.parametrize(
    ("to", "status", "cause", "source"),
    [
        ("+15005550010", "busy", "user_busy", "callee"),
        ("+15005550011", "no-answer", "no_answer", "callee"),
        ("+15005550012", "failed", "not_found", "callee"),
    ],
)
def test_a_call_tells_why_it_failed(
    receiver: Receiver, call: Call, api: Api, to: str, status: str, cause: str, source: str
) -> None:
    asked = {"StatusCallback": receiver.url, "StatusCallbackEvent": PROGRESS, "Timeout": "5"}
    sid = api.dial(call.sid, To=to, **asked).json()["call_sid"]
    receiver.wait_for_event(sid, status)
    forms = [one.form for one in receiver.received if one.form["CallSid"] == sid and "CallStatus" in one.form]
    assert set(forms[0]) == OF_A_CALL
    assert set(forms[-1]) == OF_A_CALL | {"CallDuration", "HangupCause", "HangupSource"}
    assert (forms[-1]["HangupCause"], forms[-1]["HangupSource"]) == (cause, source)
    assert forms[-1]["CallbackSource"] == "call-progress-events"


def test_an_answered_call_tells_its_four_states_and_who_hung_up(
    sandbox: Sandbox, receiver: Receiver, call: Call, api: Api
) -> None:
    asked = {"StatusCallback": receiver.url, "StatusCallbackEvent": PROGRESS}
    sid = api.dial(call.sid, **asked).json()["call_sid"]
    receiver.wait_for_event(sid, "in-progress")
    sandbox.post(f"/_sandbox/legs/{sid}/hangup")
    receiver.wait_for_event(sid, "completed")
    sandbox.post(f"/_sandbox/legs/{call.customer}/hangup")
    receiver.wait_for_event(call.customer, "completed")
    last = {one.form["CallSid"]: one.form for one in receiver.received if "HangupCause" in one.form}
    assert receiver.events(sid) == ["initiated", "ringing", "in-progress", "completed"]
    assert (last[sid]["SequenceNumber"], last[sid]["HangupSource"]) == ("3", "callee")
    assert (last[call.customer]["HangupCause"], last[call.customer]["HangupSource"]) == (
        "normal_clearing",
        "caller",
    )


def test_without_words_a_call_tells_its_end_and_a_conference_nothing(
    sandbox: Sandbox, receiver: Receiver, api: Api
) -> None:
    asked = {"StatusCallback": f"{receiver.url}/leg", "ConferenceStatusCallback": f"{receiver.url}/room"}
    made = api.dial("a quiet room", **asked).json()
    sandbox.wait_for(
        lambda: (
            api.get(f"/Conferences/{made['conference_sid']}/Participants/{made['call_sid']}").json()["status"]
            == "connected"
        )
    )
    api.delete(f"/Conferences/{made['conference_sid']}/Participants/{made['call_sid']}")
    receiver.wait_for_event(made["call_sid"], "completed")
    assert [one.form["CallStatus"] for one in receiver.received] == ["completed"]
    assert receiver.received[0].form["HangupSource"] == "unknown"


# Tries


def test_each_try_is_signed_at_its_own_time(sandbox: Sandbox, receiver: Receiver) -> None:
    """Asked without HTTP: at time-scale 0.05 the waits are too short for whole seconds to differ."""
    sent = telnyx_callbacks.outgoing("https://x.example/", "POST", {"a": "b"})
    first, second = Telnyx().signed(sent, 100), Telnyx().signed(sent, 107)
    assert [one.headers["telnyx-timestamp"] for one in (first, second)] == ["100", "107"]
    assert first.headers["telnyx-signature-ed25519"] != second.headers["telnyx-signature-ed25519"]
    assert first.body == second.body


@pytest.mark.parametrize("status", [302, 404, 500])
def test_everything_but_2xx_is_tried_as_often_as_the_switch_says(
    sandbox: Sandbox, receiver: Receiver, status: int
) -> None:
    sandbox.post("/_sandbox/switches", {"telnyx_tries": 4})
    receiver.answer = failing(99, status)
    call = Call(sandbox, "telnyx", callbacks=["start"])
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 4)
    time.sleep(0.6)  # a fifth would come after 8 seconds of the sandbox's
    assert len(receiver.events(call.sid)) == 4
    assert [one["status"] for one in sandbox.get("/_sandbox/callbacks")] == [status]


def test_any_2xx_is_success(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.answer = lambda _: 204
    call = Call(sandbox, "telnyx", callbacks=["start"])
    receiver.wait_for_event(call.sid, "conference-start")
    time.sleep(0.2)
    assert len(receiver.received) == 1


def test_an_answer_after_two_seconds_is_too_late(sandbox: Sandbox, receiver: Receiver) -> None:
    def slow_at_first(_: Received) -> int:
        if len(receiver.received) == 1:
            time.sleep(2.3)
        return 200

    receiver.answer = slow_at_first
    call = Call(sandbox, "telnyx", callbacks=["start"])
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 2, within_s=5)


def test_the_waits_between_tries_double() -> None:
    assert telnyx_callbacks.retry_policy(4).waits() == [1, 2, 4]


def test_a_get_signs_an_empty_body(sandbox: Sandbox, receiver: Receiver, api: Api) -> None:
    asked = {
        "ConferenceStatusCallback": f"{receiver.url}/rooms?x=1",
        "ConferenceStatusCallbackMethod": "GET",
        "ConferenceStatusCallbackEvent": "join",
    }
    made = api.dial("asked with get", **asked).json()
    receiver.wait_for_event(made["conference_sid"], "participant-join")
    (one,) = receiver.received
    assert (one.method, one.form["x"], one.body) == ("GET", "1", b"")
    assert signed_by_telnyx(sandbox, one)


def test_a_forged_one_is_signed_with_another_key(sandbox: Sandbox) -> None:
    facts = {"friendly_name": "a", "call_sid": "v3:x", "from": "+1", "to": "+2", "label": None}
    news = News(
        0, "conference", "telnyx", "s", "s", "join", 0, Subscription("https://x.example/"), facts, "forged"
    )
    dialect = Telnyx()
    outgoing = dialect.callback(news)
    assert outgoing
    sent = dialect.signed(outgoing, time.time())
    assert not signed_by_telnyx(sandbox, Received("POST", sent.url, sent.headers, {}, sent.body))
    honest = dialect.signed(telnyx_callbacks.outgoing("https://x.example/", "POST", sent.form), time.time())
    assert signed_by_telnyx(sandbox, Received("POST", honest.url, honest.headers, {}, honest.body))


def test_hold_music_and_announcements_are_fetched_in_their_way(
    sandbox: Sandbox, receiver: Receiver, call: Call, api: Api
) -> None:
    path = f"/Conferences/{call.sid}/Participants/{call.agent}"
    api.post(path, {"AnnounceUrl": f"{receiver.url}/say"})
    api.post(path, {"Hold": "true", "HoldUrl": f"{receiver.url}/music"})
    sandbox.wait_for(
        lambda: (
            {"/say", "/music"}
            <= {one.url.removeprefix(receiver.url).partition("?")[0] for one in receiver.received}
        )
    )
    fetched = [one for one in receiver.received if "SequenceNumber" not in one.form]
    assert all(signed_by_telnyx(sandbox, one) for one in fetched)
    assert {one.form["CallSid"] for one in fetched} == {call.agent}
    assert {one.form["ConnectionId"] for one in fetched} == {APPLICATION}


def test_a_leg_that_rings_and_is_removed_was_cancelled_by_the_caller(
    sandbox: Sandbox, receiver: Receiver, call: Call, api: Api
) -> None:
    made = sandbox.post(
        f"/_sandbox/conferences/{call.sid}/legs", {**AGENT, "label": "agent-2", "joined": False}
    )
    api.delete(f"/Conferences/{call.sid}/Participants/agent-2")
    receiver.wait_for_event(made["call_sid"], "canceled")
    (last,) = [one.form for one in receiver.received if one.form.get("CallStatus") == "canceled"]
    assert (last["HangupCause"], last["HangupSource"]) == ("originator_cancel", "caller")
