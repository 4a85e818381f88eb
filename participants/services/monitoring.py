"""Listen, whisper, barge, leave: these write wishes; `supervising` sends."""

from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, transaction

from .. import access, supervising, wishes
from ..models import Conference, Intervention, Mode, Outcome, Participant, Supervision
from . import unrecorded
from .command import Asked, allow, conclude, open_for, repeated, wait
from .confirming import confirm_barge


def listen(conference: Conference, asked: Asked) -> Intervention:
    """Nobody hears you. On another call: that one is left first. Never refused on one's own call."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "listen", conference)
    return _wish(conference, asked, Mode.LISTEN)


def whisper(conference: Conference, asked: Asked, *, participant: Participant | None = None) -> Intervention:
    """Only the agent hears you. `participant`: which agent, where there are several."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "whisper", participant or conference)
    leg = participant or _agent_on(conference)
    return _wish(conference, asked, Mode.WHISPER, target=leg.call_sid)


def _agent_on(conference: Conference) -> Participant:
    """The one agent whom `access` has just found on the call."""
    agents = conference.participants.filter(role=Participant.Role.AGENT, status="connected")
    return agents.order_by("-joined_at")[0]


def barge(conference: Conference, asked: Asked) -> Intervention:
    """Everyone hears you. Raises Denial `confirm` until the person has said yes to that."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "barge", conference)
    confirm_barge(conference, asked)
    return _wish(conference, asked, Mode.BARGE)


def leave(conference: Conference, asked: Asked) -> Intervention:
    """Off the call. Never refused while a leg may exist."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "leave", conference)
    return _wish(conference, asked, Mode.LEAVE)


def _wish(conference: Conference, asked: Asked, mode: str, *, target: str | None = None) -> Intervention:
    try:
        intervention, new = open_for(asked, mode, conference, {"target": target} if target else {})
    except DatabaseError as failed:
        stay = access.stay_of(asked.by)
        if stay is not None and stay.conference_id == conference.pk and mode in {Mode.LISTEN, Mode.LEAVE}:
            raise unrecorded.of_stay(mode, stay) from failed
        raise
    if new:
        _start_or_change(conference, asked, mode, intervention, target)
    return wait(intervention)


def _start_or_change(
    conference: Conference, asked: Asked, mode: str, intervention: Intervention, target: str | None
) -> None:
    """Two clicks at the same instant make one stay: the second becomes the newest wish of the first."""
    stay = access.stay_of(asked.by)
    if stay is None and mode == Mode.LEAVE:
        # It ended while they asked: they have left, and nothing new begins.
        return conclude(intervention, Outcome.State.CONFIRMED, detail="left")
    if stay is None and wishes.overtaken(intervention):
        return conclude(intervention, Outcome.State.FAILED, detail="replaced")
    if stay is None:
        try:
            with transaction.atomic():
                supervising.begin(asked.by, conference, mode=mode, intervention=intervention, target=target)
        except IntegrityError:
            stay = access.stay_of(asked.by)
    if stay is not None and not _change(stay, conference, mode, intervention, target):
        _start_or_change(conference, asked, mode, intervention, target)
    return None


def _change(
    stay: Supervision, conference: Conference, mode: str, intervention: Intervention, target: str | None
) -> bool:
    moves = stay.conference_id != conference.pk or stay.wanted == Mode.LEAVE
    if mode == Mode.LISTEN and moves:
        return wishes.wish(stay.pk, mode=Mode.LEAVE, intervention=None, then=(conference, intervention))
    return wishes.wish(stay.pk, mode=mode, intervention=intervention, target=target)


def signed_out(user: User | None, **_signal: object) -> None:
    """Who signs out leaves the call: nobody would see who hears them. Receives `user_logged_out`."""
    if user is not None:
        take_off_signed_out(user.pk)


def take_off_signed_out(user_id: int) -> None:
    """The person's last session has ended, here or elsewhere."""
    wishes.leave_of(user_id, why="signed_out")
