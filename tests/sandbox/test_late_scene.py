"""Twenty seconds of a scene in which one provider's callbacks come late, over HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest

from participants.sandbox.scenes import TELNYX, TWILIO
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Received, Receiver

SPEED = 100
LATE_BY_S = 12 / SPEED
HELD_BACK, HELD_OPEN = "billing-1049", "technical-3013"  # they begin within two seconds of one another


@pytest.fixture
def arrivals(receiver: Receiver) -> list[tuple[float, Received]]:
    """When each callback came in, oldest first."""
    taken: list[tuple[float, Received]] = []

    def take(one: Received) -> int:
        taken.append((time.time(), one))
        return 200

    receiver.answer = take
    return taken


def of_call(arrivals: list[tuple[float, Received]], name: str) -> list[tuple[float, Received]]:
    return [(at, one) for at, one in list(arrivals) if one.form.get("FriendlyName") == name]


def sent_at(sandbox: Sandbox, one: Received) -> float:
    rows: list[dict[str, Any]] = sandbox.get("/_sandbox/callbacks")
    return float(next(row["at"] for row in rows if row["form"] == one.form))


def test_callbacks_of_one_provider_arrive_late_and_in_order(
    posting_sandbox: Sandbox, arrivals: list[tuple[float, Received]]
) -> None:
    own = posting_sandbox.post("/_sandbox/faults", {"provider": TELNYX, "delay_ms": 1})
    posting_sandbox.post("/_sandbox/scene", {"name": "busy", "speed": SPEED, "seed": 1})
    posting_sandbox.wait_for(lambda: len(of_call(arrivals, HELD_BACK)) >= 3)
    late = of_call(arrivals, HELD_BACK)[:3]
    assert [one.event for _, one in late] == ["participant-join", "participant-join", "conference-start"]
    for at, one in late:
        assert at - sent_at(posting_sandbox, one) >= LATE_BY_S
    (at, prompt), *_ = of_call(arrivals, HELD_OPEN)
    assert at - sent_at(posting_sandbox, prompt) < LATE_BY_S
    assert {one.url.split("/")[4] for _, one in late} == {TELNYX}
    assert prompt.url.split("/")[4] == TWILIO
    assert posting_sandbox.post("/_sandbox/faults", {"provider": TELNYX}) == own, "a person's faults stay"
