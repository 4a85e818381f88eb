"""Sends dials when it is their turn, looks for those whose answer was lost, and reads those that ring.

Anybody may call `run_due` at any time, in any process: `due_at` of the row says when its next step is. Taking
a step moves it, so that one runner takes it. A dial is sent once: its row is `sent`, committed, before it
leaves, and one found like that later was sent by somebody who has died: it is looked for by its label.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone

from .. import access_dialling, dial_policy, dial_progress, dial_queue, mirror, supervising, targets
from ..dial_progress import conclude, gone_call, lock
from ..events import LegEvent
from ..ledger import append_outcome
from ..models import Conference, Dial, Outcome
from ..pools import Pool
from ..providers import Gone, NotSent, ProviderError, Refused, provider_for
from ..timing import TIMING
from .dial_watching import look, lost, read, tell

log = logging.getLogger(__name__)
State, End, Said = Dial.State, Dial.End, Outcome.State
PASSWORD = "sip_auth_password"  # noqa: S105 (its name: the only parameter that is never stored)
_pool = Pool("dial", threads=8)
_passwords: dict[UUID, str] = {}  # of dials that this process was asked for and has not sent yet


def keep_password(pk: UUID, password: str) -> None:
    """In memory alone, until the dial leaves. Another process cannot send it."""
    _passwords[pk] = password


def run_due() -> int:
    """Take every step that is due. Returns how many there were."""
    now = timezone.now()
    lost = now + dial_queue.LONGEST  # such a time was noted before our clock was set back
    due = Dial.objects.filter(Q(due_at__lte=now) | Q(due_at__gt=lost)).exclude(state=State.ENDED)
    try:
        found = list(due.order_by("due_at").values_list("pk", "account_id"))
    except DatabaseError:
        log.warning("Dials could not be looked at; the next look finds them.")
        return 0
    for pk, account_id in found:
        _pool.submit(account_id, step, pk, key=pk)
    return len(found)


def step(pk: UUID) -> None:
    """The next step of this dial, if it is due and nobody else takes it."""
    now = timezone.now()
    with transaction.atomic():
        dial = lock(pk)
        if dial.state == State.ENDED or dial.due_at is None or now < dial.due_at <= now + dial_queue.LONGEST:
            return
        if dial.state == State.WAITING and not _may_leave(dial, now):
            return
        leaves = dial.state == State.WAITING
        if leaves:
            dial.state, dial.sent_at = State.SENT, now
        # Whoever takes a step has so long for it; then it is somebody else's.
        dial.due_at = now + timedelta(seconds=TIMING.lease)
        dial.save(update_fields=["state", "sent_at", "due_at"])
        if leaves and dial.conference_id is not None:
            mirror.touch(dial.conference_id)
    if leaves:
        return _send(dial)
    return look(dial) if dial.state in {State.SENT, State.UNKNOWN} else read(dial)


# --- its turn ---------------------------------------------------------------------------------------------
def _may_leave(dial: Dial, now: datetime) -> bool:
    """It may have waited long: what was possible then must be possible now. Ends it where it is not."""
    user, to = dial.intervention.user, targets.read(dial.to)
    if PASSWORD in dial.parameters and dial.pk not in _passwords:
        late = now - (dial.due_at or now) > timedelta(seconds=TIMING.lease)
        if late:
            conclude(dial, End.NOT_SENT, Said.FAILED, detail="no_password")
        return False
    if gone_call(dial):
        conclude(dial, End.NOT_SENT, Said.FAILED, detail="gone")
    elif not user.is_active or not user.has_perm("participants.dial"):
        conclude(dial, End.NOT_SENT, Said.FAILED, detail="not_allowed")
    elif dial_policy.refusal(to, access_dialling.policy_of(dial.account, user)) is not None:
        conclude(dial, End.NOT_SENT, Said.FAILED, detail="dial_number")
    else:
        return True
    return False


def _send(dial: Dial) -> None:
    values = dict(dial.parameters)
    if PASSWORD in values:
        values[PASSWORD] = _passwords.pop(dial.pk, None)
    room = dial.conference.sid if dial.conference is not None else dial.friendly_name
    try:
        event = provider_for(dial.account).dial(room, named=dial.conference is None, **values)
    except NotSent as error:
        _end(dial, End.NOT_SENT, Said.FAILED, detail="unreachable", message=str(error))
    except Refused as refused:
        _refused(dial, refused)
    except ProviderError as error:
        lost(dial, str(error))
    except Exception:
        # Whatever it was, it may have left.
        log.exception("A dial failed inside Earshot; what became of it is not known.")
        lost(dial, "")
    else:
        _accepted(dial, event)


def _refused(dial: Dial, refused: Refused) -> None:
    words = {"code": refused.code, "message": refused.message}
    now = timezone.now()
    patient = now - dial.asked_at < timedelta(seconds=TIMING.dial_patience)
    if refused.status == 429 and patient:
        return _goes_back(dial, refused, now)
    if isinstance(refused, Gone):
        return _end(dial, End.REFUSED, Said.FAILED, detail="gone", **words)
    return _end(dial, End.REFUSED, Said.REFUSED, detail="refused", **words)


def _goes_back(dial: Dial, refused: Refused, now: datetime) -> None:
    """Too many at once: nothing was placed, and it is the next in line."""
    wait = refused.retry_after if refused.retry_after is not None else TIMING.slow_down
    with transaction.atomic():
        locked = lock(dial.pk)
        if locked.ended_how == End.CANCELLED:
            return conclude(locked, End.CANCELLED, Said.FAILED)
        if PASSWORD in locked.parameters:
            return conclude(locked, End.NOT_SENT, Said.FAILED, detail="no_password")
        locked.due_at = dial_queue.step_back(locked.account, wait, now)
        locked.state, locked.sent_at = State.WAITING, None
        locked.code, locked.message = refused.code, refused.message[:255]
        locked.save()
        tell(locked)


def _end(dial: Dial, how: str, outcome: str, **words: str) -> None:
    with transaction.atomic():
        locked = lock(dial.pk)
        if locked.state in {State.SENT, State.UNKNOWN}:
            conclude(locked, how, outcome, **words)


def _accepted(dial: Dial, event: LegEvent) -> None:
    if dial.conference is None:
        event = replace(event, friendly_name=dial.friendly_name)
    with transaction.atomic():
        locked = lock(dial.pk)
        # Known before the mirror sees the leg, so that it is known who it is.
        locked.call_sid = event.call_sid
        locked.save(update_fields=["call_sid"])
        changed = mirror.apply(locked.account, [event])
        _joined(locked, event)
        if locked.state == State.SENT:
            locked.state = State.QUEUED if event.queue_time else State.DIALLING
            append_outcome(locked.intervention, Said.ACCEPTED)
        locked.due_at = timezone.now() + timedelta(seconds=0 if locked.ended_how else TIMING.dial_read)
        locked.save()
        tell(locked)
    supervising.touched(dial.account, changed)
    dial_progress.follow([locked.conference_id] if locked.conference_id else [])


def _joined(dial: Dial, event: LegEvent) -> None:
    """The conference that the answer names: one that was dialled by its name begins here."""
    dial.conference = Conference.objects.select_related("account").get(
        account=dial.account, sid=event.conference_sid
    )
    dial.participant = dial.conference.participants.filter(call_sid=event.call_sid).first()
