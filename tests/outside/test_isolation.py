"""A provider that accepts every request and answers none holds up its own account alone, whichever it is."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest
import requests

from participants.timing import Timing
from tests.faults.machine import insist
from tests.patience import at_most
from tests.site import TIME_SCALE, Site

from .person import Call, Person
from .provider import PROVIDERS

ACTS = ("join", "leave", "hold", "resume", "mute", "unmute", "S5", "S6", "S0")
# What one request to the frozen provider takes: whoever waits for it even once is later by as much.
HELD_S = Timing().scaled(TIME_SCALE).read
GUEST = {"from": "+442079460144", "to": "+12025550100", "direction": "inbound", "role": "customer"}


class Busy:
    """People who go on working with the frozen provider's calls, in threads of their own."""

    def __init__(self, calls: list[Call]) -> None:
        self.stop, self.calls = threading.Event(), calls
        self.threads = [threading.Thread(target=self._work, args=(call,)) for call in calls]

    def __enter__(self) -> "Busy":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _work(self, call: Call) -> None:
        while not self.stop.is_set():
            for ask in (lambda: call.ask("refresh"), lambda: call.ask_leg(1, "mute")):
                try:
                    ask()
                except (requests.RequestException, AssertionError, StopIteration):
                    continue  # whatever becomes of it: it is asked again
            self.stop.wait(HELD_S / 4)


@pytest.fixture
def frozen(provider: str, site: Site) -> Iterator[list[Call]]:
    """Calls at the provider that is going to freeze; somebody listens to the first of them."""
    people = [Person(site, username) for username in ("supervisor", "rosa")]
    calls = [Call(person, provider, agent) for agent, person in enumerate(people, 3)]
    calls[0].ask("listen")
    people[0].until("S5")
    yield calls
    calls[0].standing_faults(api_timeout_rate=None)
    for call in calls:
        call.close()


@pytest.fixture
def other(provider: str, lead: Person) -> Iterator[Call]:
    call = Call(lead, next(name for name in PROVIDERS if name != provider), 1)
    yield call
    call.close()


def acts(one: Call) -> Iterator[float]:
    """The seconds of each of ACTS, one after another."""
    lead, site = one.person, one.person.site
    guest = site.sandbox.post(f"/_sandbox/conferences/{one.sid}/legs", GUEST)["call_sid"]
    yield taken(lambda: site.wait_for(lambda: guest in on(one)))
    site.sandbox.post(f"/_sandbox/legs/{guest}/hangup")
    yield taken(lambda: site.wait_for(lambda: guest not in on(one)))
    for index, verb, flag, value in (
        (0, "hold", "hold", True),
        (0, "resume", "hold", False),
        (1, "mute", "muted", True),
        (1, "unmute", "muted", False),
    ):
        yield taken(lambda: done(one, index, verb, flag, value))  # noqa: B023 (called at once)
    for verb in ("listen", "whisper"):
        yield taken(lambda: insist(one, verb))  # noqa: B023
    yield taken(lambda: (one.ask("leave"), lead.until("S0")))


def taken(act: Callable[[], Any]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began


def done(one: Call, index: int, verb: str, flag: str, value: bool) -> None:
    assert one.ask_leg(index, verb)[0] in (200, 202)
    one.person.site.wait_for(lambda: one.leg(index)[flag] is value)


def on(one: Call) -> set[str]:
    return {leg["call_sid"] for leg in one.seen()["participants"]}


def asked(call: Call, since: float) -> list[dict[str, Any]]:
    """What this call's provider was asked since then, on the sandbox's clock."""
    rows = call.sandbox.get(f"/_sandbox/requests?since={since}")
    return [row for row in rows if row["provider"] == call.provider]


@dataclass
class Turn:
    """One round of everything: its seconds, and how often a second the sweep listed the live calls."""

    seconds: dict[str, float]
    listings: float

    @classmethod
    def of(cls, one: Call) -> "Turn":
        began = one.now()
        seconds = dict(zip(ACTS, acts(one), strict=True))
        listed = [row for row in asked(one, began) if row["params"].get("Status") == "in-progress"]
        return cls(seconds, len(listed) / (one.now() - began))


@pytest.mark.parametrize("rounds", [1, pytest.param(3, marks=pytest.mark.nightly)])
def test_a_frozen_provider_slows_nobody_else(
    frozen: list[Call], other: Call, site: Site, rounds: int
) -> None:
    """Usual and frozen by turns, so that what else the machine does falls on both alike."""
    usual, beside = [], []
    with Busy(frozen):
        for _ in range(rounds):
            usual.append(Turn.of(other))
            frozen[0].standing_faults(api_timeout_rate=1.0)
            began = other.now()
            site.wait_for(lambda: held(frozen[0], began))  # noqa: B023 (called at once)
            beside.append(Turn.of(other))
            frozen[0].standing_faults(api_timeout_rate=None)
    late = {act: middle(beside, act) - middle(usual, act) for act in ACTS}
    assert {act: by for act, by in late.items() if by > at_most(HELD_S / 2)} == {}, "held up by the other"
    assert sum(turn.listings for turn in beside) > sum(turn.listings for turn in usual) / at_most(2)
    assert "listen" not in other.seen()["blocked"] and not other.seen()["stale"]


def held(call: Call, since: float) -> bool:
    """Whether several requests to this call's provider hang: the sweep's, and those that people wait for."""
    return sum(row["effect"] == "timeout" for row in asked(call, since)) > 3


def middle(turns: list[Turn], act: str) -> float:
    return median(turn.seconds[act] for turn in turns)
