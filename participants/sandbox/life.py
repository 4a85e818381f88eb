"""The random life of a busy floor: one visible change each few seconds, nothing that anybody must look at."""

from __future__ import annotations

import random

from participants.sandbox.scenes import AGENTS, TELL_OF_HOLDS, Scene
from participants.sandbox.stage import Stage, label

EVERY_S = (4.0, 9.0)
# Waiting for a minute or on hold for three would raise an alarm; both end long before.
RINGS_S, WAITS_S, HOLDS_S, TALKS_S = 3.0, 6.0, 15.0, 20.0
OVERDUE_S = 20.0
MOST_HOLDS = 2
FIRST_NUMBERS = {"Billing": ("billing", 1051), "Returns": ("returns", 2021), "Technical": ("technical", 3021)}


class Life:
    """The calls of a scene that are not its story, and those that come after them."""

    def __init__(self, stage: Stage, scene: Scene, rng: random.Random) -> None:
        self._stage, self._rng = stage, rng
        self._fixed = dict(scene.fixed)
        background = [position for position in scene.positions if not position.story]
        self._names = [position.name for position in background]
        self._providers = [position.provider for position in background]
        self._wanted = len(self._names)
        # When the calls of the opening came into their state, in the story's seconds: before it began.
        self._since = {position.name: -position.age for position in scene.positions}
        self._story_agents = {
            label(position.agent) for position in scene.positions if position.story and position.agent
        } | {label(int(row.values[0])) for row in (*scene.rows, *scene.first_rows) if row.act == "ring"}
        self._next_numbers = {team: number for team, (_, number) in FIRST_NUMBERS.items()}
        self._next = self._rng.uniform(*EVERY_S)

    def tick(self, at: float, now: float) -> None:
        """`at`: the story's seconds; `now`: the world's."""
        if at >= self._next:
            self._next = at + self._rng.uniform(*EVERY_S)
            self._names = [name for name in self._names if self._stage.room(name)]
            self._one_change(at, now)

    def _one_change(self, at: float, now: float) -> None:
        """What is overdue first, then what is due, then something new."""
        free = [name for name in self._names if self._is_free(name, at)]
        self._rng.shuffle(free)
        for patience in (OVERDUE_S, 0.0):
            if any(self._goes_on(name, at, now, patience) for name in free):
                return
        if len(self._names) < self._wanted and self._arrives(at, now):
            return
        talking = [name for name in free if self._talks(name) and at - self._since[name] > TALKS_S]
        if not talking:
            return
        holds = sum(1 for name in free if self._held(name))
        told = [name for name in talking if self._holds_are_told(name)]
        if told and holds < MOST_HOLDS and self._rng.random() < 0.6:
            self._act("hold", told[0], at, now)
        else:
            self._act("drop_customer", talking[0], at, now)

    def _goes_on(self, name: str, at: float, now: float, patience: float) -> bool:
        """A call that has been waiting, ringing or held for long enough moves on."""
        age = at - self._since[name] - patience
        customer, agent = self._stage.customer(name), self._stage.agent(name)
        if customer is None:
            return self._act("drop_agent", name, at, now)
        if agent is None:
            return age > WAITS_S and self._rings(name, at, now)
        if not agent.connected:
            return age > RINGS_S and self._act("answer", name, at, now)
        return customer.hold and age > HOLDS_S and self._act("resume", name, at, now)

    def _act(self, act: str, name: str, at: float, now: float) -> bool:
        getattr(self._stage, act)(name, now)
        self._since[name] = at
        return True

    def _rings(self, name: str, at: float, now: float) -> bool:
        agents = self._free_agents()
        team = next(team for team, (word, _) in FIRST_NUMBERS.items() if name.startswith(word))
        if not agents[team]:
            return False
        self._stage.ring(name, now, self._rng.choice(agents[team]))
        self._since[name] = at
        return True

    def _arrives(self, at: float, now: float) -> bool:
        """A customer calls a team that has somebody free."""
        agents = self._free_agents()
        waiting = [name for name in self._names if self._stage.agent(name) is None]
        teams = [team for team in FIRST_NUMBERS if agents[team] and not waiting]
        if not teams:
            return False
        team = self._rng.choice(teams)
        name = f"{FIRST_NUMBERS[team][0]}-{self._next_numbers[team]}"
        self._next_numbers[team] += 1
        customer, provider = f"+447700900{self._rng.randrange(1000):03d}", self._rng.choice(self._providers)
        self._stage.arrive(name, now, customer, provider)
        self._names.append(name)
        self._since[name] = at
        return True

    def _free_agents(self) -> dict[str, list[int]]:
        busy = self._stage.busy() | self._story_agents
        free = {number: team for number, (_, team) in AGENTS.items() if label(number) not in busy}
        return {team: [number for number in free if free[number] == team] for team in FIRST_NUMBERS}

    def _is_free(self, name: str, at: float) -> bool:
        until = self._fixed.get(name, 0.0)
        return until is not None and at > until

    def _talks(self, name: str) -> bool:
        agent, customer = self._stage.agent(name), self._stage.customer(name)
        return bool(agent and agent.connected and customer and not customer.hold)

    def _holds_are_told(self, name: str) -> bool:
        room = self._stage.room(name)
        return bool(room and room.provider in TELL_OF_HOLDS)

    def _held(self, name: str) -> bool:
        customer = self._stage.customer(name)
        return bool(customer and customer.hold)
