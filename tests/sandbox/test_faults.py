"""Each thing that can go wrong with a request, seen from the one who sent it and from the world."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.sandbox.conftest import Call
from tests.sandbox.process import Sandbox
from tests.sandbox.sides import Api


@pytest.fixture
def call(sandbox: Sandbox, provider: str) -> Call:
    return Call(sandbox, provider)


class Mute:
    """A request to mute the agent, as a fault meets it."""

    def __init__(self, sandbox: Sandbox, api: Api, call: Call) -> None:
        self._sandbox, self.api, self.call = sandbox, api, call

    def send(self, **fault: Any) -> requests.Response:
        self._sandbox.post("/_sandbox/faults/next", {"operation": "participant.update", **fault})
        path = f"/Conferences/{self.call.sid}/Participants/{self.call.agent}"
        return self.api.post(path, {"Muted": "true"})

    @property
    def applied(self) -> bool:
        return bool(self.call.leg(self.call.agent)["muted"])


@pytest.fixture
def mute(sandbox: Sandbox, api: Api, call: Call) -> Mute:
    return Mute(sandbox, api, call)


@pytest.mark.parametrize(("effect", "status"), [("refuse", 400), ("429", 429), ("500", 500)])
def test_an_error_answer_applies_nothing(mute: Mute, effect: str, status: int) -> None:
    answer = mute.send(effect=effect)
    side = mute.api.side
    assert (answer.status_code, side.code_of(answer.json())) == (status, side.codes[effect])
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


def test_a_dial_may_land_after_its_sender_gave_up(api: Api, sandbox: Sandbox, call: Call) -> None:
    sandbox.post("/_sandbox/faults/next", {"effect": "apply_late", "operation": "participant.create"})
    with pytest.raises(requests.ConnectionError):
        api.dial(call.sid, Label="late")
    path = f"/Conferences/{call.sid}/Participants/late"
    assert api.get(path).status_code == 404
    sandbox.wait_for(lambda: api.get(path).status_code == 200)


def test_a_sid_that_a_fault_gave_away_is_not_used_again(api: Api, sandbox: Sandbox, call: Call) -> None:
    sandbox.post("/_sandbox/faults/next", {"effect": "answer_not_apply", "operation": "participant.create"})
    first, second = (api.dial(call.sid).json()["call_sid"] for _ in "ab")
    assert first != second
    assert call.leg(first) is None


def test_a_fault_waits_for_the_request_that_it_names(api: Api, sandbox: Sandbox, call: Call) -> None:
    sandbox.post(
        "/_sandbox/faults/next",
        {
            "effect": "500",
            "provider": api.provider,
            "operation": "participant.update",
            "conference": "billing-1",
            "call_sid": call.agent,
            "params": {"Muted": "false"},
            "times": 2,
        },
    )
    agent = f"/Conferences/{call.sid}/Participants/agent-1"
    customer = f"/Conferences/{call.sid}/Participants/{call.customer}"
    statuses = [
        api.get(agent).status_code,
        api.post(agent, {"Muted": "true"}).status_code,
        api.post(customer, {"Muted": "false"}).status_code,
        *(api.post(agent, {"Muted": "false", "Hold": "false"}).status_code for _ in "abc"),
    ]
    assert statuses == [200, 200, 200, 500, 500, 200]


@pytest.mark.parametrize(
    ("rate", "applied"),
    [("api_error_rate", False), ("api_timeout_rate", False), ("apply_but_no_answer_rate", True)],
)
def test_a_rate_of_one_strikes_every_request(
    api: Api, sandbox: Sandbox, call: Call, rate: str, applied: bool
) -> None:
    sandbox.post("/_sandbox/faults", {rate: 1})
    path = f"/Conferences/{call.sid}/Participants/{call.agent}"
    try:
        assert api.post(path, {"Muted": "true"}).status_code == 500
    except requests.ConnectionError:
        assert rate != "api_error_rate"
    sandbox.post("/_sandbox/faults", {rate: None})
    assert api.get(path).json()["muted"] is applied


def test_the_same_seed_strikes_the_same_requests(api: Api, sandbox: Sandbox) -> None:
    def run() -> list[int]:
        sandbox.post("/_sandbox/faults", {"api_error_rate": 0.5, "seed": 7})
        return [api.get("/Conferences").status_code for _ in range(20)]

    first = run()
    assert first == run()
    assert set(first) == {200, 500}


def test_requests_are_kept_with_their_effect(api: Api, sandbox: Sandbox, call: Call) -> None:
    since = sandbox.get("/_sandbox/time")["now"]
    sandbox.post("/_sandbox/faults/next", {"effect": "close"})
    path = f"/Conferences/{call.sid}/Participants/{call.agent}"
    with pytest.raises(requests.ConnectionError):
        api.post(path, {"Muted": "true"})
    api.get("/Conferences", Status="init")
    closed, listed = sandbox.get(f"/_sandbox/requests?since={since}")
    assert closed["method"] == "POST"
    assert closed["path"] == api.path(path)
    assert (closed["params"], closed["status"], closed["effect"]) == ({"Muted": "true"}, None, "close")
    assert (listed["provider"], listed["status"], listed["effect"]) == (api.provider, 200, None)
    assert listed["params"] == {"Status": "init"}
    assert since <= closed["at"] <= listed["at"]
    assert sandbox.get(f"/_sandbox/requests?since={listed['at'] + 1}") == []
