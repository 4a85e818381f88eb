"""The tamper-evident chain: all interventions and outcomes, one after another, each sealing the one before.

A row's digest is sha256 over the digest before it and the canonical JSON of all its columns, so a changed,
removed, swapped or inserted row breaks the chain at its place. The database refuses UPDATE and DELETE
(`participants.ledger_triggers`); this module finds what was done in spite of that.
"""

import hashlib
import heapq
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from .models import Conference, Intervention, LedgerHead, Outcome, Participant
from .timing import TIMING

BATCH = 1000
SHORT = 5000  # rows that are verified in about a tenth of a second
Row = Intervention | Outcome


@transaction.atomic
def open_intervention(
    *,
    user: User,
    verb: str,
    conference: Conference | None = None,
    participant: Participant | None = None,
    parameters: dict[str, Any] | None = None,
    reason: str = "",
    key: str | None = None,
    fingerprint: str = "",
) -> tuple[Intervention, bool]:
    """The new intervention with its outcome `requested`, and True; or the one that used `key`, and False.

    A key is the user's own and lasts `TIMING.idempotency` seconds. The caller compares `fingerprint` with the
    one that is returned. Everybody who appends waits for this transaction: call it last in yours.
    """
    head = _locked_head()
    now = timezone.now()
    if key is not None:
        fresh = now - timedelta(seconds=TIMING.idempotency)
        used = Intervention.objects.filter(user=user, key=key, requested_at__gt=fresh).first()
        if used is not None:
            return used, False
    intervention = Intervention(
        user=user,
        verb=verb,
        conference=conference,
        participant=participant,
        parameters=parameters or {},
        reason=reason,
        key=key,
        fingerprint=fingerprint,
        requested_at=now,
    )
    _append(head, intervention, Outcome(intervention=intervention, state=Outcome.State.REQUESTED, at=now))
    return intervention, True


@transaction.atomic
def append_deed(
    *, user: User, verb: str, parameters: dict[str, Any], conference: Conference | None = None
) -> Intervention:
    """An intervention that is done when it is recorded, such as a search or an export."""
    now = timezone.now()
    deed = Intervention(user=user, verb=verb, conference=conference, parameters=parameters, requested_at=now)
    states = (Outcome.State.REQUESTED, Outcome.State.CONFIRMED)
    _append(_locked_head(), deed, *(Outcome(intervention=deed, state=state, at=now) for state in states))
    return deed


@transaction.atomic
def append_outcome(
    intervention: Intervention,
    state: str,
    *,
    detail: str = "",
    code: str = "",
    message: str = "",
    evidence: Any = None,
    at: datetime | None = None,
) -> Outcome:
    """What became of the intervention, at the end of the chain.

    `code` and `message` are the provider's own words and are cut to their columns: an outcome must never be
    lost because somebody else wrote much. `evidence` is JSON: the callback or the read that proves it.
    """
    outcome = Outcome(
        intervention=intervention,
        state=Outcome.State(state),
        at=at or timezone.now(),
        detail=_cut(detail, 255),
        code=_cut(code, 20),
        message=_cut(message, 255),
        evidence=evidence,
    )
    _append(_locked_head(), outcome)
    return outcome


@transaction.atomic
def append_outcome_unless(
    states: Collection[str], intervention: Intervention, state: str, *, detail: str = "", evidence: Any = None
) -> bool:
    """Whether it was appended: not where the newest outcome is one of these states."""
    head = _locked_head()
    newest = intervention.outcomes.order_by("-position").values_list("state", flat=True).first()
    if newest in states:
        return False
    outcome = Outcome(intervention=intervention, state=Outcome.State(state), at=timezone.now())
    outcome.detail, outcome.evidence = _cut(detail, 255), evidence
    _append(head, outcome)
    return True


@dataclass(frozen=True, slots=True)
class Verified:
    """What a walk along the chain found. `rows` are in order; `row` is the first that is not."""

    rows: int
    digest: str
    broken_at: int | None = None
    row: Row | None = None
    why: str = ""

    def __str__(self) -> str:
        if self.broken_at is None:
            return f"{self.rows:,} rows, unbroken"
        about = f" ({_about(self.row)})" if self.row else ""
        return f"Broken at row {self.broken_at:,}{about}: {self.why}"


def check() -> Verified:
    """Verifies the chain and remembers for the admin's pages what was found."""
    found = verify()
    fault = "" if found.broken_at is None else str(found)
    memory = {"checked_at": timezone.now(), "checked_rows": found.rows, "fault": fault}
    # Without the lock: these columns are no part of the chain, and nobody should wait for a reader.
    if not LedgerHead.objects.filter(pk=1).update(**memory):
        LedgerHead.objects.create(pk=1, **memory)
    return found


def recent_check() -> LedgerHead:
    """The newest check of the chain. A short chain is checked again when that was a while ago."""
    head = _head()
    old = timezone.now() - timedelta(seconds=TIMING.chain_check)
    if head.position > SHORT or (head.checked_at is not None and head.checked_at > old):
        return head
    check()
    return _head()


def is_sealed(row: Row) -> bool:
    """Whether this row is as it was written; its place in the chain is another question."""
    return row.digest == digest_of(row)


def verify() -> Verified:
    """Walks the whole chain in batches and stops at the first row that is not as it was written."""
    head = _head()
    digest, position = "", 0
    for row in _rows(until=head.position):
        position += 1
        why = _fault(row, position, digest)
        if why:
            exact = row if row.position == position else None
            return Verified(position - 1, digest, position, exact, why)
        digest = row.digest
    if position < head.position:
        return Verified(position, digest, position + 1, None, "the row is missing")
    if digest != head.digest:
        return Verified(position, digest, position, None, "the head of the chain does not match its last row")
    return _beyond(position, digest)


def _fault(row: Row, position: int, previous: str) -> str:
    if row.position > position:
        return "the row is missing"
    if row.position < position:
        return "two rows have the same place"
    if not is_sealed(row):
        return "the row was changed"
    if row.previous != previous:
        return "the row does not follow the one before it"
    return ""


def _beyond(position: int, digest: str) -> Verified:
    """Rows put in without the head, which is read last: what was appended meanwhile has one."""
    tables = (Intervention, Outcome)
    last = max(table.objects.aggregate(last=models.Max("position"))["last"] or 0 for table in tables)
    if last > _head().position:
        return Verified(position, digest, last, None, "the row was put in without the head of the chain")
    return Verified(position, digest)


def digest_of(row: Row) -> str:
    """The digest that seals this row: of every column but the digest itself."""
    columns = {
        field.attname: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.attname != "digest"
    }
    text = json.dumps(columns, default=_text, allow_nan=False)
    # PostgreSQL gives 1e16 and 1.0 back as other numbers of the same value.
    plain = json.loads(text, parse_float=_number)
    canonical = json.dumps([row._meta.db_table, plain], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256((row.previous + canonical).encode()).hexdigest()


def _text(value: Any) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _number(text: str) -> int | float:
    value = float(text)
    return int(value) if value.is_integer() else value


def _cut(text: str, length: int) -> str:
    """PostgreSQL stores neither a NUL nor half a surrogate pair."""
    clean = text.replace("\0", "").encode(errors="replace").decode()
    return clean if len(clean) <= length else clean[: length - 1] + "…"


def _head() -> LedgerHead:
    return LedgerHead.objects.filter(pk=1).first() or LedgerHead()


def _locked_head() -> LedgerHead:
    return LedgerHead.objects.select_for_update().get_or_create(pk=1)[0]


def _append(head: LedgerHead, *rows: Row) -> None:
    for row in rows:
        row.position, row.previous = head.position + 1, head.digest
        if row.pk is None:
            row.pk = row.position  # a number that the database chose later could not be sealed
        row.digest = digest_of(row)
        row.save(force_insert=True)
        head.position, head.digest = row.position, row.digest
    head.save(update_fields=["position", "digest"])


def _rows(*, until: int) -> Iterator[Row]:
    tables: tuple[models.QuerySet[Any], ...] = (Intervention.objects.all(), Outcome.objects.all())
    walks = [
        rows.filter(position__lte=until).order_by("position").iterator(chunk_size=BATCH) for rows in tables
    ]
    return heapq.merge(*walks, key=lambda row: row.position)


def _about(row: Row) -> str:
    if isinstance(row, Intervention):
        return f"{row.requested_at:%Y-%m-%d %H:%M}, {_who(row)}, {row.verb}"
    intervention = Intervention.objects.filter(pk=row.intervention_id).first()
    whose = f"{_who(intervention)}, {intervention.verb}" if intervention else "nobody's"
    return f"{row.at:%Y-%m-%d %H:%M}, {whose}, {row.state}"


def _who(intervention: Intervention) -> str:
    user = User.objects.filter(pk=intervention.user_id).first()
    return (user.get_full_name() or user.get_username()) if user else f"user {intervention.user_id}"
