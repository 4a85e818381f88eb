"""Supervisors wish at random against the world, with faults: a customer never hears one who did not barge.

One story alone: `python -m tests.simulation.again SEED STEPS PROVIDER`; one that failed
gets a row of FOUND.
"""

from __future__ import annotations

import pytest

from participants import modes, stay
from participants.providers import PROVIDERS
from participants.sandbox.switches import Switches

from .floor import TIMES
from .stories import check_customers_ear, check_rest, play, run

RUNS, STEPS = 250, 30  # for each provider
LONG_RUNS, LONG_STEPS = 10_000, 100
each_provider = pytest.mark.parametrize("provider", sorted(PROVIDERS))
# Stories that failed once: seed, steps, provider, what was wrong.
FOUND = [
    (1354, 30, "telnyx", "a mute waited although an opening was sent after the last one"),
    (107313, 100, "twilio", "a newer wish for silence waited for the mute of the one before"),
]


@pytest.fixture(autouse=True)
def production_s_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is invented: waiting times are those of production, whatever the tests' scale is."""
    for module in (modes, stay):
        monkeypatch.setattr(module, "TIMING", TIMES)


def batches(first: int, runs: int, *, of: int) -> list[range]:
    """So many seeds from `first` on, in parts that a test plays each."""
    return [range(start, start + of) for start in range(first, first + runs, of)]


@each_provider
@pytest.mark.parametrize("seeds", batches(0, RUNS, of=50), ids=str)
def test_a_customer_never_hears_who_did_not_barge(seeds: range, provider: str) -> None:
    for seed in seeds:
        play(seed, STEPS, provider)


# Small parts, so that two workers end at about the same time.
@pytest.mark.nightly
@each_provider
@pytest.mark.parametrize("seeds", batches(100_000, LONG_RUNS, of=250), ids=str)
def test_nor_in_many_long_stories(seeds: range, provider: str) -> None:
    for seed in seeds:
        play(seed, LONG_STEPS, provider)


@pytest.mark.parametrize("seed, steps, provider, was", FOUND, ids=[row[3] for row in FOUND])
def test_what_was_found_once_stays_right(seed: int, steps: int, provider: str, was: str) -> None:
    play(seed, steps, provider)


@each_provider
def test_without_faults_every_wish_comes_true(provider: str) -> None:
    ends = {"", "left", "refused", "dropped", "no_answer", "conference_ended", "only_supervisors"}
    for seed in range(40):
        floor = run(seed, STEPS, provider=provider, faults=False)
        check_rest(floor)
        assert {one.ended for one in floor.stays} <= ends, floor.stays


@each_provider
def test_a_request_applied_in_two_parts_still_never_reaches_the_customer(provider: str) -> None:
    """Each part alone keeps the audience within the wish, as long as nobody else un-coaches in between."""
    for seed in range(60):
        switches = Switches()
        switches.set({"split_requests": True})
        check_customers_ear(run(seed, STEPS, provider=provider, switches=switches, alone=True))
