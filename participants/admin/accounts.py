"""Accounts at providers: where they are, how they are doing; never their secrets."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from .. import access
from ..models import Account, Callback, Change, Conference
from ..providers import PROVIDERS, callback_url
from . import showing
from .configuration import Configuration, NumberForm
from .filters import Corrected, Silent
from .recording import reader
from .searching import Search

# What the settings read: no account may send one of these to its provider as if it were a token.
NOT_A_SECRET = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EARSHOT_ENCRYPTION_KEYS"}


# What supervisors wait for, where the provider leaves it to be asked for.
UNREPORTED = {
    "mute_and_hold": "mute and hold",
    "coaching": "coaching",
    "leave_reason": "why somebody left",
    "speakers": "who speaks",
}


def _drift() -> QuerySet[Any, Any]:
    """How many corrections an account needed in the last day: a subquery, as a join would multiply rows."""
    since = timezone.now() - Corrected.within
    rows = Change.objects.filter(conference__account=OuterRef("pk"), correction=True, at__gt=since)
    return rows.order_by().values("conference__account").annotate(count=Count("pk")).values("count")


class AccountForm(NumberForm):
    numbers = ("caller_id",)
    api_url = forms.URLField(required=False, assume_scheme="https", help_text="Empty: the provider's own.")
    provider = forms.ChoiceField(choices=lambda: [(name, kind.title) for name, kind in PROVIDERS.items()])

    def clean_secret(self) -> str:
        name: str = self.cleaned_data["secret"]
        if not name and self.instance.secret_sealed:
            return name
        if name in NOT_A_SECRET or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            raise forms.ValidationError(
                "Write the name of an environment variable of its own, in capitals, such as BILLING_TOKEN; "
                "never the token itself."
            )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind = PROVIDERS.get(cleaned.get("provider", ""))
        for name in kind.needs if kind else ():
            if name not in self.errors and not cleaned.get(name):
                self.add_error(name, f"{kind.title if kind else ''} needs one.")
        return cleaned


@admin.register(Account)
class AccountAdmin(Configuration):
    form = AccountForm
    masked = {"caller_id": "caller"}
    list_display = (
        "key",
        "provider",
        "reached",
        "last_callback",
        "applied",
        "rejected",
        "drift",
        "last_sweep",
    )
    list_filter = ("provider", Silent)
    search = Search(words=("key",), exact=("sid",))
    search_help_text = "Key, or sid exactly"
    readonly_fields = (
        "secret_from",
        "reached",
        "last_callback",
        "wrong_signatures",
        "last_sweep",
        "connection",
        "callback_addresses",
        "can_be_asked",
    )

    def scoped(self, request: HttpRequest, rows: QuerySet[Account]) -> QuerySet[Account]:
        return rows if access.teams_of(reader(request)) is access.ALL else rows.none()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        day = Q(callbacks__received_at__gt=timezone.now() - timedelta(hours=24))
        bad = Q(callbacks__verdict=Callback.Verdict.REJECTED)
        return (
            super()
            .get_queryset(request)
            .annotate(
                good_today=Count("callbacks", filter=day & ~bad),
                bad_today=Count("callbacks", filter=day & bad),
                drift_today=Coalesce(Subquery(_drift()), 0),
            )
        )

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        """A pasted secret goes nowhere but to the account that it was pasted for."""
        if obj.secret_sealed and {"provider", "sid", "api_url"} & set(form.changed_data):
            obj.secret_sealed, obj.secret_pasted_at = "", None
            messages.warning(request, "The pasted secret was removed: paste it again at /connect/.")
        super().save_model(request, obj, form, change)

    @admin.display(description="secret comes from")
    def secret_from(self, account: Account) -> str:
        """Never the secret."""
        if account.secret_sealed:
            return format_html("pasted at /connect/ on {}", showing.moment(account.secret_pasted_at))
        return f"the variable {account.secret}" if account.secret else showing.NOTHING

    @admin.display(description="wrong signatures")
    def wrong_signatures(self, account: Account) -> str:
        if not account.forged:
            return "0"
        return format_html("{} since {}", f"{account.forged:,}", showing.moment(account.forged_since))

    @admin.display(description="reachable")
    def reached(self, account: Account) -> str:
        return showing.said(account.reachable)

    @admin.display(description="last callback", ordering="callback_at")
    def last_callback(self, account: Account) -> str:
        return showing.moment(account.callback_at)

    @admin.display(description="valid callbacks, 24 h")
    def applied(self, account: Any) -> str:
        return f"{account.good_today:,}"

    @admin.display(description="rejected, 24 h")
    def rejected(self, account: Any) -> str:
        return f"{account.bad_today:,}"

    @admin.display(description="drift, 24 h")
    def drift(self, account: Any) -> str:
        """What reads had to correct, with the calls concerned."""
        if not account.drift_today:
            return "0"
        query = f"account__id__exact={account.pk}&{Corrected.parameter_name}=day"
        return showing.list_link(Conference, f"{account.drift_today:,}", query)

    @admin.display(description="caller id")
    def caller(self, account: Account) -> str:
        return showing.number(account, account.caller_id)

    @admin.display(description="last sweep", ordering="swept_at")
    def last_sweep(self, account: Account) -> str:
        return showing.moment(account.swept_at)

    @admin.display(description="connection")
    def connection(self, account: Account) -> str:
        if account.pk is None:
            return showing.NOTHING
        return format_html(
            '<a href="{}">Test it, or see what to paste</a>', reverse("connect-account", args=[account.key])
        )

    @admin.display(description="addresses for callbacks")
    def callback_addresses(self, account: Account) -> str:
        if not account.key:
            return showing.NOTHING
        return showing.lines(callback_url(account, kind) for kind in ("conference", "call"))

    @admin.display(description="what the provider can do")
    def can_be_asked(self, account: Account) -> str:
        """What it does not tell by itself, and where all of it stands."""
        kind = PROVIDERS.get(account.provider)
        if kind is None or account.pk is None:
            return showing.NOTHING
        missing = [words for name, words in UNREPORTED.items() if not getattr(kind.reports, name)]
        silent = f"{kind.title} does not report {', '.join(missing)}: Earshot asks." if missing else ""
        told = f"{kind.title} reports: {', '.join(kind.reports.conference_events)}."
        address = reverse("api-capabilities", args=[account.key])
        return format_html('{} {} <a href="{}">Everything it can be asked</a>', told, silent, address)
