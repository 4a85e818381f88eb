"""What belongs to a row and is shown on its page: read-only lines, supervision first."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from ..models import Intervention, LegRequest, Mode, Outcome, Participant, Supervision
from . import showing
from .lists import RecordLines
from .stays import times


def newest_outcome(column: str) -> Subquery:
    """A column of the newest outcome of an intervention: its state, or when that was."""
    return Subquery(
        Outcome.objects.filter(intervention=OuterRef("pk")).order_by("-position").values(column)[:1]
    )


def spent(stay: Supervision, mode: Mode) -> timedelta | None:
    return times(stay, timezone.now()).get(mode)


class SupervisionLines(RecordLines):
    model = Supervision
    fk_name = "conference"
    verbose_name_plural = "Supervision: who listened to this call"
    fields = (
        "who",
        "since_when",
        "until",
        "listened",
        "whispered",
        "barged",
        "heard_by",
        "why",
        "how_it_ended",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("user", "intervention")
        return rows.prefetch_related(
            "requests", "conference__participants__agent", "conference__interventions"
        )

    def who(self, stay: Supervision) -> str:
        return showing.link(stay, showing.user(stay, stay.user))

    @admin.display(description="from")
    def since_when(self, stay: Supervision) -> str:
        return showing.moment(stay.since)

    def until(self, stay: Supervision) -> str:
        return showing.moment(stay.ended_at)

    def listened(self, stay: Supervision) -> str:
        return showing.length(spent(stay, Mode.LISTEN))

    def whispered(self, stay: Supervision) -> str:
        return showing.length(spent(stay, Mode.WHISPER))

    def barged(self, stay: Supervision) -> str:
        return showing.length(spent(stay, Mode.BARGE))

    def heard_by(self, stay: Supervision) -> str:
        return showing.heard_by(stay, stay)

    def why(self, stay: Supervision) -> str:
        return showing.reasons(stay, stay)

    def how_it_ended(self, stay: Supervision) -> str:
        return showing.ended_how(stay, stay)


class ParticipantLines(RecordLines):
    model = Participant
    verbose_name_plural = "People on the call"
    fields = ("who", "role_word", "phone", "status", "joined", "left", "is_muted", "is_held", "source")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("agent")

    def who(self, leg: Participant) -> str:
        return showing.link(leg, showing.person(leg, leg))

    @admin.display(description="role")
    def role_word(self, leg: Participant) -> str:
        certainty = (
            f" ({leg.get_certainty_display()})" if leg.certainty == Participant.Certainty.PROBABLE else ""
        )
        return f"{leg.get_role_display() or showing.NOTHING}{certainty}"

    @admin.display(description="number")
    def phone(self, leg: Participant) -> str:
        return showing.number(leg, leg.address)

    def joined(self, leg: Participant) -> str:
        return showing.moment(leg.joined_at)

    def left(self, leg: Participant) -> str:
        return showing.moment(leg.left_at)

    @admin.display(description="muted")
    def is_muted(self, leg: Participant) -> str:
        return showing.said(leg.muted)

    @admin.display(description="on hold")
    def is_held(self, leg: Participant) -> str:
        return showing.said(leg.hold)


class InterventionLines(RecordLines):
    model = Intervention
    verbose_name_plural = "What supervisors did on this call"
    fields = ("when", "who", "verb", "on_whom", "state", "why", "sealed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).select_related("user", "participant__agent")
        return rows.annotate(newest=newest_outcome("state")).order_by("position")

    def when(self, done: Intervention) -> str:
        return showing.link(done, showing.moment(done.requested_at, exact=True))

    def who(self, done: Intervention) -> str:
        return showing.user(done, done.user)

    def on_whom(self, done: Intervention) -> str:
        return showing.person(done, done.participant) if done.participant else "the call"

    def state(self, done: Any) -> str:
        return done.newest or showing.NOTHING

    def why(self, done: Intervention) -> str:
        return showing.text(done, done.reason)

    @admin.display(description="chain")
    def sealed(self, done: Intervention) -> str:
        return showing.seal(done)


class OutcomeLines(RecordLines):
    model = Outcome
    verbose_name_plural = "What became of it"
    fields = ("when", "state", "detail_text", "providers_words", "proof", "place", "sealed")
    ordering = ("position",)

    def when(self, outcome: Outcome) -> str:
        return showing.moment(outcome.at, exact=True)

    @admin.display(description="detail")
    def detail_text(self, outcome: Outcome) -> str:
        return showing.text(outcome, outcome.detail)

    @admin.display(description="the provider's words")
    def providers_words(self, outcome: Outcome) -> str:
        return showing.providers_words(outcome)

    @admin.display(description="evidence")
    def proof(self, outcome: Outcome) -> str:
        return showing.pretty(outcome, outcome.evidence)

    @admin.display(description="place in the chain")
    def place(self, outcome: Outcome) -> str:
        return f"{outcome.position:,}"

    @admin.display(description="chain")
    def sealed(self, outcome: Outcome) -> str:
        return showing.seal(outcome)


class RequestLines(RecordLines):
    model = LegRequest
    verbose_name_plural = "Requests for the supervisor's phone, as sent and answered"
    fields = ("sent", "verb", "muted_asked", "coaching_asked", "target", "outcome", "took", "providers_words")

    def sent(self, request: LegRequest) -> str:
        return showing.moment(request.sent_at, exact=True)

    @admin.display(description="muted")
    def muted_asked(self, request: LegRequest) -> str:
        return showing.said(request.muted)

    @admin.display(description="coaching")
    def coaching_asked(self, request: LegRequest) -> str:
        return showing.said(request.coaching)

    @admin.display(description="took (ms)")
    def took(self, request: LegRequest) -> str:
        return showing.milliseconds(request.sent_at, request.answered_at)

    @admin.display(description="the provider's words")
    def providers_words(self, request: LegRequest) -> str:
        return showing.providers_words(request)
