"""Filters of the admin's lists that are more than the value of one column."""

from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ..models import AgentAddress, Change, LegRequest, Mode, Outcome, Participant, Supervision
from .stays import NEVER_HAPPENED, PAST

SENT = ~Q(outcome__in=NEVER_HAPPENED)
OPENED = {
    Mode.WHISPER: SENT & Q(muted=False) & ~Q(coaching=False),
    Mode.BARGE: SENT & Q(muted=False, coaching=False),
}


def that_reached(mode: str, stays: QuerySet[Supervision]) -> QuerySet[Supervision]:
    """Stays in which the supervisor was in this mode, or in doubt may have been."""
    connected = stays.filter(connected=True)
    if mode == Mode.LISTEN:
        return connected
    opened = LegRequest.objects.filter(OPENED[Mode(mode)], supervision=OuterRef("pk"))
    return connected.filter(Q(confirmed=mode) | Exists(opened))


class Choice(SimpleListFilter):
    """A fixed table of words and conditions."""

    choices_of: dict[str, tuple[str, Q]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, word) for value, (word, _) in self.choices_of.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.choices_of.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


class Reached(SimpleListFilter):
    """The mode that a stay reached."""

    title = "mode reached"
    parameter_name = "reached"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(mode), word) for mode, word in PAST.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return that_reached(self.value() or "", queryset) if self.value() in PAST else queryset


class CallReached(Reached):
    """The same for the calls of such stays."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in PAST:
            return queryset
        stays = Supervision.objects.filter(conference=OuterRef("pk"))
        return queryset.filter(Exists(super().queryset(request, stays)))


class Supervised(Choice):
    title = "supervised"
    parameter_name = "supervised"
    stays = Exists(Supervision.objects.filter(conference=OuterRef("pk"), connected=True))
    choices_of = {"yes": ("Yes", Q(stays)), "no": ("No", ~Q(stays))}


class Unverified(Choice):
    title = "in doubt"
    parameter_name = "doubt"
    choices_of = {"yes": ("Yes", Q(stale_since__isnull=False)), "no": ("No", Q(stale_since=None))}


class Corrected(SimpleListFilter):
    """Calls of which a read had to correct something, because its callback never came."""

    title = "corrected"
    parameter_name = "corrected"
    within = timedelta(hours=24)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("day", "In the last 24 hours"), ("ever", "Ever")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        corrections = Change.objects.filter(conference=OuterRef("pk"), correction=True)
        if self.value() == "day":
            corrections = corrections.filter(at__gt=timezone.now() - self.within)
        return queryset.filter(Exists(corrections)) if self.value() in {"day", "ever"} else queryset


class Unidentified(Choice):
    title = "who it is"
    parameter_name = "who"
    choices_of = {
        "unknown": ("Not identified", Q(role=None)),
        "probable": ("Only probably", Q(certainty=Participant.Certainty.PROBABLE)),
        "person": ("Said by a person", Q(certainty=Participant.Certainty.PERSON)),
    }


class EndedAbnormally(Choice):
    title = "ended"
    parameter_name = "ended"
    normal = Q(ended_why__in=["left", "conference_ended"])
    choices_of = {
        "live": ("Still on the call", Q(ended_at=None)),
        "normal": ("Normally", Q(ended_at__isnull=False) & normal),
        "other": ("In another way", Q(ended_at__isnull=False) & ~normal),
    }


class Long(Choice):
    title = "length"
    parameter_name = "length"
    choices_of = {"long": ("More than 30 minutes", Q(ended_at__gt=F("since") + timedelta(minutes=30)))}


class Slow(Choice):
    title = "lag"
    parameter_name = "lag"
    choices_of = {"slow": ("More than 5 seconds", Q(received_at__gt=F("occurred_at") + timedelta(seconds=5)))}


class NewestState(Choice):
    """The states that somebody should look at come first."""

    title = "state"
    parameter_name = "newest"
    choices_of = {
        str(state): (str(state.label), Q(newest=state))
        for state in (
            *(Outcome.State.UNKNOWN, Outcome.State.CONTRADICTED, Outcome.State.REFUSED, Outcome.State.FAILED),
            *(Outcome.State.REQUESTED, Outcome.State.ACCEPTED, Outcome.State.CONFIRMED),
        )
    }


class Phone(Choice):
    title = "phone"
    parameter_name = "phone"
    known = Exists(AgentAddress.objects.filter(agent=OuterRef("pk")))
    choices_of = {"none": ("Without an address", ~Q(known)), "some": ("With an address", Q(known))}


class Seen(Choice):
    title = "seen on a call"
    parameter_name = "seen"
    legs = Exists(Participant.objects.filter(agent=OuterRef("pk")))
    choices_of = {"never": ("Never", ~Q(legs)), "yes": ("Yes", Q(legs))}


class Silent(SimpleListFilter):
    title = "callbacks"
    parameter_name = "silent"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "None for 10 minutes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "yes":
            return queryset
        long_ago = timezone.now() - timedelta(minutes=10)
        return queryset.filter(Q(callback_at=None) | Q(callback_at__lt=long_ago))
