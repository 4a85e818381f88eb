"""The control routes: what they make and show, and that they refuse what they do not know."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.patience import ANSWER_S
from tests.sandbox.conftest import AGENT, CUSTOMER, Call
from tests.sandbox.process import Sandbox
from tests.sandbox.sides import Api

MADE = {"provider": "twilio", "legs": [AGENT, CUSTOMER]}


@pytest.fixture
def call(sandbox: Sandbox, provider: str) -> Call:
    return Call(sandbox, provider)


@pytest.mark.parametrize(
    ("path", "body", "named", "allowed"),
    [
        ("conferences", {**MADE, "colour": 1}, "colour", "friendly_name"),
        ("conferences", {**MADE, "provider": "vonage"}, "provider", "twilio, telnyx"),
        ("conferences", {"provider": "twilio"}, "legs", "legs"),
        ("conferences", {**MADE, "callbacks": ["begin"]}, "callbacks", "join"),
        ("conferences", {**MADE, "legs": [{**AGENT, "mood": "good"}]}, "mood", "joined"),
        ("conferences", {**MADE, "legs": [{**AGENT, "role": "boss"}]}, "role", "agent, customer"),
        ("conferences", {**MADE, "legs": [{**AGENT, "joined": 1}]}, "joined", "true, false"),
        ("conferences", {**MADE, "legs": [AGENT, AGENT]}, "label", "same"),
        ("conferences", [], "body", "object"),
        ("answering", {"mode": "sometimes"}, "mode", "auto, manual, busy, no-answer"),
        ("answering", {"mode": "auto", "after_ms": "soon"}, "after_ms", "number"),
        ("faults", {"drop": 2}, "drop", "0 to 1"),
        ("faults", {"lose": 1}, "lose", "drop"),
        ("faults", {"provider": "vonage"}, "provider", "twilio, telnyx"),
        ("faults/next", {}, "effect", "allowed"),
        ("faults/next", {"effect": "explode"}, "effect", "apply_late"),
        (
            "faults/next",
            {"effect": "500", "operation": "participant.dance"},
            "operation",
            "participant.update",
        ),
        ("faults/next", {"effect": "500", "params": {"Muted": True}}, "params", "texts"),
        ("switches", {"colour": "red"}, "colour", "label_errors"),
        ("switches", {"sequence_start": "1"}, "sequence_start", "0, 1"),
        ("switches", {"sequence_start": True}, "sequence_start", "0, 1"),
        ("switches", {"late_2xx_ms": -1}, "late_2xx_ms", "whole number"),
        ("scene", {"name": "rush"}, "name", "empty, one, busy"),
        ("scene", {"name": "one", "speed": -1}, "speed", "number"),
        ("callbacks/redeliver", {}, "index", "all"),
        ("callbacks/redeliver", {"index": 999_999}, "999999", "no such"),
        ("reset", {"hard": True}, "hard", "nothing"),
    ],
)
def test_a_wrong_key_is_named_with_what_is_allowed(
    sandbox: Sandbox, path: str, body: Any, named: str, allowed: str
) -> None:
    answer = requests.post(f"{sandbox.url}/_sandbox/{path}", json=body, timeout=ANSWER_S)
    assert answer.status_code == 400
    assert named in answer.json()["error"]
    assert allowed in answer.json()["error"]


def test_what_does_not_exist_is_404_and_what_cannot_be_is_409(
    sandbox: Sandbox, call: Call, provider: str
) -> None:
    def status(path: str) -> int:
        return requests.post(f"{sandbox.url}/_sandbox/{path}", json={}, timeout=ANSWER_S).status_code

    assert status("conferences/CF0/end") == 404
    assert status("legs/CA0/hangup") == 404
    assert status(f"legs/{call.agent}/answer") == 409
    assert status(f"legs/{call.agent}/dance") == 400
    assert (
        requests.post(
            f"{sandbox.url}/_sandbox/conferences",
            json={**MADE, "provider": provider, "friendly_name": "billing-1"},
            timeout=ANSWER_S,
        ).status_code
        == 409
    )


def test_it_shows_a_conference_with_who_hears_whom(sandbox: Sandbox, call: Call, provider: str) -> None:
    shown = call.shown()
    assert (shown["provider"], shown["friendly_name"], shown["status"]) == (
        provider,
        "billing-1",
        "in-progress",
    )
    assert shown["legs"][0] == {
        "call_sid": call.agent,
        "label": "agent-1",
        "role": "agent",
        "status": "connected",
        "muted": False,
        "hold": False,
        "coaching": False,
        "call_sid_to_coach": None,
        "start_conference_on_enter": True,
        "end_conference_on_exit": False,
    }
    assert shown["hears"] == {call.agent: [call.customer], call.customer: [call.agent]}
    assert sandbox.get("/_sandbox/conferences") == [shown]


def test_the_role_is_never_on_the_wire(api: Api, call: Call) -> None:
    assert "role" not in api.get(f"/Conferences/{call.sid}/Participants/{call.agent}").json()


def test_audibility_is_kept_after_the_end(sandbox: Sandbox, call: Call) -> None:
    began = sandbox.get("/_sandbox/time")["now"]
    sandbox.post(f"/_sandbox/legs/{call.agent}/set", {"muted": True})
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    rows = sandbox.get(f"/_sandbox/audibility/{call.sid}")
    by_speaker = {row["speaker"]: row for row in rows}
    assert set(by_speaker) == {call.agent, call.customer}
    assert by_speaker[call.agent]["to"] < by_speaker[call.customer]["to"]
    assert abs(by_speaker[call.agent]["to"] - began) < 2
    assert call.shown()["reason_ended"] == "conference-ended-via-api"


def test_legs_come_and_go(sandbox: Sandbox, api: Api, call: Call) -> None:
    ringing = sandbox.post(
        f"/_sandbox/conferences/{call.sid}/legs", {**AGENT, "label": "agent-2", "joined": False}
    )
    assert call.leg(ringing["call_sid"])["status"] == api.side.ringing
    sandbox.post(f"/_sandbox/legs/{ringing['call_sid']}/answer")
    assert call.leg(ringing["call_sid"])["status"] == "connected"
    sandbox.post(f"/_sandbox/legs/{ringing['call_sid']}/hangup")
    assert call.leg(ringing["call_sid"]) is None
    unanswered = sandbox.post(
        f"/_sandbox/conferences/{call.sid}/legs", {**AGENT, "label": "agent-2", "joined": False}
    )
    sandbox.post(f"/_sandbox/legs/{unanswered['call_sid']}/no-answer")
    assert call.leg(unanswered["call_sid"]) is None


def test_somebody_else_may_open_a_supervisors_line(sandbox: Sandbox, api: Api, call: Call) -> None:
    sid = api.dial(call.sid, Coaching="true", CallSidToCoach=call.agent).json()["call_sid"]
    sandbox.wait_for(lambda: call.leg(sid)["status"] == "connected")
    sandbox.post(f"/_sandbox/legs/{sid}/set", {"coaching": False})
    assert sid in call.hears(call.customer)
    sandbox.post(f"/_sandbox/legs/{sid}/set", {"call_sid_to_coach": call.agent, "muted": True})
    leg = call.leg(sid)
    assert (leg["muted"], leg["coaching"], leg["call_sid_to_coach"]) == (True, True, call.agent)


@pytest.mark.parametrize(("mode", "rings"), [("manual", True), ("busy", False), ("no-answer", False)])
def test_phones_answer_as_told(sandbox: Sandbox, api: Api, call: Call, mode: str, rings: bool) -> None:
    sandbox.post("/_sandbox/answering", {"mode": mode, "after_ms": 1000})
    sid = api.dial(call.sid).json()["call_sid"]
    if rings:
        time.sleep(0.2)  # four seconds of the sandbox's
        assert call.leg(sid)["status"] == api.side.ringing
    else:
        sandbox.wait_for(lambda: call.leg(sid) is None)


def test_switches_are_answered_whole(sandbox: Sandbox) -> None:
    assert sandbox.post("/_sandbox/switches", {"noop_event": True}) == {
        "label_errors": 400,
        "coach_without_target_status": 400,
        "create_into_completed": 404,
        "noop_event": True,
        "end_before_leaves": True,
        "sequence_start": 1,
        "start_threshold": 2,
        "page_size_over": "clamp",
        "telnyx_tries": 3,
        "telnyx_bad_dial": 422,
        "coach_without_target": "nobody",
        "late_2xx_ms": 0,
        "split_requests": False,
        "calls_per_second": 1,
        "announcement_unfetched": "nothing",
    }


def test_one_wrong_switch_changes_none(sandbox: Sandbox) -> None:
    body = {"noop_event": True, "start_threshold": 3}
    assert requests.post(f"{sandbox.url}/_sandbox/switches", json=body, timeout=ANSWER_S).status_code == 400
    assert sandbox.post("/_sandbox/switches")["noop_event"] is False


def test_reset_forgets_everything_but_the_sids(sandbox: Sandbox, api: Api, call: Call) -> None:
    sandbox.post("/_sandbox/switches", {"noop_event": True})
    sandbox.post("/_sandbox/faults", {"api_error_rate": 1})
    sandbox.post("/_sandbox/faults/next", {"effect": "close"})
    sandbox.post("/_sandbox/reset")
    assert sandbox.get("/_sandbox/conferences") == sandbox.get("/_sandbox/requests") == []
    assert api.get("/Conferences").json()["conferences"] == []
    assert sandbox.post("/_sandbox/switches")["noop_event"] is False
    assert Call(sandbox, api.provider).sid != call.sid
