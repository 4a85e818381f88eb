"""Callbacks whose signature is wrong: counted for each account, with what the signature itself tells of why.

Nothing else of them is kept: anybody can post there. So the count is written at most once in a second, and
a hint changes no more than the sentence that an administrator reads.
"""

import logging
import threading
import time
from collections.abc import Mapping
from datetime import timedelta

from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils import timezone

from .models import Account
from .providers import Forged, Provider

log = logging.getLogger(__name__)
NOTED_EVERY = 1.0  # seconds; what comes meanwhile is counted with the next
AGAIN = timedelta(hours=1)  # after so long without one the count begins anew
MOST = 1_000_000
SCHEME, HOST, CLOCK, OTHER = "scheme", "host", "clock", "other"
_lock = threading.Lock()
_waiting: dict[int, int] = {}
_noted: dict[int, float] = {}


def hint(
    provider: Provider, method: str, url: str, body: bytes, headers: Mapping[str, str]
) -> tuple[str, str]:
    """Why the signature is wrong for `url`, and the address for which it is right: for a hint only."""
    scheme, _, rest = url.partition("://")
    other = "http" if scheme == "https" else "https"
    path = rest.partition("/")[2]
    host = headers.get("Host", "")
    tries = [(SCHEME, f"{other}://{rest}")]
    if host and host != rest.partition("/")[0]:
        tries += [(HOST, f"{scheme}://{host}/{path}"), (HOST, f"{other}://{host}/{path}")]
    for why, tried in tries:
        try:
            if provider.verify(method, tried, body, headers):
                return why, tried.partition("?")[0][:255]
        except Forged:
            continue
    return OTHER, ""


def note(account: Account, why: str, url: str = "") -> None:
    """One more. Whatever fails here, the answer to the sender stays what it is."""
    with _lock:
        _waiting[account.pk] = count = _waiting.get(account.pk, 0) + 1
        now = time.monotonic()
        if now - _noted.get(account.pk, -NOTED_EVERY) < NOTED_EVERY:
            return
        _noted[account.pk], _waiting[account.pk] = now, 0
    try:
        _write(account, count, why, url)
    except Exception:
        log.exception("A wrong signature for %s was not counted.", account.key)


def _write(account: Account, count: int, why: str, url: str) -> None:
    now = timezone.now()
    row = Account.objects.filter(pk=account.pk)
    told = {"forged_why": why, "forged_url": url}
    anew = row.filter(Q(forged_at=None) | Q(forged_at__lt=now - AGAIN))
    if anew.update(forged=count, forged_since=now, forged_at=now, **told):
        return
    row.update(forged=Least(F("forged") + count, MOST), forged_at=now)
    if why != OTHER:  # what a signature has shown is not taken back by one that shows nothing
        row.update(**told)
