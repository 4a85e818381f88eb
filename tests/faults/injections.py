"""How each fault is brought about: something at its beginning, something after each step, and its end."""

from collections.abc import Callable
from dataclasses import dataclass

from .story import Room, Story

Act = Callable[[Story], None]


def nothing(story: Story) -> None:
    """Where a fault needs no act at this point."""


@dataclass(frozen=True)
class Injection:
    """`lasting`: the provider may be out of reach for this long; `after`: asserted once all is over."""

    begin: Act = nothing
    each: Act = nothing
    end: Act = nothing
    after: Act = nothing
    steps: int = 6


def standing(**rates: float) -> Act:
    return lambda story: story.sandbox.post("/_sandbox/faults", rates)


def none_standing(*names: str) -> Act:
    return standing(**dict.fromkeys(names))  # type: ignore[arg-type]


def rated(**rates: float) -> Injection:
    """Standing faults of the sandbox for as long as the fault lasts."""
    return Injection(begin=standing(**rates), end=none_standing(*rates))


def next_requests(story: Story, effect: str, *operations: str, times: int = 1, **more: object) -> None:
    for operation in operations:
        fault = {"effect": effect, "operation": operation, "times": times, **more}
        story.sandbox.post("/_sandbox/faults/next", fault)


def listening(story: Story, verb: str = "whisper") -> Room:
    """Somebody is on a call and speaks there; what comes next is the fault's."""
    room = story.mine
    story.insist(room, verb)
    return room
