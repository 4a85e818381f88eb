"""A simulated wire and clock between the product's pure modules and the sandbox's world."""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from participants.sandbox.rooms import WorldError
from participants.sandbox.world import World
from participants.timing import Timing

TIMEOUT = Timing().request

# What may become of a request on its way: (weight when faults are on, name).
FATES = (
    (63, "fine"),
    (4, "slow"),  # in time, but others overtake it
    (3, "answered_slowly"),
    (5, "refused"),
    (4, "not_sent"),
    (5, "never_applied"),
    (6, "applied_no_answer"),
    (5, "applied_late"),
    (5, "answered_not_applied"),
)


class Clock:
    """Events in time order; ties in the order in which they were planned."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def after(self, delay: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self.now + delay, next(self._order), act))

    def run_until(self, end: float, *, each: Callable[[], object]) -> None:
        while self._queue and self._queue[0][0] <= end:
            self.now, _, act = heapq.heappop(self._queue)
            act()
            each()
        self.now = end


@dataclass
class Wire:
    clock: Clock
    world: World
    rng: random.Random
    faulty: bool = True
    sent: list[tuple[float, str, dict[str, Any]]] = field(default_factory=list)

    def latency(self) -> float:
        return self.rng.uniform(0.01, 0.12)

    def request(self, apply: Callable[[], Any], answer: Callable[[str, Any], None]) -> None:
        """Carry one writing request: `answer(outcome, what the provider said)` is called once."""
        fate = self._fate()
        if fate == "not_sent":
            return self.clock.after(self.latency(), lambda: answer("not_sent", None))
        if fate == "refused":
            return self.clock.after(self.latency(), lambda: answer("refused", None))
        if fate == "never_applied":
            return self.clock.after(TIMEOUT, lambda: answer("unknown", None))
        if fate == "answered_not_applied":
            return self.clock.after(self.latency(), lambda: answer("accepted", None))
        if fate in {"applied_no_answer", "applied_late"}:
            late = self.rng.uniform(TIMEOUT, TIMEOUT + 60) if fate == "applied_late" else self.latency()
            self.clock.after(late, lambda: self._try(apply))
            return self.clock.after(TIMEOUT, lambda: answer("unknown", None))
        there = self.rng.uniform(0.2, 5) if fate == "slow" else self.latency()
        back = self.rng.uniform(0.2, 2) if fate == "answered_slowly" else self.latency()
        return self.clock.after(there, lambda: self._apply_and_answer(apply, answer, back))

    def _fate(self) -> str:
        if not self.faulty:
            return "fine"
        return self.rng.choices([name for _, name in FATES], [weight for weight, _ in FATES])[0]

    def _apply_and_answer(
        self, apply: Callable[[], Any], answer: Callable[[str, Any], None], back: float
    ) -> None:
        said = self._try(apply)
        outcome = "refused" if isinstance(said, WorldError) else "accepted"
        self.clock.after(back, lambda: answer(outcome, said))

    def _try(self, apply: Callable[[], Any]) -> Any:
        self.world.tick(self.clock.now)
        try:
            return apply()
        except WorldError as refused:
            return refused

    def read(self, look: Callable[[], Any], answer: Callable[[Any], None]) -> None:
        """Carry one read; `answer` gets what was there in the middle of it, or None when it failed."""
        if self.faulty and self.rng.random() < 0.08:
            return self.clock.after(self.rng.choice([self.latency(), TIMEOUT]), lambda: answer(None))

        def look_and_answer() -> None:
            said = self._try(look)
            self.clock.after(self.latency(), lambda: answer(said))

        return self.clock.after(self.latency(), look_and_answer)
