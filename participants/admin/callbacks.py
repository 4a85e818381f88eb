"""Callbacks: what the providers posted, exactly, and what became of it."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from .. import access
from ..models import Callback, Conference, Participant
from . import showing
from .filters import Slow
from .lists import Records
from .recording import reader, record
from .searching import Search


def _call_of(column: str) -> tuple[QuerySet[Conference], QuerySet[Participant]]:
    """The call that a callback names: by its conference sid, or by the leg's call sid."""
    conference = Conference.objects.filter(account=OuterRef("account"), sid=OuterRef("conference_sid"))
    legs = Participant.objects.filter(conference__account=OuterRef("account"), call_sid=OuterRef("call_sid"))
    return conference.order_by().values(column), legs.order_by("-first_seen_at").values(
        f"conference__{column}"
    )


@admin.register(Callback)
class CallbackAdmin(Records):
    list_display = ("received", "account", "kind", "event_name", "call", "verdict", "lag", "sequence")
    list_filter = ("verdict", "kind", ("account", admin.RelatedOnlyFieldListFilter), Slow)
    date_hierarchy = "received_at"
    search = Search(exact=("conference_sid", "call_sid", "key"))
    search_help_text = "Sid of the conference or the call, or key, exactly"
    list_select_related = ("account",)
    fields = (
        ("received", "occurred", "lag"),
        ("account", "kind", "event_name", "sequence"),
        ("call", "leg"),
        ("conference_sid", "call_sid"),
        ("verdict", "what_it_changed"),
        "facts",
        "as_received",
        "key",
    )
    readonly_fields = tuple(
        name for line in fields for name in (line if isinstance(line, tuple) else (line,))
    )

    def scoped(self, request: HttpRequest, rows: QuerySet[Callback]) -> QuerySet[Callback]:
        """Those of visible calls; what belongs to no call is for people who see everything."""
        if access.teams_of(reader(request)) is access.ALL:
            return rows
        calls = access.visible_to(request.user, Conference.objects.order_by())
        legs = Participant.objects.filter(conference__in=calls)
        named = calls.filter(account=OuterRef("account"), sid=OuterRef("conference_sid"))
        of_leg = legs.filter(conference__account=OuterRef("account"), call_sid=OuterRef("call_sid"))
        return rows.filter(Exists(named) | (Exists(of_leg) & ~Exists(_call_of("pk")[0])))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Callback]:
        rows = super().get_queryset(request)
        (by_sid, by_leg), (name, name_by_leg) = _call_of("pk"), _call_of("friendly_name")
        return rows.annotate(
            conference_pk=Subquery(by_sid[:1]),
            leg_conference_pk=Subquery(by_leg[:1]),
            call_name=Subquery(name[:1]),
            leg_call_name=Subquery(name_by_leg[:1]),
        )

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        page = super().change_view(request, object_id, *args, **kwargs)
        callback = self.get_object(request, object_id) if page.status_code == 200 else None
        if callback is not None:
            pk = callback.conference_pk or callback.leg_conference_pk
            conference = Conference.objects.filter(pk=pk).first()
            record(request, "read_callback", conference=conference, parameters={"callback": callback.pk})
        return page

    def mask(self, row: Callback) -> None:
        row.event = access.mask_text(row.event)

    @admin.display(description="event", ordering="event")
    def event_name(self, callback: Callback) -> str:
        return showing.text(callback, callback.event)

    @admin.display(description="received", ordering="received_at")
    def received(self, callback: Callback) -> str:
        return showing.moment(callback.received_at, exact=True)

    @admin.display(description="occurred")
    def occurred(self, callback: Callback) -> str:
        return showing.moment(callback.occurred_at, exact=True)

    @admin.display(description="lag")
    def lag(self, callback: Callback) -> str:
        if callback.occurred_at is None:
            return showing.NOTHING
        return f"{(callback.received_at - callback.occurred_at).total_seconds():.1f} s"

    @admin.display(description="call")
    def call(self, callback: Any) -> str:
        pk = callback.conference_pk or callback.leg_conference_pk
        name = callback.call_name or callback.leg_call_name or "the call"
        return showing.link(Conference(pk=pk), showing.text(callback, name)) if pk else showing.NOTHING

    @admin.display(description="person")
    def leg(self, callback: Any) -> str:
        legs = Participant.objects.select_related("agent").filter(
            conference=callback.conference_pk or callback.leg_conference_pk, call_sid=callback.call_sid
        )
        found = legs.first()
        return showing.link(found, showing.person(callback, found)) if found else showing.NOTHING

    @admin.display(description="what it changed")
    def what_it_changed(self, callback: Callback) -> str:
        detail = f": {showing.text(callback, callback.detail)}" if callback.detail else ""
        return f"{CHANGED[Callback.Verdict(callback.verdict)]}{detail}"

    @admin.display(description="facts before and after")
    def facts(self, callback: Any) -> str:
        """Of the call and of each person, and where the whole story stands."""
        changes = list(callback.changes.select_related("participant__agent"))
        lines = [
            f"{showing.person(callback, change.participant) if change.participant else 'The call'}: "
            f"{fact.replace('_', ' ')} {_said(before)} → {_said(after)}"
            for change in changes
            for fact, (before, after) in change.facts.items()
        ]
        pk = callback.conference_pk or callback.leg_conference_pk
        if pk is None:
            return showing.lines(lines)
        return format_html(
            '{}<br><a href="/conferences/{}/">The story of the call</a>', showing.lines(lines), pk
        )

    @admin.display(description="as received")
    def as_received(self, callback: Callback) -> str:
        pairs = [showing.text(callback, f"{key}: {value}") for key, value in callback.form]
        if callback.redacted_at is not None:
            pairs = [f"(redacted on {callback.redacted_at:%Y-%m-%d})", *pairs]
        return showing.preformatted("\n".join(pairs))


def _said(value: Any) -> str:
    """Absent is not false: null was not said."""
    if value is None:
        return showing.NOTHING
    return showing.said(value) if isinstance(value, bool) else str(value)


CHANGED = {
    Callback.Verdict.APPLIED: "Applied",
    Callback.Verdict.DUPLICATE: "Nothing: it had been received before",
    Callback.Verdict.SUPERSEDED: "Nothing: something newer was known",
    Callback.Verdict.WAITING: "Nothing yet: its call is not known",
    Callback.Verdict.UNKNOWN: "Nothing: Earshot has no word for it",
    Callback.Verdict.REJECTED: "Nothing: it was not well-formed",
}
