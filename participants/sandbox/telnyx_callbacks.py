"""What Telnyx posts: forms with few facts, signed with Ed25519 over the time of sending and the raw body."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from participants.sandbox.rooms import News
from participants.sandbox.telnyx_account import ACCOUNT_SID, APPLICATION_SID, FOREIGN_KEY, SIGNING_KEY
from participants.sandbox.wire import Outgoing, RetryPolicy

# What they tell of a conference. Nothing else ever is: not mute, hold or coaching, no announcement.
EVENTS = {
    "start": "conference-start",
    "end": "conference-end",
    "join": "participant-join",
    "leave": "participant-leave",
}
HANGUP_CAUSES = {
    "completed": "normal_clearing",
    "busy": "user_busy",
    "no-answer": "no_answer",
    "canceled": "originator_cancel",
    "failed": "not_found",
}
ANSWERS_WITHIN_S = 2.0
FAILURES = frozenset({"ct", "rt", "3xx", "4xx", "5xx"})


def retry_policy(tries: int) -> RetryPolicy:
    """`tries` in all, the waits between them 1, 2, 4 ... seconds: neither number is published."""
    return RetryPolicy(
        tries=tries,
        kinds=FAILURES,
        connect_s=ANSWERS_WITHIN_S,
        read_s=ANSWERS_WITHIN_S,
        total_s=ANSWERS_WITHIN_S,
        first_wait_s=1.0,
        backoff=2.0,
    )


def callback(news: News) -> Outgoing | None:
    form = FORMS[news.kind](news)
    if form is None:
        return None
    return outgoing(news.subscription.url, news.subscription.method, form, forged=news.fate == "forged")


def outgoing(url: str, method: str, form: dict[str, str], *, forged: bool = False) -> Outgoing:
    """Not yet signed: each try is, when it is sent. The signature of a GET covers no key."""
    if method == "GET":
        return Outgoing(f"{url}{'&' if '?' in url else '?'}{urlencode(form)}", method, {}, {}, forged=forged)
    return Outgoing(url, method, form, {}, forged=forged)


def signed(sent: Outgoing, now: float) -> Outgoing:
    """A forged one is signed with another key."""
    timestamp = str(int(now))
    key = FOREIGN_KEY if sent.forged else SIGNING_KEY
    signature = key.sign(timestamp.encode() + b"|" + sent.body)
    return replace(
        sent,
        headers={
            "User-Agent": "telnyx-webhooks",
            "telnyx-timestamp": timestamp,
            "telnyx-signature-ed25519": base64.b64encode(signature).decode(),
        },
    )


def when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _leg(leg: dict[str, Any]) -> dict[str, str]:
    form = {
        "CallSid": leg["call_sid"],
        "CallSidLegacy": leg["call_sid"],
        "From": leg["from"],
        "To": leg["to"],
    }
    return form | ({"ParticipantLabel": leg["label"]} if leg["label"] is not None else {})


def _conference(news: News) -> dict[str, str] | None:
    """None for what they do not tell. Who never came in does not leave."""
    facts = news.facts
    if news.event not in EVENTS or facts.get("reason") == "participant_add_failed":
        return None
    leg = facts.get("by") or (facts if "call_sid" in facts else None)
    return {
        "AccountSid": ACCOUNT_SID,
        "ConferenceSid": news.subject,
        "ConnectionId": APPLICATION_SID,
        "FriendlyName": facts["friendly_name"],
        "SequenceNumber": str(news.sequence),
        "StatusCallbackEvent": EVENTS[news.event],
        "Timestamp": when(news.at),
        **(_leg(leg) if leg else {}),
    }


def _call(news: News) -> dict[str, str]:
    facts = news.facts
    form = {
        "AccountSid": ACCOUNT_SID,
        "CallInitiatedAt": when(facts["created"]),
        "CallSid": news.subject,
        "CallSidLegacy": news.subject,
        "CallStatus": facts["call_status"],
        "CallbackSource": "call-progress-events",
        "ConnectionId": APPLICATION_SID,
        "From": facts["from"],
        "To": facts["to"],
        "SequenceNumber": str(news.sequence),
        "Timestamp": when(news.at),
    }
    if facts["seconds"] is not None:
        form["CallDuration"] = str(facts["seconds"])
        form["HangupCause"] = HANGUP_CAUSES[facts["call_status"]]
        form["HangupSource"] = _hung_up(facts)
    return form


def _hung_up(facts: dict[str, Any]) -> str:
    """The phone at our end of the wire is the caller of an inbound call and the callee of one we dialled."""
    if facts["call_status"] == "canceled":
        return "caller"
    if not facts["phone_ended_it"]:
        return "unknown"
    return "caller" if facts["direction"] == "inbound" else "callee"


def _of_call(call_sid: str) -> dict[str, str]:
    return {
        "AccountSid": ACCOUNT_SID,
        "CallSid": call_sid,
        "CallSidLegacy": call_sid,
        "ConnectionId": APPLICATION_SID,
    }


def _recording(news: News) -> dict[str, str]:
    """Without a time and without a number. Of a whole conference no page tells: the same, with its sid."""
    facts = news.facts
    about = _of_call(facts["call_sid"]) if facts["call_sid"] else {}
    form = {
        "AccountSid": ACCOUNT_SID,
        "ConnectionId": APPLICATION_SID,
        **about,
        **({} if facts["call_sid"] else {"ConferenceSid": news.conference_sid}),
        "RecordingChannels": str(facts["channels"]),
        "RecordingSid": news.subject,
        "RecordingSource": facts["source"],
        "RecordingStatus": facts["status"],
    }
    if facts["seconds"] is not None:
        form["RecordingDuration"] = str(facts["seconds"])
        if facts["link"]:
            form["RecordingUrl"] = f"https://s3.amazonaws.com/telephony-recorder-prod/{news.subject}.wav"
    return form


def _detection(news: News) -> dict[str, str]:
    facts = news.facts
    return _of_call(news.subject) | {
        "AnsweredBy": facts["answered_by"],
        "MachineDetectionDuration": str(facts["took_ms"]),
    }


FORMS: dict[str, Callable[[News], dict[str, str] | None]] = {
    "conference": _conference,
    "call": _call,
    "recording": _recording,
    "amd": _detection,
}
