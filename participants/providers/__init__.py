"""Our end of the wire: the providers we speak to, and the one to use for an account."""

import os
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from ..sealing import Unsealable, unseal
from .base import (
    AccountLike,
    Forged,
    Gone,
    Malformed,
    NotSent,
    Parsed,
    Provider,
    ProviderError,
    Refused,
    Unknown,
    Unsupported,
)
from .errors import NoSecret
from .telnyx import Telnyx
from .twilio import Twilio

__all__ = [
    "PROVIDERS",
    "Forged",
    "Gone",
    "Malformed",
    "NoSecret",
    "NotSent",
    "Parsed",
    "Provider",
    "ProviderError",
    "Refused",
    "Unknown",
    "Unsupported",
    "callback_url",
    "provider_for",
    "provider_with",
    "secret_of",
]

PROVIDERS: dict[str, type[Provider]] = {"twilio": Twilio, "telnyx": Telnyx}


class StoredAccount(AccountLike, Protocol):
    pk: int
    provider: str
    secret: str  # the name of the environment variable that holds it
    secret_sealed: str  # the same as it was pasted, encrypted: goes before the variable


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a provider keeps of an account: no row of the database, and a key for the cache."""

    key: str
    sid: str
    api_url: str
    caller_id: str
    application_sid: str
    public_key: str


@sensitive_variables()
def provider_for(account: StoredAccount) -> Provider:
    """The provider of an account with its pool of connections; the same one while nothing changes.

    Raises NoSecret when the account's secret was neither pasted nor is in the environment.
    """
    secret = secret_of(account)
    facts = _Facts(*(getattr(account, field.name) for field in fields(_Facts)))
    return _made(account.pk, account.provider, facts, secret)


@sensitive_variables()
def secret_of(account: StoredAccount) -> str:
    """What was pasted, else what the environment says. Raises NoSecret with what is missing."""
    if account.secret_sealed:
        try:
            return unseal(account.secret_sealed)
        except Unsealable as sealed:
            raise NoSecret(
                f"Nothing was sent: the secret of account {account.key} cannot be opened: {sealed}."
            ) from None
    secret = os.environ.get(account.secret, "")
    if not secret.strip():
        missing = (
            f"the environment variable {account.secret}, which holds the secret of account {account.key},"
            " is missing or empty"
            if account.secret
            else f"account {account.key} has no secret: paste it at /connect/"
        )
        raise NoSecret(f"Nothing was sent: {missing}.")
    return secret


@sensitive_variables()
def provider_with(account: StoredAccount, secret: str) -> Provider:
    """A provider of its own for this secret: to try credentials before they are kept."""
    return PROVIDERS[account.provider](account, secret)


@lru_cache(maxsize=64)
@sensitive_variables()
def _made(_pk: int, name: str, facts: _Facts, secret: str) -> Provider:
    return PROVIDERS[name](facts, secret)


def callback_url(account: StoredAccount, kind: str, *, leg: str | None = None) -> str:
    """Where the provider shall post callbacks of `kind`; `leg` is the label of the leg they will be about."""
    query = f"?{urlencode({'leg': leg})}" if leg else ""
    fragment = PROVIDERS[account.provider].callback_fragment
    return f"{settings.PUBLIC_URL}/callbacks/{account.key}/{kind}/{query}{fragment}"
