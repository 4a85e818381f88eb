"""How long a supervisor listened, whispered and barged in one stay, from the requests for their leg."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from ..models import LegRequest, Mode, Supervision

PAST = {Mode.LISTEN: "listened", Mode.WHISPER: "whispered", Mode.BARGE: "barged"}
NEVER_HAPPENED = {LegRequest.Outcome.REFUSED, LegRequest.Outcome.NOT_SENT}


def times(stay: Supervision, now: datetime) -> dict[str, timedelta]:
    """Time in each mode that was reached, in the order listen, whisper, barge.

    An opened line counts from the sending of the request and until the answer to the one that silenced it:
    in doubt the supervisor was audible. Whoever was never connected heard nothing.
    """
    if not stay.connected:
        return {}
    spent: dict[str, timedelta] = {}
    mode, since = str(Mode.LISTEN), stay.dialled_at or stay.since
    for changed, at in [*_changes(stay.requests.all()), ("", stay.ended_at or now)]:
        if changed != mode:
            spent[mode] = spent.get(mode, timedelta()) + max(timedelta(), at - since)
            mode, since = changed, max(at, since)
    if stay.confirmed in PAST:
        spent.setdefault(stay.confirmed, timedelta())
    return {name: spent[name] for name in PAST if name in spent}


def _changes(requests: Iterable[LegRequest]) -> list[tuple[str, datetime]]:
    """Each request that opened or silenced the line, with the moment from which it counts."""
    found = []
    for request in requests:
        if request.verb != LegRequest.Verb.UPDATE or request.outcome in NEVER_HAPPENED:
            continue
        if request.muted:
            found.append((str(Mode.LISTEN), request.answered_at or request.sent_at))
        elif request.muted is False or request.coaching is False:
            opened = Mode.BARGE if request.coaching is False else Mode.WHISPER
            found.append((str(opened), request.sent_at))
    return found


def in_words(spent: dict[str, timedelta]) -> str:
    """`listened, whispered`."""
    return ", ".join(PAST[Mode(name)] for name in spent) or "did not get through"
