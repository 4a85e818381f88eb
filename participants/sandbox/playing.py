"""What is played into conferences: announcements, and the music of people who wait or are on hold. Pure.

An announcement begins to be heard when its document has been fetched. A newer one for the same ears takes its
place; what of that a provider tells is in no document, so nothing is.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, Literal

from participants.sandbox.outbox import Outbox
from participants.sandbox.rooms import COMPLETED, Conference, Leg
from participants.sandbox.switches import Switches

KEPT = 500
LONGEST_S = 30 * 60  # from about there on an announcement fails
ERROR_S = 2.0
ERROR = "An application error has occurred"
Kind = Literal["announcement", "hold", "wait"]
State = Literal["fetching", "playing", "over", "failed", "replaced"]


@dataclass(slots=True)
class Play:
    """`call_sid` None: the whole room. `said`: the words, or what is heard. `until` None: without end."""

    kind: Kind
    conference_sid: str
    call_sid: str | None
    provider: str
    url: str
    method: str
    at: float
    state: State = "fetching"
    said: str = ""
    seconds: float | None = None
    until: float | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "conference": self.conference_sid,
            "call_sid": self.call_sid,
            "url": self.url,
            "method": self.method,
            "at": self.at,
            "state": self.state,
            "said": self.said,
            "seconds": self.seconds,
        }


class Plays:
    """`wanted`: what has to be fetched before it can be heard."""

    def __init__(self, outbox: Outbox, switches: Switches, time_scale: float) -> None:
        self._outbox, self._switches, self._scale = outbox, switches, time_scale
        self._all: deque[Play] = deque(maxlen=KEPT)
        self._rooms: dict[str, Conference] = {}
        self._wanted: list[Play] = []

    def begin(self, kind: Kind, room: Conference, leg: Leg | None, url: str, method: str, now: float) -> None:
        call_sid = leg.call_sid if leg else None
        self.end(kind, room.sid, call_sid)
        play = Play(kind, room.sid, call_sid, room.provider, url, method, now)
        self._rooms[room.sid] = room
        self._all.append(play)
        self._wanted.append(play)

    def end(self, kind: Kind, conference_sid: str, call_sid: str | None) -> None:
        """Whatever of this kind these ears are hearing is over."""
        for play in self._all:
            same = (play.kind, play.conference_sid, play.call_sid) == (kind, conference_sid, call_sid)
            if same and play.state in ("fetching", "playing"):
                play.state = "replaced"

    def take_wanted(self) -> list[Play]:
        taken, self._wanted = self._wanted, []
        return taken

    def fetched(self, play: Play, said: str, seconds: float | None, now: float) -> None:
        """`seconds` None: without end. Played meanwhile is what took its place."""
        if play.state != "fetching":
            return
        if play.kind == "announcement" and (seconds is None or seconds >= LONGEST_S):
            return self.failed(play, "it lasts too long", now)
        play.state, play.said, play.seconds = "playing", said, seconds
        play.until = None if seconds is None else now + seconds * self._scale
        return None

    def failed(self, play: Play, why: str, now: float) -> None:
        """Whoever should have heard it hears an error. Whether anybody is told stands in no document."""
        if play.state != "fetching":
            return
        play.state, play.said = "failed", f"{ERROR} ({why})"
        play.until = now + ERROR_S * self._scale
        if play.kind == "announcement" and self._switches.announcement_unfetched == "fail":
            self._tell(play, "announcement-fail", now, {"why": why})

    def tick(self, now: float) -> None:
        for play in self._all:
            if play.state == "playing" and play.until is not None and play.until <= now:
                play.state = "over"
                if play.kind == "announcement":
                    self._tell(play, "announcement-end", play.until, {})

    def next_due(self) -> float | None:
        due = [play.until for play in self._all if play.state == "playing" and play.until is not None]
        return min(due, default=None)

    def heard_by(self, leg: Leg, now: float) -> list[Play]:
        """What is being played into this ear."""
        return [
            play
            for play in self._all
            if play.conference_sid == leg.conference_sid
            and play.call_sid in (None, leg.call_sid)
            and (play.state == "playing" or (play.state == "failed" and now < (play.until or 0)))
        ]

    def as_dicts(self) -> list[dict[str, Any]]:
        return [play.as_dict() for play in self._all]

    def _tell(self, play: Play, event: str, now: float, facts: dict[str, Any]) -> None:
        room = self._rooms[play.conference_sid]
        leg = room.legs.get(play.call_sid or "")
        if room.status != COMPLETED and (leg or play.call_sid is None):
            self._outbox.announced(room, leg, event, {"announce_url": play.url, **facts}, now)
