"""The one JSON shape of a call, for API, snapshot and push alike.

Ids are texts, times ISO 8601 UTC with milliseconds, and a fact that was not said is null.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone

from . import stay_rows
from .access import blocked, blocked_leg, is_here, masked
from .access_reasons import person_name, user_name
from .models import Agent, Conference, Dial, Intervention, Outcome, Participant, Recording, Supervision, Team
from .providers import PROVIDERS
from .stay import Audience
from .words import SENTENCES

Json = dict[str, Any]
OPEN = (Outcome.State.REQUESTED, Outcome.State.ACCEPTED)
PENDING = timedelta(seconds=60)
SAME = (
    *("call_sid", "label", "role", "address", "direction", "status", "muted", "hold", "coaching"),
    *("coaching_call_sid", "start_conference_on_enter", "end_conference_on_exit", "left_reason"),
    *("answered_by", "queue_time", "source"),
)


class ProviderName(NamedTuple):
    """As the screen says it, and in two letters."""

    title: str
    short: str


def provider_names() -> dict[str, ProviderName]:
    """By the name that a conference's JSON carries."""
    return {name: ProviderName(kind.title, kind.short) for name, kind in PROVIDERS.items()}


def provider_name(name: str) -> ProviderName:
    """One that no longer stands in the table is called what its account calls it."""
    return provider_names().get(name, ProviderName(name, name[:2].upper()))


def time_text(at: datetime | None) -> str | None:
    """`2026-11-21T10:15:04.123Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" if at else None


def id_text(pk: object | None) -> str | None:
    return None if pk is None else str(pk)


def user_json(user: User) -> Json:
    return {"id": str(user.pk), "name": user_name(user)}


def _named(row: Team | Agent | None) -> Json | None:
    return None if row is None else {"id": str(row.pk), "name": row.name}


def prefetched(conferences: QuerySet[Conference]) -> QuerySet[Conference]:
    """With all that `conference_json` reads, in as many queries for thousands as for one."""
    stays = Supervision.objects.select_related("user").order_by("since")
    return conferences.select_related("account", "team").prefetch_related(
        # Who brought the call to life sees it, whatever team it turns out to be.
        Prefetch(
            "dials",
            Dial.objects.exclude(friendly_name="").select_related("intervention"),
            to_attr="begun_rows",
        ),
        Prefetch("participants", Participant.objects.select_related("agent")),
        Prefetch("supervisions", stays),
        Prefetch("supervisions__requests"),
        Prefetch("interventions", pending(), to_attr="pending_rows"),
    )


def pending() -> QuerySet[Intervention]:
    """Commands of the last minute that are asked or accepted and no more, and of which more will be known."""
    newest = Outcome.objects.filter(intervention=OuterRef("pk")).order_by("-position")
    fresh = Intervention.objects.filter(requested_at__gt=timezone.now() - PENDING)
    states = fresh.annotate(
        newest=Subquery(newest.values("state")[:1]), told=Subquery(newest.values("detail")[:1])
    )
    return states.filter(newest__in=OPEN).exclude(told=Outcome.NOT_REPORTED).order_by("position")


def load(ids: Iterable[UUID]) -> list[Conference]:
    """These conferences with all that `conference_json` reads; those that are gone are left out."""
    return list(prefetched(Conference.objects.filter(pk__in=list(ids))))


def with_outcomes(interventions: QuerySet[Intervention]) -> QuerySet[Intervention]:
    """With all that `intervention_json` reads."""
    return interventions.select_related("user").prefetch_related("outcomes")


def recorded(pk: UUID) -> Intervention:
    """The intervention as it stands now."""
    return with_outcomes(Intervention.objects.all()).get(pk=pk)


def conference_json(conference: Conference, *, numbers: bool) -> Json:
    """The contract's conference. `conference` comes from `load`; without `numbers` every number is masked."""
    legs = list(conference.participants.all())
    stays = list(conference.supervisions.all())
    ids = {leg.call_sid: str(leg.pk) for leg in legs}
    names = {stay.call_sid: user_name(stay.user) for stay in stays if stay.call_sid}
    shown = [leg for leg in legs if is_here(leg)] if conference.live else legs
    json = _facts(conference) | {
        "hand": None,
        "blocked": blocked(conference, legs),
        "supervisions": [supervision_json(stay, ids) for stay in stays if stay.ended_at is None],
        "pending": [_pending_json(row) for row in conference.pending_rows],  # type: ignore[attr-defined]
        "participants": [
            participant_json(leg, names) | {"blocked": blocked_leg(leg, conference, legs)} for leg in shown
        ],
    }
    return json if numbers else masked(json)


def _facts(conference: Conference) -> Json:
    return {
        "id": str(conference.pk),
        "account": conference.account.key,
        "provider": conference.account.provider,
        "sid": conference.sid,
        "friendly_name": conference.friendly_name,
        "status": conference.status,
        "state": conference.state,
        "state_since": time_text(conference.state_since),
        "team": _named(conference.team),
        "region": conference.region,
        "started_at": time_text(conference.started_at),
        "ended_at": time_text(conference.ended_at),
        "reason_ended": conference.reason_ended,
        "recording": conference.recording,
        "version": conference.version,
        "verified_at": time_text(conference.verified_at),
        "stale": conference.stale_since is not None,
        "stale_reason": conference.stale_reason,
    }


def participant_json(leg: Participant, supervisors: dict[str, str]) -> Json:
    """One person on the call. `supervisors`: the names behind the supervisors' call sids."""
    return {
        "id": str(leg.pk),
        **{name: getattr(leg, name) for name in SAME},
        "agent": _named(leg.agent),
        "name": supervisors.get(leg.call_sid) or leg_name(leg),
        "hold_since": time_text(leg.hold_since),
        "joined_at": time_text(leg.joined_at),
        "left_at": time_text(leg.left_at),
        "as_of": time_text(leg.as_of),
    }


def leg_name(leg: Participant) -> str | None:
    """How the screen calls the person; null while Earshot is identifying them."""
    if leg.role is None:
        return None
    return "Customer" if leg.role == Participant.Role.CUSTOMER else person_name(leg)


def supervision_json(stay: Supervision, participants: dict[str, str]) -> Json:
    """A supervisor's stay. `participants`: the ids of the conference's participants by call sid."""
    audience = stay_rows.load(stay).exposure(timezone.now().timestamp())
    return {
        "id": str(stay.pk),
        "user": user_json(stay.user),
        "participant": participants.get(stay.call_sid or ""),
        "target": participants.get(stay.target or ""),
        "wanted": stay.wanted,
        "confirmed": stay.confirmed,
        "armed": stay.armed,
        "state": _state_of(stay, audience),
        "audience": audience.value,
        "since": time_text(stay.since),
    }


def _state_of(stay: Supervision, audience: Audience) -> str:
    if not stay.connected:
        return "dialling"
    if audience == Audience.UNKNOWN or stay.confirmed is None:
        return "checking"
    return "confirmed" if stay.confirmed == stay.wanted else "switching"


def _pending_json(row: Intervention) -> Json:
    return {
        "intervention": str(row.pk),
        "verb": row.verb,
        "participant": id_text(row.participant_id),
        "state": row.newest,  # type: ignore[attr-defined]
    }


def intervention_json(intervention: Intervention, *, numbers: bool) -> Json:
    """The contract's intervention: its state is that of its newest outcome."""
    outcomes = sorted(intervention.outcomes.all(), key=lambda outcome: outcome.position)
    first = {outcome.state: outcome.at for outcome in reversed(outcomes)}
    newest = outcomes[-1]
    told = newest.code or newest.message
    json = {
        "id": str(intervention.pk),
        "verb": intervention.verb,
        "state": newest.state,
        "by": user_json(intervention.user),
        "conference": id_text(intervention.conference_id),
        "participant": id_text(intervention.participant_id),
        "reason": intervention.reason,
        "requested_at": time_text(intervention.requested_at),
        "accepted_at": time_text(first.get(Outcome.State.ACCEPTED)),
        "confirmed_at": time_text(first.get(Outcome.State.CONFIRMED)),
        "detail": newest.detail,
        "provider": {"code": newest.code, "message": newest.message} if told else None,
    }
    return json if numbers else masked(json)


def recording_json(row: Recording, *, can: Iterable[str], heard: bool) -> Json:
    """A recording of a call. `can`: what the reader may do to it now; `heard`: whether they may hear it."""
    can = list(can)
    stop = "stop_leg_recording" if row.participant_id else "stop_recording"
    ready = row.status == Recording.Status.COMPLETED
    return {
        "id": str(row.pk),
        "sid": row.sid,
        "status": row.status,
        "channels": row.channels,
        "seconds": row.seconds,
        "started_at": time_text(row.started_at),
        "participant": id_text(row.participant_id),
        "sound": f"/recordings/{row.pk}/sound/" if ready and heard else None,
        "can": can,
        "asks": {"stop": SENTENCES[stop]} if "stop" in can else {},
    }
