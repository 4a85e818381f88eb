"""The URLs that providers post to: verify, store, read, mirror, answer.

A 2xx tells the provider that its callback is stored, and that it may forget it. So the answer waits for one
transaction that holds the raw callback and its effect, and whatever goes wrong before that is a 503.
"""

import hashlib
import logging
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import mirror, signatures, supervising
from .changed import Changed
from .models import Account, Callback, Conference
from .providers import Forged, Malformed, Parsed, Provider, provider_for
from .services import announcing

log = logging.getLogger(__name__)

LIMIT = 64 * 1024  # bytes
MOST_FIELDS = 500
LINKS = {"RecordingUrl"}
# An age on the provider's clock, not a waiting time of ours: EARSHOT_TIME_SCALE must not shorten it.
TOO_OLD = timedelta(hours=24)
NOTED_EVERY = timedelta(seconds=1)
Verdict = Callback.Verdict


class _Declined(Exception):
    """Not stored. The sentence is for the log: the sender is told nothing but the status."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@csrf_exempt
@login_not_required
@no_append_slash
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, key: str, kind: str) -> HttpResponse:
    """Take one callback of `kind` for the account `key`; the statuses are those of docs/contract.md."""
    try:
        account = Account.objects.filter(key=key).first()
        if account is None:
            raise _Declined(404, "there is no such account")
        changed = _take(account, kind, request)
    except _Declined as declined:
        log.warning("Declined a %s callback for %s with %s: %s", kind, key, declined.status, declined)
        return HttpResponse(status=declined.status)
    except Exception:
        # Also for a fault of our own: a 500 would say the same to the provider, and this is no page.
        log.exception("A %s callback for %s was not stored.", kind, key)
        return HttpResponse(status=503)
    _tell(account, changed)
    return HttpResponse()


urlpatterns = [
    path(f"callbacks/<slug:key>/{kind}/", receive, {"kind": kind}, name=f"callback-{kind}")
    for kind in ("conference", "call", "recording", "amd")
]


# --- reading the request ----------------------------------------------------------------------------------
def _take(account: Account, kind: str, request: HttpRequest) -> Changed:
    raw = _verified(provider := provider_for(account), account, request)
    pairs = _pairs(raw)
    callback = Callback(account=account, kind=kind, form=_without_links(pairs))
    try:
        parsed = provider.parse(kind, pairs)
    except Forged as forged:
        raise _Declined(403, str(forged)) from forged
    except Malformed as malformed:
        callback.key = _key(account, kind, _digest(raw))
        callback.conference_sid, callback.call_sid = malformed.conference_sid, malformed.call_sid
        return _store(callback, malformed)
    callback.key = _key(account, kind, parsed.key or _digest(raw))
    callback.event, callback.sequence = parsed.event, parsed.sequence
    callback.conference_sid, callback.call_sid = parsed.conference_sid, parsed.call_sid
    if parsed.occurred is not None:
        callback.occurred_at = datetime.fromtimestamp(parsed.occurred, UTC)
    return _store(callback, parsed)


def _verified(provider: Provider, account: Account, request: HttpRequest) -> bytes:
    """The form as sent, once the signature over it is right."""
    query = request.META.get("QUERY_STRING", "")
    body = request.read(LIMIT + 1)
    if len(body) > LIMIT or len(query) > LIMIT:
        raise _Declined(413, f"it has more than {LIMIT} bytes")
    # The public address, never the request's host: that one is the sender's to choose.
    url = settings.PUBLIC_URL + request.path + (f"?{query}" if query else "")
    try:
        genuine = provider.verify(request.method or "", url, body, request.headers)
    except Forged as forged:
        signatures.note(account, signatures.CLOCK)
        raise _Declined(403, str(forged)) from forged
    if not genuine:
        signatures.note(account, *signatures.hint(provider, request.method or "", url, body, request.headers))
        raise _Declined(403, "its signature is missing or wrong")
    return body if request.method == "POST" else query.encode()


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(
            raw.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as unreadable:
        raise _Declined(400, "it is no form") from unreadable
    if not pairs:
        raise _Declined(400, "it is empty")
    if any("\0" in text for pair in pairs for text in pair):
        raise _Declined(400, "it holds a NUL, which no database keeps")
    return pairs


def _without_links(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What is kept of them: whoever reads a link to the sound of a call would need no right to hear it."""
    return [(name, "" if name in LINKS else value) for name, value in pairs]


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _key(account: Account, kind: str, key: str) -> str:
    return f"{account.key}:{kind}:{key}"


# --- storing it with its effect ---------------------------------------------------------------------------
def _store(callback: Callback, read: Parsed | Malformed) -> Changed:
    """Keep the callback and apply it, both or neither. A known one changes nothing."""
    with transaction.atomic():
        # An IntegrityError would abort PostgreSQL's transaction, and many copies may come at one instant.
        Callback.objects.bulk_create([callback], ignore_conflicts=True)
        stored = Callback.objects.get(key=callback.key)
        stored.account = callback.account
        # Outside of its own transaction no row is without a verdict: one that has it is not ours.
        if stored.verdict:
            return Changed(verdict=Verdict.DUPLICATE)
        changed, stored.detail = _effect(stored, read)
        stored.verdict = changed.verdict
        stored.save(update_fields=["verdict", "detail"])
    return changed


def _effect(callback: Callback, read: Parsed | Malformed) -> tuple[Changed, str]:
    """What the callback changes, and why it changes nothing where it does not."""
    if isinstance(read, Malformed):
        return _doubt(callback.account, read), str(read)
    if callback.occurred_at is not None and timezone.now() - callback.occurred_at > TOO_OLD:
        return Changed(verdict=Verdict.SUPERSEDED), "It is older than 24 hours."
    changed = mirror.apply(callback.account, read.events, callback=callback)
    if read.announced is not None:
        changed.verdict = announcing.told(callback, read.announced)
    return changed, ""


def _doubt(account: Account, malformed: Malformed) -> Changed:
    """The provider signed what it never says: believe none of it, and ask about the legs it may be about."""
    about = Q(sid=malformed.conference_sid) | Q(participants__call_sid=malformed.call_sid)
    known = Conference.objects.filter(about, account=account).exclude(status=Conference.Status.COMPLETED)
    conferences = set(known.values_list("pk", flat=True))
    mirror.mark_stale(conferences, "callback")
    legs = Conference.objects.filter(pk__in=conferences, participants__left_at=None)
    return Changed(
        conferences=conferences,
        legs=set(legs.exclude(participants=None).values_list("pk", "participants__call_sid")),
        verdict=Verdict.REJECTED,
    )


# --- after the commit -------------------------------------------------------------------------------------
def _tell(account: Account, changed: Changed) -> None:
    """From here on the callback is stored: whatever fails, the answer stays 200."""
    try:
        now = timezone.now()
        # Not in the transaction: there, all callbacks of an account would wait for this one row.
        if account.callback_at is None or now - account.callback_at > NOTED_EVERY:
            Account.objects.filter(pk=account.pk).update(callback_at=now)
        supervising.touched(account, changed)
    except Exception:
        log.exception("A stored callback for %s was not passed on; the next second finds it.", account.key)
