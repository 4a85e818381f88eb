"""One call with agents and a customer, supervisors who wish at random, and others who meddle.

The glue of `participants.supervising` is played here in memory: same state, same decisions, two runners.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from participants.events import LegEvent, Presence, Source, Stamp, Stream
from participants.merge import Leg, leg_status, merge
from participants.modes import Act, Decision, next_request
from participants.sandbox.rooms import Leg as TrueLeg
from participants.sandbox.rooms import Sids, WorldError
from participants.sandbox.switches import Switches
from participants.sandbox.world import World
from participants.stay import Agent, Asked, Audience, Seen, State, answered, lapsed, observed, sent, wished
from participants.timing import TIMING

from .wire import Clock, Wire

REFUSED_FOR_COACHING = frozenset({"target_held", "target_absent"})


@dataclass
class Stay:
    """A supervisor's stay with what the database would hold beside the state."""

    name: str
    state: State
    label: str = ""
    ended: str = ""
    lease_until: float = 0.0
    wishes: list[tuple[float, str]] = field(default_factory=list)
    mutes_sent: list[float] = field(default_factory=list)
    barge_openings: list[float] = field(default_factory=list)


@dataclass
class Runner:
    alive: bool = True


class Floor:
    def __init__(self, seed: int, *, faults: bool = True, switches: Switches | None = None) -> None:
        self.rng = random.Random(seed)
        self.clock = Clock()
        self.world = World(switches=switches, rng=self.rng, sids=Sids())
        self.wire = Wire(self.clock, self.world, self.rng, faulty=faults)
        self.mirror: dict[str, Leg] = {}
        self.joined: dict[str, float] = {}
        self.meddled: dict[str, float] = {}  # call sid -> when others last changed it, not seen by us yet
        self.deeds: list[tuple[float, str]] = []  # all that others did to supervisors' legs
        self.stays: list[Stay] = []
        self.legs_of: dict[str, str] = {}  # call sid -> name of the supervisor
        self.requests: list[tuple[float, str, str]] = []
        self.runners = [Runner(), Runner()]
        self.agents: list[str] = []
        now = self.clock.now
        self.room = self.world.open_conference("billing-1041", now=now, subscription_fixed=False)
        self.customer = self._seat("customer")
        self._seat("agent")
        if self.rng.random() < 0.4:
            self._seat("agent")

    # --- the call ---------------------------------------------------------------------------------------
    def _seat(self, role: str) -> TrueLeg:
        leg = self.world.seat(
            self.room.sid, now=self.clock.now, role=role, label=f"{role}-{self.rng.random()}"
        )
        if role == "agent":
            self.agents.append(leg.call_sid)
        self._tell(leg, presence=Presence.IN)
        return leg

    def _tell(self, leg: TrueLeg, *, presence: Presence) -> None:
        """A callback about the leg: lost, late or twice as the wire pleases."""
        self.room.next_sequence += 1
        stamp = Stamp(
            source=Source.CALLBACK,
            stream=Stream.CONFERENCE,
            number=self.room.next_sequence,
            occurred=self.clock.now,
        )
        event = LegEvent(
            conference_sid=self.room.sid,
            call_sid=leg.call_sid,
            stamp=stamp,
            presence=presence,
            muted=leg.muted,
            hold=leg.hold,
            coaching=leg.coaching,
        )
        if self.wire.faulty and self.rng.random() < 0.15:
            return
        for _ in range(2 if self.wire.faulty and self.rng.random() < 0.1 else 1):
            late = self.rng.uniform(1, 20) if self.wire.faulty and self.rng.random() < 0.1 else 0.0
            self.clock.after(self.wire.latency() + late, lambda: self._believe(event))

    def _believe(self, event: LegEvent) -> None:
        before = self.mirror.get(event.call_sid, Leg())
        merged = merge(before, event, now=self.clock.now)
        self.mirror[event.call_sid] = merged.leg
        if merged.leg.presence == Presence.IN:
            self.joined.setdefault(event.call_sid, self.clock.now)
        if merged.counted and merged.leg != before:
            self._told(event)
            for stay in self.live():
                self.touch(stay)

    def _told(self, event: LegEvent) -> None:
        """As `stay_rows.load`: what a callback says of a supervisor's leg, beside what was fetched."""
        stay = next((s for s in self.live() if s.state.call_sid == event.call_sid), None)
        if stay is None or stay.state.seen is None or event.stamp.source is not Source.CALLBACK:
            return
        facts = self.mirror[event.call_sid]
        gone = facts.presence != Presence.IN
        if (facts.muted, facts.coaching, gone) == (
            stay.state.seen.muted,
            stay.state.seen.coaching,
            not stay.state.seen.found,
        ):
            return
        told = Seen(
            began=self.clock.now,
            found=not gone,
            call_sid=event.call_sid,
            status="connected",
            muted=facts.muted,
            coaching=facts.coaching,
            target=facts.target,
        )
        stay.state = replace(stay.state, told=told)

    def read_roster(self) -> None:
        """The sweep, as the worker does it for a supervised call."""
        began, roster = self.clock.now, list(self.mirror)

        def seen(legs: Any) -> None:
            if legs is None or isinstance(legs, WorldError):
                return
            present = {leg.call_sid: leg for leg in legs}
            for call_sid in [*present, *(sid for sid in roster if sid not in present)]:
                self._believe(self._read_event(call_sid, present.get(call_sid), began))

        self.wire.read(lambda: [replace(leg) for leg in self.room.connected()], seen)

    def _read_event(self, call_sid: str, leg: TrueLeg | None, began: float) -> LegEvent:
        stamp = Stamp(source=Source.READ, began=began, occurred=began)
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
        """Somebody else changes flags, an agent leaves, is held, comes back with a new call sid."""
        deed = self.rng.choice(["flags", "flags", "agent_leaves", "agent_held", "agent_joins", "hold_over"])
        supervisors = [leg for leg in self.room.connected() if leg.call_sid in self.legs_of]
        agents = [leg for leg in self.room.connected() if leg.role == "agent"]
        now = self.clock.now
        if deed == "flags" and supervisors:
            leg = self.rng.choice(supervisors)
            change: dict[str, Any] = self.rng.choice([{"muted": False}, {"muted": True}, {"coaching": False}])
            self.meddled[leg.call_sid] = now
            self.deeds.append((now, leg.call_sid))
            self.world.update(self.room.sid, leg.call_sid, now=now, **change)
            self._tell(leg, presence=Presence.IN)
        elif deed == "agent_leaves" and agents:
            leg = self.rng.choice(agents)
            self._others_moved()
            self.world.hang_up(leg.call_sid, now=now)
            self._tell(leg, presence=Presence.LEFT)
        elif deed in {"agent_held", "hold_over"} and agents:
            leg = self.rng.choice(agents)
            self._others_moved()
            self.world.update(self.room.sid, leg.call_sid, now=now, hold=deed == "agent_held")
            self._tell(leg, presence=Presence.IN)
        elif deed == "agent_joins" and len(agents) < 2:
            self._seat("agent")

    def _others_moved(self) -> None:
        """What becomes of a coach then is not documented: what is audible from here on is not our doing."""
        for call_sid in self.legs_of:
            self.meddled[call_sid] = self.clock.now

    # --- supervisors ------------------------------------------------------------------------------------
    def live(self) -> list[Stay]:
        return [stay for stay in self.stays if not stay.ended]

    def facts(self, stay: Stay) -> State:
        """As `stay_rows.load`: the state with the call around it, as far as the mirror knows it."""
        agents = []
        for call_sid in self.agents:
            leg = self.mirror.get(call_sid)
            if leg is not None and leg_status(leg, conference_over=False) == "connected":
                agents.append(
                    Agent(
                        call_sid=call_sid,
                        connected=True,
                        held=bool(leg.hold),
                        certain=True,
                        joined_at=self.joined.get(call_sid, 0.0),
                    )
                )
        asked = tuple(
            replace(r, outcome="unknown", answered_at=self.clock.now)
            if r.outcome == "open" and self.clock.now - r.sent_at > TIMING.lease
            else r
            for r in stay.state.asked
        )
        over = self.room.status == "completed"
        return replace(stay.state, agents=tuple(agents), over=over, asked=asked)

    def wish(self, name: str, mode: str) -> None:
        """The person presses a key, as far as `access` and the services let them."""
        stay = next((s for s in self.live() if s.name == name), None)
        now = self.clock.now
        if stay is None:
            if mode == "leave":
                return
            stay = Stay(name, State(wanted="listen", wanted_at=now, wish=0))
            self.stays.append(stay)
        state = self.facts(stay)
        target = state.newest_agent.call_sid if state.newest_agent else None
        if not self._may(state, mode, target):
            if not stay.wishes:
                stay.ended = "refused"
            return
        stay.state = wished(state, mode=mode, now=now, target=target if mode == "whisper" else None)
        stay.wishes.append((now, mode))
        self.touch(stay)

    def _may(self, state: State, mode: str, target: str | None) -> bool:
        if mode in {"listen", "leave"}:
            return True
        if state.wanted == "leave" and state.wish:
            return False
        tainting = [r for r in state.asked if r.tainting]
        if mode == "whisper":
            return target is not None and not any(r.coaching is False or r.target != target for r in tainting)
        return not any(r.coaching is not False for r in tainting)

    def touch(self, stay: Stay) -> None:
        self.clock.after(0.002, lambda: self.drive(stay))

    def drive(self, stay: Stay) -> None:
        for _ in range(30):
            if stay.ended or not self.step(stay):
                return

    def step(self, stay: Stay) -> bool:
        """As `supervising.step`: one decision, committed, then carried out."""
        now, state = self.clock.now, self.facts(stay)
        decision = next_request(state, now, refused_for_coaching=REFUSED_FOR_COACHING)
        while decision.act in {Act.LISTEN, Act.LEAVE}:
            state = lapsed(state, to=decision.act.value, why=decision.why, now=now)
            stay.wishes.append((now, decision.act.value))
            decision = next_request(state, now, refused_for_coaching=REFUSED_FOR_COACHING)
        stay.state = state
        if decision.act is Act.END:
            stay.ended = decision.why
            return False
        if decision.act is Act.WAIT:
            return False
        if not decision.urgent:
            if stay.lease_until > now:
                return False
            stay.lease_until = now + TIMING.lease
        self._carry_out(stay, decision)
        return decision.urgent

    def _carry_out(self, stay: Stay, decision: Decision) -> None:
        if decision.act in {Act.CREATE, Act.UPDATE, Act.DELETE}:
            self._send(stay, decision)
        elif decision.act is Act.FETCH:
            self._fetch(stay)
        else:
            self._ask_call(stay)

    def _send(self, stay: Stay, decision: Decision) -> None:
        if decision.act is Act.CREATE:
            stay.label = f"earshot-{uuid.UUID(int=self.rng.getrandbits(128)).hex}"
        request = Asked(
            id=len(stay.state.asked) + 1,
            verb=decision.act.value,
            wish=stay.state.wish,
            sent_at=self.clock.now,
            muted=decision.muted,
            coaching=decision.coaching,
            target=decision.target,
        )
        stay.state = sent(stay.state, request)
        if decision.muted and decision.coaching is None:
            stay.mutes_sent.append(self.clock.now)
        if decision.act is Act.UPDATE and decision.coaching is False:
            stay.barge_openings.append(self.clock.now)
        self.requests.append((self.clock.now, stay.name, decision.act.value))
        runner = self.rng.choice(self.runners)

        def answer(outcome: str, said: Any) -> None:
            self._answered(stay, request, runner, outcome, said)

        self.wire.request(self._applier(stay, request), answer)

    def _applier(self, stay: Stay, request: Asked) -> Any:
        sid, label = self.room.sid, stay.label
        if request.verb == "create":
            return lambda: self._dialled(stay.name, label, request)
        reference = stay.state.call_sid or label
        if request.verb == "delete":
            return lambda: self.world.remove(sid, reference, now=self.clock.now)
        fields = {"muted": request.muted, "coaching": request.coaching, "target": request.target}
        change: Any = {name: value for name, value in fields.items() if value is not None}
        return lambda: self._updated(reference, change)

    def _updated(self, reference: str, change: Any) -> TrueLeg:
        leg = self.world.update(self.room.sid, reference, now=self.clock.now, **change)
        self._tell(leg, presence=Presence.IN)
        return replace(leg)

    def _dialled(self, name: str, label: str, request: Asked) -> TrueLeg:
        leg = self.world.dial(
            self.room.sid,
            now=self.clock.now,
            to_address=f"client:{name}",
            label=label,
            muted=True,
            coaching=bool(request.coaching),
            target=request.target,
            start_on_enter=False,
        )
        self.legs_of[leg.call_sid] = name
        return replace(leg)

    def _answered(self, stay: Stay, request: Asked, runner: Runner, outcome: str, said: Any) -> None:
        if not runner.alive:
            return
        if request.verb == "delete" and isinstance(said, WorldError):
            outcome = "accepted"
        code = said.reason if isinstance(said, WorldError) else ""
        stay.state = answered(stay.state, request.id, outcome=outcome, now=self.clock.now, code=code)
        if request.verb == "create" and isinstance(said, TrueLeg):
            stay.state = replace(stay.state, call_sid=said.call_sid)
        if not (request.muted and request.coaching is None) and request.verb != "delete":
            stay.lease_until = 0.0
        self.touch(stay)

    def _fetch(self, stay: Stay) -> None:
        began = self.clock.now
        stay.state = replace(stay.state, fetch_began=began)
        reference = stay.state.call_sid or stay.label
        runner = self.rng.choice(self.runners)

        def seen(leg: Any) -> None:
            if not runner.alive:
                return
            stay.lease_until = 0.0
            if leg is not None:
                self._observe(stay, leg, began)
            self.touch(stay)

        self.wire.read(lambda: replace(self.world.fetch_leg(self.room.sid, reference)), seen)

    def _observe(self, stay: Stay, leg: Any, began: float) -> None:
        if isinstance(leg, WorldError):
            seen = Seen(began=began, found=False)
        else:
            seen = Seen(
                began=began,
                found=True,
                call_sid=leg.call_sid,
                status="connected" if leg.connected else "ringing",
                muted=leg.muted,
                coaching=leg.coaching,
                target=leg.target,
            )
            if self.meddled.get(leg.call_sid, 0.0) < began:
                self.meddled.pop(leg.call_sid, None)
        stay.state = observed(stay.state, seen)

    def _ask_call(self, stay: Stay) -> None:
        stay.state = replace(stay.state, fetch_began=self.clock.now)
        call_sid = stay.state.call_sid or ""

        def seen(leg: Any) -> None:
            stay.lease_until = 0.0
            if isinstance(leg, TrueLeg):
                stay.state = replace(stay.state, call_status=leg.call_status)
            self.touch(stay)

        self.wire.read(lambda: replace(self.world.floor.call(call_sid)), seen)

    def remove_ghosts(self) -> None:
        """As `supervising.ghosts`: a leg of ours that no live stay owns."""
        owned = {stay.label for stay in self.live()}
        for leg in self.room.connected():
            if leg.call_sid in self.legs_of and leg.label not in owned:
                self._remove_ghost(leg.call_sid)

    def _remove_ghost(self, call_sid: str) -> None:
        for change in (
            lambda: self._updated(call_sid, {"muted": True}),
            lambda: self.world.remove(self.room.sid, call_sid, now=self.clock.now),
        ):
            self.wire.request(change, lambda outcome, said: None)

    def kill_runner(self) -> None:
        """A process dies and is replaced: the answers to what it sent reach nobody, its lease runs out."""
        dies = self.rng.randrange(len(self.runners))
        self.runners[dies].alive = False
        self.runners[dies] = Runner()

    def every_second(self) -> None:
        self.world.tick(self.clock.now)
        for _ in self.world.take():
            pass
        for stay in self.live():
            self.drive(stay)
        self.clock.after(TIMING.due_interval, self.every_second)

    # --- the truth --------------------------------------------------------------------------------------
    def truly_heard(self, stay: Stay) -> Audience:
        call_sid = stay.state.call_sid
        if call_sid is None or call_sid not in self.room.legs:
            return Audience.NOBODY
        heard_by = {
            listener for listener, speakers in self.world.hears(self.room.sid).items() if call_sid in speakers
        }
        if self.customer.call_sid in heard_by:
            return Audience.EVERYONE
        return Audience.AGENT if heard_by & set(self.agents) else Audience.NOBODY
