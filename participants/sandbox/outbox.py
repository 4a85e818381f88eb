"""Callbacks to be sent, as plain data, with the numbers that the providers would give them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from participants.sandbox.rooms import Conference, Fate, Leg, News, Subscription

if TYPE_CHECKING:
    from participants.sandbox.recordings import Recording


class Outbox:
    """Collects `News`, only what somebody subscribed to.

    Conferences number what is sent; calls number the states that they passed.
    """

    def __init__(self) -> None:
        self._news: list[News] = []
        self._fate: Fate = ""
        self._muffled = False
        self._late_by: dict[str, float] = {}

    def take(self) -> list[News]:
        taken, self._news = self._news, []
        return taken

    @contextmanager
    def muffled(self) -> Iterator[None]:
        """What happens inside is counted, and told to nobody."""
        self._muffled = True
        try:
            yield
        finally:
            self._muffled = False

    @contextmanager
    def all_become(self, fate: Fate) -> Iterator[None]:
        """What happens inside is told with this fate."""
        self._fate = fate
        try:
            yield
        finally:
            self._fate = ""

    def hold_back(self, provider: str, seconds: float) -> None:
        """What this provider tells from now on arrives so much later, in order."""
        self._late_by[provider] = seconds

    def hold_back_nothing(self) -> None:
        self._late_by.clear()

    def _put(self, news: News) -> None:
        if not self._muffled:
            late_by = self._late_by.get(news.provider, 0.0)
            self._news.append(replace(news, fate=self._fate, late_by=late_by))

    def started(self, room: Conference, leg: Leg, now: float) -> None:
        """`leg` came in last; some providers say so."""
        self._tell_room(room, "start", "start", now, {"by": _of_leg(leg)}, None)

    def of_leg(self, room: Conference, leg: Leg, event: str, word: str, now: float) -> None:
        """`word` is what one subscribes to, `event` what happened: mute and unmute are of the word mute."""
        self._tell_room(room, event, word, now, _of_leg(leg), leg)

    def left(self, room: Conference, leg: Leg, reason: str, now: float) -> None:
        facts = {**_of_leg(leg), "reason": reason, "call_status": leg.call_status}
        self._tell_room(room, "leave", "leave", now, facts, leg)

    def ended(self, room: Conference, ending: Leg | None, now: float) -> None:
        facts = {
            "reason": room.reason_ended,
            "ending_call": room.ending_call,
            "ending_label": ending.label if ending else None,
            "by": _of_leg(ending) if ending else None,
        }
        self._tell_room(room, "end", "end", now, facts, ending)

    def announced(
        self, room: Conference, leg: Leg | None, event: str, facts: dict[str, Any], now: float
    ) -> None:
        self._tell_room(room, event, "announcement", now, {**(_of_leg(leg) if leg else {}), **facts}, leg)

    def of_call(self, leg: Leg, word: str, status: str, now: float, *, phone_ended_it: bool = False) -> None:
        subscription = leg.call_subscription
        if subscription is None or word not in subscription.events:
            return
        facts = {
            "from": leg.from_address,
            "to": leg.to_address,
            "direction": leg.direction,
            "call_status": status,
            "created": leg.created,
            "phone_ended_it": phone_ended_it,
            "answered_by": leg.answered_by,
            "seconds": leg.seconds_talked if word == "completed" else None,
        }
        self._put(
            News(
                now,
                "call",
                leg.provider,
                leg.call_sid,
                leg.conference_sid,
                word,
                leg.states_passed,
                subscription,
                facts,
            )
        )

    def of_recording(self, one: Recording, event: str, now: float) -> None:
        if one.subscription is None or event not in one.subscription.events:
            return
        facts = {
            "call_sid": one.call_sid,
            "status": event,
            "source": one.source,
            "channels": one.channels,
            "track": one.track,
            "created": one.created,
            "link": one.link,
            "seconds": round(one.kept) if event in ("completed", "absent") else None,
        }
        news = News(
            now, "recording", one.provider, one.sid, one.conference_sid, event, 0, one.subscription, facts
        )
        self._put(news)

    def of_detection(self, leg: Leg, took_ms: int, now: float) -> None:
        """Who answered. Without an address for it nobody is told, here as there."""
        if leg.amd_subscription is None or leg.answered_by is None:
            return
        facts = {"answered_by": leg.answered_by, "took_ms": took_ms}
        subscription, subject = leg.amd_subscription, leg.call_sid
        self._put(News(now, "amd", leg.provider, subject, leg.conference_sid, "amd", 0, subscription, facts))

    def _tell_room(
        self, room: Conference, event: str, word: str, now: float, facts: dict[str, Any], leg: Leg | None
    ) -> None:
        subscription = _subscription(room, leg)
        if subscription is None or word not in subscription.events:
            return
        facts["friendly_name"] = room.friendly_name
        number, room.next_sequence = room.next_sequence, room.next_sequence + 1
        self._put(
            News(now, "conference", room.provider, room.sid, room.sid, event, number, subscription, facts)
        )


def _subscription(room: Conference, leg: Leg | None) -> Subscription | None:
    """A room in which nobody has arrived yet listens to whoever was dialled into it."""
    if room.subscription_fixed or leg is None:
        return room.subscription
    return leg.room_subscription


def _of_leg(leg: Leg) -> dict[str, Any]:
    return {
        "call_sid": leg.call_sid,
        "label": leg.label,
        "from": leg.from_address,
        "to": leg.to_address,
        "muted": leg.muted,
        "hold": leg.hold,
        "coaching": leg.coaching,
        "end_on_exit": leg.end_on_exit,
        "start_on_enter": leg.start_on_enter,
    }
