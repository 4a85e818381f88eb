"""Each thing that can go wrong with a request, seen from the one who sent it and from the world."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Call, Http
from tests.sandbox.process import Sandbox


@pytest.fixture
def call(sandbox: Sandbox) -> Call:
    return Call(sandbox)


class Mute:
    """A request to mute the agent, as a fault meets it."""

    def __init__(self, sandbox: Sandbox, http: Http, call: Call) -> None:
        self._sandbox, self._http, self.call = sandbox, http, call

    def send(self, **fault: Any) -> requests.Response:
        self._sandbox.post("/_sandbox/faults/next", {"operation": "participant.update", **fault})
        path = f"/Conferences/{self.call.sid}/Participants/{self.call.agent}.json"
        return self._http.post(path, {"Muted": "true"})

    @property
    def applied(self) -> bool:
        return bool(self.call.leg(self.call.agent)["muted"])


@pytest.fixture
def mute(sandbox: Sandbox, http: Http, call: Call) -> Mute:
    return Mute(sandbox, http, call)


@pytest.mark.parametrize(
    ("effect", "status", "code"), [("refuse", 400, 20001), ("429", 429, 20429), ("500", 500, 20500)]
)
def test_an_error_answer_applies_nothing(mute: Mute, effect: str, status: int, code: int) -> None:
    answer = mute.send(effect=effect)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not mute.applied


def test_close_hangs_up_and_applies_nothing(mute: Mute) -> None:
    with pytest.raises(requests.ConnectionError):
        mute.send(effect="close")
    assert not mute.applied


def test_slow_is_applied_and_answered_late(mute: Mute) -> None:
    began = time.monotonic()
    assert mute.send(effect="slow", after_ms=6000).status_code == 200
    assert time.monotonic() - began > 0.29, "6 s at time-scale 0.05"
    assert mute.applied


def test_apply_no_answer(mute: Mute) -> None:
    with pytest.raises(requests.ConnectionError):
        mute.send(effect="apply_no_answer")
    assert mute.applied


def test_answer_not_apply(mute: Mute) -> None:
    assert mute.send(effect="answer_not_apply").json()["muted"] is True
    assert not mute.applied


def test_apply_late(sandbox: Sandbox, mute: Mute) -> None:
    with pytest.raises(requests.ConnectionError):
        mute.send(effect="apply_late", after_ms=4000)
    assert not mute.applied
    sandbox.wait_for(lambda: mute.applied)


def test_html_200(mute: Mute) -> None:
    answer = mute.send(effect="html_200")
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (200, "text/html")
    assert not mute.applied


def test_a_dial_may_land_after_its_sender_gave_up(http: Http, sandbox: Sandbox, call: Call) -> None:
    sandbox.post("/_sandbox/faults/next", {"effect": "apply_late", "operation": "participant.create"})
    leg = {"From": "+12025550100", "To": "client:lead", "Label": "late"}
    with pytest.raises(requests.ConnectionError):
        http.post(f"/Conferences/{call.sid}/Participants.json", leg)
    path = f"/Conferences/{call.sid}/Participants/late.json"
    assert http.get(path).status_code == 404
    sandbox.wait_for(lambda: http.get(path).status_code == 200)


def test_a_sid_that_a_fault_gave_away_is_not_used_again(http: Http, sandbox: Sandbox, call: Call) -> None:
    sandbox.post("/_sandbox/faults/next", {"effect": "answer_not_apply", "operation": "participant.create"})
    leg = {"From": "+12025550100", "To": "client:lead"}
    path = f"/Conferences/{call.sid}/Participants.json"
    first, second = (http.post(path, leg).json()["call_sid"] for _ in "ab")
    assert first != second
    assert call.leg(first) is None


def test_a_fault_waits_for_the_request_that_it_names(http: Http, sandbox: Sandbox, call: Call) -> None:
    sandbox.post(
        "/_sandbox/faults/next",
        {
            "effect": "500",
            "provider": "twilio",
            "operation": "participant.update",
            "conference": "billing-1",
            "call_sid": call.agent,
            "params": {"Muted": "false"},
            "times": 2,
        },
    )
    agent = f"/Conferences/{call.sid}/Participants/agent-1.json"
    customer = f"/Conferences/{call.sid}/Participants/{call.customer}.json"
    statuses = [
        http.get(agent).status_code,
        http.post(agent, {"Muted": "true"}).status_code,
        http.post(customer, {"Muted": "false"}).status_code,
        *(http.post(agent, {"Muted": "false", "Hold": "false"}).status_code for _ in "abc"),
    ]
    assert statuses == [200, 200, 200, 500, 500, 200]


@pytest.mark.parametrize(
    ("rate", "applied"),
    [("api_error_rate", False), ("api_timeout_rate", False), ("apply_but_no_answer_rate", True)],
)
def test_a_rate_of_one_strikes_every_request(
    http: Http, sandbox: Sandbox, call: Call, rate: str, applied: bool
) -> None:
    sandbox.post("/_sandbox/faults", {rate: 1})
    path = f"/Conferences/{call.sid}/Participants/{call.agent}.json"
    try:
        assert http.post(path, {"Muted": "true"}).status_code == 500
    except requests.ConnectionError:
        assert rate != "api_error_rate"
    sandbox.post("/_sandbox/faults", {rate: None})
    assert http.get(path).json()["muted"] is applied


def test_the_same_seed_strikes_the_same_requests(http: Http, sandbox: Sandbox) -> None:
    def run() -> list[int]:
        sandbox.post("/_sandbox/faults", {"api_error_rate": 0.5, "seed": 7})
        return [http.get("/Conferences.json").status_code for _ in range(20)]

    first = run()
    assert first == run()
    assert set(first) == {200, 500}


def test_requests_are_kept_with_their_effect(http: Http, sandbox: Sandbox, call: Call) -> None:
    since = sandbox.get("/_sandbox/time")["now"]
    sandbox.post("/_sandbox/faults/next", {"effect": "close"})
    path = f"/Conferences/{call.sid}/Participants/{call.agent}.json"
    with pytest.raises(requests.ConnectionError):
        http.post(path, {"Muted": "true"})
    http.get("/Conferences.json", Status="init")
    closed, listed = sandbox.get(f"/_sandbox/requests?since={since}")
    assert closed["method"] == "POST"
    assert closed["path"] == f"/2010-04-01{http.base.partition('/2010-04-01')[2]}{path}"
    assert (closed["params"], closed["status"], closed["effect"]) == ({"Muted": "true"}, None, "close")
    assert (listed["provider"], listed["status"], listed["effect"]) == ("twilio", 200, None)
    assert listed["params"] == {"Status": "init"}
    assert since <= closed["at"] <= listed["at"]
    assert sandbox.get(f"/_sandbox/requests?since={listed['at'] + 1}") == []
