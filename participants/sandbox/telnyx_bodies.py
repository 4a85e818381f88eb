"""Telnyx's words for what stands in the world: resources and lists. Pure.

A key without a value is left out, never null: none of their schemas allows null.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from participants.sandbox.rooms import INIT, UNANSWERED, Conference, Leg
from participants.sandbox.telnyx_account import ACCOUNT_SID
from participants.sandbox.telnyx_past import Past

VERSION = "v2/texml"
PREFIX = f"/{VERSION}/Accounts/{ACCOUNT_SID}"
ANSWERED_BY = {"machine_start": "machine", "human": "human"}

Body = dict[str, Any]


def when(seconds: float | None) -> str | None:
    """RFC 2822 in UTC, as in `Fri, 18 Feb 2011 21:07:19 +0000`."""
    return None if seconds is None else format_datetime(datetime.fromtimestamp(seconds, UTC))


def said(body: Body) -> Body:
    return {key: value for key, value in body.items() if value is not None}


def participant_status(leg: Leg) -> str:
    if leg.call_status in UNANSWERED:
        return "connecting"
    return "connected" if leg.connected else "completed"


def reason_ended(room: Conference) -> str | None:
    """Telnyx has no word for being kicked: who was removed has left."""
    return room.reason_ended and room.reason_ended.replace("-kicked", "-left")


def conference(room: Conference) -> Body:
    uri = f"{PREFIX}/Conferences/{room.sid}"
    return said(
        {
            "account_sid": ACCOUNT_SID,
            "api_version": VERSION,
            "call_sid_ending_conference": room.ending_call,
            "date_created": when(room.created),
            "date_updated": when(room.updated),
            "friendly_name": room.friendly_name,
            "reason_conference_ended": reason_ended(room),
            "region": "unknown" if room.status == INIT else room.region,
            "sid": room.sid,
            "status": room.status,
            "subresource_uris": {
                "participants": f"{uri}/Participants.json",
                "recordings": f"{uri}/Recordings.json",
            },
            "uri": f"{uri}.json",
        }
    )


def new_participant(room: Conference, leg: Leg) -> Body:
    """The answer to a dial; without dates, and never with a label."""
    return said(
        {
            "account_sid": ACCOUNT_SID,
            "call_sid": leg.call_sid,
            "coaching": leg.coaching,
            "coaching_call_sid": leg.target,
            "conference_sid": room.sid,
            "end_conference_on_exit": leg.end_on_exit,
            "hold": leg.hold,
            "muted": leg.muted,
            "status": participant_status(leg),
            "uri": f"{PREFIX}/Conferences/{room.sid}/Participants/{leg.call_sid}.json",
        }
    )


def participant(room: Conference, leg: Leg) -> Body:
    return new_participant(room, leg) | said(
        {
            "api_version": VERSION,
            "call_sid_legacy": leg.call_sid,
            "coaching_call_sid_legacy": leg.target,
            "date_created": when(leg.created),
            "date_updated": when(leg.updated),
        }
    )


def call(leg: Leg, past: Past) -> Body:
    """The call as it was at that moment of its past."""
    return said(
        {
            "account_sid": ACCOUNT_SID,
            "answered_by": ANSWERED_BY.get(leg.answered_by or "") if past.answered_at else None,
            "date_created": when(leg.created),
            "date_updated": when(past.updated),
            "direction": "inbound" if leg.direction == "inbound" else "outbound",
            "duration": None if past.seconds is None else str(past.seconds),
            "end_time": when(past.ended_at),
            "from": leg.from_address,
            "from_formatted": leg.from_address,
            "price_unit": "USD",
            "sid": leg.call_sid,
            "start_time": when(past.answered_at),
            "status": past.status,
            "to": leg.to_address,
            "to_formatted": leg.to_address,
            "uri": f"{PREFIX}/Calls/{leg.call_sid}.json",
        }
    )
