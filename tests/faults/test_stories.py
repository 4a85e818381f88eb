"""A supervisor at work while something is wrong: one story for each fault in CI, many by night, and pairs."""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest

from . import injections_answers, injections_callbacks, injections_floor, invariants
from .injections import Injection
from .story import OTHERS_S, Ground, Story

INJECTIONS: dict[int, Injection] = dict(
    sorted(
        {
            **injections_callbacks.INJECTIONS,
            **injections_answers.INJECTIONS,
            **injections_floor.INJECTIONS,
        }.items()
    )
)
BY_NAME = {f"F{number}": injection for number, injection in INJECTIONS.items()}
SEEDS = int(os.environ.get("EARSHOT_FAULT_SEEDS", "200"))
PAIRS = int(os.environ.get("EARSHOT_FAULT_PAIRS", "200"))
WARM = 20  # stories, until a process has grown to its size
Record = Callable[[str, object], None]


def tell(on: Ground, seed: int, *faults: Injection) -> Story:
    """The whole story: quiet at first, then the faults, then quiet again, and everybody goes."""
    story = Story(on, seed)
    story.begin()
    for fault in faults:
        fault.begin(story)
    for _ in range(min(fault.steps for fault in faults)):
        story.step()
        for fault in faults:
            fault.each(story)
    for fault in faults:
        fault.end(story)
    story.leave()
    story.figures["converged after s"] = round(story.converges(within_s=OTHERS_S), 2)
    for fault in faults:
        fault.after(story)
    story.figures["heard"] = story.heard
    story.close()
    story.check()
    return story


@pytest.mark.parametrize("fault", BY_NAME)
def test_a_story_under_one_fault(fault: str, on: Ground, record_property: Record) -> None:
    story = tell(on, 1, BY_NAME[fault])
    record_property("seeds", 1)
    record_property("figures", story.figures)


@pytest.mark.nightly
@pytest.mark.timeout(6 * 3600)
@pytest.mark.parametrize("fault", BY_NAME)
def test_many_stories_under_one_fault(fault: str, on: Ground, record_property: Record) -> None:
    seeds = range(2, SEEDS + 2)
    wrong = told(on, {seed: (seed, [fault]) for seed in seeds}, record_property)
    assert wrong == {}


@pytest.mark.nightly
@pytest.mark.timeout(6 * 3600)
def test_stories_under_two_faults_at_once(on: Ground, record_property: Record) -> None:
    pairs = {seed: random.Random(seed).sample(sorted(BY_NAME), 2) for seed in range(1, PAIRS + 1)}
    stories = {f"{seed}: {' and '.join(pair)}": (seed, pair) for seed, pair in pairs.items()}
    assert told(on, stories, record_property) == {}


def told(on: Ground, stories: dict[Any, tuple[int, list[str]]], record_property: Record) -> dict[Any, str]:
    """What went wrong in which story. Many of them leave the processes as they were (I10)."""
    wrong, heard, before = {}, 0, None
    for number, (title, (seed, faults)) in enumerate(stories.items(), 1):
        try:
            heard += tell(on, seed, *(BY_NAME[name] for name in faults)).heard
        except AssertionError as error:
            wrong[title] = str(error)[:2000]
        before = invariants.sizes(on.site) if number == WARM else before
    if before is not None and len(stories) >= 2 * WARM:
        invariants.bounded(before, invariants.sizes(on.site))
    assert heard or wrong, "nobody of ours was ever heard: these stories prove little"
    record_property("seeds", len(stories))
    return wrong
