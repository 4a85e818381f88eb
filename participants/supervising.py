"""The only sender for supervisors' legs.

`step` carries out one decision of `modes.next_request`: it commits the request, sends it, stores what became
of it. Anybody may call it at any time: a lease on the row makes one runner at a time, except for mutes and
removals, which wait for nobody. `touched` is what every writer of the mirror calls after its commit.
"""

import os
import threading
import time
import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from . import blind, dial_progress, leg_requests, live, mirror, reading, reading_recordings, stay_outcomes
from .changed import Changed
from .clock import horizon
from .ledger import append_outcome
from .models import Account, Conference, Intervention, LegRequest, Mode, Outcome, Participant, Supervision
from .modes import Act, Decision, next_request
from .pools import Pool
from .providers import PROVIDERS, ProviderError, provider_for
from .stay import Seen, State, lapsed, observed, opened_by_others, sent
from .stay_rows import flags_of_others, load, lock, moment, note_joined, note_opened, store
from .timing import TIMING

RUNNER = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
MOST_STEPS = 30  # in one drive; the next second goes on
_steps = Pool("step", threads=12)
_mutes = Pool("mute", threads=4)  # of their own: silence waits for nobody
_reads = Pool("read", threads=4, needed=False)
_lookups = Pool("look-up", threads=2, needed=False)


# --- wishes -----------------------------------------------------------------------------------------------
def begin(
    user: User, conference: Conference, *, mode: str, intervention: Intervention, target: str | None = None
) -> Supervision:
    """A new stay: the person's phone is about to ring. IntegrityError when they have a live one."""
    now = timezone.now()
    with transaction.atomic():
        stay = Supervision.objects.create(
            user=user,
            conference=conference,
            team=conference.team,
            address=user.supervisor.address,
            wanted=mode,
            wanted_at=now,
            target=target,
            intervention=intervention,
            since=now,
            next_step_at=now,
        )
        stay.flags_before = flags_of_others(stay)
        stay.save(update_fields=["flags_before"])
        tell(stay)
    drive_soon(stay.pk, stay.conference.account_id)
    return stay


def tell(stay: Supervision) -> None:
    """Everybody who sees the call, and the person, shall see what has changed of the stay."""
    mirror.touch(stay.conference_id)
    transaction.on_commit(lambda: live.publish_user(stay.user_id))


# --- who calls --------------------------------------------------------------------------------------------
def touched(account: Account, changed: Changed) -> None:
    """After a commit: let every stay that this touches take its next step, and read what is in doubt."""
    if changed.conferences:
        stays = Supervision.objects.filter(conference__in=changed.conferences, ended_at=None)
        for pk, user_id in stays.values_list("pk", "user_id"):
            drive_soon(pk, account.pk)
            live.publish_user(user_id)
        dial_progress.follow(changed.conferences)
    if changed.watched:
        for ghost in ghosts(changed.watched):
            _mutes.submit(account.pk, leg_requests.remove_ghost, ghost, key=ghost.pk)
    for leg in changed.legs:
        _reads.submit(account.pk, _read_leg, account, leg, key=leg)
    for leg in changed.calls - changed.legs:
        _lookups.submit(account.pk, _look_up, account, leg, key=leg)
    for conference_id in changed.endings:
        _reads.submit(account.pk, _read_ending, account, conference_id, key=conference_id)
    for conference_id in changed.recordings:
        _reads.submit(account.pk, _read_recordings, account, conference_id, key=("taped", conference_id))


def _read_leg(account: Account, about: tuple[uuid.UUID, str]) -> None:
    touched(account, reading.doubt(about))


def _look_up(account: Account, about: tuple[uuid.UUID, str]) -> None:
    provider_for(account).budget.wait()
    touched(account, reading.identity(about))


def _read_recordings(account: Account, conference_id: uuid.UUID) -> None:
    touched(account, reading_recordings.doubt(conference_id))


def _read_ending(account: Account, conference_id: uuid.UUID) -> None:
    touched(account, reading.ending(conference_id))


def run_due() -> int:
    """Give every stay whose time has come its next step. Returns how many there were."""
    now = timezone.now()
    lost = horizon(now, by=2 * TIMING.remove_last)
    due = Supervision.objects.filter(Q(next_step_at__lte=now) | Q(next_step_at__gt=lost), ended_at=None)
    try:
        found = list(due.values_list("pk", "conference__account_id"))
    except DatabaseError:
        blind.failed()
        raise
    for pk, account_id in found:
        drive_soon(pk, account_id)
    return len(found)


def ghosts(conferences: Iterable[uuid.UUID]) -> list[Participant]:
    """Legs that Earshot dialled and that no live stay owns any more."""
    legs = Participant.objects.filter(
        conference__in=conferences, role=Participant.Role.SUPERVISOR, left_at=None, label__isnull=False
    )
    ended = Supervision.objects.exclude(ended_at=None).values("label")
    return list(legs.filter(label__in=ended).select_related("conference__account"))


# --- driving ----------------------------------------------------------------------------------------------
def drive_soon(pk: uuid.UUID, account_id: int) -> None:
    """Step this stay in another thread until there is nothing to do now."""
    _steps.submit(account_id, _drive, pk, key=pk)


def _drive(pk: uuid.UUID) -> None:
    try:
        for _ in range(MOST_STEPS):
            if not step(pk):
                return
    except DatabaseError:
        blind.failed()
        raise


def step(pk: uuid.UUID) -> bool:
    """Carry out one decision for this stay. True: there may be more to do at once."""
    with transaction.atomic():
        stay = lock(pk)
        if stay is None:
            return False
        lapses: list[tuple[State, str]] = []
        state, decision = _decide(load(stay), stay, lapses)
        blind.remember(stay, state)
        if not _may_act(stay, decision):
            return False
        if decision.urgent and opened_by_others(state, state.told):
            note_opened(stay, state.told)
        request = leg_requests.prepare(stay, decision)
        if request is not None:
            state = sent(state, leg_requests.as_asked(request))
        if store(stay, state) or request is not None or decision.act is Act.END:
            tell(stay)
        for at_that_time, why in lapses:
            stay_outcomes.lapse(stay, at_that_time, why)
        if decision.act is Act.END:
            stay_outcomes.end(stay, state, decision)
    blind.stored()
    return _carry_out(stay, decision, request)


def _decide(state: State, stay: Supervision, lapses: list[tuple[State, str]]) -> tuple[State, Decision]:
    codes, now = PROVIDERS[stay.conference.account.provider].refused_for_coaching, time.time()
    decision = next_request(state, now, refused_for_coaching=codes)
    while decision.act in {Act.LISTEN, Act.LEAVE}:
        lapses.append((state, decision.why))
        state = lapsed(state, to=decision.act.value, why=decision.why, now=now)
        decision = next_request(state, now, refused_for_coaching=codes)
    return state, decision


def _may_act(stay: Supervision, decision: Decision) -> bool:
    """Take the lease where the decision needs one. False: somebody else has it."""
    now = timezone.now()
    if decision.act is Act.WAIT:
        stay.next_step_at = moment(decision.at)
    elif decision.urgent or decision.act is Act.END:
        return True
    elif stay.lease_until is not None and now < stay.lease_until <= now + timedelta(seconds=TIMING.lease):
        return False
    else:
        stay.lease_owner = _owner()
        stay.lease_until = stay.next_step_at = now + timedelta(seconds=TIMING.lease)
    stay.save(update_fields=["lease_owner", "lease_until", "next_step_at"])
    return True


def _owner() -> str:
    return f"{RUNNER}-{threading.get_ident()}"


# --- carrying out -----------------------------------------------------------------------------------------
def _carry_out(stay: Supervision, decision: Decision, request: LegRequest | None) -> bool:
    if decision.act is Act.WAIT:
        return False
    if decision.act is Act.END:
        _go_on(stay)
        return False
    if decision.urgent:
        _mutes.submit(stay.conference.account_id, _send, stay, request)
        return True
    try:
        if request is not None:
            _send(stay, request)
        else:
            touched(stay.conference.account, _fetch(stay) if decision.act is Act.FETCH else _ask_call(stay))
    finally:
        _release(stay)
    return True


def _send(stay: Supervision, request: LegRequest) -> None:
    touched(stay.conference.account, leg_requests.send(request))
    drive_soon(stay.pk, stay.conference.account_id)


def _fetch(stay: Supervision) -> Changed:
    _note_fetch(stay)
    try:
        seen, changed = reading.leg(stay.conference, stay.call_sid or stay.label or "")
    except ProviderError:
        return Changed()
    with transaction.atomic():
        locked = lock(stay.pk)
        if locked is not None:
            _take_in(locked, seen)
    return changed


def _take_in(stay: Supervision, seen: Seen) -> None:
    before = load(stay)
    state = observed(before, seen)
    visible = store(stay, state)
    if opened_by_others(before, seen):
        note_opened(stay, seen)
    if state.connected and not before.connected:
        note_joined(stay)
    if visible:
        tell(stay)
    stay_outcomes.seen(stay, state)


def _ask_call(stay: Supervision) -> Changed:
    _note_fetch(stay)
    leg = Participant.objects.filter(conference=stay.conference, call_sid=stay.call_sid).first()
    try:
        return reading.call(leg) if leg is not None else Changed()
    except ProviderError:
        return Changed()


def _note_fetch(stay: Supervision) -> None:
    Supervision.objects.filter(pk=stay.pk).update(fetch_began_at=timezone.now())


def _release(stay: Supervision) -> None:
    Supervision.objects.filter(pk=stay.pk, lease_owner=_owner()).update(
        lease_owner="", lease_until=None, next_step_at=timezone.now()
    )


def _go_on(stay: Supervision) -> None:
    """The stay has ended as wished: begin the next one, unless the person has waited too long for it."""
    if stay.then_conference is None or stay.then_intervention is None:
        return
    late = timezone.now() - stay.wanted_at > timedelta(seconds=TIMING.then_deadline)
    if late or not stay.then_conference.live:
        append_outcome(stay.then_intervention, Outcome.State.FAILED, detail="lapsed")
        return
    begin(stay.user, stay.then_conference, mode=Mode.LISTEN, intervention=stay.then_intervention)
