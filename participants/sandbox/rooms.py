"""What stands in the world: conferences, their legs, and the news that both cause. Plain data."""

from __future__ import annotations

import base64
import hashlib
import itertools
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from participants.sandbox.hearing import Hearing

INIT, IN_PROGRESS, COMPLETED = "init", "in-progress", "completed"
QUEUED, INITIATED, RINGING = "queued", "initiated", "ringing"
BUSY, NO_ANSWER, CANCELED, FAILED = "busy", "no-answer", "canceled", "failed"
UNANSWERED = (QUEUED, INITIATED, RINGING)

CONFERENCE_WORDS = frozenset(
    {"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"}
)
RECORDING_WORDS = frozenset(
    {"started", "in-progress", "paused", "resumed", "stopped", "completed", "failed", "absent"}
)
CALL_WORDS = frozenset({"initiated", "ringing", "answered", "completed"})


Fate = Literal["", "lost", "forged"]


class WorldError(Exception):
    """A refusal. `reason` is a word that a dialect turns into its provider's status and code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to be told, and of what: `events` are words of CONFERENCE_WORDS or CALL_WORDS."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset()


class LegSettings(TypedDict, total=False):
    """What a leg may be given when it is made."""

    from_address: str
    to_address: str
    direction: Literal["inbound", "outbound-api"]
    label: str | None
    role: str | None
    muted: bool
    coaching: bool
    target: str | None
    start_on_enter: bool
    end_on_exit: bool
    timeout: float
    call_subscription: Subscription | None
    room_subscription: Subscription | None
    record: bool
    recording_channels: int
    recording_track: str
    recording_subscription: Subscription | None
    detection: str | None
    amd_subscription: Subscription | None


class Changes(TypedDict, total=False):
    """What an update of a leg may carry; what is absent stays as it is."""

    muted: bool
    hold: bool
    coaching: bool
    target: str | None
    end_on_exit: bool
    beep_on_exit: bool
    wait_url: str
    wait_method: str
    hold_url: str
    hold_method: str


@dataclass(slots=True)
class Leg:
    """One call of one phone, and its place in a conference."""

    call_sid: str
    conference_sid: str
    provider: str
    created: float
    updated: float
    from_address: str = ""
    to_address: str = ""
    direction: str = "outbound-api"
    label: str | None = None
    role: str | None = None
    muted: bool = False
    hold: bool = False
    coaching: bool = False
    target: str | None = None
    start_on_enter: bool = True
    end_on_exit: bool = False
    beep_on_exit: bool = False
    wait_url: str = ""
    wait_method: str = "POST"
    hold_url: str = ""
    hold_method: str = "GET"
    timeout: float = 60.0
    call_status: str = QUEUED
    queued_s: float = 0.0
    answered_by: str | None = None
    answered_at: float | None = None
    ended_at: float | None = None
    states_passed: int = -1
    speaking: bool = False
    call_subscription: Subscription | None = None
    room_subscription: Subscription | None = None
    record: bool = False
    recording_channels: int = 1
    recording_track: str = "both"
    recording_subscription: Subscription | None = None
    machine: bool = False
    detection: str | None = None
    amd_subscription: Subscription | None = None

    @property
    def connected(self) -> bool:
        return self.call_status == IN_PROGRESS

    @property
    def seconds_talked(self) -> int:
        """Of a call that has ended; 0 when nobody answered it."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round(self.ended_at - self.answered_at)


@dataclass(slots=True)
class Conference:
    """A room. `legs` are in it or being dialled into it; who left is in `Floor.calls` only.

    `recording`: whether it is recorded from its start.
    `told`: the event words that the control routes were asked for, also for legs that come later.
    """

    sid: str
    provider: str
    friendly_name: str
    created: float
    updated: float
    next_sequence: int
    status: str = INIT
    region: str = "us1"
    max_participants: int = 250
    recording: bool = False
    recording_subscription: Subscription | None = None
    told: frozenset[str] = frozenset()
    reason_ended: str | None = None
    ending_call: str | None = None
    legs: dict[str, Leg] = field(default_factory=dict)
    hearing: Hearing = field(default_factory=Hearing)
    subscription: Subscription | None = None
    subscription_fixed: bool = False

    def connected(self) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.connected]

    def leg(self, reference: str) -> Leg | None:
        """The leg with this call sid or this label."""
        found = self.legs.get(reference)
        if found is not None:
            return found
        return next((leg for leg in self.legs.values() if leg.label == reference), None)


@dataclass(frozen=True, slots=True)
class News:
    """A callback to be sent: what happened, in words that no provider owns, and who asked to be told.

    `fate` is empty for an ordinary one, `lost` for one that a scene lets vanish, `forged` for one that is
    sent with a wrong signature. It arrives `late_by` seconds after it was sent.
    """

    at: float
    kind: Literal["conference", "call", "recording", "amd"]
    provider: str
    subject: str
    conference_sid: str
    event: str
    sequence: int
    subscription: Subscription
    facts: dict[str, Any]
    fate: Fate = ""
    late_by: float = 0.0


def _uuid(number: int) -> str:
    return str(uuid.UUID(int=number, version=4))


def _call_control_id(number: int) -> str:
    """`v3:` and 54 characters, as long as theirs; the number itself stands in it, so no two are the same."""
    raw = number.to_bytes(16, "big")
    return f"v3:{base64.urlsafe_b64encode(hashlib.blake2b(raw, digest_size=24).digest() + raw).decode()[:54]}"


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a provider numbers: what it makes of a number for a sid, and its first callback of a conference.

    `first` None: nobody knows, the switch `sequence_start` decides.
    """

    conference: Callable[[int], str]
    call: Callable[[int], str]
    recording: Callable[[int], str]
    first: int | None


# One row per provider.
NUMBERING = {
    "twilio": Numbering(
        conference="CF{:032x}".format, call="CA{:032x}".format, recording="RE{:032x}".format, first=None
    ),
    "telnyx": Numbering(conference=_uuid, call=_call_control_id, recording=_uuid, first=0),
}


class Sids:
    """Numbers for sids: a random start and a counter, so that no two runs and no two resets share one."""

    def __init__(self) -> None:
        self._numbers = itertools.count(secrets.randbits(127))

    def make(self, provider: str, kind: Literal["conference", "call", "recording"]) -> str:
        number = next(self._numbers) % (1 << 128)
        numbering = NUMBERING[provider]
        made: str = getattr(numbering, kind)(number)
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Sids:
        """A copied world keeps counting here: a sid that it gave away must never be given twice."""
        return self
