"""Telnyx's recordings: listed for a conference, one by one for the account, of a leg started and changed.

The sound is at an address of its own, signed, for a while, on a host that knows no keys: see `sounds`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Any

from participants.sandbox.recordings import ABSENT, COMPLETED, PROCESSING, STOPPED, Recording
from participants.sandbox.rooms import Leg, Subscription, WorldError
from participants.sandbox.telnyx_account import ACCOUNT_SID, API_KEY, PROVIDER
from participants.sandbox.telnyx_bodies import PREFIX, Body, said, when
from participants.sandbox.telnyx_errors import Problem, Refused
from participants.sandbox.telnyx_lists import page
from participants.sandbox.wire import Answer, Operation
from participants.sandbox.world import World

LINK_LASTS_S = 600
# Their body has four words: what is being made ready has stopped, what is absent has ended without a sound.
STATUS = {PROCESSING: STOPPED, ABSENT: COMPLETED}
SOUNDS = "/telephony-recorder-prod"


def body(one: Recording, operation: Operation, now: float) -> Body:
    ready = one.status == COMPLETED
    return _facts(one) | said(
        {
            "duration": str(round(one.kept)) if ready else None,
            "media_url": link(one, now, operation.base) if ready else None,
            "status": STATUS.get(one.status, one.status),
            "uri": f"{PREFIX}/Recordings/{one.sid}.json",
        }
    )


def _answer(one: Recording) -> Body:
    """To a start or a change: without its state."""
    uri = f"{PREFIX}/Calls/{one.call_sid}/Recordings/{one.sid}.json"
    return _facts(one) | {"track": one.track, "uri": uri}


def _facts(one: Recording) -> Body:
    return said(
        {
            "account_sid": ACCOUNT_SID,
            "call_sid": one.call_sid,
            "channels": one.channels,
            "conference_sid": one.conference_sid,
            "date_created": when(one.created),
            "date_updated": when(one.updated),
            "sid": one.sid,
            "source": one.source,
            "start_time": when(one.created),
        }
    )


def link(one: Recording, now: float, base: str) -> str:
    expires = int(now) + LINK_LASTS_S
    return f"{base}{SOUNDS}/{one.sid}.wav?Expires={expires}&Signature={signature(one.sid, expires)}"


def signature(sid: str, expires: int) -> str:
    return hmac.new(API_KEY.encode(), f"{sid} {expires}".encode(), hashlib.sha256).hexdigest()


# --- of a conference, and of the account ------------------------------------------------------------------
def list_of_conference(world: World, operation: Operation, now: float) -> Answer:
    room = world.floor.conference(operation.conference)
    if room.provider != PROVIDER:
        raise WorldError("no_conference", f"no conference {room.sid}")
    found = [one for one in world.floor.recordings.of_conference(room.sid) if one.call_sid is None]
    return _page(world, operation, found, f"Conferences/{room.sid}/Recordings", now)


def list_recordings(world: World, operation: Operation, now: float) -> Answer:
    since: datetime | None = operation.params.get("DateCreated")
    found = [
        one
        for one in world.floor.recordings.by_sid.values()
        if one.provider == PROVIDER and (since is None or one.created >= since.timestamp())
    ]
    return _page(world, operation, found, "Recordings", now)


def _page(world: World, operation: Operation, found: list[Recording], path: str, now: float) -> Answer:
    return page(
        world,
        operation,
        "recordings",
        found,
        sid_of=lambda one: one.sid,
        body=lambda one: body(one, operation, now),
        path=path,
        token_owner=world.floor.recordings.by_sid.get,
    )


def fetch_recording(world: World, operation: Operation, now: float) -> Answer:
    return Answer(200, body(_recording(world, operation.recording), operation, now))


def delete_recording(world: World, operation: Operation, _: float) -> Answer:
    world.floor.recordings.delete(_recording(world, operation.recording))
    return Answer(204)


def _recording(world: World, sid: str) -> Recording:
    one = world.floor.recordings.get(sid)
    if one.provider != PROVIDER:
        raise WorldError("no_recording", f"no recording {sid}")
    return one


# --- of one leg -------------------------------------------------------------------------------------------
def start_recording(world: World, operation: Operation, now: float) -> Answer:
    leg, params = _leg(world, operation), operation.params
    if leg.ended_at is not None:
        raise Refused(Problem("90018", f"Call {leg.call_sid} has already ended"))
    if not leg.connected:
        raise Refused(Problem("90034", f"Call {leg.call_sid} has not been answered yet"))
    one = world.floor.recordings.begin_leg(
        leg,
        now,
        source="StartCallRecordingAPI",
        subscription=_subscription(params),
        channels=1 if params.get("RecordingChannels") == "single" else 2,
    )
    one.track, one.link = params.get("RecordingTrack", "both"), params.get("SendRecordingUrl", True)
    return Answer(200, _answer(one))


def _subscription(params: dict[str, Any]) -> Subscription | None:
    if "RecordingStatusCallback" not in params:
        return None
    return Subscription(
        params["RecordingStatusCallback"],
        params.get("RecordingStatusCallbackMethod", "POST"),
        params.get("RecordingStatusCallbackEvent", frozenset({"completed"})),
    )


def change_recording(world: World, operation: Operation, now: float) -> Answer:
    leg, wanted = _leg(world, operation), operation.recording
    one = next((one for one in world.floor.recordings.of_call(leg.call_sid) if one.sid == wanted), None)
    if one is None:
        raise WorldError("no_recording", f"no recording {wanted} of {leg.call_sid}")
    if "Status" not in operation.params:
        raise Refused(Problem("10004", "Status is required", "Status"))
    world.floor.recordings.change(one, operation.params["Status"], now)
    return Answer(200, _answer(one))


def _leg(world: World, operation: Operation) -> Leg:
    leg = world.floor.call(operation.call)
    if leg.provider != PROVIDER:
        raise WorldError("no_call", f"no call {operation.call}")
    return leg


OPERATIONS: dict[str, Callable[[World, Operation, float], Answer]] = {
    "conference_recording.list": list_of_conference,
    "recording.list": list_recordings,
    "recording.fetch": fetch_recording,
    "recording.delete": delete_recording,
    "call_recording.start": start_recording,
    "call_recording.update": change_recording,
}
