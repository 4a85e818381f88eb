"""The one path of every command: recorded, sent, mirrored, concluded.

An intervention is committed before anything is sent, and ends in an outcome whatever happens. The caller
waits at most `TIMING.command_wait`; what takes longer goes on in a small pool.
"""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import DatabaseError
from django.utils import timezone

from .. import access, mirror, supervising
from ..access import Denial
from ..changed import Changed
from ..events import Event
from ..ledger import append_outcome, append_outcome_unless, open_intervention
from ..models import Account, Conference, Intervention, Outcome, Participant
from ..pools import Pool
from ..providers import Gone, NotSent, ProviderError, Refused
from ..timing import TIMING
from . import unrecorded

log = logging.getLogger(__name__)
State = Outcome.State
FINAL = Outcome.FINAL
# What silences or removes is repeated until it shows: an answer that was lost does not end the wait for it.
REPEATED = {"listen", "leave", "mute", "remove"}
# What lasts: once it was accepted nobody waits for its end, which a callback may tell.
LASTING = {"announce", "cue"}
OPPOSITE = {"mute": "unmute", "unmute": "mute", "hold": "resume", "resume": "hold"}
_pool = Pool("command", threads=16)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and why. `key` and `fingerprint` (method, path, body) make a repetition harmless."""

    by: User
    reason: str = ""
    key: str | None = None
    fingerprint: str = ""
    confirm: str | bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a command does: `send` asks the provider once, `read` looks again, `done` says whether it shows.

    `again`: what silences or removes is repeated until it shows; a 404 is then as good. Without `done` no
    read shows it: accepted is its end, unless more will be `told` of it.
    """

    send: Callable[[], Event | None]
    read: Callable[[], mirror.Changed] = Changed
    done: Callable[[], bool] | None = None
    again: bool = False
    told: Callable[[], bool] = bool


def repeated(asked: Asked) -> Intervention | None:
    """The intervention that already used this key; raises Denial `key_reused` or `in_progress`."""
    if asked.key is None:
        return None
    fresh = timezone.now() - timedelta(seconds=TIMING.idempotency)
    used = Intervention.objects.filter(user=asked.by, key=asked.key, requested_at__gt=fresh).first()
    return same(used, asked) if used is not None else None


def same(used: Intervention, asked: Asked) -> Intervention:
    if used.fingerprint != asked.fingerprint:
        raise Denial("key_reused", "This Idempotency-Key was used for another request.")
    if is_open(used):
        raise Denial("in_progress", "This command is still under way.", intervention=used)
    return used


def allow(asked: Asked, verb: str, target: Conference | Participant, *, rights: Iterable[str] = ()) -> None:
    """Raises Denial when the person may not; a refused attempt is kept as an intervention too."""
    verdict = access.may(asked.by, verb, target, rights=rights)
    if verdict.code is not None:
        raise _refused(asked, verb, target, verdict.code, verdict.detail)


def refuse(asked: Asked, verb: str, target: Conference | Participant, code: str) -> Denial:
    """The recorded refusal of what the facts, or what was asked for, forbid."""
    leg = target if isinstance(target, Participant) else None
    conference = _conference_of(target)
    call = access.Call(conference, conference.participants.all())
    sentence = access.sentence(code, access.About(asked.by, verb, call, leg, None))
    return _refused(asked, verb, target, code, sentence)


def _refused(asked: Asked, verb: str, target: Conference | Participant, code: str, sentence: str) -> Denial:
    refused, _ = open_intervention(**_about(asked, verb, target) | {"key": None})
    append_outcome(refused, State.REFUSED, detail=code)
    return Denial(code, sentence, intervention=refused)


def open_for(
    asked: Asked, verb: str, target: Conference | Participant, parameters: dict[str, Any] | None = None
) -> tuple[Intervention, bool]:
    """The committed intervention, and whether it is new (False: the key was used at the same instant)."""
    intervention, new = open_intervention(**_about(asked, verb, target), parameters=parameters or {})
    if new:
        mirror.touch(_conference_of(target).pk)
        return intervention, True
    return same(intervention, asked), False


def _about(asked: Asked, verb: str, target: Conference | Participant) -> dict[str, Any]:
    return {
        "user": asked.by,
        "verb": verb,
        "conference": _conference_of(target),
        "participant": target if isinstance(target, Participant) else None,
        "reason": asked.reason,
        "key": asked.key,
        "fingerprint": asked.fingerprint,
    }


def _conference_of(target: Conference | Participant) -> Conference:
    return target.conference if isinstance(target, Participant) else target


def run(
    asked: Asked, verb: str, target: Conference | Participant, act: Act, **parameters: Any
) -> Intervention:
    """Record the command, send it, and wait a little for its end."""
    try:
        intervention, new = open_for(asked, verb, target, parameters)
    except DatabaseError as failed:
        if act.again and isinstance(target, Participant):
            raise unrecorded.of_person(verb, target, user_id=asked.by.pk) from failed
        raise
    if new:
        start(intervention, act)
    return wait(intervention)


def start(intervention: Intervention, act: Act) -> None:
    """In the pool: whoever asked waits for it with `wait`."""
    assert intervention.conference is not None
    _pool.submit(intervention.conference.account_id, _execute, intervention, act)


def wait(intervention: Intervention) -> Intervention:
    """Until the intervention has its outcome, at most `TIMING.command_wait` seconds."""
    until = time.monotonic() + TIMING.command_wait
    while time.monotonic() < until and not _is_answered(intervention):
        supervising.run_due()
        time.sleep(TIMING.command_poll)
    return intervention


def _is_answered(intervention: Intervention) -> bool:
    newest, verb = _newest(intervention), intervention.verb
    state = newest.state if newest else State.REQUESTED
    if state == State.UNKNOWN:
        return verb not in REPEATED
    return not _goes_on(newest) or (state == State.ACCEPTED and verb in LASTING)


def state_of(intervention: Intervention) -> str:
    newest = _newest(intervention)
    return newest.state if newest else State.REQUESTED


def is_open(intervention: Intervention) -> bool:
    """Whether more will be known of it."""
    return _goes_on(_newest(intervention))


def _newest(intervention: Intervention) -> Outcome | None:
    return intervention.outcomes.order_by("-position").first()


def _goes_on(newest: Outcome | None) -> bool:
    return newest is None or (
        newest.state in {State.REQUESTED, State.ACCEPTED} and newest.detail != Outcome.NOT_REPORTED
    )


def conclude(intervention: Intervention, state: str, **words: Any) -> None:
    append_outcome(intervention, state, **words)
    if intervention.conference_id is not None:
        mirror.touch(intervention.conference_id)


def _execute(intervention: Intervention, act: Act) -> None:
    try:
        _send(intervention, act)
        _watch(intervention, act)
    except Exception:
        log.exception("A command failed inside Earshot; what became of it is not known.")
        conclude(intervention, State.UNKNOWN, detail="internal")


def _send(intervention: Intervention, act: Act) -> None:
    account = _account_of(intervention)
    try:
        event = act.send()
    except NotSent as error:
        conclude(intervention, State.FAILED, detail="unreachable", message=str(error))
    except Gone as gone:
        if not act.again:
            conclude(intervention, State.FAILED, detail="gone", code=gone.code, message=gone.message)
    except Refused as refused:
        conclude(intervention, State.REFUSED, detail="refused", code=refused.code, message=refused.message)
    except ProviderError as error:
        conclude(intervention, State.UNKNOWN, message=str(error))
    else:
        _accept(intervention, act)
        if event is not None:
            supervising.touched(account, mirror.apply(account, [event]))


def _accept(intervention: Intervention, act: Act) -> None:
    """A callback may have been faster than the answer, and told the end."""
    untold = act.done is None and not act.told()
    detail = Outcome.NOT_REPORTED if untold else ""
    assert intervention.conference_id is not None
    if append_outcome_unless(FINAL, intervention, State.ACCEPTED, detail=detail):
        mirror.touch(intervention.conference_id)


def _watch(intervention: Intervention, act: Act) -> None:
    """Read until the fact shows. Accepted but never shown is contradicted; unknown stays unknown."""
    if act.done is None:
        return None
    account, until = _account_of(intervention), time.monotonic() + TIMING.fact_deadline
    while state_of(intervention) not in FINAL:
        try:
            supervising.touched(account, act.read())
        except ProviderError as error:
            log.info("Reading after a command failed: %s", error)
        if act.done():
            return conclude(intervention, State.CONFIRMED, evidence={"read": time.time()})
        if time.monotonic() > until:
            if state_of(intervention) == State.ACCEPTED:
                conclude(intervention, State.CONTRADICTED, detail="contradicted")
            return None
        time.sleep(TIMING.retry)
        if _is_undone(intervention):
            return conclude(intervention, State.FAILED, detail="replaced")
        if act.again:
            _repeat(act)
    return None


def _is_undone(intervention: Intervention) -> bool:
    """Whether somebody has asked for the opposite since: to repeat it now would undo theirs."""
    newer = Intervention.objects.filter(
        verb=OPPOSITE.get(intervention.verb, ""),
        participant=intervention.participant_id,
        position__gt=intervention.position,
    )
    return newer.exclude(outcomes__state=State.REFUSED).exists()


def _repeat(act: Act) -> None:
    try:
        act.send()
    except ProviderError as error:
        log.info("Repeating a command failed: %s", error)


def _account_of(intervention: Intervention) -> Account:
    assert intervention.conference is not None
    return intervention.conference.account
