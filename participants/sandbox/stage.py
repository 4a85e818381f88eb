"""What scenes can make happen: calls by their names, agents by their numbers. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from participants.sandbox.rooms import INIT, Conference, Leg, LegSettings, Subscription
from participants.sandbox.scenes import COMPANY_NUMBER, Position
from participants.sandbox.world import World

SubscriptionOf = Callable[[str, str], Subscription | None]
WAITED_S = 18.0
TALKED_BEFORE_HOLD_S = 120.0


def address(agent: int) -> str:
    return f"client:agent-{agent}"


def label(agent: int) -> str:
    return f"agent-{agent}"


class Stage:
    """An act does nothing when the call or the person it needs is not there: people interfere with scenes."""

    def __init__(self, world: World, *, subscription: SubscriptionOf, speed: float = 1.0) -> None:
        self.world, self.speed = world, speed
        self.rooms: dict[str, str] = {}
        self._subscription = subscription

    # Looking

    def room(self, name: str) -> Conference | None:
        """The live call of this name, if it is still one of ours."""
        room = self.world.floor.conferences.get(self.rooms.get(name, ""))
        return room if room and room.status != "completed" else None

    def agent(self, name: str) -> Leg | None:
        return self._first(name, "agent")

    def customer(self, name: str) -> Leg | None:
        return self._first(name, "customer")

    def _first(self, name: str, role: str) -> Leg | None:
        room = self.room(name)
        return next((leg for leg in room.legs.values() if leg.role == role), None) if room else None

    def busy(self) -> set[str]:
        """Labels of the agents who are on a call or whose phone rings."""
        rooms = [self.room(name) for name in self.rooms]
        return {
            leg.label or "" for room in rooms if room for leg in room.legs.values() if leg.role == "agent"
        }

    # Acts

    def open(self, position: Position, now: float) -> None:
        """A call that has been going on for a while: nothing is told about its past."""
        with self.world.floor.outbox.muffled():
            self.arrive(position.name, now, position.customer, position.provider)
            if position.agent is not None:
                self.ring(position.name, now, position.agent)
            if position.state in ("talking", "hold"):
                self.answer(position.name, now)
            if position.state == "hold":
                self.hold(position.name, now)
        self._backdate(position, now)
        if position.recorded:
            self._record(position.name, now - position.age)

    def _record(self, name: str, since: float) -> None:
        room = self.room(name)
        assert room
        room.recording = True
        room.recording_subscription = self._subscription(room.provider, "recording")
        with self.world.floor.outbox.muffled():
            self.world.floor.recordings.room_started(room, since)

    def _backdate(self, position: Position, now: float) -> None:
        room, customer, agent = (
            self.room(position.name),
            self.customer(position.name),
            self.agent(position.name),
        )
        assert room and customer
        changed = now - position.age
        answered = changed - (TALKED_BEFORE_HOLD_S if position.state == "hold" else 0)
        arrived = answered if position.state == "waiting" else answered - WAITED_S
        room.created, room.updated = arrived, arrived if room.status == INIT else answered
        customer.created = customer.answered_at = arrived
        customer.updated = changed if position.state == "hold" else arrived
        if agent:
            agent.created = agent.updated = answered
            agent.answered_at = answered if agent.connected else None

    def arrive(self, name: str, now: float, customer: str, provider: str) -> None:
        """A customer calls in and waits."""
        room = self.world.open_conference(
            name, now=now, provider=provider, subscription=self._subscription(provider, "conference")
        )
        self.rooms[name] = room.sid
        settings: LegSettings = {
            "from_address": customer,
            "to_address": COMPANY_NUMBER,
            "direction": "inbound",
            "role": "customer",
            "end_on_exit": True,
            "call_subscription": self._subscription(provider, "call"),
        }
        self.world.seat(room.sid, now=now, **settings)

    def ring(self, name: str, now: float, agent: int) -> None:
        room = self.room(name)
        if room is None or room.leg(label(agent)):
            return
        settings: LegSettings = {
            "from_address": COMPANY_NUMBER,
            "to_address": address(agent),
            "direction": "outbound-api",
            "role": "agent",
            "label": label(agent),
            "call_subscription": self._subscription(room.provider, "call"),
        }
        self.world.ring(room.sid, now=now, **settings)

    def answer(self, name: str, now: float) -> None:
        agent = self.agent(name)
        if agent and not agent.connected:
            self.world.answer(agent.call_sid, now=now)

    def drop_agent(self, name: str, now: float) -> None:
        self._drop(self.agent(name), now)

    def drop_customer(self, name: str, now: float) -> None:
        self._drop(self.customer(name), now)

    def _drop(self, leg: Leg | None, now: float) -> None:
        if leg:
            self.world.hang_up(leg.call_sid, now=now)

    def hold(self, name: str, now: float) -> None:
        self._set_hold(name, now, hold=True)

    def resume(self, name: str, now: float) -> None:
        self._set_hold(name, now, hold=False)

    def resume_unheard(self, name: str, now: float) -> None:
        """The callback of it gets lost."""
        with self.world.floor.outbox.all_become("lost"):
            self._set_hold(name, now, hold=False)

    def _set_hold(self, name: str, now: float, *, hold: bool) -> None:
        customer = self.customer(name)
        if customer:
            self.world.update(customer.conference_sid, customer.call_sid, now=now, hold=hold)

    def mute_agent(self, name: str, now: float) -> None:
        self._set_muted(name, now, muted=True)

    def unmute_agent(self, name: str, now: float) -> None:
        self._set_muted(name, now, muted=False)

    def _set_muted(self, name: str, now: float, *, muted: bool) -> None:
        agent = self.agent(name)
        if agent:
            self.world.update(agent.conference_sid, agent.call_sid, now=now, muted=muted)

    def forge(self, name: str, now: float) -> None:
        """Somebody who does not know the token claims that the customer has left."""
        room, customer = self.room(name), self.customer(name)
        if room is None or customer is None:
            return
        pretended = replace(customer, call_status="completed")
        number = room.next_sequence
        with self.world.floor.outbox.all_become("forged"):
            self.world.floor.outbox.left(room, pretended, "participant_hung_up", now)
        room.next_sequence = number

    def hold_back(self, provider: str, _now: float, seconds: float) -> None:
        """What this provider tells from now on arrives so much later; 0: at once, as before."""
        self.world.floor.outbox.hold_back(provider, seconds / self.speed)

    def close(self, name: str, now: float) -> None:
        """Everybody hangs up."""
        room = self.room(name)
        for leg in list(room.legs.values()) if room else []:
            if leg.ended_at is None:
                self.world.hang_up(leg.call_sid, now=now)
        self.rooms.pop(name, None)
