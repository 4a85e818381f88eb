"""The world: what can be done to conferences and phones, and what they do by themselves in time.

Pure: every method takes `now`, in seconds. No clock, no network, and no randomness but the one it is given:
the server drives it with the wall clock, the simulation with an invented one. What a provider would post is
collected as `News`; `take()` hands it over. A refusal is a `WorldError`; dialects translate its `reason`.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from typing import Any, Unpack

from participants.sandbox import phones, rooms
from participants.sandbox.floor import Floor
from participants.sandbox.line import Line
from participants.sandbox.rooms import (
    IN_PROGRESS,
    UNANSWERED,
    Changes,
    Conference,
    Leg,
    LegSettings,
    News,
    Sids,
    Subscription,
    WorldError,
)
from participants.sandbox.steps import STEPS
from participants.sandbox.switches import Switches

SPLIT_S = 0.05
# Where a request is applied in two parts, these come first.
FIRST_PART = ("muted", "hold", "hold_url", "hold_method")


class World:
    """Arguments: `rng` gives ring times their spread; `time_scale` multiplies every wait of the world."""

    def __init__(
        self,
        *,
        switches: Switches | None = None,
        rng: random.Random | None = None,
        sids: Sids | None = None,
        time_scale: float = 1.0,
    ) -> None:
        self.rng = rng or random.Random()
        self.sids = sids or Sids()
        self.time_scale = time_scale
        self.reset(switches)

    def reset(self, switches: Switches | None = None) -> None:
        """Forget everything, switches included; sids go on counting."""
        self.switches = switches or Switches()
        self.floor = Floor(switches=self.switches, sids=self.sids, time_scale=self.time_scale)
        self.answering = phones.Answering()
        self.line = Line(self.time_scale)
        self._due: list[tuple[float, int, str, tuple[Any, ...]]] = []
        self._order = itertools.count()

    # Time

    def tick(self, now: float) -> None:
        """Do everything that is due by `now`, each thing at its own time."""
        while self._due and self._due[0][0] <= now:
            at, _, step, arguments = heapq.heappop(self._due)
            STEPS[step](self, *arguments, at)
        self.floor.recordings.tick(now)
        self.floor.plays.tick(now)

    def next_due(self) -> float | None:
        ready = (self.floor.recordings.next_due(), self.floor.plays.next_due())
        return min([at for at, *_ in self._due[:1]] + [at for at in ready if at is not None], default=None)

    def take(self) -> list[News]:
        """What has to be told since the last time, oldest first."""
        return self.floor.outbox.take()

    def _later(self, at: float, step: str, *arguments: Any) -> None:
        heapq.heappush(self._due, (at, next(self._order), step, arguments))

    # Looking

    def fetch_leg(self, conference: str, reference: str) -> Leg:
        """By call sid or label; a leg that has left is not found."""
        return self.floor.leg(conference, reference)

    def hears(self, conference: str) -> dict[str, list[str]]:
        """Listener's call sid -> call sids of those whom this listener can hear now."""
        room = self.floor.conference(conference)
        heard: dict[str, list[str]] = {leg.call_sid: [] for leg in room.connected()}
        for speaker, listener in sorted(room.hearing.now_open()):
            heard[listener].append(speaker)
        return heard

    def audibility(self, conference: str) -> list[dict[str, Any]]:
        """Who could hear whom, from when to when; kept after the end."""
        return self.floor.conference(conference).hearing.intervals()

    # Making

    def open_conference(
        self,
        friendly_name: str | None = None,
        *,
        now: float,
        provider: str = "twilio",
        subscription: Subscription | None = None,
        subscription_fixed: bool = True,
    ) -> Conference:
        """An empty room. Unless fixed here, the subscription is decided by the first leg that joins."""
        return self.floor.open_conference(
            friendly_name,
            now=now,
            provider=provider,
            subscription=subscription,
            subscription_fixed=subscription_fixed,
        )

    def dial(
        self, conference: str, *, now: float, in_line: bool = False, **settings: Unpack[LegSettings]
    ) -> Leg:
        """Ring a phone and put it into the room when it answers; `phones.script` says when and whether.

        `in_line`: where the provider places so many calls a second, and queues the others.
        """
        room = self.floor.live(conference)
        placed = self.line.next(room.provider, now, rate=self.switches.calls_per_second) if in_line else now
        leg = self.floor.new_leg(room, now, settings)
        if in_line:
            self.line.take(room.provider, placed, rate=self.switches.calls_per_second)
        leg.queued_s = placed - now
        plan = phones.script(
            leg.to_address,
            answering=self.answering,
            timeout=leg.timeout,
            spread=self.rng.uniform(0.9, 1.1),
        )
        for after, step, argument in plan:
            self._later(placed + after * self.time_scale, step, leg.call_sid, argument)
        return leg

    def seat(self, conference: str, *, now: float, **settings: Unpack[LegSettings]) -> Leg:
        """Put a leg straight into the room, answered."""
        leg = self.floor.new_leg(self.floor.live(conference), now, settings)
        self.floor.connect(leg, now)
        return leg

    def ring(self, conference: str, *, now: float, **settings: Unpack[LegSettings]) -> Leg:
        """A phone that rings until `answer`, `give_up` or `hang_up` is called."""
        leg = self.floor.new_leg(self.floor.live(conference), now, settings)
        self.floor.progress(leg, rooms.INITIATED, now)
        self.floor.progress(leg, rooms.RINGING, now)
        return leg

    # What phones do

    def answer(self, call_sid: str, *, now: float) -> None:
        """The phone is picked up. Raises `wrong_state` when it does not ring."""
        leg = self._ringing(call_sid)
        self.floor.connect(leg, now)
        self.detect(leg, now)

    def detect(self, leg: Leg, now: float) -> None:
        """Somebody or something answered; where that is wanted it is told who, a while later."""
        if leg.detection is not None:
            word, took_ms = phones.detected(leg.detection, machine=leg.machine)
            after = took_ms / 1000 * self.time_scale
            self._later(now + after, "detected", leg.call_sid, (word, took_ms))

    def give_up(self, call_sid: str, how: str, *, now: float) -> None:
        """The attempt ends without an answer: `how` is busy, no-answer, failed or canceled."""
        self.floor.leave(self._ringing(call_sid), now, reason="participant_add_failed", final=how)

    def hang_up(self, call_sid: str, *, now: float) -> None:
        """The phone hangs up, or its call is ended from outside; a ringing one is cancelled."""
        leg = self.floor.call(call_sid)
        if leg.ended_at is not None:
            raise WorldError("wrong_state", f"call {call_sid} has ended")
        if leg.connected:
            self.floor.leave(leg, now, reason="participant_hung_up", final="completed")
        else:
            self.floor.leave(leg, now, reason="participant_add_failed", final="canceled")

    def redirect(self, call_sid: str, *, now: float) -> None:
        """The call is given new instructions: it leaves the room and goes on elsewhere."""
        leg = self.floor.call(call_sid)
        if not leg.connected:
            raise WorldError("wrong_state", f"call {call_sid} is not in progress")
        self.floor.leave(leg, now, reason="participant_updated_via_api", final=None)

    def speak(self, call_sid: str, *, speaking: bool, now: float) -> None:
        """Somebody starts or stops talking; heard or not is another matter."""
        leg = self.floor.call(call_sid)
        room = self.floor.room_of(leg)
        if call_sid not in room.legs or not leg.connected:
            raise WorldError("wrong_state", f"call {call_sid} is not in a conference")
        if leg.speaking != speaking:
            leg.speaking = speaking
            event = "speech-start" if speaking else "speech-stop"
            self.floor.outbox.of_leg(room, leg, event, "speaker", now)

    def _ringing(self, call_sid: str) -> Leg:
        leg = self.floor.call(call_sid)
        if leg.call_status not in UNANSWERED:
            raise WorldError("wrong_state", f"call {call_sid} does not ring")
        return leg

    # Commands

    def update(self, conference: str, reference: str, *, now: float, **changes: Unpack[Changes]) -> Leg:
        """Change only what is named. `target` alone turns coaching on; `coaching=True` needs its target."""
        leg = self.floor.leg(self.floor.live(conference).sid, reference)
        for delay, part in self._parts(self._with_coaching(leg, changes)):
            if delay:
                self._later(now + delay * self.time_scale, "apply", leg, part)
            else:
                self.floor.apply(leg, part, now)
        return leg

    def _with_coaching(self, leg: Leg, changes: Changes) -> dict[str, Any]:
        wanted: dict[str, Any] = dict(changes)
        target = wanted.get("target")
        if target is not None and wanted.get("coaching", True):
            self.floor.require_target(self.floor.room_of(leg), target, coach=leg)
            wanted["coaching"] = True
        elif wanted.get("coaching"):
            raise WorldError("target_missing", "coaching needs the call to coach")
        elif "coaching" in wanted:
            wanted["target"] = None
        return wanted

    def _parts(self, wanted: dict[str, Any]) -> Iterator[tuple[float, dict[str, Any]]]:
        if not self.switches.split_requests:
            yield 0.0, wanted
            return
        yield 0.0, {name: value for name, value in wanted.items() if name in FIRST_PART}
        yield SPLIT_S, {name: value for name, value in wanted.items() if name not in FIRST_PART}

    def remove(self, conference: str, reference: str, *, now: float) -> None:
        """Kick a leg out of the room; its call ends, a ringing one is cancelled."""
        leg = self.floor.leg(self.floor.live(conference).sid, reference)
        if leg.connected:
            self.floor.leave(leg, now, reason="participant_updated_via_api", final="completed", kicked=True)
        else:
            self.floor.leave(leg, now, reason="participant_add_failed", final="canceled", kicked=True)

    def end(self, conference: str, *, now: float) -> Conference:
        """Hang everybody up. Only a room that is in progress can be ended; else `wrong_state`."""
        room = self.floor.conference(conference)
        if room.status != IN_PROGRESS:
            raise WorldError("wrong_state", f"conference {conference} is {room.status}, not in-progress")
        self.floor.close(room, now, "conference-ended-via-api", ending=None)
        return room

    def announce(
        self, conference: str, reference: str | None, url: str, *, now: float, method: str = "POST"
    ) -> None:
        """Play once to one leg, or to the whole room, what is fetched from there; the end is told."""
        room = self.floor.live(conference)
        leg = self.floor.leg(conference, reference) if reference else None
        if leg and leg.hold:
            raise WorldError("held_no_announce", f"call {leg.call_sid} is on hold")
        self.floor.plays.begin("announcement", room, leg, url, method, now)
