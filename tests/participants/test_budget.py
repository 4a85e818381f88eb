"""How often a provider is asked: the budget of reads of one account."""

import pytest

from participants.providers import budget as module
from participants.providers.budget import BURST, Budget
from participants.timing import TIMING

USUAL = 10.0


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def budget(clock: Clock) -> Budget:
    return Budget(pause=1 / USUAL)


def seconds_for(reads: int, budget: Budget, clock: Clock) -> float:
    began = clock.now
    for _ in range(reads):
        budget.wait()
        budget.spend()
    return clock.now - began


def test_a_burst_waits_for_nothing_and_more_than_that_for_its_turn(budget: Budget, clock: Clock) -> None:
    assert seconds_for(BURST, budget, clock) == 0
    assert seconds_for(20, budget, clock) == pytest.approx(2.0)


def test_what_a_person_waits_for_goes_at_once_and_the_others_wait_for_it(
    budget: Budget, clock: Clock
) -> None:
    for _ in range(BURST + 5):
        budget.spend()
    assert clock.now == 1000.0
    assert seconds_for(1, budget, clock) == pytest.approx(0.6)


def test_those_who_overdraw_do_not_starve_the_others(budget: Budget, clock: Clock) -> None:
    for _ in range(1000):
        budget.spend()
    assert seconds_for(1, budget, clock) <= TIMING.read_patience


def test_too_many_requests_halve_the_rate_and_time_brings_it_back(budget: Budget, clock: Clock) -> None:
    budget.exceeded(None)
    assert budget.rate == pytest.approx(USUAL / 2)
    clock.now += 1.5
    assert USUAL / 2 < budget.rate < USUAL
    clock.now += 1.5
    assert budget.rate == pytest.approx(USUAL)


def test_a_rate_never_falls_to_nothing(budget: Budget) -> None:
    for _ in range(100):
        budget.exceeded(None)
    assert budget.rate == pytest.approx(USUAL / module.SLOWEST)


def test_the_wait_that_the_provider_asks_for_is_kept(budget: Budget, clock: Clock) -> None:
    budget.exceeded(1.0)
    assert seconds_for(1, budget, clock) >= min(1.0, TIMING.read_patience) * 0.75
