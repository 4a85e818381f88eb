"""The world: conferences, legs and what becomes of them. Pure: every method takes `now`, in seconds.

No clock, no network, no randomness of its own: the server drives it with the wall clock, the simulation
with an invented one. What a provider would post is left in the outbox as `News`; `take()` empties it.
A refusal is a `WorldError` whose `reason` the dialects translate.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Iterator
from typing import Any, Unpack

from participants.sandbox import hearing, phones, rooms
from participants.sandbox.outbox import Outbox
from participants.sandbox.rooms import (
    COMPLETED,
    IN_PROGRESS,
    INIT,
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
from participants.sandbox.switches import Switches

SPLIT_S = 0.05
ANNOUNCEMENT_S = 3.0
MODIFYING = {"coaching", "target", "end_on_exit", "beep_on_exit", "wait_url"}


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
        self.answering = phones.Answering()
        self.conferences: dict[str, Conference] = {}
        self.calls: dict[str, Leg] = {}
        self.outbox = Outbox()
        self._live_names: dict[tuple[str, str], str] = {}
        self._due: list[tuple[float, int, str, tuple[Any, ...]]] = []
        self._order = itertools.count()

    # Time

    def tick(self, now: float) -> None:
        """Do everything that is due by `now`, each thing at its own time."""
        while self._due and self._due[0][0] <= now:
            at, _, step, arguments = heapq.heappop(self._due)
            getattr(self, f"_{step}")(*arguments, at)

    def next_due(self) -> float | None:
        return self._due[0][0] if self._due else None

    def take(self) -> list[News]:
        """What has to be told since the last time, oldest first."""
        return self.outbox.take()

    def _later(self, at: float, step: str, *arguments: Any) -> None:
        heapq.heappush(self._due, (at, next(self._order), step, arguments))

    # Looking

    def conference(self, sid: str) -> Conference:
        found = self.conferences.get(sid)
        if found is None:
            raise WorldError("no_conference", f"no conference {sid}")
        return found

    def live(self, sid: str) -> Conference:
        found = self.conference(sid)
        if found.status == COMPLETED:
            raise WorldError("conference_over", f"conference {sid} has completed")
        return found

    def live_named(self, provider: str, friendly_name: str) -> Conference | None:
        sid = self._live_names.get((provider, friendly_name))
        return self.conferences[sid] if sid else None

    def fetch_leg(self, conference: str, reference: str) -> Leg:
        """The leg by call sid or label; legs that have left are not found, as at the providers."""
        found = self.conference(conference).leg(reference)
        if found is None:
            raise WorldError("no_leg", f"no participant {reference} in {conference}")
        return found

    def call(self, call_sid: str) -> Leg:
        found = self.calls.get(call_sid)
        if found is None:
            raise WorldError("no_call", f"no call {call_sid}")
        return found

    def hears(self, conference: str) -> dict[str, list[str]]:
        """Listener's call sid -> call sids of those whom this listener can hear now."""
        room = self.conference(conference)
        heard: dict[str, list[str]] = {leg.call_sid: [] for leg in room.connected()}
        for speaker, listener in sorted(room.hearing.now_open()):
            heard[listener].append(speaker)
        return heard

    def audibility(self, conference: str) -> list[dict[str, Any]]:
        """Who could hear whom, from when to when; kept after the end."""
        return self.conference(conference).hearing.intervals()

    # Making

    def open_conference(
        self,
        friendly_name: str | None = None,
        *,
        now: float,
        provider: str = "twilio",
        subscription: Subscription | None = None,
        subscription_fixed: bool = True,
        created: float | None = None,
    ) -> Conference:
        """An empty room. Unless fixed here, the subscription is decided by the first leg that joins."""
        sid = self.sids.make(provider, "conference")
        room = Conference(
            sid=sid,
            provider=provider,
            friendly_name=sid if friendly_name is None else friendly_name,
            created=now if created is None else created,
            updated=now if created is None else created,
            next_sequence=self.switches.sequence_start,
            subscription=subscription,
            subscription_fixed=subscription_fixed,
        )
        if self.live_named(provider, room.friendly_name):
            raise WorldError("name_taken", f"a conference named {friendly_name!r} is live")
        self.conferences[sid] = room
        self._live_names[provider, room.friendly_name] = sid
        return room

    def dial(self, conference: str, *, now: float, **settings: Unpack[LegSettings]) -> Leg:
        """Ring a phone and put it into the room when it answers; `phones.script` says when and whether."""
        leg = self._new_leg(self.live(conference), now, settings)
        scale = self.time_scale * self.rng.uniform(0.95, 1.05)
        for after, step, argument in phones.script(
            leg.to_address, answering=self.answering, timeout=leg.timeout
        ):
            self._later(now + after * scale, step, leg.call_sid, argument)
        return leg

    def seat(
        self,
        conference: str,
        *,
        now: float,
        since: float | None = None,
        **settings: Unpack[LegSettings],
    ) -> Leg:
        """Put a leg straight into the room, connected `since` then (default now)."""
        room = self.live(conference)
        leg = self._new_leg(room, now, settings)
        leg.states_passed = 2
        self._connect(room, leg, now)
        if since is not None:
            leg.created = leg.updated = leg.answered_at = since
        return leg

    def ring(self, conference: str, *, now: float, **settings: Unpack[LegSettings]) -> Leg:
        """A phone that rings until `answer`, `give_up` or `hang_up` is called."""
        leg = self._new_leg(self.live(conference), now, settings)
        self._initiated(leg.call_sid, None, now)
        self._rings(leg.call_sid, None, now)
        return leg

    def _new_leg(self, room: Conference, now: float, settings: LegSettings) -> Leg:
        label, target = settings.get("label"), settings.get("target")
        if label is not None and room.leg(label):
            raise WorldError("label_taken", f"label {label} is used by a participant of {room.sid}")
        if settings.get("coaching") and target is None:
            raise WorldError("target_missing", "coaching needs the call to coach")
        if target is not None:
            self._require_target(room, target, coach=None)
            settings["coaching"] = settings.get("coaching", True)
        if len(room.legs) >= room.max_participants:
            raise WorldError("room_full", f"{room.sid} has {room.max_participants} participants")
        sid = self.sids.make(room.provider, "call")
        leg = Leg(sid, room.sid, room.provider, created=now, updated=now, **settings)
        room.legs[sid] = self.calls[sid] = leg
        return leg

    # What phones do

    def answer(self, call_sid: str, *, now: float) -> None:
        """The phone is picked up. Raises `wrong_state` when it does not ring."""
        self._require_unanswered(call_sid)
        self._picks_up(call_sid, None, now)

    def give_up(self, call_sid: str, how: str, *, now: float) -> None:
        """The attempt ends without an answer: `how` is busy, no-answer, failed or canceled."""
        self._require_unanswered(call_sid)
        self._gives_up(call_sid, how, now)

    def hang_up(self, call_sid: str, *, now: float, reason: str = "participant_hung_up") -> None:
        """The phone hangs up, or its call is ended from outside; a ringing one is cancelled."""
        leg = self.call(call_sid)
        if leg.ended_at is not None:
            raise WorldError("wrong_state", f"call {call_sid} has ended")
        if leg.connected:
            self._leave(leg, now, reason=reason, final="completed")
        else:
            self._leave(leg, now, reason="participant_add_failed", final="canceled")

    def redirect(self, call_sid: str, *, now: float) -> None:
        """The call is given new instructions: it leaves the room and goes on elsewhere."""
        leg = self.call(call_sid)
        if not leg.connected:
            raise WorldError("wrong_state", f"call {call_sid} is not in progress")
        self._leave(leg, now, reason="participant_updated_via_api", final=None)

    def speak(self, call_sid: str, *, speaking: bool, now: float) -> None:
        leg = self.call(call_sid)
        room = self.conferences[leg.conference_sid]
        if not leg.connected or call_sid not in room.legs:
            raise WorldError("wrong_state", f"call {call_sid} is not in a conference")
        if leg.speaking != speaking:
            leg.speaking = speaking
            self.outbox.of_leg(room, leg, "speech-start" if speaking else "speech-stop", "speaker", now)

    def _require_unanswered(self, call_sid: str) -> None:
        if self.call(call_sid).call_status not in UNANSWERED:
            raise WorldError("wrong_state", f"call {call_sid} does not ring")

    def _initiated(self, call_sid: str, _: None, now: float) -> None:
        self._progress(call_sid, from_states=(rooms.QUEUED,), to=rooms.INITIATED, now=now)

    def _rings(self, call_sid: str, _: None, now: float) -> None:
        self._progress(call_sid, from_states=(rooms.QUEUED, rooms.INITIATED), to=rooms.RINGING, now=now)

    def _progress(self, call_sid: str, *, from_states: tuple[str, ...], to: str, now: float) -> None:
        leg = self.calls.get(call_sid)
        if leg and leg.call_status in from_states:
            leg.call_status, leg.updated = to, now
            leg.states_passed += 1
            self.outbox.of_call(leg, to, to, now)

    def _picks_up(self, call_sid: str, answered_by: str | None, now: float) -> None:
        leg = self.calls.get(call_sid)
        if leg is None or leg.call_status not in UNANSWERED:
            return
        leg.answered_by = answered_by
        leg.states_passed = 2
        self._connect(self.conferences[leg.conference_sid], leg, now)

    def _gives_up(self, call_sid: str, how: str, now: float) -> None:
        leg = self.calls.get(call_sid)
        if leg and leg.call_status in UNANSWERED:
            self._leave(leg, now, reason="participant_add_failed", final=how)

    # In the room

    def _connect(self, room: Conference, leg: Leg, now: float) -> None:
        leg.call_status, leg.updated, leg.answered_at = IN_PROGRESS, now, now
        self.outbox.of_call(leg, "answered", IN_PROGRESS, now)
        if not room.subscription_fixed:
            room.subscription, room.subscription_fixed = leg.room_subscription, True
        self.outbox.of_leg(room, leg, "join", "join", now)
        connected = room.connected()
        starts = len(connected) >= self.switches.start_threshold and any(
            one.start_on_enter for one in connected
        )
        if room.status == INIT and starts:
            room.status, room.updated = IN_PROGRESS, now
            self.outbox.of_room(room, "start", now)
        self._listen(room, now)

    def _leave(self, leg: Leg, now: float, *, reason: str, final: str | None, kicked: bool = False) -> None:
        """Take one leg out, end its call unless `final` is None, and the room too where the rules say so."""
        room = self.conferences[leg.conference_sid]
        was_in = room.legs.pop(leg.call_sid, None) is not None
        joined = leg.connected
        if final is not None:
            self._finish_call(leg, final, now)
        if not was_in:
            return
        self.outbox.left(room, leg, reason, now)
        how = "kicked" if kicked else "left"
        if joined and leg.end_on_exit:
            self._close(room, now, f"participant-with-end-conference-on-exit-{how}", ending=leg)
        elif not room.legs or (joined and not room.connected()):
            self._close(room, now, f"last-participant-{how}", ending=leg)
        self._listen(room, now)

    def _finish_call(self, leg: Leg, final: str, now: float) -> None:
        leg.call_status, leg.ended_at, leg.updated = final, now, now
        leg.states_passed += 1
        self.outbox.of_call(leg, "completed", final, now)

    def _close(self, room: Conference, now: float, reason: str, *, ending: Leg | None) -> None:
        room.status, room.updated, room.reason_ended = COMPLETED, now, reason
        room.ending_call = ending.call_sid if ending else None
        del self._live_names[room.provider, room.friendly_name]
        dropped = list(room.legs.values())
        room.legs.clear()
        if self.switches.end_before_leaves:
            self.outbox.ended(room, ending, now)
        why = "moderator_ended_conference" if ending else "conference_ended_via_api"
        for leg in dropped:
            joined = leg.connected
            self._finish_call(leg, "completed" if joined else "canceled", now)
            self.outbox.left(room, leg, why if joined else "participant_add_failed", now)
        if not self.switches.end_before_leaves:
            self.outbox.ended(room, ending, now)
        self._listen(room, now)

    def _listen(self, room: Conference, now: float) -> None:
        room.hearing.note(hearing.pairs(room, coach_without_target=self.switches.coach_without_target), now)

    # Commands

    def update(self, conference: str, reference: str, *, now: float, **changes: Unpack[Changes]) -> Leg:
        """Change only what is named. `target` alone turns coaching on; `coaching=True` needs its target."""
        room = self.live(conference)
        leg = self.fetch_leg(conference, reference)
        wanted = self._with_coaching(room, leg, changes)
        for delay, part in self._parts(wanted):
            if delay:
                self._later(now + delay * self.time_scale, "apply", leg, part)
            else:
                self._apply(leg, part, now)
        return leg

    def _with_coaching(self, room: Conference, leg: Leg, changes: Changes) -> dict[str, Any]:
        wanted: dict[str, Any] = dict(changes)
        target = wanted.get("target")
        if target is not None and wanted.get("coaching", True):
            self._require_target(room, target, coach=leg)
            wanted["coaching"] = True
        elif wanted.get("coaching"):
            raise WorldError("target_missing", "coaching needs the call to coach")
        elif "coaching" in wanted:
            wanted["target"] = None
        return wanted

    def _require_target(self, room: Conference, target: str, *, coach: Leg | None) -> None:
        leg = room.legs.get(target)
        if leg is None or not leg.connected or leg is coach:
            raise WorldError("target_absent", f"call {target} is not in {room.sid}")
        if leg.hold:
            raise WorldError("target_held", f"call {target} is on hold")

    def _parts(self, wanted: dict[str, Any]) -> Iterator[tuple[float, dict[str, Any]]]:
        """One request is applied as a whole, or, where the switch says so, mute and hold before the rest."""
        if not self.switches.split_requests:
            yield 0.0, wanted
            return
        yield 0.0, {name: value for name, value in wanted.items() if name in ("muted", "hold")}
        yield SPLIT_S, {name: value for name, value in wanted.items() if name not in ("muted", "hold")}

    def _apply(self, leg: Leg, wanted: dict[str, Any], now: float) -> None:
        room = self.conferences[leg.conference_sid]
        if leg.call_sid not in room.legs:
            return
        changed = {name for name, value in wanted.items() if getattr(leg, name) != value}
        for name in changed:
            setattr(leg, name, wanted[name])
        if changed:
            leg.updated = now
            self._listen(room, now)
        told = set(wanted) if self.switches.noop_event else changed
        if leg.connected:
            self._tell_changes(room, leg, told, now)

    def _tell_changes(self, room: Conference, leg: Leg, told: set[str], now: float) -> None:
        if "hold" in told:
            self.outbox.of_leg(room, leg, "hold" if leg.hold else "unhold", "hold", now)
        if "muted" in told:
            self.outbox.of_leg(room, leg, "mute" if leg.muted else "unmute", "mute", now)
        if told & MODIFYING:
            self.outbox.of_leg(room, leg, "modify", "modify", now)

    def remove(self, conference: str, reference: str, *, now: float) -> None:
        """Kick a leg out of the room; its call ends, a ringing one is cancelled."""
        self.live(conference)
        leg = self.fetch_leg(conference, reference)
        reason = "participant_updated_via_api" if leg.connected else "participant_add_failed"
        self._leave(leg, now, reason=reason, final="completed" if leg.connected else "canceled", kicked=True)

    def end(self, conference: str, *, now: float) -> Conference:
        """Hang everybody up. Only a room that is in progress can be ended; else `wrong_state`."""
        room = self.conference(conference)
        if room.status != IN_PROGRESS:
            raise WorldError("wrong_state", f"conference {conference} is {room.status}, not in-progress")
        self._close(room, now, "conference-ended-via-api", ending=None)
        return room

    def announce(self, conference: str, reference: str | None, url: str, *, now: float) -> None:
        """Play once to one leg, or to the whole room; the end is told a few seconds later."""
        room = self.live(conference)
        leg = self.fetch_leg(conference, reference) if reference else None
        if leg and leg.hold:
            raise WorldError("held_no_announce", f"call {leg.call_sid} is on hold")
        call_sid = leg.call_sid if leg else None
        self._later(now + ANNOUNCEMENT_S * self.time_scale, "announced", room.sid, call_sid, url)

    def _announced(self, conference: str, call_sid: str | None, url: str, now: float) -> None:
        room = self.conferences[conference]
        leg = room.legs.get(call_sid or "")
        if room.status != COMPLETED and (leg or call_sid is None):
            self.outbox.announced(room, leg, url, now)
