"""One sandbox process: the world, what goes wrong in it, the post, and the clock that drives them."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from participants.sandbox.delivery import Delivery
from participants.sandbox.documents import Unplayable
from participants.sandbox.faults import Faults
from participants.sandbox.fetching import Fetching
from participants.sandbox.playing import Play
from participants.sandbox.rooms import (
    CALL_WORDS,
    CONFERENCE_WORDS,
    RECORDING_WORDS,
    Subscription,
    WorldError,
)
from participants.sandbox.story import Story
from participants.sandbox.telnyx import Telnyx
from participants.sandbox.twilio import Twilio
from participants.sandbox.wire import Dialect
from participants.sandbox.world import World

# One row per provider.
DIALECTS: dict[str, Dialect] = {Twilio.name: Twilio(), Telnyx.name: Telnyx()}

KINDS = {"conference": CONFERENCE_WORDS, "call": CALL_WORDS, "recording": RECORDING_WORDS}
KEPT_REQUESTS = 50_000
LONGEST_SLEEP_S = 0.25


class Clock:
    """Seconds since 1970 that never jump: the wall clock at the start, then a monotonic one."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def __call__(self) -> float:
        return self._offset + time.monotonic()


@dataclass(slots=True)
class Entry:
    """One request that a provider got; `status` stays null where nothing was answered."""

    at: float
    provider: str
    method: str
    path: str
    params: dict[str, Any]
    status: int | None = None
    effect: str | None = None


class Engine:
    """Made inside the event loop, which alone touches it."""

    def __init__(self, *, callback_url: str | None, seed: int | None, time_scale: float) -> None:
        self.callback_url = callback_url.rstrip("/") if callback_url else None
        self.time_scale = time_scale
        self.seed = seed
        self.clock = Clock()
        self.faults = Faults()
        self.world = World(rng=random.Random(seed), time_scale=time_scale)
        self.delivery = Delivery(
            clock=self.clock, faults=self.faults, dialects=DIALECTS, world=self.world, time_scale=time_scale
        )
        self.fetching = Fetching(self.world, self.delivery)
        self.journal: deque[Entry] = deque(maxlen=KEPT_REQUESTS)
        self.story: Story | None = None
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Let time pass until cancelled."""
        while True:
            self.changed()
            self._wake.clear()
            due = self.world.next_due()
            wait = LONGEST_SLEEP_S if due is None else min(LONGEST_SLEEP_S, max(0.0, due - self.clock()))
            try:
                await asyncio.wait_for(self._wake.wait(), timeout=wait)
            except TimeoutError:
                continue

    def changed(self) -> None:
        """Do what is due and post what there is to tell; called after everything that touches the world."""
        now = self.clock()
        if self.story:
            self.story.tick(now)
        self.world.tick(now)
        for play in self.world.floor.plays.take_wanted():
            self.delivery.start(self._play(play))
        for news in self.world.take():
            self.delivery.post(news)
        self._wake.set()

    async def _play(self, play: Play) -> None:
        """Fetch what somebody is to hear; from then on they do."""
        try:
            said, seconds = await self.fetching.hear(DIALECTS[play.provider], play)
        except Unplayable as why:
            self.world.floor.plays.failed(play, str(why), self.clock())
        else:
            self.world.floor.plays.fetched(play, said, seconds, self.clock())
        self.changed()

    def later(self, after_s: float, work: Callable[[float], object]) -> None:
        """Do this to the world in a while; by then it may be refused, and nobody hears of it."""

        def do() -> None:
            try:
                work(self.clock())
            except WorldError:
                return
            finally:
                self.changed()

        asyncio.get_running_loop().call_later(after_s, do)

    def start_scene(self, name: str, *, speed: float, seed: int | None) -> None:
        """End the scene before and begin this one at its t=0; one that stands (speed 0) is set going."""
        now = self.clock()
        if self.story and self.story.stands and self.story.name == name:
            self.story.set_going(now, speed=speed)
            return
        if self.story:
            self.story.stop(now)
        self.story = Story(
            name,
            world=self.world,
            now=now,
            speed=speed,
            rng=random.Random(self.seed if seed is None else seed),
            subscription=self.subscription,
        )
        self.changed()

    def reset(self) -> None:
        """As after a start with scene `empty`; only the sids go on counting."""
        self.story = None
        self.world.reset()
        self.delivery.forget()
        self.journal.clear()
        self.faults.forget()

    def subscription(
        self, provider: str, kind: str, words: frozenset[str] | None = None
    ) -> Subscription | None:
        """Where the callbacks of control-made conferences and of scenes go; `words` None: every event."""
        known = KINDS[kind]
        events = known if words is None else known & words
        if self.callback_url is None or not events:
            return None
        suffix = DIALECTS[provider].callback_suffix
        return Subscription(f"{self.callback_url}/callbacks/{provider}/{kind}/{suffix}", "POST", events)
