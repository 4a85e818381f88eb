"""One call at the provider with its callbacks, what others do to it, and what the mirror believes of it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from participants.events import CallEvent, ConferenceEvent, Event, LegEvent, Presence, Source, Stamp, Stream
from participants.merge import Leg, leg_status, merge, merge_conference_status
from participants.providers import PROVIDERS
from participants.sandbox.rooms import CALL_WORDS, CONFERENCE_WORDS, News, Sids, Subscription, WorldError
from participants.sandbox.rooms import Leg as TrueLeg
from participants.sandbox.switches import Switches
from participants.sandbox.world import World
from participants.stay import Agent

from .wire import Clock, Wire

# How often others do what, while the wire has faults and while it has none.
DEEDS = {
    "flags": 40,
    "agent_leaves": 20,
    "agent_held": 20,
    "agent_resumed": 20,
    "agent_joins": 20,
    "supervisor_hangs_up": 8,
    "customer_leaves": 1,
    "all_end": 1,
}
PROGRESS = Subscription(url="x", events=CALL_WORDS)


class Counted(Sids):
    """The same sids for the same seed: a story that failed can be played again."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)


class Call:
    """`mirror` holds what is believed of each leg; `room` is the truth."""

    def __init__(self, seed: int, *, provider: str, faults: bool, switches: Switches | None) -> None:
        self.provider = PROVIDERS[provider]
        self.rng = random.Random(seed)
        self.clock = Clock()
        self.world = World(switches=switches, rng=self.rng, sids=Counted())
        self.wire = Wire(self.clock, self.world, self.rng, faulty=faults)
        self.mirror: dict[str, Leg] = {}
        self.status = "in-progress"
        self.version = 0  # of everything believed
        self.source: dict[str, tuple[Source, float]] = {}  # call sid -> whose word counted last, and of when
        self.waiting: dict[str, list[CallEvent]] = {}  # of legs that nobody has told of yet
        self.joined: dict[str, float] = {}
        self.alone_since: float | None = None
        self.meddled: dict[str, float] = {}  # call sid -> when others last changed it, not seen by us yet
        self.deeds: list[tuple[float, str]] = []  # all that others did to supervisors' legs
        self.agents: list[str] = []
        self.legs_of: dict[str, str] = {}  # call sid -> name of the supervisor
        told = frozenset(self.provider.reports.conference_events) & CONFERENCE_WORDS
        self.room = self.world.open_conference(
            "billing-1041",
            now=self.clock.now,
            provider=provider,
            subscription=Subscription(url="x", events=told),
        )
        self.customer = self._seat("customer")
        self._seat("agent")
        if self.rng.random() < 0.4:
            self._seat("agent")

    def touch_all(self) -> None:
        """What is believed of the call has changed."""
        raise NotImplementedError

    def _seat(self, role: str) -> TrueLeg:
        leg = self.world.seat(
            self.room.sid, now=self.clock.now, role=role, label=f"{role}-{self.rng.random()}"
        )
        if role == "agent":
            self.agents.append(leg.call_sid)
        return leg

    # --- callbacks --------------------------------------------------------------------------------------
    def settle(self) -> None:
        """What is due in the world happens, and is told: lost, late or twice as the wire pleases."""
        self.world.tick(self.clock.now)
        for news in self.world.take():
            event = self._event(news)
            if self.wire.faulty and self.rng.random() < 0.15:
                continue
            for _ in range(2 if self.wire.faulty and self.rng.random() < 0.1 else 1):
                late = self.rng.uniform(1, 20) if self.wire.faulty and self.rng.random() < 0.1 else 0.0
                self.clock.after(self.wire.latency() + late, lambda event=event: self.believe(event))

    def _event(self, news: News) -> Event:
        stream = Stream.CONFERENCE if news.kind == "conference" else Stream.CALL
        # Providers stamp whole seconds.
        stamp = Stamp(
            source=Source.CALLBACK, stream=stream, number=news.sequence, occurred=float(int(news.at))
        )
        facts = news.facts
        if news.kind == "call":
            return CallEvent(call_sid=news.subject, stamp=stamp, call_status=facts["call_status"])
        if news.event in {"start", "end"}:
            status = "completed" if news.event == "end" else "in-progress"
            return ConferenceEvent(conference_sid=self.room.sid, stamp=stamp, status=status)
        flags = self.provider.reports.flags_on_join
        return LegEvent(
            conference_sid=self.room.sid,
            call_sid=facts["call_sid"],
            stamp=stamp,
            presence=Presence.LEFT if news.event == "leave" else Presence.IN,
            muted=facts["muted"] if flags else None,
            hold=facts["hold"] if flags else None,
            coaching=facts["coaching"] if flags else None,
            target_unsaid=news.event == "modify" and facts["coaching"],
        )

    # --- what is believed -------------------------------------------------------------------------------
    def believe(self, event: Event) -> None:
        """As `mirror.apply`."""
        if isinstance(event, ConferenceEvent):
            self._believe_status(event)
            return
        if isinstance(event, CallEvent) and event.call_sid not in self.mirror:
            self.waiting.setdefault(event.call_sid, []).append(event)
            return
        before = self.mirror.get(event.call_sid, Leg())
        merged = merge(before, event, now=self.clock.now)
        for past in self.waiting.pop(event.call_sid, ()):
            merged = merge(merged.leg, past, now=self.clock.now)
        if merged.leg == before:
            return
        self._note(event, merged.leg)
        if merged.counted:
            self.source[event.call_sid] = (event.stamp.source, event.stamp.began or self.clock.now)
            self.touch_all()
        if merged.doubt:
            self.read_leg(event.call_sid)

    def _believe_status(self, event: ConferenceEvent) -> None:
        status = merge_conference_status(self.status, event)
        if status != self.status:
            self.status = status
            self.version += 1
            self.touch_all()

    def _note(self, event: LegEvent | CallEvent, leg: Leg) -> None:
        self.version += 1
        self.mirror[event.call_sid] = leg
        if leg.presence == Presence.IN:
            self.joined.setdefault(event.call_sid, self.clock.now)
        here = [
            sid
            for sid, known in self.mirror.items()
            if leg_status(known, conference_over=False) == "connected"
        ]
        alone = bool(here) and all(call_sid in self.legs_of for call_sid in here)
        self.alone_since = (self.alone_since or self.clock.now) if alone else None

    def known_agents(self) -> tuple[Agent, ...]:
        legs = [(sid, self.mirror[sid]) for sid in self.agents if sid in self.mirror]
        return tuple(
            Agent(
                call_sid=call_sid,
                connected=True,
                held=bool(leg.hold),
                certain=True,
                joined_at=self.joined.get(call_sid, 0.0),
            )
            for call_sid, leg in legs
            if leg_status(leg, conference_over=False) == "connected"
        )

    # --- reads ------------------------------------------------------------------------------------------
    def read_roster(self) -> None:
        """The sweep, as the worker does it for a supervised call."""
        began = self.clock.now
        known = [sid for sid, leg in self.mirror.items() if leg.presence != Presence.LEFT]

        def look() -> tuple[float, str, list[TrueLeg]]:
            return self.clock.now, self.room.status, [replace(leg) for leg in self.room.connected()]

        def seen(said: Any) -> None:
            if said is None or isinstance(said, WorldError):
                return
            at, status, legs = said
            stamp = Stamp(source=Source.READ, began=began, occurred=float(int(at)))
            present = {leg.call_sid: leg for leg in legs}
            for call_sid in [*present, *(sid for sid in known if sid not in present)]:
                self.believe(self.as_read(call_sid, present.get(call_sid), stamp))
            self.believe(ConferenceEvent(conference_sid=self.room.sid, stamp=stamp, status=status))

        self.wire.read(look, seen)

    def read_leg(self, reference: str, then: Callable[[Any, float], None] | None = None) -> None:
        """Fetch one leg into the mirror; `then` gets what was said (None: no answer) and when it began."""
        began = self.clock.now

        def look() -> tuple[float, TrueLeg]:
            return self.clock.now, replace(self.world.fetch_leg(self.room.sid, reference))

        def seen(said: Any) -> None:
            at, leg = said if isinstance(said, tuple) else (self.clock.now, said)
            stamp = Stamp(source=Source.READ, began=began, occurred=float(int(at)))
            if isinstance(leg, TrueLeg):
                self.believe(self.as_read(leg.call_sid, leg, stamp))
            elif leg is not None and reference in self.mirror:
                self.believe(self.as_read(reference, None, stamp))
            if then is not None:
                then(leg, began)

        self.wire.read(look, seen)

    def as_read(self, call_sid: str, leg: TrueLeg | None, stamp: Stamp) -> LegEvent:
        if leg is None:
            return LegEvent(
                conference_sid=self.room.sid, call_sid=call_sid, stamp=stamp, presence=Presence.LEFT
            )
        return LegEvent(
            conference_sid=self.room.sid,
            call_sid=call_sid,
            stamp=stamp,
            presence=Presence.IN if leg.connected else None,
            muted=leg.muted,
            hold=leg.hold,
            coaching=leg.coaching,
            target=leg.target,
        )

    # --- others -----------------------------------------------------------------------------------------
    def meddle(self) -> None:
        """Somebody else changes flags, an agent leaves, is held, comes back with a new call sid …"""
        getattr(self, f"_{self.rng.choices(list(DEEDS), list(DEEDS.values()))[0]}")()

    def _any(self, legs: list[TrueLeg]) -> TrueLeg | None:
        return self.rng.choice(legs) if legs else None

    def _any_agent(self) -> TrueLeg | None:
        return self._any([leg for leg in self.room.connected() if leg.role == "agent"])

    def _any_supervisor(self) -> TrueLeg | None:
        return self._any([leg for leg in self.room.connected() if leg.call_sid in self.legs_of])

    def _flags(self) -> None:
        leg, now = self._any_supervisor(), self.clock.now
        change: dict[str, Any] = self.rng.choice([{"muted": False}, {"muted": True}, {"coaching": False}])
        if leg is not None:
            self.meddled[leg.call_sid] = now
            self.deeds.append((now, leg.call_sid))
            self.world.update(self.room.sid, leg.call_sid, now=now, **change)

    def _agent_leaves(self) -> None:
        if (leg := self._any_agent()) is not None:
            self._others_moved()
            self.world.hang_up(leg.call_sid, now=self.clock.now)

    def _agent_held(self, *, hold: bool = True) -> None:
        if (leg := self._any_agent()) is not None:
            self._others_moved()
            self.world.update(self.room.sid, leg.call_sid, now=self.clock.now, hold=hold)

    def _agent_resumed(self) -> None:
        self._agent_held(hold=False)

    def _agent_joins(self) -> None:
        here = [leg for leg in self.room.connected() if leg.role == "agent"]
        if self.room.status != "completed" and len(here) < 2:
            self._seat("agent")

    def _supervisor_hangs_up(self) -> None:
        if (leg := self._any_supervisor()) is not None:
            self.world.hang_up(leg.call_sid, now=self.clock.now)

    def _customer_leaves(self) -> None:
        if self.customer.connected:
            self.world.hang_up(self.customer.call_sid, now=self.clock.now)

    def _all_end(self) -> None:
        if self.room.status == "in-progress":
            self.world.end(self.room.sid, now=self.clock.now)

    def _others_moved(self) -> None:
        """What becomes of a coach then is not documented: what is audible from here on is not our doing."""
        for call_sid in self.legs_of:
            self.meddled[call_sid] = self.clock.now
