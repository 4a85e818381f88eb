"""Stored callbacks applied to nothing: what they alone make of a call, as the mirror merges, in memory."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from . import derive
from .believing import Believed
from .callbacks import TOO_OLD
from .events import CallEvent, ConferenceEvent, Event, LegEvent, Presence, RecordingEvent, Source, Stamp
from .merge import GROUPS, Mark
from .models import Account, Callback, Change, Conference, Participant
from .providers import PROVIDERS, Forged, Malformed

OF_THE_ROOM = ("status", "reason_ended")


@dataclass(frozen=True)
class Stored:
    """Everything that is stored of one call, read while it stood still."""

    conference: Conference
    legs: dict[str, Participant]
    callbacks: list[Callback]
    changes: list[Change]  # by reads and answers


class Played(Believed):
    """A call as the callbacks tell it."""

    def __init__(self, account: Account, sid: str, now: datetime, waiting: dict[str, list[Event]]) -> None:
        super().__init__(Conference(account=account, sid=sid, first_seen_at=now), [], now=now)
        self.waiting = waiting

    def waited_for(self, event: LegEvent) -> list[Event]:
        return self.waiting.pop(event.call_sid, [])

    def derive(self) -> None:
        over = self.conference.status == Conference.Status.COMPLETED
        for leg in self.legs.values():
            derive.leg(leg, over=over, now=self.now)


@dataclass
class Play:
    """`unread`: the callbacks that were read when they came, and cannot be read today, with why."""

    account: Account
    calls: dict[str, Played] = field(default_factory=dict)
    waiting: dict[str, list[Event]] = field(default_factory=dict)
    unread: list[tuple[Callback, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Nothing is sent and nothing verified, so a replay needs no secret.
        self.provider = PROVIDERS[self.account.provider](self.account, "none")

    def take(self, callback: Callback) -> None:
        """As at its arrival: what was rejected, or too old even then, changes nothing."""
        occurred, came = callback.occurred_at, callback.received_at
        late = occurred is not None and came - occurred > TOO_OLD
        if late or callback.verdict == Callback.Verdict.REJECTED:
            return
        try:
            parsed = self.provider.parse(callback.kind, [(name, value) for name, value in callback.form])
        except (Forged, Malformed) as wrong:
            self.unread.append((callback, str(wrong)))
            return
        self.tell(parsed.events, at=came)

    def tell(self, events: Iterable[Event], *, at: datetime) -> None:
        for event in events:
            sid = self._where(event)
            if sid is None:
                assert isinstance(event, CallEvent | RecordingEvent) and event.call_sid is not None
                self.waiting.setdefault(event.call_sid, []).append(event)
                continue
            if sid not in self.calls:
                self.calls[sid] = Played(self.account, sid, at, self.waiting)
            call = self.calls[sid]
            call.now = at
            call.merge([event])
            call.derive()

    def _where(self, event: Event) -> str | None:
        if isinstance(event, RecordingEvent):
            known = [sid for sid, call in self.calls.items() if event.sid in call.recordings]
            if known:
                return known[0]
        if isinstance(event, ConferenceEvent | LegEvent) or event.call_sid is None:
            return event.conference_sid
        return self._room_of(event.call_sid)

    def _room_of(self, call_sid: str) -> str | None:
        """Where the leg of this call was seen last."""
        seen = [
            (call.legs[call_sid].first_seen_at, sid)
            for sid, call in self.calls.items()
            if call_sid in call.legs
        ]
        return max(seen)[1] if seen else None


def play(stored: Stored, *, reads: bool = False, seed: int | None = None) -> Play:
    """The callbacks in the order received, or shuffled; `reads`: with the newest read of each fact."""
    made = Play(stored.conference.account)
    told: list[tuple[datetime, Callback | list[Event]]] = [(row.received_at, row) for row in stored.callbacks]
    if seed is not None:
        random.Random(seed).shuffle(told)
    if reads:
        told = sorted([*told, *_reads(stored)], key=lambda one: one[0])
    for at, one in told:
        if isinstance(one, Callback):
            made.take(one)
        else:
            made.tell(one, at=at)
    return made


def _reads(stored: Stored) -> list[tuple[datetime, list[Event]]]:
    """The newest read of each group of facts, as its mark keeps it, and what was read of the room."""
    sid, found = stored.conference.sid, list[tuple[datetime, list[Event]]]()
    for leg in stored.legs.values():
        by_read: dict[tuple[float, float | None], dict[str, object]] = {}
        for group in GROUPS:
            mark = Mark.load(leg.marks.get(group))
            if mark.began is not None:
                by_read.setdefault((mark.began, mark.date), {})[group] = mark.said
        for (began, date), said in by_read.items():
            found.append((datetime.fromtimestamp(began, UTC), [_read(sid, leg.call_sid, began, date, said)]))
    for change in stored.changes:
        facts = {name: change.facts[name][1] for name in OF_THE_ROOM if name in change.facts}
        if facts and change.participant_id is None:
            stamp = Stamp(source=Source.READ, began=change.at.timestamp())
            found.append((change.at, [ConferenceEvent(conference_sid=sid, stamp=stamp, **facts)]))
    return found


def _read(sid: str, call_sid: str, began: float, date: float | None, said: dict[str, object]) -> LegEvent:
    presence = said.pop("presence", None)
    return LegEvent(
        conference_sid=sid,
        call_sid=call_sid,
        stamp=Stamp(source=Source.READ, began=began, occurred=date),
        presence=Presence(str(presence)) if presence is not None else None,
        **said,  # type: ignore[arg-type]
    )


# --- what is stored ---------------------------------------------------------------------------------------
def load(pk: UUID) -> Stored | None:
    """None: it changed while it was looked at, each time."""
    for _ in range(3):
        conference, legs = _rows(pk)
        of_legs = Q(call_sid__in=[leg.call_sid for leg in legs])
        callbacks = Callback.objects.filter(
            of_legs | Q(conference_sid=conference.sid), account=conference.account
        )
        asked = conference.changes.exclude(source=Source.CALLBACK)
        stored = Stored(
            conference,
            {leg.call_sid: leg for leg in legs},
            list(callbacks.order_by("received_at", "pk")),
            list(asked.order_by("at", "pk")),
        )
        if _facts(*_rows(pk)) == _facts(conference, legs):
            return stored
    return None


def _rows(pk: UUID) -> tuple[Conference, Sequence[Participant]]:
    conference = Conference.objects.select_related("account").get(pk=pk)
    return conference, list(conference.participants.order_by("first_seen_at", "pk"))


def _facts(conference: Conference, legs: Sequence[Participant]) -> object:
    """Every callback that is applied changes one of these."""
    return (
        conference.version,
        conference.callbacks_seen_at,
        [(leg.call_sid, leg.marks, leg.as_of) for leg in legs],
    )


def gone(conference: Conference) -> str:
    """Why the callbacks of this call are not all there to be replayed; empty: they are."""
    if conference.purged_at is not None:
        return f"was purged on {conference.purged_at:%Y-%m-%d}: its callbacks are gone"
    days = settings.KEEP_CONFERENCES_DAYS
    if days is None or conference.ended_at is None:
        return ""
    if conference.ended_at < timezone.now() - timedelta(days=days):
        return "is old enough to be purged: some of its callbacks may be gone"
    return ""
