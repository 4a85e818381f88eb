"""What a person, or the house in their place, wishes for a supervisor's leg. Writes it; sends nothing."""

import time
import uuid

from django.db import transaction
from django.utils import timezone

from . import stay_outcomes
from .access import may_stay
from .ledger import append_outcome
from .models import Conference, Intervention, Mode, Outcome, Supervision
from .stay import lapsed, wished
from .stay_rows import load, lock, store
from .supervising import drive_soon, tell

SPEAKING = (Mode.WHISPER, Mode.BARGE)


def wish(
    pk: uuid.UUID,
    *,
    mode: str,
    intervention: Intervention | None,
    target: str | None = None,
    then: tuple[Conference, Intervention] | None = None,
) -> bool:
    """The person's newest wish for their leg; the one before ends `replaced`. False: the stay is over.

    A wish to speak that arrives after a newer one, or when the stay is on another call, ends so itself.
    """
    with transaction.atomic():
        stay = lock(pk)
        if stay is None:
            return False
        if intervention is not None and (
            overtaken(intervention) or (mode in SPEAKING and stay.conference_id != intervention.conference_id)
        ):
            append_outcome(intervention, Outcome.State.FAILED, detail="replaced")
            return True
        store(stay, wished(load(stay), mode=mode, now=time.time(), target=target))
        moving = stay.then_intervention
        stay.then_conference, stay.then_intervention = then or (None, None)
        stay.next_step_at = timezone.now()
        tell(stay)
        stay_outcomes.replaced(stay)
        if moving is not None:
            append_outcome(moving, Outcome.State.FAILED, detail="replaced")
        stay.intervention = intervention
        stay.save(update_fields=["then_conference", "then_intervention", "next_step_at", "intervention"])
    drive_soon(pk, stay.conference.account_id)
    return True


def overtaken(intervention: Intervention) -> bool:
    """Whether it asks to speak, and the same person has asked for something else since.

    Requests may be carried out in another order than they were recorded in. Silence is never overtaken.
    """
    newer = Intervention.objects.filter(
        user=intervention.user_id, verb__in=Mode.values, position__gt=intervention.position
    )
    return intervention.verb in SPEAKING and newer.exclude(outcomes__state=Outcome.State.REFUSED).exists()


def lapse(pk: uuid.UUID, *, to: str, why: str) -> None:
    """The wish becomes listen or leave without the person; `why` is a code that the screen puts in words."""
    with transaction.atomic():
        stay = lock(pk)
        if stay is None or stay.wanted in {to, Mode.LEAVE}:
            return
        store(stay, lapsed(load(stay), to=to, why=why, now=time.time()))
        tell(stay)
        stay_outcomes.replaced(stay, detail="lapsed")
    drive_soon(pk, stay.conference.account_id)


def leave_of(user_id: int, *, why: str) -> None:
    """Take this person off whatever call they are on."""
    for pk in Supervision.objects.filter(user=user_id, ended_at=None).values_list("pk", flat=True):
        lapse(pk, to=Mode.LEAVE, why=why)


def end_unentitled() -> None:
    """A supervisor who lost the right is taken off the call, with or without a screen."""
    stays = Supervision.objects.filter(ended_at=None).exclude(wanted=Mode.LEAVE)
    for stay in stays.select_related("user", "team"):
        if not may_stay(stay.user, stay):
            lapse(stay.pk, to=Mode.LEAVE, why="right_revoked")
