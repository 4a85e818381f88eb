"""Calls: who was on them and who listened."""

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from .. import access
from ..models import Callback, Change, Conference, Participant, Supervision
from . import showing
from .filters import CallReached, Corrected, Supervised, Unverified
from .lines import InterventionLines, ParticipantLines, SupervisionLines
from .lists import Records
from .searching import Search
from .stays import in_words, times


@admin.register(Conference)
class ConferenceAdmin(Records):
    list_display = (
        *("started", "team", "agents", "customer", "call_name", "account", "state_word", "call_length"),
        *("supervised_by", "how_it_ended"),
    )
    list_filter = (
        ("team", admin.RelatedOnlyFieldListFilter),
        ("account", admin.RelatedOnlyFieldListFilter),
        "status",
        "state",
        Supervised,
        CallReached,
        Unverified,
        Corrected,
    )
    date_hierarchy = "first_seen_at"
    search = Search(
        words=(
            *("friendly_name", "participants__agent__name"),
            *(f"supervisions__user__{name}" for name in ("first_name", "last_name", "username")),
        ),
        numbers=("participants__address",),
        exact=("sid", "participants__call_sid"),
    )
    search_help_text = "Number (in full or its last four digits), agent, supervisor, name of the call, or sid"
    shows_the_chain = True
    inlines = (SupervisionLines, ParticipantLines, InterventionLines)
    fields = (
        ("started", "ended", "call_length"),
        ("call_name", "team", "account"),
        ("agents", "customer"),
        ("state_word", "how_it_ended", "supervised_by"),
        ("sid", "region", "recording"),
        ("checked", "doubt", "callbacks", "corrections"),
    )
    readonly_fields = tuple(name for line in fields for name in line)

    def scoped(self, request: HttpRequest, rows: QuerySet[Conference]) -> QuerySet[Conference]:
        return access.visible_to(request.user, rows)

    def mask(self, row: Conference) -> None:
        row.friendly_name = access.mask_text(row.friendly_name or "") or None

    def tools(self, request: HttpRequest, row: Conference) -> list[tuple[str, str]]:
        return [(f"/conferences/{row.pk}/", "Open on the board")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conference]:
        rows = super().get_queryset(request).select_related("team", "account")
        return rows.prefetch_related(
            Prefetch("participants", Participant.objects.select_related("agent")),
            Prefetch("supervisions", Supervision.objects.select_related("user").order_by("since")),
            "supervisions__requests",
        )

    @admin.display(description="started", ordering="first_seen_at")
    def started(self, call: Conference) -> str:
        return showing.moment(call.started_at or call.first_seen_at)

    @admin.display(description="ended")
    def ended(self, call: Conference) -> str:
        return showing.moment(call.ended_at)

    @admin.display(description="agents")
    def agents(self, call: Conference) -> str:
        return showing.agents(call, call)

    @admin.display(description="customer")
    def customer(self, call: Conference) -> str:
        return showing.customers(call, call)

    @admin.display(description="name")
    def call_name(self, call: Conference) -> str:
        if call.purged_at is not None:
            return f"(redacted on {call.purged_at:%Y-%m-%d})"
        return showing.text(call, call.friendly_name)

    @admin.display(description="state")
    def state_word(self, call: Conference) -> str:
        return call.state.replace("_", " ")

    @admin.display(description="length")
    def call_length(self, call: Conference) -> str:
        end = call.ended_at or timezone.now()
        return showing.length(end - call.started_at if call.started_at else None)

    @admin.display(description="supervised by")
    def supervised_by(self, call: Conference) -> str:
        now = timezone.now()
        return showing.lines(
            f"{showing.user(call, stay.user)}: {in_words(times(stay, now))}"
            for stay in call.supervisions.all()
        )

    @admin.display(description="how it ended")
    def how_it_ended(self, call: Conference) -> str:
        return showing.text(call, (call.reason_ended or "").replace("-", " "))

    @admin.display(description="checked with the provider")
    def checked(self, call: Conference) -> str:
        return showing.moment(call.verified_at)

    @admin.display(description="in doubt because of")
    def doubt(self, call: Conference) -> str:
        return showing.text(call, call.stale_reason)

    @admin.display(description="callbacks")
    def callbacks(self, call: Conference) -> str:
        rows = Callback.objects.filter(account=call.account_id, conference_sid=call.sid)
        return showing.list_link(Callback, f"{rows.count()} received", f"q={call.sid}")

    @admin.display(description="corrected by reads")
    def corrections(self, call: Conference) -> str:
        """Each is a sentence of the call's story."""
        count = Change.objects.filter(conference=call, correction=True).count()
        return (
            format_html('<a href="/conferences/{}/">{}</a>', call.pk, f"{count} times") if count else "never"
        )
