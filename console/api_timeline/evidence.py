"""The raw form behind an item of a call's story: what was posted, what changed, how a command ended."""

from collections.abc import Callable
from typing import Any

from participants.models import Callback, Change, Outcome
from participants.serializers import time_text

from .people import People
from .rows import TABLES, Row

Json = dict[str, Any]
# What an id of evidence begins with -> the table and the column that the rest of it names.
IDS = {"change-": (0, "id"), "": (1, "id"), "outcome-": (2, "position")}


def find(people: People, evidence: str) -> Row | None:
    """The row that this id of the call's story names; None: the story has none such."""
    for prefix, (table, column) in IDS.items():
        number = evidence.removeprefix(prefix)
        if evidence.startswith(prefix) and number.isdecimal() and len(number) < 19:
            row: Row | None = TABLES[table].rows(people).filter(**{column: int(number)}).first()
            return row
    return None


def raw(row: Row) -> Json:
    """As received, or as kept, with every value. Its phone numbers are not masked yet."""
    return RAW[type(row)](row)


def changed(row: Row) -> list[Json]:
    """What the row changed: {"participant", "fact", "before", "after"}; a participant of null: the call."""
    changes = row.changes.all() if isinstance(row, Callback) else [row] if isinstance(row, Change) else []
    return [
        {
            "participant": str(change.participant_id) if change.participant_id else None,
            "fact": fact,
            "before": before,
            "after": after,
        }
        for change in changes
        for fact, (before, after) in change.facts.items()
    ]


def _callback(row: Callback) -> Json:
    return {
        "kind": row.kind,
        "event": row.event,
        "sequence": row.sequence,
        "occurred_at": time_text(row.occurred_at),
        "received_at": time_text(row.received_at),
        "verdict": row.verdict,
        "detail": row.detail,
        "form": row.form,
    }


def _change(row: Change) -> Json:
    return {"source": row.source, "at": time_text(row.at), "correction": row.correction, "facts": row.facts}


def _outcome(row: Outcome) -> Json:
    asked = row.intervention
    return {
        "intervention": str(asked.pk),
        "verb": asked.verb,
        "parameters": asked.parameters,
        "reason": asked.reason,
        "requested_at": time_text(asked.requested_at),
        "state": row.state,
        "at": time_text(row.at),
        "detail": row.detail,
        "provider": {"code": row.code, "message": row.message},
        "evidence": row.evidence,
    }


RAW: dict[type, Callable[[Any], Json]] = {Callback: _callback, Change: _change, Outcome: _outcome}
