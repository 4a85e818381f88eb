"""Asks which conferences live: adopts those nobody told us of, closes those that are gone.

Credentials suffice: without a single callback the board still follows, slower. An account that cannot be
read is unreachable, never an empty floor.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from . import looks, mirror, reading, rings, supervising
from .clock import horizon
from .events import ConferenceEvent, Source, Stamp
from .gaps import Numbering
from .models import Account, Callback, Conference, LegRequest, Supervision
from .providers import NoSecret, ProviderError, Refused, provider_for
from .timing import TIMING

LIVE = ("init", "in-progress")
CHUNK = 50  # conferences in one transaction
ROSTERS_AT_ONCE = 10  # then what has become more needed meanwhile comes first


def sweep(account: Account) -> None:
    """One complete look at an account's live conferences, and everything that follows from it.

    Raises ProviderError when the account cannot be read; the board then says so.
    """
    began = timezone.now()
    try:
        found = [event for status in LIVE for event in provider_for(account).list_conferences(status)]
        _adopt(account, rings.without(account, found), began)
        _close_unlisted(account, {event.conference_sid for event in found}, began)
        while read_due(account, before=began):
            continue
        look_for_lost_dials(account)
    except ProviderError as error:
        # Also when it answers, but not to us (credentials, rate): what the board shows may be untrue.
        _note(account, reachable=False, why=_why(error))
        raise
    else:
        _note(account, reachable=True)
        Account.objects.filter(pk=account.pk).update(swept_at=began)
    finally:
        mirror.mark_stale(_unverified(account), "unverified")
    _apply_waiting(account)


def _adopt(account: Account, found: list[ConferenceEvent], began: datetime) -> None:
    for chunk in _chunks(found):
        supervising.touched(account, mirror.apply(account, chunk))
        rows = Conference.objects.filter(account=account, sid__in=[event.conference_sid for event in chunk])
        looks.listed(rows.values_list("pk", flat=True), began=began)


def _chunks(found: list[ConferenceEvent]) -> Iterator[list[ConferenceEvent]]:
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]


def _close_unlisted(account: Account, listed: set[str], began: datetime) -> None:
    """A conference that is not listed is asked for by itself: one list proves nothing."""
    new = Q(first_seen_at__range=(began, horizon(began, by=TIMING.roster)))
    rows = Conference.objects.filter(account=account).exclude(new).exclude(sid__in=listed)
    ended = timezone.now() - timedelta(seconds=TIMING.unverified)
    unexplained = Q(reason_ended=None, missed_at=None, ended_at__gt=ended)
    budget = provider_for(account).budget
    for row in rows.filter(~Q(status="completed") | unexplained).select_related("account"):
        budget.wait()
        supervising.touched(account, reading.conference(row))
        if row.missed_at and timezone.now() - row.missed_at >= timedelta(seconds=TIMING.gone_again):
            stamp = Stamp(source=Source.READ, began=time.time())
            over = ConferenceEvent(conference_sid=row.sid, stamp=stamp, status="completed")
            supervising.touched(account, mirror.apply(account, [over]))


def read_due(account: Account, *, before: datetime | None = None) -> int:
    """Read the rosters whose time has come, the most needed first. Returns how many were read.

    `before`: leave those that were read since, else a sweep of many supervised calls would never end.
    """
    now = timezone.now()
    read = Q(verified_at__range=(before or now, horizon(now, by=TIMING.roster)))
    due = list(_due(account).exclude(read)[:ROSTERS_AT_ONCE])
    budget = provider_for(account).budget
    for row in due:
        budget.wait()
        supervising.touched(account, reading.roster(row))
    return len(due)


def _due(account: Account) -> QuerySet[Conference]:
    """Never read, in doubt, supervised; then the oldest. One that sends callbacks waits for the others."""
    now = timezone.now()
    supervised = Q(supervisions__ended_at=None, supervisions__isnull=False)
    soon = now - timedelta(seconds=TIMING.roster_supervised)
    late = now - timedelta(seconds=TIMING.roster)
    # One whose own fetch found nothing has no roster either.
    rows = Conference.objects.filter(account=account, missed_at=None).exclude(status="completed")
    due = rows.filter(
        Q(verified_at=None)
        | Q(verified_at__gt=horizon(now, by=TIMING.roster))
        | Q(stale_since__isnull=False, verified_at__lt=soon)
        | (supervised & Q(verified_at__lt=soon))
        | Q(participants__missed_at__isnull=False, participants__left_at=None, verified_at__lt=soon)
        | Q(verified_at__lt=late)
    )
    return (
        due.select_related("account")
        .distinct()
        .order_by(F("verified_at").asc(nulls_first=True), F("callbacks_seen_at").asc(nulls_first=True))
    )


def read_gaps(account: Account) -> int:
    """Read the calls of whose callbacks one is missing, and not only late. Returns how many were read."""
    late = timezone.now() - timedelta(seconds=TIMING.gap_wait)
    rows = Conference.objects.filter(account=account, gap_since__lt=late).exclude(status="completed")
    return sum(_read_gap(row) for row in rows.select_related("account"))


def _read_gap(row: Conference) -> bool:
    numbering, now = Numbering.load(row.numbering), time.time()
    came = Callback.objects.filter(account=row.account, kind="conference", conference_sid=row.sid)
    numbers = came.exclude(sequence=None).values_list("sequence", flat=True)
    if not numbering.missing({number for number in numbers if number is not None}):
        looks.settled(row, numbering.filled())
        return False
    if not numbering.may_read(now):
        return False
    provider_for(row.account).budget.wait()
    changed = reading.roster(row)
    supervising.touched(row.account, changed)
    looks.settled(row, numbering.read(now, found=row.pk in changed.conferences))
    return True


def look_for_lost_dials(account: Account) -> None:
    """A dial that was given up may have been placed all the same, later: for a while its label tells."""
    since = timezone.now() - timedelta(seconds=TIMING.lost_dial)
    lost = LegRequest.objects.filter(verb="create", outcome="unknown", sent_at__gt=since)
    ended = Supervision.objects.exclude(ended_at=None).filter(call_sid=None, conference__account=account)
    for request in lost.filter(supervision__in=ended).select_related("supervision__conference__account"):
        if request.supervision.conference.live:
            changed = reading.leg(request.supervision.conference, request.label)[1]
            supervising.touched(account, changed)


def _unverified(account: Account) -> list[UUID]:
    """Conferences that no list, no roster and no callback has spoken of for too long."""
    never = datetime(1970, 1, 1, tzinfo=UTC)
    newest = Greatest(
        *[Coalesce(F(name), never) for name in ("verified_at", "listed_at", "callbacks_seen_at")]
    )
    before = timezone.now() - timedelta(seconds=TIMING.unverified)
    rows = Conference.objects.filter(account=account, first_seen_at__lt=before).exclude(status="completed")
    return list(
        rows.exclude(stale_reason="unverified")
        .annotate(newest=newest)
        .filter(newest__lt=before)
        .values_list("pk", flat=True)
    )


def _why(error: ProviderError) -> str:
    """What an administrator has to know: nobody is there, or somebody who does not know us."""
    if isinstance(error, NoSecret):
        return Account.Unreachable.UNSET
    if isinstance(error, Refused):
        unknown = error.status in {401, 403}
        return Account.Unreachable.REJECTED if unknown else Account.Unreachable.REFUSED
    return Account.Unreachable.SILENT


def _note(account: Account, *, reachable: bool, why: str = "") -> None:
    """Since when the account answers, or does not, and why."""
    told = {"reachable": reachable, "unreachable_why": why}
    if not Account.objects.filter(pk=account.pk, **told).exists():
        with transaction.atomic():
            Account.objects.filter(pk=account.pk).update(**told, reachable_since=timezone.now())
            mirror.touch_live(account)  # what may be done with its calls depends on it


def _apply_waiting(account: Account) -> None:
    """Call events whose leg became known in the same instant as they were stored."""
    waiting = Callback.objects.filter(account=account, verdict=Callback.Verdict.WAITING)
    known = waiting.filter(
        call_sid__in=Conference.objects.filter(account=account).values("participants__call_sid")
    )
    provider = provider_for(account)
    for callback in known.order_by("id"):
        parsed = provider.parse(callback.kind, [(key, value) for key, value in callback.form])
        supervising.touched(account, mirror.apply(account, parsed.events, callback=callback))
        Callback.objects.filter(pk=callback.pk).update(verdict=Callback.Verdict.APPLIED)


def take_lease(account: Account, owner: str) -> bool:
    """Several workers may run; one at a time sweeps an account, and is replaced when it dies."""
    now = timezone.now()
    free = Q(lease_owner=owner) | Q(lease_until=None) | Q(lease_until__lt=now)
    until = now + timedelta(seconds=TIMING.worker_lease)
    return bool(Account.objects.filter(free, pk=account.pk).update(lease_owner=owner, lease_until=until))
