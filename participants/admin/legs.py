"""People on calls: every leg as its provider tells it, and the one thing a person may say about it."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from .. import access
from ..models import Callback, Participant
from . import showing
from .filters import Unidentified
from .identify import identify
from .lists import Records
from .recording import reader
from .searching import Search


@admin.register(Participant)
class ParticipantAdmin(Records):
    list_display = (
        *("call", "who", "role", "phone", "status", "joined", "left", "why", "is_muted", "is_held"),
        *("source", "as_of_age"),
    )
    list_filter = ("role", "status", Unidentified, ("conference__account", admin.RelatedOnlyFieldListFilter))
    date_hierarchy = "first_seen_at"
    search = Search(words=("label", "agent__name"), numbers=("address",), exact=("call_sid", "label"))
    search_help_text = "Number (in full or its last four digits), agent, label, or call sid"
    list_select_related = ("conference", "agent")
    fields = (
        ("call", "who", "role", "certainty"),
        ("phone", "label_text", "direction"),
        ("status", "joined", "left", "why"),
        ("is_muted", "is_held", "is_coaching", "coaching_call_sid"),
        ("starts_the_call", "ends_the_call", "answered_by"),
        ("call_sid", "source", "as_of_age", "callbacks"),
    )
    readonly_fields = tuple(name for line in fields for name in line)

    def scoped(self, request: HttpRequest, rows: QuerySet[Participant]) -> QuerySet[Participant]:
        return access.visible_participants(request.user, rows)

    def mask(self, row: Participant) -> None:
        row.label = access.mask_text(row.label or "") or None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.identify_view)
        return [path("<path:pk>/identify/", view, name="participants_identify"), *super().get_urls()]

    def tools(self, request: HttpRequest, row: Participant) -> list[tuple[str, str]]:
        if not access.may(reader(request), "identify", row).allowed:
            return []
        return [(reverse("admin:participants_identify", args=[row.pk]), "This leg is an agent…")]

    def identify_view(self, request: HttpRequest, pk: str) -> HttpResponse:
        leg = self.get_object(request, pk)
        if leg is None or not self.has_view_permission(request, leg):
            return HttpResponse(status=404)
        back = reverse("admin:participants_participant_change", args=[leg.pk])
        context: dict[str, Any] = self.admin_site.each_context(request)
        context |= {"title": "Who is this?", "who": self.who(leg), "call": self.call(leg), "opts": self.opts}
        try:
            return identify(request, leg, context=context, back=back)
        except access.Denial as denial:
            messages.error(request, denial.detail)
            return HttpResponseRedirect(back)

    @admin.display(description="call", ordering="conference__first_seen_at")
    def call(self, leg: Participant) -> str:
        return showing.call(leg, leg.conference)

    @admin.display(description="who")
    def who(self, leg: Participant) -> str:
        return showing.person(leg, leg)

    @admin.display(description="number")
    def phone(self, leg: Participant) -> str:
        return showing.number(leg, leg.address)

    @admin.display(description="label")
    def label_text(self, leg: Participant) -> str:
        return showing.text(leg, leg.label)

    @admin.display(description="joined", ordering="joined_at")
    def joined(self, leg: Participant) -> str:
        return showing.moment(leg.joined_at)

    @admin.display(description="left", ordering="left_at")
    def left(self, leg: Participant) -> str:
        return showing.moment(leg.left_at)

    @admin.display(description="why")
    def why(self, leg: Participant) -> str:
        return showing.text(leg, (leg.left_reason or "").replace("_", " "))

    @admin.display(description="muted")
    def is_muted(self, leg: Participant) -> str:
        return showing.said(leg.muted)

    @admin.display(description="on hold")
    def is_held(self, leg: Participant) -> str:
        return showing.said(leg.hold)

    @admin.display(description="coaching")
    def is_coaching(self, leg: Participant) -> str:
        return showing.said(leg.coaching)

    @admin.display(description="starts the call")
    def starts_the_call(self, leg: Participant) -> str:
        return showing.said(leg.start_conference_on_enter)

    @admin.display(description="ends the call on leaving")
    def ends_the_call(self, leg: Participant) -> str:
        return showing.said(leg.end_conference_on_exit)

    @admin.display(description="as of", ordering="as_of")
    def as_of_age(self, leg: Participant) -> str:
        return showing.moment(leg.as_of)

    @admin.display(description="callbacks")
    def callbacks(self, leg: Participant) -> str:
        rows = Callback.objects.filter(account=leg.conference.account_id, call_sid=leg.call_sid)
        return showing.list_link(Callback, f"{rows.count()} received", f"q={leg.call_sid}")
