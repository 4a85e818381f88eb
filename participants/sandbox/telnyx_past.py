"""Telnyx's call reads are eventually consistent: they show each call as it was a while ago. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from participants.sandbox.rooms import IN_PROGRESS, RINGING, Leg

# Times the world's time scale.
READS_LAG_S = 1.0


@dataclass(frozen=True, slots=True)
class Past:
    """What was true of a call at one moment. `seconds` talked are said once it has ended."""

    status: str
    updated: float
    answered_at: float | None = None
    ended_at: float | None = None
    seconds: int | None = None


def at(leg: Leg, moment: float) -> Past | None:
    """None before the call was made. A call not answered by then was ringing: they have no other word."""
    if leg.created > moment:
        return None
    answered_at = _by(leg.answered_at, moment)
    ended_at = _by(leg.ended_at, moment)
    if ended_at is not None:
        return Past(leg.call_status, ended_at, answered_at, ended_at, leg.seconds_talked)
    if answered_at is not None:
        return Past(IN_PROGRESS, answered_at, answered_at)
    return Past(RINGING, leg.created)


def _by(happened: float | None, moment: float) -> float | None:
    return happened if happened is not None and happened <= moment else None
