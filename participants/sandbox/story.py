"""Plays a scene: its rows at their times, loop after loop, and the random life around them. Pure."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import random

from participants.sandbox.life import Life
from participants.sandbox.rooms import Leg, WorldError
from participants.sandbox.scenes import LOOP_S, SCENES, Row
from participants.sandbox.stage import Stage, SubscriptionOf
from participants.sandbox.world import World

DROPS_AFTER_S = 12.0
RINGS_AGAIN_AFTER_S = 37.0
BACK_AFTER_S = 40.0


class Story:
    """Begins at `now`; `speed` scales its time, not the ages that calls have at its beginning.

    With speed 0 the floor stands as at t=0 until `set_going`: the demo's story waits for its first visitor.
    """

    def __init__(
        self,
        name: str,
        *,
        world: World,
        now: float,
        subscription: SubscriptionOf,
        speed: float = 1.0,
        rng: random.Random | None = None,
    ) -> None:
        self.name, self.scene = name, SCENES[name]
        self.stage = Stage(world, subscription=subscription, speed=speed)
        world.answering.never = self.scene.unanswered
        self._began = now
        self._due: list[tuple[float, int, Row]] = []
        self._order = itertools.count()
        self._loop_ends = LOOP_S
        self._dropped: float | None = None
        for position in self.scene.positions:
            self.stage.open(position, now)
        self._plan(self.scene.rows, 0.0)
        self._plan(self.scene.first_rows, 0.0)
        self._life = Life(self.stage, self.scene, rng or random.Random()) if self.scene.life else None

    @property
    def stands(self) -> bool:
        return self.stage.speed == 0

    def set_going(self, now: float, *, speed: float) -> None:
        self._began, self.stage.speed = now, speed

    def tick(self, now: float) -> None:
        """Do everything that the story has for the time until `now`."""
        at = (now - self._began) * self.stage.speed
        self._watch(at)
        while self._due and self._due[0][0] <= min(at, self._loop_ends):
            _, _, row = heapq.heappop(self._due)
            # Whoever plays with the sandbox may have taken a name or a place that the story wanted.
            with contextlib.suppress(WorldError):
                getattr(self.stage, row.act)(row.of, now, *row.values)
        if self._life:
            self._life.tick(at, now)
        if self.scene.positions and at >= self._loop_ends:
            self._return(now)

    def stop(self, now: float) -> None:
        """Everybody hangs up, and nothing is late any more: the next scene finds an empty floor."""
        self.stage.world.floor.outbox.hold_back_nothing()
        self.stage.world.answering.never = frozenset()
        for name in list(self.stage.rooms):
            self.stage.close(name, now)

    def _plan(self, rows: tuple[Row, ...], base: float) -> None:
        for row in rows:
            heapq.heappush(self._due, (base + row.at, next(self._order), row))

    def _return(self, now: float) -> None:
        """The loop: story calls end and come back with new sids, the others run on."""
        base, self._loop_ends = self._loop_ends, self._loop_ends + LOOP_S
        self._dropped = None
        returning = [position for position in self.scene.positions if position.story]
        arrived = [row.of for row in self.scene.rows if row.act == "arrive"]
        for name in [*(position.name for position in returning), *arrived]:
            self.stage.close(name, now)
        for position in returning:
            self.stage.open(position, now)
        self._due = [due for due in self._due if due[0] > base]
        heapq.heapify(self._due)
        self._plan(self.scene.rows, base)

    def _watch(self, at: float) -> None:
        """Once a loop: somebody whispers on the watched call, and a little later its agent's phone drops."""
        if self.scene.watched is None or self._dropped is not None:
            return
        call, agent = self.scene.watched
        room = self.stage.room(call)
        if room and any(_whispers(leg) for leg in room.legs.values()):
            self._dropped = at
            self._plan(
                (
                    Row(DROPS_AFTER_S, "drop_agent", call),
                    Row(RINGS_AGAIN_AFTER_S, "ring", call, (agent,)),
                    Row(BACK_AFTER_S, "answer", call),
                ),
                at,
            )


def _whispers(leg: Leg) -> bool:
    return leg.role is None and leg.connected and leg.coaching and not leg.muted
