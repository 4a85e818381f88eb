"""One call with agents and a customer, supervisors who wish at random, and others who meddle.

The glue of `participants.supervising` is played here in memory: same state, same decisions, two runners.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from participants.events import CallEvent, Source, Stamp
from participants.modes import Act, Decision, next_request
from participants.sandbox.phones import Answering
from participants.sandbox.rooms import Leg as TrueLeg
from participants.sandbox.rooms import WorldError
from participants.sandbox.switches import Switches
from participants.stay import Asked, Audience, Seen, answered, lapsed, observed, sent

from .call import PROGRESS
from .stays import TIMES, Stay, Stays

REFUSED_FOR_COACHING = frozenset({"target_held", "target_absent"})
# Phones that are busy, do not answer, or cannot be reached; and how long those ring that do.
PHONES = ["+15005550010", "+15005550011", "+15005550012"]
RINGS = [None, None, None, 5.0, 14.0]


@dataclass
class Runner:
    alive: bool = True


class Floor(Stays):
    def __init__(
        self, seed: int, *, provider: str, faults: bool = True, switches: Switches | None = None
    ) -> None:
        super().__init__(seed, provider=provider, faults=faults, switches=switches)
        self.requests: list[tuple[float, str, str]] = []
        self.runners = [Runner(), Runner()]
        self.clock.after(TIMES.due_interval, self.every_second)

    # --- driving ----------------------------------------------------------------------------------------
    def touch(self, stay: Stay) -> None:
        self.clock.after(0.002, lambda: self.drive(stay))

    def every_second(self) -> None:
        """As `supervising.run_due`."""
        for stay in self.live():
            if stay.next_step_at <= self.clock.now:
                self.drive(stay)
        self.clock.after(TIMES.due_interval, self.every_second)

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
            stay.state = state
            stay.wishes.append((now, decision.act.value))
            decision = next_request(state, now, refused_for_coaching=REFUSED_FOR_COACHING)
        if decision.act is Act.END:
            stay.ended = decision.why
            return False
        if decision.act is Act.WAIT:
            stay.next_step_at = decision.at
            return False
        if not decision.urgent:
            if stay.lease_until > now:
                return False
            stay.lease_until = stay.next_step_at = now + TIMES.lease
        self._carry_out(stay, decision)
        return decision.urgent

    def _release(self, stay: Stay) -> None:
        stay.lease_until, stay.next_step_at = 0.0, self.clock.now

    def _carry_out(self, stay: Stay, decision: Decision) -> None:
        if decision.act in {Act.CREATE, Act.UPDATE, Act.DELETE}:
            self._send(stay, decision)
        elif decision.act is Act.FETCH:
            self._fetch(stay)
        else:
            self._ask_call(stay)

    # --- requests ---------------------------------------------------------------------------------------
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
        runner, urgent = self.rng.choice(self.runners), decision.urgent

        def answer(outcome: str, said: Any) -> None:
            if runner.alive:
                self._answered(stay, request, outcome, said)
                urgent or self._release(stay)
                self.touch(stay)

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
        return lambda: replace(self.world.update(sid, reference, now=self.clock.now, **change))

    def _dialled(self, name: str, label: str, request: Asked) -> TrueLeg:
        unheard = self.wire.faulty and self.rng.random() < 0.1
        self.world.answering = Answering(after_s=self.rng.choice(RINGS) if self.wire.faulty else None)
        leg = self.world.dial(
            self.room.sid,
            now=self.clock.now,
            to_address=self.rng.choice(PHONES) if unheard else f"client:{name}",
            label=label,
            muted=True,
            coaching=bool(request.coaching),
            target=request.target,
            start_on_enter=False,
            timeout=TIMES.ring,
            call_subscription=PROGRESS,
        )
        self.legs_of[leg.call_sid] = name
        return replace(leg)

    def _answered(self, stay: Stay, request: Asked, outcome: str, said: Any) -> None:
        if request.verb == "delete" and isinstance(said, WorldError):
            outcome = "accepted"
        code = said.reason if isinstance(said, WorldError) else ""
        stay.state = answered(stay.state, request.id, outcome=outcome, now=self.clock.now, code=code)
        if isinstance(said, TrueLeg):
            if request.verb == "create" and stay.state.call_sid is None:
                stay.state = replace(stay.state, call_sid=said.call_sid)
            stamp = Stamp(source=Source.ANSWER, began=request.sent_at, occurred=float(int(self.clock.now)))
            self.believe(self.as_read(said.call_sid, said, stamp))

    # --- reads ------------------------------------------------------------------------------------------
    def _fetch(self, stay: Stay) -> None:
        stay.state = replace(stay.state, fetch_began=self.clock.now)
        runner = self.rng.choice(self.runners)

        def seen(leg: Any, began: float) -> None:
            if runner.alive:
                self._release(stay)
                if leg is not None:
                    self._observe(stay, leg, began)
                self.touch(stay)

        self.read_leg(stay.state.call_sid or stay.label, seen)

    def _observe(self, stay: Stay, leg: Any, began: float) -> None:
        if isinstance(leg, WorldError):
            stay.state = observed(stay.state, Seen(began=began, found=False))
            return
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
        began = self.clock.now
        stay.state = replace(stay.state, fetch_began=began)
        call_sid, runner = stay.state.call_sid or "", self.rng.choice(self.runners)

        def seen(leg: Any) -> None:
            if not runner.alive:
                return
            self._release(stay)
            behind = self.provider.calls_lag and self.rng.random() < 0.5
            if isinstance(leg, TrueLeg) and not behind:
                stamp = Stamp(source=Source.READ, began=began)
                self.believe(CallEvent(call_sid=call_sid, stamp=stamp, call_status=leg.call_status))
            self.touch(stay)

        self.wire.read(lambda: replace(self.world.floor.call(call_sid)), seen)

    # --- what nobody owns, and processes that die -------------------------------------------------------
    def remove_ghosts(self) -> None:
        """As `supervising.ghosts`: a leg of ours that no live stay owns."""
        owned = {stay.label for stay in self.live()}
        for leg in self.room.connected():
            if leg.call_sid in self.legs_of and leg.label not in owned:
                self._remove_ghost(leg.call_sid)

    def _remove_ghost(self, call_sid: str) -> None:
        for change in (
            lambda: self.world.update(self.room.sid, call_sid, now=self.clock.now, muted=True),
            lambda: self.world.remove(self.room.sid, call_sid, now=self.clock.now),
        ):
            self.wire.request(change, lambda outcome, said: None)

    def kill_runner(self) -> None:
        """A process dies and is replaced: the answers to what it sent reach nobody, its lease runs out."""
        dies = self.rng.randrange(len(self.runners))
        self.runners[dies].alive = False
        self.runners[dies] = Runner()

    # --- the truth --------------------------------------------------------------------------------------
    def truly_heard(self, stay: Stay) -> Audience:
        call_sid = stay.state.call_sid
        heard_by = {listener for speaker, listener in self.room.hearing.now_open() if speaker == call_sid}
        if self.customer.call_sid in heard_by:
            return Audience.EVERYONE
        return Audience.AGENT if heard_by & set(self.agents) else Audience.NOBODY
