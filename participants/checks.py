"""What must be right before Earshot starts, each with an id and a hint (`manage.py check`)."""

import os
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from .models import Account
from .providers import PROVIDERS
from .sealing import Unsealable, unseal
from .timing import time_scale

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _accounts() -> list[Account]:
    try:
        return list(Account.objects.all())
    except DatabaseError:  # not migrated yet: there is nothing to check
        return []


def _secret_given(account: Account) -> Iterable[CheckMessage]:
    """In development a warning, so that a demo's database hinders no other command.

    One that was pasted and cannot be opened is a warning too: it is pasted again while the server runs.
    """
    if account.secret_sealed:
        yield from _opens(account)
        return
    if not os.environ.get(account.secret, "").strip():
        kind, number = (Warning, "W002") if settings.DEBUG else (Error, "E001")
        yield kind(
            f'Account "{account.key}" names the variable {account.secret!r}, which is missing or empty.'
            if account.secret
            else f'Account "{account.key}" has no secret: none was pasted, and it names no variable.',
            hint="Set it to the account's auth token. Without it every callback is refused.",
            id=f"participants.{number}",
        )


def _opens(account: Account) -> Iterable[CheckMessage]:
    try:
        unseal(account.secret_sealed)
    except Unsealable as sealed:
        yield Warning(
            f'The secret of account "{account.key}" cannot be opened: {sealed}.',
            hint="Add the former key to EARSHOT_ENCRYPTION_KEYS, or paste the secret again at /connect/.",
            id="participants.W003",
        )


def _provider_known(account: Account) -> Iterable[CheckMessage]:
    if account.provider not in PROVIDERS:
        yield Error(
            f'Account "{account.key}" is at {account.provider!r}; Earshot knows {", ".join(PROVIDERS)}.',
            hint="Correct the account's provider in the admin.",
            id="participants.E004",
        )


def _facts_given(account: Account) -> Iterable[CheckMessage]:
    kind = PROVIDERS.get(account.provider)
    for field in kind.needs if kind else ():
        if not getattr(account, field):
            yield Error(
                f'Account "{account.key}" has no {field}; {kind.title if kind else ""} needs one.',
                hint="Enter it in the admin: without it Earshot cannot dial, or cannot trust callbacks.",
                id="participants.E005",
            )


def _url_private(account: Account) -> Iterable[CheckMessage]:
    url = urlsplit(account.api_url)
    if account.api_url and url.scheme != "https" and url.hostname not in LOOPBACK:
        yield Error(
            f'Account "{account.key}" would send its secret unencrypted to {account.api_url}.',
            hint="Leave api_url empty for the provider's own address, or let it begin with https://.",
            id="participants.E002",
        )


CHECKS = (_provider_known, _facts_given, _secret_given, _url_private)


@register("accounts")
def accounts(app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Ordinary rather than a database check: the worker and the server stop on it whenever they start."""
    del app_configs
    return [message for account in _accounts() for check in CHECKS for message in check(account)]


@register(Tags.security, deploy=True)
def deployment(app_configs: Sequence[AppConfig] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """What only a real installation has to answer."""
    del app_configs
    found: list[CheckMessage] = []
    if not settings.PUBLIC_URL.startswith("https://"):
        found.append(
            Error(
                f"PUBLIC_URL is {settings.PUBLIC_URL}: no provider can reach it safely.",
                hint="Set it to the https:// address under which the provider reaches Earshot.",
                id="participants.E003",
            )
        )
    if time_scale() != 1:
        found.append(
            Warning(
                f"EARSHOT_TIME_SCALE is {time_scale():g}: every waiting time differs from what was designed.",
                hint="Remove it; only tests and demonstrations change it.",
                id="participants.W001",
            )
        )
    return found
