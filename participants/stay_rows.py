"""A stay between the database and the pure modules: load(supervision) -> State, store(supervision, state)."""

import time
import uuid
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import overload

from django.utils import timezone

from .clock import is_ahead
from .models import Conference, LegRequest, Participant, Supervision
from .stay import Agent, Asked, Seen, State
from .timing import TIMING


def seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def moment(unix: float | None) -> datetime | None:
    return datetime.fromtimestamp(unix, UTC) if unix is not None else None


@overload
def past(unix: float) -> float: ...
@overload
def past(unix: None) -> None: ...
@overload
def past(unix: float | None) -> float | None: ...
def past(unix: float | None) -> float | None:
    """A moment that was noted before our clock was set back is over, and some time ago."""
    now = time.time()
    return now - TIMING.lease if is_ahead(unix, now) else unix


def load(supervision: Supervision) -> State:
    """The stay as it stands now, with the call around it. Asks nothing of rows that were prefetched."""
    conference = supervision.conference
    everybody = list(conference.participants.all())
    legs = [leg for leg in everybody if leg.left_at is None]
    own = next((leg for leg in everybody if leg.call_sid == supervision.call_sid), None)
    seen = Seen(**supervision.seen) if supervision.seen else None
    if seen is not None:
        seen = replace(seen, began=past(seen.began))
    return State(
        wanted=supervision.wanted,
        wanted_at=past(supervision.wanted_at.timestamp()),
        wish=supervision.wish,
        target=supervision.target,
        lapsed=supervision.lapsed,
        confirmed=supervision.confirmed,
        confirmed_at=past(seconds(supervision.confirmed_at)),
        mode_since=past(seconds(supervision.mode_since)),
        silencing_at=past(seconds(supervision.silencing_at)),
        dialled_at=past(seconds(supervision.dialled_at)),
        call_sid=supervision.call_sid,
        call_status=own.call_status if own else None,
        connected=supervision.connected,
        seen=seen,
        fetch_began=past(seconds(supervision.fetch_began_at)),
        asked=tuple(_asked(request) for request in supervision.requests.all()),
        agents=tuple(_agent(leg) for leg in legs if leg.role == Participant.Role.AGENT),
        in_progress=conference.status == Conference.Status.IN_PROGRESS,
        over=not conference.live,
        alone_since=seconds(conference.alone_since),
        told=_told(own, seen),
    )


def _asked(request: LegRequest) -> Asked:
    return Asked(
        id=request.pk,
        verb=request.verb,
        wish=request.wish,
        sent_at=past(request.sent_at.timestamp()),
        muted=request.muted,
        coaching=request.coaching,
        target=request.target,
        answered_at=past(seconds(request.answered_at)),
        outcome=request.outcome,
        code=request.code,
        message=request.message,
        closed=request.closed_at is not None,
    )


def _agent(leg: Participant) -> Agent:
    return Agent(
        call_sid=leg.call_sid,
        connected=leg.is_in,
        held=bool(leg.hold),
        certain=leg.certainty != Participant.Certainty.PROBABLE,
        joined_at=(leg.joined_at or leg.first_seen_at).timestamp(),
    )


def _told(own: Participant | None, seen: Seen | None) -> Seen | None:
    """What callbacks and other reads said of the leg since it was last fetched, where that differs."""
    if own is None or seen is None or own.source == "answer" or own.as_of.timestamp() <= seen.began:
        return None
    gone = own.left_at is not None
    same = (own.muted, own.coaching, gone) == (seen.muted, seen.coaching, not seen.found)
    unsaid_target = bool(own.coaching) and own.coaching_call_sid != seen.target
    if same and not unsaid_target:
        return None
    return Seen(
        began=own.as_of.timestamp(),
        found=not gone,
        call_sid=own.call_sid,
        status=own.status,
        muted=own.muted,
        coaching=own.coaching,
        target=own.coaching_call_sid,
    )


def store(supervision: Supervision, state: State) -> bool:
    """Write what differs, and say whether anything did that people see."""
    fields = {
        "wanted": state.wanted,
        "wanted_at": moment(state.wanted_at),
        "wish": state.wish,
        "target": state.target,
        "lapsed": state.lapsed,
        "confirmed": state.confirmed,
        "confirmed_at": moment(state.confirmed_at),
        "mode_since": moment(state.mode_since),
        "silencing_at": moment(state.silencing_at),
        "dialled_at": moment(state.dialled_at),
        "call_sid": state.call_sid,
        "connected": state.connected,
        "armed": bool(state.seen and state.seen.coaching and state.seen.target),
        "seen": asdict(state.seen) if state.seen else None,
        "fetch_began_at": moment(state.fetch_began),
        "audience": state.exposure(time.time()).value,
    }
    changed = [name for name, value in fields.items() if getattr(supervision, name) != value]
    for name in changed:
        setattr(supervision, name, fields[name])
    if changed:
        supervision.save(update_fields=changed)
    _close(supervision, state)
    return bool(set(changed) - {"seen", "fetch_began_at", "confirmed_at", "silencing_at"})


def flags_of_others(supervision: Supervision) -> dict[str, list[bool | None]]:
    """Muted and hold of everybody else who is on the call, as far as they are known."""
    others = supervision.conference.participants.filter(status="connected").exclude(
        role=Participant.Role.SUPERVISOR
    )
    return {leg.call_sid: [leg.muted, leg.hold] for leg in others}


def note_joined(supervision: Supervision) -> None:
    """A leg that joins must change nothing for the others; where it did, the screen says so."""
    before, now = supervision.flags_before, flags_of_others(supervision)
    supervision.flags_changed = [sid for sid in before if sid in now and _differs(before[sid], now[sid])]
    supervision.save(update_fields=["flags_changed"])


def note_opened(supervision: Supervision, seen: Seen | None) -> None:
    """Somebody outside Earshot made the line audible: the person is told, also when it is silent again."""
    everyone = seen is not None and seen.mode == "barge"
    supervision.opened_at, supervision.opened_to = timezone.now(), "everyone" if everyone else "agent"
    supervision.save(update_fields=["opened_at", "opened_to"])


def _differs(before: list[bool | None], now: list[bool | None]) -> bool:
    """Muted or held who was not; whoever came back is no worse off."""
    return any(was is False and is_ is True for was, is_ in zip(before, now, strict=True))


def _close(supervision: Supervision, state: State) -> None:
    closed = [request.id for request in state.asked if request.closed]
    supervision.requests.filter(pk__in=closed, closed_at=None).update(closed_at=timezone.now())


def expire(supervision: Supervision) -> None:
    """A request open longer than its lease was sent by somebody who has died: its outcome is unknown."""
    now = timezone.now()
    overdue = now - timedelta(seconds=TIMING.lease)
    supervision.requests.filter(outcome=LegRequest.Outcome.OPEN, sent_at__lt=overdue).update(
        outcome=LegRequest.Outcome.UNKNOWN, answered_at=now
    )


def lock(pk: uuid.UUID) -> Supervision | None:
    """The live supervision and its conference, locked until the transaction ends; None: the stay is over."""
    stays = Supervision.objects.select_for_update(of=("self", "conference"))
    locked = stays.select_related("conference__account").filter(pk=pk, ended_at=None).first()
    if locked is not None:
        expire(locked)
    return locked
