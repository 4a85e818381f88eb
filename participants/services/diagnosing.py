"""Testing a connection: one read with the account's credentials, and what it found, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from ..checks import LOOPBACK
from ..models import Account
from ..providers import (
    NoSecret,
    NotSent,
    Provider,
    ProviderError,
    Refused,
    provider_with,
    secret_of,
)
from .connecting import kind_of

LIVE = ("in-progress", "init")
# Two clocks that are right differ by less: an answer takes a while, and its Date counts whole seconds.
SKEW_S = 10
CREDENTIALS = {401, 403}


@dataclass(slots=True)
class Diagnosis:
    """`connected`: the read succeeded. `found` says so or why not; `warnings`: what will go wrong later."""

    connected: bool
    found: str
    warnings: list[str] = field(default_factory=list)


@sensitive_variables()
def diagnose(account: Account) -> Diagnosis:
    """Asks for the live conferences, with a connection of its own. Changes nothing anywhere."""
    try:
        provider = provider_with(account, secret_of(account))
    except NoSecret as missing:
        return Diagnosis(False, str(missing).removeprefix("Nothing was sent: ").capitalize())
    dates: list[float] = []
    provider.session.hooks["response"].append(lambda answer, **_: dates.append(_skew(answer)))
    try:
        live = sum(len(provider.list_conferences(status)) for status in LIVE)
    except ProviderError as failed:
        diagnosis = Diagnosis(False, _why(provider, account, failed))
    else:
        calls = {0: "no live call", 1: "1 live call"}.get(live, f"{live} live calls")
        diagnosis = Diagnosis(True, f"{provider.title} answers, and knows this account: {calls}.")
    finally:
        provider.session.close()
    diagnosis.warnings = [*_clock(provider.title, dates), *_public_address(account), *_shapes(account)]
    return diagnosis


def _why(provider: Provider, account: Account, failed: ProviderError) -> str:
    title, entries = provider.title, kind_of(account).connecting.entries
    where = urlsplit(account.api_url or provider.url).netloc
    if isinstance(failed, NotSent):
        return f"{title} could not be reached at {where}: no connection could be made. Nothing was sent."
    if not isinstance(failed, Refused):
        return f"{where} answers, but not as {title} does. {failed}"
    said = f" It said: “{failed.message}” (code {failed.code or 'not given'}, HTTP {failed.status})."
    secret, sid = entries["secret"].label.lower(), entries["sid"].label.lower()
    if failed.status in CREDENTIALS or provider.refusals.get(failed.code) == "credentials_refused":
        return f"{title} does not accept the {secret} for this {sid}: one of the two is wrong.{said}"
    if failed.status == 404:
        return f"{title} knows no account with this {sid}.{said}"
    if failed.status == 429:
        return f"{title} asks us to slow down. Try again in a minute.{said}"
    return f"{title} refuses to list conferences.{said}"


def _skew(answer: Any) -> float:
    """Seconds by which our clock is ahead of the provider's."""
    try:
        return time() - parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except ValueError:
        return 0.0


def _clock(title: str, dates: list[float]) -> Iterator[str]:
    skew = min(dates, key=abs, default=0.0)
    if abs(skew) > SKEW_S:
        way = "ahead of" if skew > 0 else "behind"
        yield (
            f"The clock of this machine is {abs(skew):.0f} s {way} {title}’s. Set it right: callbacks that"
            " are signed with a time are refused when they are more than 300 s away."
        )


def _shapes(account: Account) -> Iterator[str]:
    """What was entered elsewhere than at /connect/, and cannot be right."""
    for name, entry in kind_of(account).connecting.entries.items():
        if name != "secret" and (fault := entry.fault(getattr(account, name))):
            yield f"{entry.label}: {fault}"


def _public_address(account: Account) -> Iterator[str]:
    """A sandbox on this machine reaches what no provider does."""
    ours, theirs = urlsplit(settings.PUBLIC_URL), urlsplit(account.api_url).hostname
    if ours.hostname in LOOPBACK and theirs not in LOOPBACK:
        yield (
            f"PUBLIC_URL is {settings.PUBLIC_URL}: no provider reaches this, so no callback will come."
            " Set it to the https:// address under which Earshot is reached from outside."
        )
    elif ours.scheme != "https" and ours.hostname not in LOOPBACK:
        yield f"PUBLIC_URL is {settings.PUBLIC_URL}: callbacks would travel unencrypted."
