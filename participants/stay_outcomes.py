"""What becomes of the interventions behind a stay's wishes: each wish ends in one outcome."""

from django.utils import timezone

from .access import user_name
from .ledger import append_outcome
from .models import Intervention, LegRequest, Mode, Outcome, Supervision
from .modes import Decision
from .stay import State

Kind = Outcome.State
FINAL = frozenset({Kind.CONFIRMED, Kind.CONTRADICTED, Kind.FAILED, Kind.REFUSED})
# How a wish that became listen or leave by itself ends, where that is not simply "lapsed".
LAPSED = {"refused": Kind.REFUSED, "unreachable": Kind.FAILED, "not_seen": Kind.CONTRADICTED}


def conclude(
    stay: Supervision,
    kind: str,
    *,
    detail: str = "",
    code: str = "",
    message: str = "",
    evidence: object = None,
) -> None:
    """Append an outcome to the intervention of the newest wish; a final one closes it."""
    intervention = stay.intervention
    if intervention is None or _newest(intervention) == kind:
        return
    append_outcome(intervention, kind, detail=detail, code=code, message=message, evidence=evidence)
    if kind in FINAL:
        stay.intervention = None
        stay.save(update_fields=["intervention"])


def _newest(intervention: Intervention) -> str | None:
    return intervention.outcomes.order_by("-position").values_list("state", flat=True).first()


def replaced(stay: Supervision, *, detail: str = "replaced") -> None:
    conclude(stay, Kind.FAILED, detail=detail)


def lapse(stay: Supervision, state: State, why: str) -> None:
    """The wish became another without a person."""
    kind = LAPSED.get(why, Kind.FAILED)
    opening = state.opening
    if kind is Kind.REFUSED and opening is not None:
        conclude(stay, kind, detail=why, code=opening.code, message=opening.message)
    else:
        conclude(stay, kind, detail=why if why in LAPSED else "lapsed")


def answered(stay: Supervision, state: State, request: LegRequest, outcome: str) -> None:
    """A request of the newest wish was answered, or was not."""
    if request.wish != stay.wish or not _carries_the_wish(state, request):
        return
    if outcome == "accepted":
        conclude(stay, Kind.ACCEPTED)
    elif outcome == "unknown":
        conclude(stay, Kind.UNKNOWN, message=request.message)


def _carries_the_wish(state: State, request: LegRequest) -> bool:
    opening = state.opening
    if state.wanted in {Mode.WHISPER, Mode.BARGE}:
        return (opening is not None and opening.id == request.pk) or request.verb == "create"
    return True


def seen(stay: Supervision, state: State) -> None:
    """A fetch has shown the leg: is the wish there?"""
    if state.confirmed != state.wanted or (state.confirmed_at or 0.0) < state.wanted_at:
        return
    conclude(stay, Kind.CONFIRMED, evidence={"read": state.confirmed_at, "call_sid": state.call_sid})


def end(stay: Supervision, state: State, decision: Decision) -> None:
    """The stay is over. A wish to leave is fulfilled by that, every other wish failed."""
    why, detail = _why_gone(stay, decision)
    stay.ended_at, stay.ended_why, stay.ended_detail = timezone.now(), why, detail[:255]
    stay.next_step_at = None
    stay.save(update_fields=["ended_at", "ended_why", "ended_detail", "next_step_at"])
    create = next(iter(state.requests("create")[-1:]), None)
    if state.wanted == Mode.LEAVE:
        conclude(stay, Kind.CONFIRMED, evidence={"ended": decision.why, "call_sid": state.call_sid})
    elif decision.why == "refused" and create is not None:
        conclude(stay, Kind.REFUSED, detail="refused", code=create.code, message=create.message)
    else:
        conclude(stay, Kind.FAILED, detail=decision.why)


def _why_gone(stay: Supervision, decision: Decision) -> tuple[str, str]:
    """A leg that is gone without a wish was hung up by its phone, or taken off by another person."""
    if decision.why != "dropped":
        return decision.why, decision.detail
    removals = Intervention.objects.filter(verb="remove", participant__call_sid=stay.call_sid)
    removal = removals.filter(requested_at__gt=stay.since).select_related("user").first()
    return ("removed", user_name(removal.user)) if removal is not None else ("dropped", "")
