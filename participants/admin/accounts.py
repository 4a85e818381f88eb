"""Accounts at providers: where they are, how they are doing; never their secrets."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from .. import access
from ..models import Account, Callback
from ..providers import PROVIDERS, callback_url
from . import showing
from .configuration import Configuration, NumberForm
from .filters import Silent
from .recording import reader
from .searching import Search

# What the settings read: no account may send one of these to its provider as if it were a token.
NOT_A_SECRET = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "EARSHOT_ENCRYPTION_KEYS"}


class AccountForm(NumberForm):
    numbers = ("caller_id",)
    api_url = forms.URLField(required=False, assume_scheme="https", help_text="Empty: the provider's own.")
    provider = forms.ChoiceField(choices=[(name, kind.title) for name, kind in PROVIDERS.items()])

    def clean_secret(self) -> str:
        name: str = self.cleaned_data["secret"]
        if name in NOT_A_SECRET or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
            raise forms.ValidationError(
                "Write the name of an environment variable of its own, in capitals, such as BILLING_TOKEN; "
                "never the token itself."
            )
        return name


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
        "last_sweep",
    )
    list_filter = ("provider", Silent)
    search = Search(words=("key",), exact=("sid",))
    search_help_text = "Key, or sid exactly"
    readonly_fields = ("reached", "last_callback", "last_sweep", "callback_addresses")

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
            )
        )

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

    @admin.display(description="caller id")
    def caller(self, account: Account) -> str:
        return showing.number(account, account.caller_id)

    @admin.display(description="last sweep", ordering="swept_at")
    def last_sweep(self, account: Account) -> str:
        return showing.moment(account.swept_at)

    @admin.display(description="addresses for callbacks")
    def callback_addresses(self, account: Account) -> str:
        if not account.key:
            return showing.NOTHING
        return showing.lines(callback_url(account, kind) for kind in ("conference", "call"))
