"""A supervisor at work while something is wrong: each fault in turn in CI, many seeds by night, and pairs."""

import os
import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from . import injections_answers, injections_callbacks, injections_floor, sizes
from .ground import Ground
from .injections import Injection
from .steps import step
from .story import Story
from .times import OTHERS_S
from .turns import TURNS, title

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
SEEDS = int(os.environ.get("EARSHOT_FAULT_SEEDS", "12"))
PAIRS = int(os.environ.get("EARSHOT_FAULT_PAIRS", "60"))
PARTS = 6  # of the pairs, for workers that share them
IN_TIME = 4  # stories about a promise in seconds
WARM = 20  # stories, until a process has grown to its size
STEPS_IN_TURN = 2
Record = Callable[[str, object], None]


def meet(story: Story, faults: Sequence[Injection], *, steps: int) -> None:
    """They begin, last for some steps, and end."""
    for fault in faults:
        fault.begin(story)
    for _ in range(min(steps, *(fault.steps for fault in faults))):
        step(story)
        for fault in faults:
            fault.each(story)
    for fault in faults:
        fault.end(story)


def finish(story: Story, faults: Sequence[Injection]) -> None:
    """Quiet again, and everybody goes."""
    story.leave()
    story.figures["converged after s"] = round(story.converges(within_s=OTHERS_S), 2)
    for fault in faults:
        fault.after(story)
    story.figures["heard"] = story.heard
    story.close()
    story.check()


def tell(on: Ground, seed: int, *faults: Injection) -> Story:
    """The whole story: quiet at first, then these faults at once."""
    story = Story(on, seed)
    story.begin()
    meet(story, faults, steps=6)
    finish(story, faults)
    return story


@pytest.mark.timeout(900)
@pytest.mark.parametrize("turns", TURNS, ids=title)
def test_a_story_under_one_fault_after_another(
    turns: tuple[tuple[int, ...], ...], on: Ground, record_property: Record
) -> None:
    """At one of the providers, in turns; the nights have both. Between two faults the call is right."""
    story = Story(on, TURNS.index(turns) + 1, brief=True)
    story.begin()
    for at_once in turns:
        story.speak()
        meet(story, [INJECTIONS[number] for number in at_once], steps=STEPS_IN_TURN)
        story.supervised_converges()
    finish(story, [INJECTIONS[number] for at_once in turns for number in at_once])
    record_property("seeds", 1)
    record_property("figures", story.figures)


@pytest.mark.nightly
@pytest.mark.timeout(12 * 3600)
@pytest.mark.parametrize("fault", BY_NAME)
def test_many_stories_under_one_fault(fault: str, on: Ground, record_property: Record) -> None:
    wrong = told(on, {seed: (seed, [fault]) for seed in range(1, SEEDS + 1)}, record_property)
    assert wrong == {}


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", ["F8", "F18", "F19"])
def test_silence_in_time_under_one_fault(fault: str, on: Ground, record_property: Record) -> None:
    """Their promises in seconds, where nothing else runs."""
    assert told(on, {seed: (seed, [fault]) for seed in range(1, IN_TIME + 1)}, record_property) == {}


@pytest.mark.nightly
@pytest.mark.timeout(12 * 3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_stories_under_two_faults_at_once(part: int, on: Ground, record_property: Record) -> None:
    seeds = range(1 + part, PAIRS + 1, PARTS)
    pairs = {seed: random.Random(seed).sample(sorted(BY_NAME), 2) for seed in seeds}
    stories = {f"{seed}: {' and '.join(pair)}": (seed, pair) for seed, pair in pairs.items()}
    assert told(on, stories, record_property) == {}


def told(on: Ground, stories: dict[Any, tuple[int, list[str]]], record_property: Record) -> dict[Any, str]:
    """What went wrong in which story. Many of them leave the processes as they were (I10)."""
    wrong: dict[Any, str] = {}
    heard, figures = 0, dict[str, Any]()
    for title_, (seed, faults) in stories.items():
        try:
            story = tell(on, seed, *(BY_NAME[name] for name in faults))
            heard, figures = heard + story.heard, figures | story.figures
        except AssertionError as error:
            wrong[title_] = str(error)[:2000]
        on.stories += 1
        on.warm = sizes.sizes(on.site) if on.stories == WARM else on.warm
    if on.warm is not None and on.stories >= 2 * WARM:
        sizes.bounded(on.warm, sizes.sizes(on.site))
    assert heard or wrong, "nobody of ours was ever heard: these stories prove little"
    record_property("seeds", len(stories))
    record_property("figures", figures)
    return wrong
