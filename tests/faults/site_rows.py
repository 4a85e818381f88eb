"""What the product's own database says (SQLite), read from outside as plain values."""

import contextlib
import json
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.site import Site

QUIET = ("requested", "refused")  # a wish that access refused: nothing was ever sent for it


def rows(site: Site, query: str, *values: Any) -> list[tuple[Any, ...]]:
    path = site.processes.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database:
        return database.execute(query, values).fetchall()


def seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class Wish:
    """`mode`: listen, whisper, barge or leave. `target`: the call sid of the agent to whisper to."""

    user: int
    sid: str
    mode: str
    at: float
    target: str | None


def wishes(site: Site) -> list[Wish]:
    """Those that Earshot took on, oldest first."""
    found = rows(
        site,
        """SELECT i.user_id, c.sid, i.verb, i.requested_at, i.parameters,
            (SELECT count(*) FROM participants_outcome o WHERE o.intervention_id = i.id
             AND o.state = 'refused' AND o.code = '' AND o.message = '')
        FROM participants_intervention i JOIN participants_conference c ON c.id = i.conference_id
        WHERE i.verb IN ('listen', 'whisper', 'barge', 'leave') ORDER BY i.position""",
    )
    return [
        Wish(user, sid, verb, seconds(at), json.loads(parameters).get("target"))
        for user, sid, verb, at, parameters, refused in found
        if not refused
    ]


def owners(site: Site) -> dict[str, int]:
    """Call sid of a supervisor's leg -> the user whose stay it is."""
    known = rows(site, "SELECT call_sid, user_id FROM participants_supervision WHERE call_sid IS NOT NULL")
    return dict(known)  # type: ignore[arg-type]


def dialled(site: Site) -> dict[str, str]:
    """The label of each dial of a supervisor's phone -> the stay for which it was."""
    query = "SELECT label, supervision_id FROM participants_legrequest WHERE verb = 'create'"
    return dict(rows(site, query))  # type: ignore[arg-type]


def stored_callbacks(site: Site) -> dict[str, str]:
    """Each form as text -> its verdict."""
    found = rows(site, "SELECT form, verdict FROM participants_callback")
    return {canonical(dict(json.loads(form))): verdict for form, verdict in found}


def canonical(form: dict[str, str]) -> str:
    return json.dumps(form, sort_keys=True)


@dataclass(frozen=True)
class Row:
    """A conference as it stands in the database. `legs`: call sid -> its flags, of those who are on it."""

    id: str
    status: str
    legs: dict[str, tuple[Any, ...]]


def conference(site: Site, sid: str, provider: str) -> Row | None:
    query = """SELECT c.id, c.status FROM participants_conference c
        JOIN participants_account a ON a.id = c.account_id WHERE c.sid = ? AND a.provider = ?"""
    found = rows(site, query, sid, provider)
    if not found:
        return None
    assert len(found) == 1, f"{sid} has {len(found)} rows"
    legs = rows(
        site,
        """SELECT call_sid, muted, hold, coaching FROM participants_participant
        WHERE conference_id = ? AND status = 'connected' AND left_at IS NULL""",
        found[0][0],
    )
    return Row(
        id=found[0][0],
        status=found[0][1],
        legs={call_sid: tuple(bool(flag) for flag in flags) for call_sid, *flags in legs},
    )
