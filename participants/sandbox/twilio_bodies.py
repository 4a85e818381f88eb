"""Twilio's words for what stands in the world: resources, lists, callbacks. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from participants.sandbox.rooms import INIT, Conference, Leg, News
from participants.sandbox.wire import Pairs

VERSION = "2010-04-01"

PARTICIPANT_STATUS = {
    "queued": "queued",
    "initiated": "connecting",
    "ringing": "ringing",
    "in-progress": "connected",
    "completed": "complete",
}
EVENTS = {
    "start": "conference-start",
    "end": "conference-end",
    "announcement-end": "announcement-end",
    "announcement-fail": "announcement-fail",
}
SIP_CODES = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


def when(seconds: float | None) -> str | None:
    """RFC 2822 in UTC, as in `Fri, 18 Feb 2011 21:07:19 +0000`."""
    return None if seconds is None else format_datetime(datetime.fromtimestamp(seconds, UTC))


def participant_status(leg: Leg) -> str:
    return PARTICIPANT_STATUS.get(leg.call_status, "failed")


def conference_uri(account: str, room: Conference) -> str:
    return f"/{VERSION}/Accounts/{account}/Conferences/{room.sid}"


def conference(account: str, room: Conference) -> dict[str, Any]:
    uri = conference_uri(account, room)
    return {
        "sid": room.sid,
        "account_sid": account,
        "api_version": VERSION,
        "friendly_name": room.friendly_name,
        "status": room.status,
        "region": "unknown" if room.status == INIT else room.region,
        "date_created": when(room.created),
        "date_updated": when(room.updated),
        "reason_conference_ended": room.reason_ended,
        "call_sid_ending_conference": room.ending_call,
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
    }


def participant(account: str, room: Conference, leg: Leg, *, queue_time: str | None = None) -> dict[str, Any]:
    return {
        "account_sid": account,
        "call_sid": leg.call_sid,
        "label": leg.label,
        "conference_sid": room.sid,
        "status": participant_status(leg),
        "muted": leg.muted,
        "hold": leg.hold,
        "coaching": leg.coaching,
        "call_sid_to_coach": leg.target,
        "start_conference_on_enter": leg.start_on_enter,
        "end_conference_on_exit": leg.end_on_exit,
        "queue_time": queue_time,
        "date_created": when(leg.created),
        "date_updated": when(leg.updated),
        "uri": f"{conference_uri(account, room)}/Participants/{leg.call_sid}.json",
    }


def call_status(leg: Leg) -> str:
    return "queued" if leg.call_status == "initiated" else leg.call_status


def call(account: str, leg: Leg) -> dict[str, Any]:
    uri = f"/{VERSION}/Accounts/{account}/Calls/{leg.call_sid}"
    return {
        "sid": leg.call_sid,
        "account_sid": account,
        "api_version": VERSION,
        "parent_call_sid": None,
        "to": leg.to_address,
        "to_formatted": leg.to_address,
        "from": leg.from_address,
        "from_formatted": leg.from_address,
        "phone_number_sid": None,
        "status": call_status(leg),
        "direction": leg.direction,
        "answered_by": leg.answered_by,
        "start_time": when(leg.answered_at),
        "end_time": when(leg.ended_at),
        "duration": None if leg.ended_at is None else str(leg.seconds_talked),
        "price": None,
        "price_unit": "USD",
        "forwarded_from": None,
        "caller_name": None,
        "group_sid": None,
        "queue_time": "0",
        "trunk_sid": None,
        "date_created": when(leg.created),
        "date_updated": when(leg.updated),
        "uri": f"{uri}.json",
        "subresource_uris": {"recordings": f"{uri}/Recordings.json"},
    }


def page(
    key: str,
    items: Sequence[Any],
    *,
    path: str,
    query: Pairs,
    size: int,
    number: int,
    after: int,
    sid_of: Callable[[Any], str],
    body: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """One page of a list whose items come newest first; `after` is how many of them come before the page."""
    filters = [pair for pair in query if pair[0] not in ("PageSize", "Page", "PageToken")]

    def uri(page_number: int, skipped: int) -> str:
        paging = [("PageSize", str(size)), ("Page", str(page_number))]
        if skipped > 0:
            paging.append(("PageToken", f"PA{sid_of(items[skipped - 1])}"))
        return f"{path}?{urlencode([*filters, *paging])}"

    shown = items[after : after + size]
    more = after + size < len(items)
    return {
        key: [body(item) for item in shown],
        "page": number,
        "page_size": size,
        "start": number * size if shown else 0,
        "end": number * size + len(shown) - 1 if shown else 0,
        "uri": uri(number, after),
        "first_page_uri": uri(0, 0),
        "next_page_uri": uri(number + 1, after + size) if more else None,
        "previous_page_uri": uri(number - 1, max(0, after - size)) if number else None,
    }


def conference_callback(account: str, news: News) -> dict[str, str]:
    """The form of a ConferenceStatusCallback."""
    facts = news.facts
    form = {
        "AccountSid": account,
        "ConferenceSid": news.subject,
        "FriendlyName": facts["friendly_name"],
        "SequenceNumber": str(news.sequence),
        "Timestamp": when(news.at) or "",
        "StatusCallbackEvent": EVENTS.get(news.event, f"participant-{news.event}"),
    }
    if "call_sid" in facts:
        form |= _leg_part(facts)
    if news.event == "leave":
        form["ReasonParticipantLeft"] = facts["reason"]
        form["ParticipantCallStatus"] = facts["call_status"]
    if news.event == "end":
        form |= _end_part(facts)
    if "announce_url" in facts:
        form["AnnounceUrl"] = facts["announce_url"]
    if "why" in facts:
        form["ReasonAnnouncementFailed"] = facts["why"]
    return form


def _leg_part(facts: dict[str, Any]) -> dict[str, str]:
    part = {
        "CallSid": facts["call_sid"],
        "Muted": _word(facts["muted"]),
        "Hold": _word(facts["hold"]),
        "Coaching": _word(facts["coaching"]),
        "EndConferenceOnExit": _word(facts["end_on_exit"]),
        "StartConferenceOnEnter": _word(facts["start_on_enter"]),
    }
    if facts["label"] is not None:
        part["ParticipantLabel"] = facts["label"]
    return part


def _end_part(facts: dict[str, Any]) -> dict[str, str]:
    part = {"ReasonConferenceEnded": facts["reason"], "Reason": f"Conference ended: {facts['reason']}"}
    if facts["ending_call"]:
        part["CallSidEndingConference"] = facts["ending_call"]
    if facts["ending_label"] is not None:
        part["ParticipantLabelEndingConference"] = facts["ending_label"]
    return part


def _word(value: bool) -> str:
    return "true" if value else "false"


def call_callback(account: str, news: News) -> dict[str, str]:
    """The form of a StatusCallback."""
    facts = news.facts
    form = {
        "AccountSid": account,
        "ApiVersion": VERSION,
        "CallSid": news.subject,
        "CallStatus": facts["call_status"],
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(news.sequence),
        "Timestamp": when(news.at) or "",
        "Direction": facts["direction"],
        "From": facts["from"],
        "To": facts["to"],
        "Caller": facts["from"],
        "Called": facts["to"],
    }
    if facts["seconds"] is not None:
        form["CallDuration"] = str(facts["seconds"])
        form["Duration"] = str(math.ceil(facts["seconds"] / 60))
        form["SipResponseCode"] = SIP_CODES[facts["call_status"]]
    if facts["answered_by"]:
        form["AnsweredBy"] = facts["answered_by"]
    return form
