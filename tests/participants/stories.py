"""Plausible stories of one conference, played by the sandbox's world, and what a provider tells of them.

The world is pure, so a thousand stories take seconds: their callbacks carry true numbers and times.
"""

import hashlib
import random
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as st

from participants.events import CallEvent, ConferenceEvent, Event, LegEvent, Presence, Source, Stamp
from participants.management.demo.accounts import ACCOUNTS
from participants.merge import Leg, Merged, merge, merge_conference_status
from participants.providers import PROVIDERS, Parsed, Provider
from participants.sandbox import rooms
from participants.sandbox.engine import DIALECTS
from participants.sandbox.rooms import CALL_WORDS, CONFERENCE_WORDS, News, Subscription, WorldError
from participants.sandbox.world import World


def _reader(provider: str) -> Provider:
    """Our end of the wire, with the account whose callbacks the sandbox posts."""
    sid = next(one.sid for one in ACCOUNTS if one.provider == provider)
    facts = SimpleNamespace(
        key=provider, sid=sid, api_url="", caller_id="", application_sid="", public_key=""
    )
    return PROVIDERS[provider](facts, "secret")


READERS = {provider: _reader(provider) for provider in PROVIDERS}
BEGAN = 1_770_000_000.0
ALL = frozenset(CONFERENCE_WORDS | CALL_WORDS)
TOLD = Subscription("http://earshot.example/callbacks", "POST", ALL)
FLAGS = ("muted", "hold", "coaching")
LEGS = 4
# What somebody may do, each with the number of a leg; the first leg is coached by nobody but may coach.
ACTS = ("answer", "give_up", "hang_up", "redirect", "remove", *FLAGS, "end_on_exit")


@dataclass(frozen=True)
class Step:
    act: str
    leg: int
    after: float


@dataclass(frozen=True)
class Told:
    """One callback: as its form, as read, and when the provider sent it."""

    provider: str
    kind: str
    form: tuple[tuple[str, str], ...]
    at: float

    @property
    def parsed(self) -> Parsed:
        return READERS[self.provider].parse(self.kind, list(self.form))

    @property
    def key(self) -> str:
        """What tells it from every other: where nothing in it does, all of it."""
        return self.parsed.key or hashlib.sha256(str(self.form).encode()).hexdigest()

    @property
    def events(self) -> list[Event]:
        return self.parsed.events


STEPS = st.lists(
    st.builds(
        Step,
        act=st.sampled_from(ACTS),
        leg=st.integers(0, LEGS - 1),
        after=st.sampled_from([0.0, 0.2, 0.9, 1.5, 4.0]),
    ),
    min_size=3,
    max_size=25,
)


@dataclass
class Story:
    """A conference of four legs, two of them seated at its beginning. `snapshots`: its every moment."""

    steps: list[Step]
    provider: str
    told: list[Told] = field(default_factory=list)
    snapshots: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = BEGAN
        self.world = World(rng=random.Random(1))
        room = self.world.open_conference("story", now=self.now, provider=self.provider, subscription=TOLD)
        self.sid = room.sid
        places = (self.world.seat, self.world.seat, self.world.ring, self.world.ring)
        self.calls = [self._place(place, number) for number, place in enumerate(places)]
        self._note()
        for step in self.steps:
            self.now += step.after
            self._do(step)
            self._note()

    def _place(self, place: Any, number: int) -> str:
        leg: rooms.Leg = place(
            self.sid,
            now=self.now,
            label=f"leg-{number}" if number % 2 else None,
            from_address="+12025550100",
            to_address=f"client:agent-{number}",
            direction="outbound-api" if number % 2 else "inbound",
            call_subscription=TOLD,
        )
        return leg.call_sid

    def _do(self, step: Step) -> None:
        call_sid, world, now = self.calls[step.leg], self.world, self.now
        try:
            if step.act in FLAGS or step.act == "end_on_exit":
                self._turn(call_sid, step.act)
            elif step.act == "remove":
                world.remove(self.sid, call_sid, now=now)
            elif step.act == "give_up":
                world.give_up(call_sid, "busy", now=now)
            else:
                getattr(world, step.act)(call_sid, now=now)
        except WorldError:
            return  # what cannot be done now is not part of the story

    def _turn(self, call_sid: str, flag: str) -> None:
        leg = self.world.floor.leg(self.sid, call_sid)
        value = not getattr(leg, flag)
        target = next((sid for sid in self.calls if sid != call_sid), None) if value else None
        change: Any = {"coaching": value, "target": target} if flag == "coaching" else {flag: value}
        self.world.update(self.sid, call_sid, now=self.now, **change)

    def _note(self) -> None:
        self.told += [told for news in self.world.take() if (told := _told(news))]
        legs = self.world.floor.conferences[self.sid].legs
        self.snapshots.append((self.now, {sid: replace(leg) for sid, leg in legs.items()}))

    def truth(self, call_sid: str) -> rooms.Leg:
        """The leg at the end of the story."""
        return self.world.floor.calls[call_sid]

    def is_in(self, call_sid: str) -> bool:
        return call_sid in self.world.floor.conferences[self.sid].legs

    def read_of(self, call_sid: str, *, at: float, began: float) -> LegEvent:
        """What a fetch of the leg says, when the provider looks at it at `at`."""
        legs = next(legs for since, legs in reversed(self.snapshots) if since <= at)
        stamp = Stamp(source=Source.READ, began=began, occurred=float(int(at)))
        about: dict[str, Any] = {"conference_sid": self.sid, "call_sid": call_sid, "stamp": stamp}
        leg = legs.get(call_sid)
        if leg is None:
            return LegEvent(**about, presence=Presence.LEFT)
        flags = {name: getattr(leg, name) for name in FLAGS}
        target = leg.target if leg.coaching else None
        return LegEvent(**about, **flags, target=target, presence=Presence.IN if leg.connected else None)


def _told(news: News) -> Told | None:
    """None for what this provider keeps to itself."""
    sent = DIALECTS[news.provider].callback(news)
    return sent and Told(news.provider, news.kind, tuple(sent.form.items()), news.at)


@dataclass
class Facts:
    """A conference as `merge` alone believes it: calls whose leg is not known yet wait for it."""

    status: str = "init"
    legs: dict[str, Leg] = field(default_factory=dict)
    waiting: list[CallEvent] = field(default_factory=list)

    def take(self, event: Event, *, now: float = 0.0) -> Merged | None:
        if isinstance(event, ConferenceEvent):
            self.status = merge_conference_status(self.status, event)
            return None
        if isinstance(event, CallEvent) and event.call_sid not in self.legs:
            self.waiting.append(event)
            return None
        known = self.legs.get(event.call_sid, Leg())
        if isinstance(event, LegEvent) and event.call_sid not in self.legs:
            for call in [call for call in self.waiting if call.call_sid == event.call_sid]:
                known = merge(known, call, now=now).leg
        merged = merge(known, event, now=now)
        self.legs[event.call_sid] = merged.leg
        return merged

    def same(self) -> Any:
        """What has to be the same whatever the order was: everything but our own times."""
        return self.status, {sid: _without_our_times(leg) for sid, leg in self.legs.items()}


def _without_our_times(leg: Leg) -> Leg:
    return replace(leg, marks={group: mark.numbers for group, mark in leg.marks.items()})
