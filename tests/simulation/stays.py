"""What the database would hold: supervisors' stays, with the call around them as far as it is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

from participants.events import Presence, Source
from participants.sandbox.switches import Switches
from participants.stay import Asked, Seen, State, wished
from participants.timing import Timing

from .call import Call

TIMES = Timing()  # production's: the clock is invented, so nobody waits


@dataclass
class Stay:
    """A supervisor's stay with what the database would hold beside the state."""

    name: str
    state: State
    label: str = ""
    ended: str = ""
    lease_until: float = 0.0
    next_step_at: float = 0.0
    wishes: list[tuple[float, str]] = field(default_factory=list)
    mutes_sent: list[float] = field(default_factory=list)
    barge_openings: list[float] = field(default_factory=list)
    # The state with the call around it, as long as neither of the two changes: (state, version, until).
    known: tuple[State, int, float] = (None, -1, 0.0)  # type: ignore[assignment]
    facts: State = None  # type: ignore[assignment]
    checked: tuple[Any, Any] = (None, None)  # the facts and the truth that were last compared


class Stays(Call):
    def __init__(self, seed: int, *, provider: str, faults: bool, switches: Switches | None) -> None:
        super().__init__(seed, provider=provider, faults=faults, switches=switches)
        self.stays: list[Stay] = []

    def touch(self, stay: Stay) -> None:
        """The stay may have something to do."""
        raise NotImplementedError

    def touch_all(self) -> None:
        for stay in self.live():
            self.touch(stay)

    def live(self) -> list[Stay]:
        return [stay for stay in self.stays if not stay.ended]

    def facts(self, stay: Stay) -> State:
        """As `stay_rows.load`: the state with the call around it, as far as the mirror knows it."""
        state, version, until = stay.known
        if state is not stay.state or version != self.version or self.clock.now > until:
            stay.facts = self._facts(stay)
            leases = (r.sent_at + TIMES.lease for r in stay.facts.asked if r.outcome == "open")
            stay.known = (stay.state, self.version, min(leases, default=math.inf))
        return stay.facts

    def _facts(self, stay: Stay) -> State:
        now, state = self.clock.now, stay.state
        asked = state.asked
        if any(r.outcome == "open" and now - r.sent_at > TIMES.lease for r in asked):
            asked = tuple(self._expired(r, now) for r in asked)
            # As `stay_rows.expire`: written at once.
            stay.state = state = replace(state, asked=asked)
        own = self.mirror.get(state.call_sid or "")
        return replace(
            state,
            agents=self.known_agents(),
            over=self.status == "completed",
            call_status=own.call_status if own else None,
            told=self._told(state),
            alone_since=self.alone_since,
        )

    def _expired(self, request: Asked, now: float) -> Asked:
        if request.outcome != "open" or now - request.sent_at <= TIMES.lease:
            return request
        return replace(request, outcome="unknown", answered_at=now)

    def _told(self, state: State) -> Seen | None:
        """As `stay_rows._told`: what callbacks and other reads said of the leg since it was fetched."""
        own = self.mirror.get(state.call_sid or "")
        if own is None or state.seen is None or state.call_sid not in self.source:
            return None
        source, as_of = self.source[state.call_sid]
        gone = own.presence == Presence.LEFT
        same = (own.muted, own.coaching, gone) == (
            state.seen.muted,
            state.seen.coaching,
            not state.seen.found,
        )
        unsaid_target = bool(own.coaching) and own.target != state.seen.target
        if source is Source.ANSWER or as_of <= state.seen.began or (same and not unsaid_target):
            return None
        return Seen(
            began=as_of,
            found=not gone,
            call_sid=state.call_sid,
            status="connected",
            muted=own.muted,
            coaching=own.coaching,
            target=own.target,
        )

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
