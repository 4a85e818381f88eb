"""Commands whose process died, or of whose end nobody will tell: the worker says what is known of them."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from ..models import Dial, Intervention, Outcome, Supervision
from ..timing import TIMING
from .command import FINAL, LASTING, State, conclude, state_of


def settle() -> int:
    """Commands whose process died: nobody knows what became of them. Returns how many were found."""
    before = timezone.now() - timedelta(seconds=TIMING.request + TIMING.fact_deadline)
    oldest = before - timedelta(seconds=TIMING.idempotency)
    recent = Intervention.objects.filter(requested_at__range=(oldest, before))
    open_ones = [
        intervention
        for intervention in recent.exclude(outcomes__state__in=[*FINAL, State.UNKNOWN]).exclude(
            outcomes__detail=Outcome.NOT_REPORTED
        )
        if not _is_driven(intervention)
    ]
    for intervention in open_ones:
        _end(intervention)
    return len(open_ones)


def _end(intervention: Intervention) -> None:
    if intervention.verb not in LASTING or state_of(intervention) != State.ACCEPTED:
        return conclude(intervention, State.UNKNOWN, detail="abandoned")
    age = (timezone.now() - intervention.requested_at).total_seconds()
    fetched = intervention.outcomes.filter(evidence__has_key="fetched").exists()
    if not fetched and age > TIMING.fetched:
        conclude(intervention, State.FAILED, detail="not_fetched")
    elif age > intervention.parameters.get("seconds", 0) + TIMING.announcement_grace:
        conclude(intervention, State.ACCEPTED, detail=Outcome.NOT_REPORTED)
    return None


def _is_driven(intervention: Intervention) -> bool:
    # A phone may ring for longer than a command is waited for; what became of it the dial's own row says.
    if Dial.objects.filter(intervention=intervention).exclude(state=Dial.State.ENDED).exists():
        return True
    stays = Supervision.objects.filter(ended_at=None)
    return stays.filter(Q(intervention=intervention) | Q(then_intervention=intervention)).exists()
