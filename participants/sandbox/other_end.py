"""The other end in words: what each person on each call hears. Pure; `page.py` makes it a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from participants.sandbox.playing import Play
from participants.sandbox.rooms import INIT, Conference, Leg
from participants.sandbox.scenes import AGENTS, SUPERVISORS
from participants.sandbox.world import World

Tone = Literal["plain", "quiet", "agent", "everyone"]


@dataclass(frozen=True, slots=True)
class Ear:
    """One person: `who` begins the sentence, `hears` ends it. `tone`: by whom a supervisor is heard."""

    who: str
    hears: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Call:
    sid: str
    title: str
    name: str
    number: str
    state: str
    supervised: bool
    ears: list[Ear]


def calls(world: World, now: float) -> list[Call]:
    """Every live call, those with a supervisor first, then by name."""
    live = [
        _call(world, room, now) for room in world.floor.conferences.values() if room.status != "completed"
    ]
    return sorted(live, key=lambda call: (not call.supervised, call.name))


def _call(world: World, room: Conference, now: float) -> Call:
    legs = sorted(room.legs.values(), key=_rank)
    hears = world.hears(room.sid)
    agents = [_full_name(leg) for leg in legs if leg.role == "agent"]
    customers = [leg.from_address for leg in legs if leg.role == "customer"]
    return Call(
        sid=room.sid,
        title=", ".join(agents) or "No agent yet",
        name=room.friendly_name,
        number=", ".join(customers),
        state=_state(room),
        supervised=any(leg.role is None for leg in legs),
        ears=[
            _ear(
                room,
                leg,
                [room.legs[sid] for sid in hears.get(leg.call_sid, [])],
                world.floor.plays.heard_by(leg, now),
            )
            for leg in legs
        ],
    )


def _rank(leg: Leg) -> tuple[int, float]:
    return ({"customer": 0, "agent": 1}.get(leg.role or "", 2), leg.created)


def _state(room: Conference) -> str:
    agents = [leg for leg in room.legs.values() if leg.role == "agent"]
    if any(leg.hold for leg in room.legs.values() if leg.role == "customer"):
        return "On hold"
    if not agents:
        return "Waiting"
    if not any(leg.connected for leg in agents):
        return "Ringing"
    return "Talking"


def _ear(room: Conference, leg: Leg, speakers: list[Leg], plays: list[Play]) -> Ear:
    who = _who(leg)
    begins = who[0].upper() + who[1:]
    if not leg.connected:
        return Ear(begins, "is being called; the phone rings.", "quiet")
    if leg.hold:
        return Ear(begins, f"is on hold and hears {_music('hold', plays)}. Nobody hears them.", "quiet")
    if room.status == INIT:
        return Ear(begins, f"is waiting and hears {_music('wait', plays)}.", "quiet")
    heard = ", ".join(_as_heard(room, speaker) for speaker in sorted(speakers, key=_rank)) or "nobody"
    return Ear(f"{begins} hears:", f"{heard}.{_announced(plays)}{_unheard(leg)}", _tone(speakers))


def _music(kind: str, plays: list[Play]) -> str:
    """What was given to be played, else the provider's own."""
    return next((play.said for play in plays if play.kind == kind), "music")


def _announced(plays: list[Play]) -> str:
    said = [
        f" A voice says {'to everyone' if play.call_sid is None else 'into this ear alone'}: {play.said}."
        for play in plays
        if play.kind == "announcement"
    ]
    return "".join(said)


def _as_heard(room: Conference, speaker: Leg) -> str:
    if speaker.coaching and speaker.target in room.legs:
        return f"{_who(speaker)} (whispering)"
    return _who(speaker) + (" (to everyone)" if speaker.role is None else "")


def _unheard(leg: Leg) -> str:
    return f" Muted: nobody hears {_who(leg)}." if leg.muted else ""


def _tone(speakers: list[Leg]) -> Tone:
    supervisors = [leg for leg in speakers if leg.role is None]
    if not supervisors:
        return "plain"
    return "agent" if all(leg.coaching for leg in supervisors) else "everyone"


def _who(leg: Leg) -> str:
    """In the middle of a sentence: first names, and `the customer`."""
    return "the customer" if leg.role == "customer" else _full_name(leg).split(" ")[0]


def _full_name(leg: Leg) -> str:
    if leg.role == "agent":
        number = (leg.label or "").removeprefix("agent-")
        known = AGENTS.get(int(number)) if number.isdigit() else None
        return known[0] if known else leg.to_address
    return SUPERVISORS.get(leg.to_address, leg.to_address)
