"""What stands in the world, and the rules of a room: who is in, when it starts, when it ends. Pure."""

from __future__ import annotations

from typing import Any

from participants.sandbox import hearing
from participants.sandbox.outbox import Outbox
from participants.sandbox.playing import Plays
from participants.sandbox.recordings import Recordings
from participants.sandbox.rooms import (
    COMPLETED,
    IN_PROGRESS,
    INIT,
    NUMBERING,
    Conference,
    Leg,
    LegSettings,
    Sids,
    Subscription,
    WorldError,
)
from participants.sandbox.switches import Switches

BY_PHONE = {"participant_hung_up", "participant_add_failed"}
MODIFYING = {"coaching", "target", "end_on_exit", "beep_on_exit", "wait_url"}


class Floor:
    """Conferences and calls by sid. Calls are kept after their end, conferences too."""

    def __init__(self, *, switches: Switches, sids: Sids, time_scale: float = 1.0) -> None:
        self.switches = switches
        self.sids = sids
        self.outbox = Outbox()
        self.plays = Plays(self.outbox, switches, time_scale)
        self.recordings = Recordings(sids, self.outbox, time_scale)
        self.conferences: dict[str, Conference] = {}
        self.calls: dict[str, Leg] = {}
        self._live_names: dict[tuple[str, str], str] = {}

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

    def leg(self, conference: str, reference: str) -> Leg:
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

    def room_of(self, leg: Leg) -> Conference:
        return self.conferences[leg.conference_sid]

    # Making

    def open_conference(
        self,
        friendly_name: str | None,
        *,
        now: float,
        provider: str,
        subscription: Subscription | None,
        subscription_fixed: bool,
    ) -> Conference:
        if friendly_name is not None and self.live_named(provider, friendly_name):
            raise WorldError("name_taken", f"a conference named {friendly_name!r} is live")
        sid = self.sids.make(provider, "conference")
        first = NUMBERING[provider].first
        room = Conference(
            sid=sid,
            provider=provider,
            friendly_name=sid if friendly_name is None else friendly_name,
            created=now,
            updated=now,
            next_sequence=self.switches.sequence_start if first is None else first,
            subscription=subscription,
            subscription_fixed=subscription_fixed,
        )
        self.conferences[sid] = room
        self._live_names[provider, room.friendly_name] = sid
        return room

    def new_leg(self, room: Conference, now: float, settings: LegSettings) -> Leg:
        """A queued leg of the room. Raises WorldError for a label in use, a bad target or a full room."""
        label, target = settings.get("label"), settings.get("target")
        if label is not None and room.leg(label):
            raise WorldError("label_taken", f"label {label} is used by a participant of {room.sid}")
        if settings.get("coaching") and target is None:
            raise WorldError("target_missing", "coaching needs the call to coach")
        if target is not None:
            self.require_target(room, target, coach=None)
            settings["coaching"] = settings.get("coaching", True)
        if len(room.legs) >= room.max_participants:
            raise WorldError("room_full", f"{room.sid} has {room.max_participants} participants")
        sid = self.sids.make(room.provider, "call")
        leg = Leg(sid, room.sid, room.provider, created=now, updated=now, **settings)
        room.legs[sid] = self.calls[sid] = leg
        return leg

    def require_target(self, room: Conference, target: str, *, coach: Leg | None) -> None:
        leg = room.legs.get(target)
        if leg is None or not leg.connected or leg is coach:
            raise WorldError("target_absent", f"call {target} is not in {room.sid}")
        if leg.hold:
            raise WorldError("target_held", f"call {target} is on hold")

    # Coming, changing, going

    def progress(self, leg: Leg, status: str, now: float) -> None:
        """One step of a phone that is being dialled."""
        leg.call_status, leg.updated = status, now
        leg.states_passed += 1
        self.outbox.of_call(leg, status, status, now)

    def connect(self, leg: Leg, now: float) -> None:
        """The phone is answered and its leg is in the room, which may start by that."""
        room = self.room_of(leg)
        leg.call_status, leg.updated, leg.answered_at = IN_PROGRESS, now, now
        leg.states_passed = 2
        self.outbox.of_call(leg, "answered", IN_PROGRESS, now)
        if not room.subscription_fixed:
            room.subscription, room.subscription_fixed = leg.room_subscription, True
        self.outbox.of_leg(room, leg, "join", "join", now)
        connected = room.connected()
        enough = len(connected) >= self.switches.start_threshold
        if room.status == INIT and enough and any(one.start_on_enter for one in connected):
            room.status, room.updated = IN_PROGRESS, now
            self.outbox.started(room, leg, now)
            self.recordings.room_started(room, now)
            for one in connected:
                self.plays.end("wait", room.sid, one.call_sid)
        if room.status == INIT:
            self.wait(room, leg, now)
        self.recordings.leg_answered(leg, now)
        self._listen(room, now)

    def apply(self, leg: Leg, wanted: dict[str, Any], now: float) -> None:
        """Set flags of a leg, if it is still there, and tell what changed."""
        room = self.room_of(leg)
        if leg.call_sid not in room.legs:
            return
        changed = {name for name, value in wanted.items() if getattr(leg, name) != value}
        for name in changed:
            setattr(leg, name, wanted[name])
        if changed:
            leg.updated = now
            self._listen(room, now)
            self._play_for(room, leg, changed, now)
        if leg.connected:
            self._tell(room, leg, set(wanted) if self.switches.noop_event else changed, now)

    def _play_for(self, room: Conference, leg: Leg, changed: set[str], now: float) -> None:
        """What somebody hears on hold, or while they wait, is fetched when it is to be heard."""
        if changed & {"hold", "hold_url"}:
            self.plays.end("hold", room.sid, leg.call_sid)
            if leg.hold and leg.hold_url:
                self.plays.begin("hold", room, leg, leg.hold_url, leg.hold_method, now)
        if "wait_url" in changed and leg.connected and room.status == INIT:
            self.wait(room, leg, now)

    def wait(self, room: Conference, leg: Leg, now: float) -> None:
        self.plays.end("wait", room.sid, leg.call_sid)
        if leg.wait_url:
            self.plays.begin("wait", room, leg, leg.wait_url, leg.wait_method, now)

    def _tell(self, room: Conference, leg: Leg, told: set[str], now: float) -> None:
        if "hold" in told:
            self.outbox.of_leg(room, leg, "hold" if leg.hold else "unhold", "hold", now)
        if "muted" in told:
            self.outbox.of_leg(room, leg, "mute" if leg.muted else "unmute", "mute", now)
        if told & MODIFYING:
            self.outbox.of_leg(room, leg, "modify", "modify", now)

    def leave(self, leg: Leg, now: float, *, reason: str, final: str | None, kicked: bool = False) -> None:
        """Take a leg out, end its call unless `final` is None, and end the room where the rules say so."""
        room = self.room_of(leg)
        was_in = room.legs.pop(leg.call_sid, None) is not None
        joined = leg.connected
        if final is not None:
            self._finish_call(leg, final, now, by_phone=reason in BY_PHONE)
        if not was_in:
            return
        self.outbox.left(room, leg, reason, now)
        how = "kicked" if kicked else "left"
        if joined and leg.end_on_exit:
            self.close(room, now, f"participant-with-end-conference-on-exit-{how}", ending=leg)
        elif not room.legs or (joined and not room.connected()):
            self.close(room, now, f"last-participant-{how}", ending=leg)
        self._listen(room, now)

    def close(self, room: Conference, now: float, reason: str, *, ending: Leg | None) -> None:
        """End the room: everybody still in it is hung up, phones that still ring are given up."""
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
        self.recordings.room_ended(room.sid, now)
        self._listen(room, now)

    def _finish_call(self, leg: Leg, final: str, now: float, *, by_phone: bool = False) -> None:
        leg.call_status, leg.ended_at, leg.updated = final, now, now
        leg.states_passed += 1
        self.outbox.of_call(leg, "completed", final, now, phone_ended_it=by_phone)
        self.recordings.call_ended(leg.call_sid, now)

    def _listen(self, room: Conference, now: float) -> None:
        audible = hearing.pairs(room, coach_without_target=self.switches.coach_without_target)
        room.hearing.note(audible, now)
