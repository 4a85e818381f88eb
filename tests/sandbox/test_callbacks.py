"""Callbacks of either provider as they arrive: signed, in order, tried again, and spoilt on demand."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.sandbox.conftest import AGENT, Call
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Receiver, failing
from tests.sandbox.sides import SIDES, Api

OPENING = ["participant-join", "participant-join", "conference-start"]
CAME, WENT = "participant-join", "participant-leave"


@pytest.fixture
def sandbox(posting_sandbox: Sandbox) -> Sandbox:
    return posting_sandbox


@pytest.fixture
def call(sandbox: Sandbox, receiver: Receiver, provider: str) -> Call:
    call = Call(sandbox, provider)
    receiver.wait_for_event(call.sid, "conference-start")
    return call


def come(sandbox: Sandbox, call: Call) -> str:
    made = sandbox.post(f"/_sandbox/conferences/{call.sid}/legs", {**AGENT, "label": None})
    return str(made["call_sid"])


def go(sandbox: Sandbox, call_sid: str) -> None:
    sandbox.post(f"/_sandbox/legs/{call_sid}/hangup")


def test_callbacks_carry_their_providers_own_signature(
    sandbox: Sandbox, receiver: Receiver, call: Call, provider: str
) -> None:
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    receiver.wait_for_event(call.sid, "conference-end")
    receiver.wait_for_event(call.agent, "completed")
    assert all(SIDES[provider].genuine(sandbox, callback) for callback in receiver.received)
    paths = {callback.url.removeprefix(receiver.url) for callback in receiver.received}
    ours = {f"/callbacks/{provider}/{kind}/" for kind in ("conference", "call")}
    assert paths == ours, "a fragment is not sent"


def test_a_dialled_leg_tells_its_progress_where_it_was_asked_to(
    sandbox: Sandbox, receiver: Receiver, call: Call, api: Api
) -> None:
    asked = {
        "StatusCallback": f"{receiver.url}/progress?leg=a%2Fb&x=1",
        "StatusCallbackEvent": "initiated ringing answered completed",
    }
    sid = api.dial(call.sid, To="+15005550010", **asked).json()["call_sid"]
    receiver.wait_for_event(sid, "busy")
    told = [one for one in receiver.received if one.form.get("CallSid") == sid and "CallStatus" in one.form]
    assert [one.form["CallStatus"] for one in told] == ["initiated", "ringing", "busy"]
    assert [one.form["SequenceNumber"] for one in told] == ["0", "1", "2"]
    assert told[-1].url == asked["StatusCallback"]
    assert all(api.side.genuine(sandbox, one) for one in told)


@pytest.mark.parametrize(
    ("callbacks", "told"),
    [(False, []), (["join"], ["participant-join", "participant-join"]), (["completed"], [])],
)
def test_a_conference_tells_only_what_it_was_asked_to(
    sandbox: Sandbox, receiver: Receiver, provider: str, callbacks: Any, told: list[str]
) -> None:
    call = Call(sandbox, provider, callbacks=callbacks)
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    witness = Call(sandbox, provider, friendly_name="witness")
    receiver.wait_for_event(witness.sid, "conference-start")
    assert receiver.events(call.sid) == told


def test_scenes_and_control_try_again_after_an_error(
    sandbox: Sandbox, receiver: Receiver, provider: str
) -> None:
    receiver.answer = failing(2)
    call = Call(sandbox, provider, callbacks=["start"])
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 3)
    assert len({one.body for one in receiver.received}) == 1, "the same bytes each time"
    assert all(SIDES[provider].genuine(sandbox, one) for one in receiver.received)
    sandbox.wait_for(lambda: [one["status"] for one in sandbox.get("/_sandbox/callbacks")] == [200])


# Spoilt on the way


def test_dropped_callbacks_are_recorded_and_not_sent(
    sandbox: Sandbox, receiver: Receiver, call: Call, provider: str
) -> None:
    sandbox.post("/_sandbox/faults", {"drop": 1, "conference": "billing-1"})
    other = Call(sandbox, provider, friendly_name="other")
    go(sandbox, call.agent)
    receiver.wait_for_event(other.sid, "conference-start")
    assert receiver.events(call.sid) == OPENING
    lost = sandbox.get("/_sandbox/callbacks")[-1]
    assert (lost["form"]["StatusCallbackEvent"], lost["status"]) == (WENT, None)


def test_a_cleared_fault_is_gone(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    sandbox.post("/_sandbox/faults", {"drop": 1})
    sandbox.post("/_sandbox/faults", {"drop": None})
    go(sandbox, call.agent)
    receiver.wait_for_event(call.sid, WENT)


def test_duplicates_come_twice_with_the_same_bytes(
    sandbox: Sandbox, receiver: Receiver, call: Call, provider: str
) -> None:
    sandbox.post("/_sandbox/faults", {"duplicate": 1, "provider": provider})
    go(sandbox, call.agent)
    sandbox.wait_for(lambda: receiver.events(call.sid).count(WENT) == 2)
    first, second = (one for one in receiver.received if one.event == WENT)
    assert first.body == second.body
    assert all(SIDES[provider].genuine(sandbox, one) for one in (first, second))


def test_delayed_callbacks_stay_in_order(sandbox: Sandbox, receiver: Receiver, call: Call) -> None:
    sandbox.post("/_sandbox/faults", {"delay_ms": 4000})
    began = time.monotonic()
    first = come(sandbox, call)
    go(sandbox, first)
    come(sandbox, call)
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 6)
    assert time.monotonic() - began > 0.19, "4 s at time-scale 0.05"
    assert receiver.events(call.sid)[3:] == [CAME, WENT, CAME]


def test_shuffled_callbacks_overtake_each_other(
    sandbox: Sandbox, receiver: Receiver, call: Call, provider: str
) -> None:
    sandbox.post("/_sandbox/faults", {"reorder": 1, "seed": 3})
    for _ in range(6):
        go(sandbox, come(sandbox, call))
    sandbox.wait_for(lambda: len(receiver.events(call.sid)) == 15)
    numbers = [int(one.form["SequenceNumber"]) for one in receiver.received if "ConferenceSid" in one.form]
    first = SIDES[provider].first_number
    assert sorted(numbers) == list(range(first, first + 15))
    assert numbers != sorted(numbers)


def test_a_callback_can_be_delivered_once_more(
    sandbox: Sandbox, receiver: Receiver, call: Call, provider: str
) -> None:
    sandbox.wait_for(lambda: all(one["status"] == 200 for one in sandbox.get("/_sandbox/callbacks")))
    before = len(receiver.received)
    index = next(
        one["index"]
        for one in sandbox.get("/_sandbox/callbacks")
        if one["form"].get("StatusCallbackEvent") == "conference-start"
    )
    assert sandbox.post("/_sandbox/callbacks/redeliver", {"index": index}) == {"statuses": [200]}
    assert receiver.received[-1].event == "conference-start"
    assert SIDES[provider].genuine(sandbox, receiver.received[-1])
    sandbox.post("/_sandbox/callbacks/redeliver", {"all": True})
    assert len(receiver.received) == 2 * (before + 1)
