"""What follows from the facts of a call, in the rows: statuses, times, team, the word on the board."""

from collections.abc import Sequence
from datetime import datetime

from .audibility import state_word
from .facts import leg_of, voice
from .identity import team_of
from .merge import leg_status
from .models import Account, Conference, Participant


def leg(row: Participant, *, over: bool, now: datetime) -> None:
    """`over`: the conference has ended, and with it every leg."""
    row.status = leg_status(leg_of(row), conference_over=over)
    if row.status in {"complete", "failed"}:
        row.left_at = row.left_at or now
        # A leave that overtook its join was our first news of somebody who had been there.
        row.joined_at = min(row.joined_at, row.left_at) if row.joined_at else None
    else:
        row.left_at = None
    row.hold_since = (row.hold_since or now) if row.hold else None
    if not row.coaching:
        row.coaching_call_sid = None


def conference(row: Conference, account: Account, legs: Sequence[Participant], *, now: datetime) -> None:
    """To be called when the legs are as they shall be."""
    if not row.live:
        row.ended_at = row.ended_at or now
        row.started_at = min(row.started_at, row.ended_at) if row.started_at else None
        row.stale_since = row.stale_reason = None
    row.team_id = team_of(legs) or row.team_id or account.default_team_id
    # A doubt about one fact is asked at once and leaves the word; silence about the call takes it away.
    silent = row.stale_reason == "unverified"
    word = state_word(row.status, [voice(leg) for leg in legs], stale=silent)
    if word != row.state:
        row.state, row.state_since = word, now
    here = [leg.role for leg in legs if leg.is_in]
    alone = bool(here) and all(role == Participant.Role.SUPERVISOR for role in here)
    row.alone_since = (row.alone_since or now) if alone else None
