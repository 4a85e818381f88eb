"""Connecting an account: what is pasted of it, with the secret sealed; what to paste at the provider."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from ..checks import LOOPBACK
from ..ledger import append_deed
from ..models import Account
from ..providers import PROVIDERS, NoSecret, Provider, callback_url, secret_of
from ..providers.connecting import Entry
from ..sealing import available, seal

__all__ = ["available"]
KINDS = ("conference", "call", "recording", "amd")
MOST_TOKENS = 3
BOUND = {"sid", "api_url"}  # a secret is pasted for these, and for no others
Faults = dict[str, list[str]]


def kinds() -> list[type[Provider]]:
    """Every provider that an account can be connected at."""
    return list(PROVIDERS.values())


def kind_of(account: Account) -> type[Provider]:
    return PROVIDERS[account.provider]


def entries(provider: str) -> Mapping[str, Entry]:
    """What is pasted for an account at this provider: field -> how it is asked for."""
    return PROVIDERS[provider].connecting.entries


@sensitive_variables()
def faults(provider: str, given: Mapping[str, str]) -> Faults:
    """What does not have the shape of what is asked for; also an address that would show the secret."""
    found = {
        name: [fault]
        for name, entry in entries(provider).items()
        if name in given and (fault := entry.fault(given[name]))
    }
    url = urlsplit(given.get("api_url", ""))
    if given.get("api_url") and (
        not url.hostname
        or (url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOOPBACK))
    ):
        found["api_url"] = ["It must begin with https://: the secret would travel unencrypted."]
    return found


@sensitive_variables("secret")
@transaction.atomic
def connect(by: User, provider: str, *, secret: str, **facts: Any) -> Account:
    """A new account with its secret sealed. Raises IntegrityError for a key or a sid that is taken."""
    account = Account(provider=provider, **facts)
    account.secret_sealed, account.secret_pasted_at = seal(secret), timezone.now()
    account.save(force_insert=True)
    append_deed(user=by, verb="connect_account", parameters={"account": account.key, "provider": provider})
    return account


@sensitive_variables("secret")
@transaction.atomic
def change(by: User, account: Account, *, secret: str, keep_former: bool, **facts: Any) -> Account:
    """New credentials, in use everywhere from the next request on. Raises IntegrityError as `connect` does.

    `keep_former`: callbacks that are signed with the former secret stay valid; requests go with the new one.
    A pasted secret goes nowhere but to the account and the address that it was pasted for.
    """
    row = Account.objects.select_for_update().get(pk=account.pk)
    changed = sorted(name for name, value in facts.items() if getattr(row, name) != value)
    for name, value in facts.items():
        setattr(row, name, value)
    if secret:
        former = _former(row) if keep_former and not BOUND & set(changed) else []
        tokens = list(dict.fromkeys([*secret.split(), *former]))[:MOST_TOKENS]
        row.secret_sealed, row.secret_pasted_at = seal(" ".join(tokens)), timezone.now()
    elif BOUND & set(changed):
        row.secret_sealed, row.secret_pasted_at = "", None
    row.save(update_fields=[*changed, "secret_sealed", "secret_pasted_at"])
    said = {"account": row.key, "changed": [*changed, *(["secret"] if secret else [])]}
    append_deed(user=by, verb="change_credentials", parameters=said)
    return row


@sensitive_variables()
def _former(account: Account) -> list[str]:
    try:
        return secret_of(account).split()
    except NoSecret:
        return []


def taken(error: IntegrityError, facts: Mapping[str, Any]) -> Faults:
    """Which field an IntegrityError is about."""
    del error  # each database names its constraints in its own words
    if Account.objects.filter(key=facts.get("key")).exists():
        return {"key": ["Another account has this key."]}
    return {"sid": ["This account is connected already."]}


# --- what to paste at the provider ------------------------------------------------------------------------
def addresses(account: Account) -> list[tuple[str, str]]:
    """Kind of callback and the address that takes it, with what has to stand at its end."""
    return [(kind, callback_url(account, kind)) for kind in KINDS]


def snippet(account: Account) -> str:
    """For the call flow: a conference whose first participant tells Earshot everything that it can."""
    events = " ".join(kind_of(account).reports.conference_events)
    return (
        "<Response>\n"
        "  <Dial>\n"
        "    <Conference\n"
        f"        statusCallback={quoteattr(callback_url(account, 'conference'))}\n"
        f'        statusCallbackEvent="{escape(events)}"\n'
        '        statusCallbackMethod="POST">YOUR-CONFERENCE-NAME</Conference>\n'
        "  </Dial>\n"
        "</Response>"
    )
