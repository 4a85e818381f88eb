"""What is kept for how long: callbacks lose their personal data first, later calls go with their story.

What supervisors did is kept for good. A call on which they did something stays as a husk: sids, times, roles
and agents, but no number, name or label, and no story. Everything goes in batches, each a short transaction
with a rest after it, so that nobody waits; a run that was killed is taken up where it was by the next.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, CharField, Exists, JSONField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from .identity import OWN_LABEL
from .models import Account, Callback, Change, Conference, Dial, Intervention, Participant, Supervision
from .providers import PROVIDERS

FORMS = 50  # callbacks that are redacted in one transaction: about 5 ms
ROWS = 200  # that are removed in one
CALLS = 10
# Between two transactions: who waits for SQLite's one writer asks again now and then, and must find it free.
REST = 0.02  # s
RESTS = 3  # times what the transaction took


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction did: `what` is a name of a field of `Due`."""

    what: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """How much is too old now. None of these are counted twice."""

    redacted: int = 0  # callbacks
    removed: int = 0  # callbacks
    changes: int = 0
    calls: int = 0
    husks: int = 0


def purge(now: datetime | None = None) -> Iterator[Batch]:
    """Batch after batch, with a rest after each. Whoever stops listening stops the purge."""
    began = time.monotonic()
    for batch in _batches(now or timezone.now()):
        took = time.monotonic() - began
        yield batch
        time.sleep(max(REST, RESTS * took))
        began = time.monotonic()


def due(now: datetime | None = None) -> Due:
    """What `purge` would do. Reads only."""
    now = now or timezone.now()
    counted: dict[str, int] = {}
    if before := _before(now, settings.KEEP_CALLBACKS_DAYS):
        counted["redacted"] = _in_full(before).count()
    if before := _before(now, settings.KEEP_CONFERENCES_DAYS):
        calls = _over(before)
        counted["husks"] = calls.filter(_audited()).count()
        counted["calls"] = calls.exclude(_audited()).count()
        counted["changes"] = Change.objects.filter(conference__in=calls).count()
        counted["removed"] = _story_of(calls).count() + _of_no_call(before).count()
    return Due(**counted)


def _batches(now: datetime) -> Iterator[Batch]:
    if before := _before(now, settings.KEEP_CONFERENCES_DAYS):
        yield from _remove_calls(before)
        yield from _remove(_of_no_call(before), "removed")
    if before := _before(now, settings.KEEP_CALLBACKS_DAYS):
        yield from _redact(before)


def _before(now: datetime, days: int | None) -> datetime | None:
    return None if days is None else now - timedelta(days=days)


# --- callbacks without people -----------------------------------------------------------------------------
def _in_full(before: datetime) -> QuerySet[Callback]:
    """Callbacks with personal data that are too old for it. Also those whose call was never in a conference:
    no call lasts as long as the shortest time that may be set, so they wait for nothing.
    """
    rows = Callback.objects.filter(redacted_at=None, received_at__lt=before)
    return rows.exclude(_of(_busy()))


def _redact(before: datetime) -> Iterator[Batch]:
    provider_of = dict(Account.objects.values_list("pk", "provider"))
    at, pk = None, 0
    while True:
        rows = _in_full(before).order_by("received_at", "id")
        if at is not None:
            rows = rows.filter(Q(received_at__gt=at) | Q(received_at=at, pk__gt=pk), received_at__gte=at)
        batch = list(rows.only("account_id", "kind", "form", "received_at")[:FORMS])
        if not batch:
            return
        at, pk = batch[-1].received_at, batch[-1].pk
        forms = {row.pk: _without_people(provider_of[row.account_id], row) for row in batch}
        yield Batch("redacted", _write(forms))


def _without_people(provider: str, row: Callback) -> Sequence[tuple[str, str]]:
    pairs = [(name, value) for name, value in row.form]
    return PROVIDERS[provider].without_people(row.kind, pairs, own_label=OWN_LABEL)


def _write(forms: dict[int, Sequence[tuple[str, str]]]) -> int:
    """One statement, which is its own transaction: SQLite is locked only while it runs."""
    cases = [When(pk=pk, then=Value(form, JSONField())) for pk, form in forms.items()]
    rows = Callback.objects.filter(pk__in=forms, redacted_at=None)
    return rows.update(form=Case(*cases), redacted_at=timezone.now())


# --- calls that are over ----------------------------------------------------------------------------------
def _busy() -> QuerySet[Conference]:
    """Live, or somebody is on it, or about to be: never touched, however old."""
    open_stays = Supervision.objects.filter(ended_at=None)
    stayed_on = Exists(open_stays.filter(Q(conference=OuterRef("pk")) | Q(then_conference=OuterRef("pk"))))
    return Conference.objects.filter(~Q(status=Conference.Status.COMPLETED) | stayed_on).order_by()


def _over(before: datetime) -> QuerySet[Conference]:
    rows = Conference.objects.filter(status=Conference.Status.COMPLETED, purged_at=None)
    # The first is in the index: nobody ends before they begin.
    rows = rows.filter(first_seen_at__lt=before, ended_at__lt=before)
    return rows.exclude(pk__in=_busy().values("pk")).order_by("first_seen_at", "pk")


def _of(calls: QuerySet[Conference]) -> Q:
    """The callbacks of these calls, as a condition: by the conference's sid, or by that of a leg's call."""
    named = calls.filter(account=OuterRef("account"), sid=OuterRef("conference_sid"))
    legs = Participant.objects.filter(conference__account=OuterRef("account"), call_sid=OuterRef("call_sid"))
    return Q(Exists(named)) | Q(Exists(legs.filter(conference__in=calls)), conference_sid="")


def _audited() -> Q:
    """Somebody did something on the call, which stays on the record; so does that it was this call."""
    deeds = Intervention.objects.filter(
        Q(conference=OuterRef("pk")) | Q(participant__conference=OuterRef("pk"))
    )
    stays = Supervision.objects.filter(Q(conference=OuterRef("pk")) | Q(then_conference=OuterRef("pk")))
    dials = Dial.objects.filter(conference=OuterRef("pk"))
    return Q(Exists(deeds)) | Q(Exists(stays)) | Q(Exists(dials))


def _story_of(calls: QuerySet[Conference]) -> QuerySet[Callback]:
    """The callbacks of these calls. One of a leg that was on another call, too, stays as long as that one."""
    others = Conference.objects.filter(purged_at=None).exclude(pk__in=calls.values("pk")).order_by()
    return Callback.objects.filter(_of(calls)).exclude(_of(others))


def _of_no_call(before: datetime) -> QuerySet[Callback]:
    return Callback.objects.filter(received_at__lt=before).exclude(_of(Conference.objects.order_by()))


def _remove_calls(before: datetime) -> Iterator[Batch]:
    at, pk = None, None
    while True:
        rows = _over(before)
        if at is not None:
            rows = rows.filter(
                Q(first_seen_at__gt=at) | Q(first_seen_at=at, pk__gt=pk), first_seen_at__gte=at
            )
        batch = list(rows.only("account_id", "sid", "first_seen_at")[:CALLS])
        if not batch:
            return
        at, pk = batch[-1].first_seen_at, batch[-1].pk
        # First the story, which may be long; a call whose story is half gone is still due.
        pks = [row.pk for row in batch]
        yield from _remove(Change.objects.filter(conference__in=pks), "changes")
        for account in {row.account_id for row in batch}:
            sids = [row.sid for row in batch if row.account_id == account]
            yield from _remove(_named(account, sids, pks), "removed")
        yield from _remove_rows(before, pks)


def _named(account: int, sids: list[str], pks: list[UUID]) -> QuerySet[Callback]:
    """`_story_of`, by indices: the callbacks are many, and the calls of one batch few."""
    legs = Participant.objects.filter(conference__in=pks).values("call_sid")
    of_calls = Q(conference_sid__in=sids) | Q(conference_sid="", call_sid__in=legs)
    others = Conference.objects.filter(purged_at=None).exclude(pk__in=pks).order_by()
    return Callback.objects.filter(of_calls, account=account).exclude(_of(others))


def _remove(rows: QuerySet[Any], what: str) -> Iterator[Batch]:
    while pks := list(rows.order_by().values_list("pk", flat=True)[:ROWS]):
        rows.model._default_manager.filter(pk__in=pks).delete()
        yield Batch(what, len(pks))


def _remove_rows(before: datetime, pks: list[UUID]) -> Iterator[Batch]:
    """The calls themselves, and the people on them. Another purge's are left to it."""
    apart = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        locked = _over(before).filter(pk__in=pks).select_for_update(skip_locked=apart)
        held = list(locked.values_list("pk", flat=True))
        calls = Conference.objects.filter(pk__in=held).order_by()
        husks = list(calls.filter(_audited()).values_list("pk", flat=True))
        Participant.objects.filter(conference__in=husks).update(address=None, label=None, marks={})
        # Whom somebody dialled: the label has to stay one that no other dial has.
        nobodys = Concat(Value("purged-"), Cast("pk", CharField()))
        dials = Dial.objects.filter(conference__in=husks)
        dials.update(to="", friendly_name="", message="", parameters={}, label=nobodys)
        calls.filter(pk__in=husks).update(friendly_name=None, numbering={}, purged_at=timezone.now())
        gone = set(held) - set(husks)
        calls.filter(pk__in=gone).delete()
    yield Batch("husks", len(husks))
    yield Batch("calls", len(gone))
