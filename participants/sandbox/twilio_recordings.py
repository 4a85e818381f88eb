"""Twilio's recordings: of a conference, one by one, their sound, and what is posted about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from participants.sandbox.recordings import COMPLETED, ON, PAUSED, STOPPED, Recording, sound
from participants.sandbox.rooms import News, WorldError
from participants.sandbox.twilio_account import ACCOUNT_SID, PROVIDER
from participants.sandbox.twilio_bodies import VERSION, when
from participants.sandbox.twilio_lists import in_days, page
from participants.sandbox.twilio_parameters import INVALID, BadParameter
from participants.sandbox.wire import Answer, Operation
from participants.sandbox.world import World

CURRENT = "Twilio.CURRENT"
ROOT = f"/{VERSION}/Accounts/{ACCOUNT_SID}"
API = "https://api.twilio.com"


def body(one: Recording) -> dict[str, Any]:
    return {
        "account_sid": ACCOUNT_SID,
        "api_version": VERSION,
        "call_sid": one.call_sid,
        "conference_sid": one.conference_sid,
        "date_created": when(one.created),
        "date_updated": when(one.updated),
        "start_time": when(one.created),
        "duration": str(round(one.kept)) if one.status == COMPLETED else "-1",
        "sid": one.sid,
        "price": None,
        "price_unit": "USD",
        "status": one.status,
        "channels": one.channels,
        "source": one.source,
        "error_code": None,
        "encryption_details": None,
        "uri": f"{ROOT}/Conferences/{one.conference_sid}/Recordings/{one.sid}.json",
    }


def list_recordings(world: World, operation: Operation, _: float) -> Answer:
    room = world.floor.conference(operation.conference)
    found = [
        one for one in _of_room(world, room.sid) if in_days(operation.params, "DateCreated", one.created)
    ]
    return page(
        world,
        operation,
        "recordings",
        found,
        sid_of=lambda one: one.sid,
        body=body,
        path=f"Conferences/{room.sid}/Recordings.json",
        token_owner=world.floor.recordings.by_sid.get,
    )


def _of_room(world: World, sid: str) -> list[Recording]:
    """Those of single legs are not among them."""
    return [one for one in world.floor.recordings.of_conference(sid) if one.call_sid is None]


def fetch_recording(world: World, operation: Operation, _: float) -> Answer:
    return Answer(200, body(_recording(world, operation)))


def update_recording(world: World, operation: Operation, now: float) -> Answer:
    one, params = _recording(world, operation), operation.params
    if "Status" not in params:
        raise BadParameter(INVALID, "Status is required")
    if params["Status"] not in (ON, PAUSED, STOPPED):
        raise BadParameter(INVALID, f"Status may be set to {ON}, {PAUSED} or {STOPPED}")
    if "PauseBehavior" in params and params["Status"] != PAUSED:
        raise BadParameter(INVALID, "PauseBehavior goes with Status=paused")
    world.floor.recordings.change(one, params["Status"], now)
    return Answer(200, body(one))


def delete_recording(world: World, operation: Operation, _: float) -> Answer:
    world.floor.recordings.delete(_recording(world, operation))
    return Answer(204)


def _recording(world: World, operation: Operation) -> Recording:
    """For an update `Twilio.CURRENT` is the one that runs."""
    room, wanted = world.floor.conference(operation.conference), operation.recording
    found = _of_room(world, room.sid)
    if wanted == CURRENT and operation.name == "conference_recording.update":
        one = next((one for one in found if not one.over), None)
    else:
        one = next((one for one in found if one.sid == wanted), None)
    if one is None:
        raise WorldError("no_recording", f"no recording {wanted} of {room.sid}")
    return one


def fetch_sound(world: World, operation: Operation, _: float) -> Answer:
    """There is none before the recording is completed."""
    one = world.floor.recordings.get(operation.recording)
    if one.provider != PROVIDER or one.status != COMPLETED:
        raise WorldError("no_recording", f"no sound of {one.sid}")
    return Answer(200, sound(one))


OPERATIONS: dict[str, Callable[[World, Operation, float], Answer]] = {
    "conference_recording.list": list_recordings,
    "conference_recording.fetch": fetch_recording,
    "conference_recording.update": update_recording,
    "conference_recording.delete": delete_recording,
    "recording.sound": fetch_sound,
}


# --- callbacks --------------------------------------------------------------------------------------------
def callback(account: str, news: News) -> dict[str, str]:
    """The form of a RecordingStatusCallback, or of a ConferenceRecordingStatusCallback."""
    facts = news.facts
    of_leg = {"CallSid": facts["call_sid"], "RecordingTrack": facts["track"]}
    form = {
        "AccountSid": account,
        **(of_leg if facts["call_sid"] else {"ConferenceSid": news.conference_sid}),
        "RecordingSid": news.subject,
        "RecordingUrl": f"{API}{ROOT}/Recordings/{news.subject}",
        "RecordingStatus": facts["status"],
        "RecordingChannels": str(facts["channels"]),
        "RecordingStartTime": when(facts["created"]) or "",
        "RecordingSource": facts["source"],
    }
    if facts["seconds"] is not None:
        form["RecordingDuration"] = str(facts["seconds"])
    return form


def detection_callback(account: str, news: News) -> dict[str, str]:
    """The form of an AmdStatusCallback: once, at the verdict."""
    return {
        "AccountSid": account,
        "CallSid": news.subject,
        "AnsweredBy": news.facts["answered_by"],
        "MachineDetectionDuration": str(news.facts["took_ms"]),
    }
