"""Who listened, and what supervisors did: stays on calls, and every command with what became of it."""

from typing import Any

from django.contrib import admin
from django.contrib.messages import error, success
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from .. import access, ledger
from ..models import Conference, Intervention, Mode, Outcome, Supervision
from . import showing
from .filters import EndedAbnormally, Long, NewestState, Reached
from .lines import OutcomeLines, RequestLines, newest_outcome, spent
from .lists import Records
from .recording import reader
from .searching import Search

PEOPLE = ("user__first_name", "user__last_name", "user__username")


@admin.register(Supervision)
class SupervisionAdmin(Records):
    """One row per stay, not per command: this page answers "who listened"."""

    list_display = (
        *("supervisor", "call", "agents", "since_when", "until", "listened", "whispered", "barged"),
        *("reason", "how_it_ended"),
    )
    list_filter = (
        ("user", admin.RelatedOnlyFieldListFilter),
        ("team", admin.RelatedOnlyFieldListFilter),
        Reached,
        EndedAbnormally,
        Long,
    )
    date_hierarchy = "since"
    search = Search(
        words=(*PEOPLE, "conference__participants__agent__name", "conference__friendly_name"),
        numbers=("address", "conference__participants__address"),
        exact=("call_sid", "conference__sid"),
    )
    search_help_text = "Supervisor, agent, name of the call, number (in full or its last four digits), or sid"
    inlines = (RequestLines,)
    fields = (
        ("supervisor", "call", "agents"),
        ("since_when", "until", "how_it_ended"),
        ("listened", "whispered", "barged", "heard"),
        ("reason", "team"),
        ("wanted", "confirmed", "confirmed_when"),
        ("phone", "call_sid", "label"),
    )
    readonly_fields = tuple(name for line in fields for name in line)

    def scoped(self, request: HttpRequest, rows: QuerySet[Supervision]) -> QuerySet[Supervision]:
        visible = access.visible_to(request.user, Conference.objects.order_by())
        return rows.filter(conference__in=visible)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Supervision]:
        rows = super().get_queryset(request).select_related("user", "team", "conference")
        return rows.prefetch_related(
            "requests", "conference__participants__agent", "conference__interventions"
        )

    def mask(self, row: Supervision) -> None:
        row.conference.friendly_name = access.mask_text(row.conference.friendly_name or "") or None

    @admin.display(description="supervisor", ordering="user__last_name")
    def supervisor(self, stay: Supervision) -> str:
        return showing.user(stay, stay.user)

    @admin.display(description="call")
    def call(self, stay: Supervision) -> str:
        return showing.call(stay, stay.conference)

    @admin.display(description="agents")
    def agents(self, stay: Supervision) -> str:
        return showing.agents(stay, stay.conference)

    @admin.display(description="from", ordering="since")
    def since_when(self, stay: Supervision) -> str:
        return showing.moment(stay.since)

    @admin.display(description="to", ordering="ended_at")
    def until(self, stay: Supervision) -> str:
        return showing.moment(stay.ended_at)

    @admin.display(description="listened")
    def listened(self, stay: Supervision) -> str:
        return showing.length(spent(stay, Mode.LISTEN))

    @admin.display(description="whispered")
    def whispered(self, stay: Supervision) -> str:
        return showing.length(spent(stay, Mode.WHISPER))

    @admin.display(description="barged")
    def barged(self, stay: Supervision) -> str:
        return showing.length(spent(stay, Mode.BARGE))

    @admin.display(description="heard by")
    def heard(self, stay: Supervision) -> str:
        return showing.heard_by(stay, stay)

    @admin.display(description="reason")
    def reason(self, stay: Supervision) -> str:
        return showing.reasons(stay, stay)

    @admin.display(description="ended how")
    def how_it_ended(self, stay: Supervision) -> str:
        return showing.ended_how(stay, stay)

    @admin.display(description="confirmed at")
    def confirmed_when(self, stay: Supervision) -> str:
        return showing.moment(stay.confirmed_at, exact=True)

    @admin.display(description="phone")
    def phone(self, stay: Supervision) -> str:
        return showing.number(stay, stay.address)


@admin.register(Intervention)
class InterventionAdmin(Records):
    """What supervisors did: every command, refused ones too, each sealed by the chain."""

    list_display = ("when", "who", "verb", "on_whom", "call", "team", "state", "took", "why", "sealed")
    list_filter = (
        NewestState,
        "verb",
        ("user", admin.RelatedOnlyFieldListFilter),
        ("conference__team", admin.RelatedOnlyFieldListFilter),
        ("conference__account", admin.RelatedOnlyFieldListFilter),
    )
    date_hierarchy = "requested_at"
    search = Search(
        words=PEOPLE,
        exact=("conference__sid", "participant__call_sid", "key", "outcomes__code"),
    )
    search_help_text = "Who, or exactly: sid, idempotency key, the provider's code"
    shows_the_chain = True
    inlines = (OutcomeLines,)
    fields = (
        ("when", "who", "verb", "state", "took"),
        ("call", "on_whom", "team"),
        "why",
        ("key_text", "request"),
        ("place", "sealed", "before", "after"),
        "digest",
    )
    readonly_fields = tuple(
        name for line in fields for name in (line if isinstance(line, tuple) else (line,))
    )

    def scoped(self, request: HttpRequest, rows: QuerySet[Intervention]) -> QuerySet[Intervention]:
        """Those on visible calls, and one's own; what concerns no call is for people who see everything."""
        if access.teams_of(reader(request)) is access.ALL:
            return rows
        visible = access.visible_to(request.user, Conference.objects.order_by())
        return rows.filter(Q(conference__in=visible) | Q(conference=None, user=request.user.pk))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Intervention]:
        rows = super().get_queryset(request).select_related("user", "conference__team", "participant__agent")
        return rows.annotate(newest=newest_outcome("state"), newest_at=newest_outcome("at"))

    def get_urls(self) -> list[URLPattern]:
        check = self.admin_site.admin_view(require_POST(self.check_the_chain))
        return [path("check/", check, name="participants_check_the_chain"), *super().get_urls()]

    def check_the_chain(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        found = ledger.check()
        say = success if found.broken_at is None else error
        say(request, f"The chain was checked: {found}.")
        return HttpResponseRedirect(reverse("admin:participants_intervention_changelist"))

    @admin.display(description="when", ordering="requested_at")
    def when(self, done: Intervention) -> str:
        return showing.moment(done.requested_at, exact=True)

    @admin.display(description="who", ordering="user__last_name")
    def who(self, done: Intervention) -> str:
        return showing.user(done, done.user)

    @admin.display(description="on whom")
    def on_whom(self, done: Intervention) -> str:
        return showing.link(done.participant, showing.person(done, done.participant))

    @admin.display(description="call")
    def call(self, done: Intervention) -> str:
        return showing.call(done, done.conference)

    @admin.display(description="team")
    def team(self, done: Intervention) -> str:
        return str(done.conference.team) if done.conference and done.conference.team else showing.NOTHING

    @admin.display(description="state")
    def state(self, done: Any) -> str:
        return done.newest or showing.NOTHING

    @admin.display(description="took (ms)")
    def took(self, done: Any) -> str:
        return showing.milliseconds(done.requested_at, done.newest_at)

    @admin.display(description="reason")
    def why(self, done: Intervention) -> str:
        return showing.text(done, done.reason)

    @admin.display(description="chain")
    def sealed(self, done: Intervention) -> str:
        return showing.seal(done)

    @admin.display(description="idempotency key")
    def key_text(self, done: Intervention) -> str:
        return showing.text(done, done.key)

    @admin.display(description="request")
    def request(self, done: Intervention) -> str:
        return showing.pretty(done, done.parameters)

    @admin.display(description="place in the chain")
    def place(self, done: Intervention) -> str:
        return f"{done.position:,}"

    @admin.display(description="row before")
    def before(self, done: Intervention) -> str:
        return _row_at(done, done.position - 1)

    @admin.display(description="row after")
    def after(self, done: Intervention) -> str:
        return _row_at(done, done.position + 1)


def _row_at(done: Intervention, position: int) -> str:
    """A link to the intervention at this place of the chain, or to the one whose outcome stands there."""
    outcome = Outcome.objects.filter(position=position).values_list("intervention", flat=True)
    found = (
        Intervention.objects.filter(Q(position=position) | Q(pk__in=outcome)).select_related("user").first()
    )
    return (
        showing.link(found, f"{position:,}: {found.verb} by {showing.user(done, found.user)}")
        if found
        else "–"
    )
