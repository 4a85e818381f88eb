"""What each of Telnyx's operations does to the world, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from participants.sandbox import phones, rooms, telnyx_bodies, telnyx_past
from participants.sandbox.classic import CHANGES, SETTINGS, record_room, recording_settings
from participants.sandbox.rooms import Changes, Conference, Leg, LegSettings, Subscription, WorldError
from participants.sandbox.telnyx_account import APPLICATION_SID, CALLER_ID, PROVIDER
from participants.sandbox.telnyx_errors import Problem, Refused
from participants.sandbox.telnyx_lists import in_days, in_moments, page
from participants.sandbox.telnyx_past import Past
from participants.sandbox.wire import Answer, Operation
from participants.sandbox.world import World

CONFERENCE_SID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
RINGS_FOR_S = 30


# Conferences


def list_conferences(world: World, operation: Operation, _: float) -> Answer:
    wanted = operation.params
    found = [
        room
        for room in world.floor.conferences.values()
        if room.provider == PROVIDER
        and wanted.get("Status", room.status) == room.status
        and wanted.get("FriendlyName", room.friendly_name) == room.friendly_name
        and in_days(wanted, "DateCreated", room.created)
        and in_days(wanted, "DateUpdated", room.updated)
    ]
    return page(
        world,
        operation,
        "conferences",
        found,
        sid_of=lambda room: room.sid,
        body=telnyx_bodies.conference,
        path="Conferences",
        token_owner=world.floor.conferences.get,
    )


def fetch_conference(world: World, operation: Operation, _: float) -> Answer:
    return Answer(200, telnyx_bodies.conference(_room(world, operation.conference)))


def update_conference(world: World, operation: Operation, now: float) -> Answer:
    room = _room(world, operation.conference)
    if room.status == rooms.COMPLETED:
        raise Refused(Problem("90019", f"Conference {room.sid} has already ended"))
    if "AnnounceUrl" in operation.params:
        world.announce(
            room.sid,
            None,
            operation.params["AnnounceUrl"],
            now=now,
            method=operation.params.get("AnnounceMethod", "POST"),
        )
    if "Status" in operation.params:
        world.end(room.sid, now=now)
    return Answer(200, telnyx_bodies.conference(room))


def _room(world: World, sid: str) -> Conference:
    room = world.floor.conference(sid)
    if room.provider != PROVIDER:
        raise WorldError("no_conference", f"no conference {sid}")
    return room


def _leg(world: World, operation: Operation) -> Leg:
    return world.fetch_leg(_room(world, operation.conference).sid, operation.call)


def _call(world: World, operation: Operation) -> Leg:
    leg = world.floor.call(operation.call)
    if leg.provider != PROVIDER:
        raise WorldError("no_call", f"no call {operation.call}")
    return leg


# Participants


def list_participants(world: World, operation: Operation, _: float) -> Answer:
    room = _room(world, operation.conference)
    return page(
        world,
        operation,
        "participants",
        room.legs.values(),
        sid_of=lambda leg: leg.call_sid,
        body=lambda leg: telnyx_bodies.participant(room, leg),
        path=f"Conferences/{room.sid}/Participants",
        token_owner=world.floor.calls.get,
    )


def fetch_participant(world: World, operation: Operation, _: float) -> Answer:
    return _participant(world, _leg(world, operation))


def update_participant(world: World, operation: Operation, now: float) -> Answer:
    params = operation.params
    leg = _leg(world, operation)
    _check_coaching(params)
    changes: Changes = {ours: params[theirs] for theirs, ours in CHANGES.items() if theirs in params}  # type: ignore[assignment]
    if "AnnounceUrl" in params:
        world.announce(
            operation.conference,
            leg.call_sid,
            params["AnnounceUrl"],
            now=now,
            method=params.get("AnnounceMethod", "POST"),
        )
    world.update(operation.conference, leg.call_sid, now=now, **changes)
    return _participant(world, leg)


def delete_participant(world: World, operation: Operation, now: float) -> Answer:
    leg = _leg(world, operation)
    world.remove(operation.conference, leg.call_sid, now=now)
    return Answer(204)


def create_participant(world: World, operation: Operation, now: float) -> Answer:
    params = operation.params
    _check_dial(params)
    _check_coaching(params)
    room = _room_to_join(world, operation, now)
    settings: LegSettings = {ours: params[theirs] for theirs, ours in SETTINGS.items() if theirs in params}  # type: ignore[assignment]
    settings["timeout"] = params.get("Timeout", RINGS_FOR_S)
    settings |= recording_settings(params, _subscription)
    settings["call_subscription"] = _subscription(params, "StatusCallback", frozenset({"completed"}))
    settings["room_subscription"] = _subscription(params, "ConferenceStatusCallback", frozenset())
    leg = world.dial(room.sid, now=now, **settings)
    return Answer(200, telnyx_bodies.new_participant(room, leg))


def _participant(world: World, leg: Leg) -> Answer:
    return Answer(200, telnyx_bodies.participant(world.floor.room_of(leg), leg))


def _check_coaching(params: dict[str, Any]) -> None:
    """Both or neither, where Twilio makes do with the call to coach."""
    if params.get("Coaching") and "CallSidToCoach" not in params:
        raise Refused(Problem("10004", "CallSidToCoach is required when Coaching is true", "CallSidToCoach"))
    if "CallSidToCoach" in params and "Coaching" not in params:
        raise Refused(Problem("10004", "Coaching is required with CallSidToCoach", "Coaching"))


def _check_dial(params: dict[str, Any]) -> None:
    problems = [
        Problem("10004", f"{name} is required", name) for name in ("To", "From") if name not in params
    ]
    if params.get("To") == phones.INVALID_NUMBER:
        problems.append(Problem("10016", f"{params['To']} is not a valid phone number", "To"))
    if params.get("From", CALLER_ID) != CALLER_ID:
        problems.append(Problem("10015", f"{params['From']} is not a number of this account", "From"))
    if params.get("ApplicationSid", APPLICATION_SID) != APPLICATION_SID:
        problems.append(Problem("10015", "ApplicationSid is no application of yours", "ApplicationSid"))
    if problems:
        raise Refused(*problems)


def _room_to_join(world: World, operation: Operation, now: float) -> Conference:
    """The room of this sid or name; a new name makes a new room, if nothing speaks against the dial."""
    reference, params = operation.conference, operation.params
    if CONFERENCE_SID.fullmatch(reference):
        room = _room(world, reference)
        if room.status == rooms.COMPLETED:
            raise Refused(Problem("90019", f"Conference {room.sid} has already ended"))
        return room
    if "ApplicationSid" not in params:
        raise Refused(
            Problem("10004", "ApplicationSid is required to join a conference by name", "ApplicationSid")
        )
    live = world.floor.live_named(PROVIDER, reference)
    if live:
        return live
    if params.get("Coaching"):
        raise WorldError("target_absent", f"{reference} is a new conference: nobody is there to be coached")
    room = world.open_conference(reference, now=now, provider=PROVIDER, subscription_fixed=False)
    room.max_participants = params.get("MaxParticipants", room.max_participants)
    record_room(room, params, _subscription)
    return room


def _subscription(params: dict[str, Any], key: str, default: frozenset[str]) -> Subscription | None:
    if key not in params:
        return None
    return Subscription(params[key], params.get(f"{key}Method", "POST"), params.get(f"{key}Event", default))


# Calls


def list_calls(world: World, operation: Operation, now: float) -> Answer:
    wanted = operation.params
    pasts = _pasts(world, now)
    found = [
        leg
        for leg, past in pasts.values()
        if wanted.get("Status", past.status) == past.status
        and wanted.get("To", leg.to_address) == leg.to_address
        and wanted.get("From", leg.from_address) == leg.from_address
        and in_moments(wanted, "StartTime", past.answered_at)
        and in_moments(wanted, "EndTime", past.ended_at)
    ]
    return page(
        world,
        operation,
        "calls",
        found,
        sid_of=lambda leg: leg.call_sid,
        body=lambda leg: telnyx_bodies.call(leg, pasts[leg.call_sid][1]),
        path="Calls",
        token_owner=world.floor.calls.get,
    )


def fetch_call(world: World, operation: Operation, now: float) -> Answer:
    leg = _call(world, operation)
    past = telnyx_past.at(leg, _readable(world, now))
    if past is None:
        raise WorldError("no_call", f"call {leg.call_sid} cannot be read yet")
    return Answer(200, telnyx_bodies.call(leg, past))


def _readable(world: World, now: float) -> float:
    return now - telnyx_past.READS_LAG_S * world.time_scale


def _pasts(world: World, now: float) -> dict[str, tuple[Leg, Past]]:
    moment = _readable(world, now)
    legs = [leg for leg in world.floor.calls.values() if leg.provider == PROVIDER]
    return {leg.call_sid: (leg, past) for leg in legs if (past := telnyx_past.at(leg, moment))}


def update_call(world: World, operation: Operation, now: float) -> Answer:
    """Answers the call as it is now: only reads lag behind."""
    params = operation.params
    leg = _call(world, operation)
    if "Url" in params and "Texml" in params:
        raise Refused(Problem("10015", "Url and Texml may not be sent together", "Texml"))
    if leg.ended_at is not None:
        raise Refused(Problem("90018", f"Call {leg.call_sid} has already ended"))
    if "Status" in params:
        world.hang_up(leg.call_sid, now=now)
    elif "Url" in params or "Texml" in params:
        if not leg.connected:
            raise Refused(Problem("90034", f"Call {leg.call_sid} has not been answered yet"))
        world.redirect(leg.call_sid, now=now)
    if "StatusCallback" in params:
        leg.call_subscription = _subscription(params, "StatusCallback", frozenset({"completed"}))
    present = telnyx_past.at(leg, now)
    assert present
    return Answer(200, telnyx_bodies.call(leg, present))


OPERATIONS: dict[str, Callable[[World, Operation, float], Answer]] = {
    "conference.list": list_conferences,
    "conference.fetch": fetch_conference,
    "conference.update": update_conference,
    "participant.list": list_participants,
    "participant.fetch": fetch_participant,
    "participant.create": create_participant,
    "participant.update": update_participant,
    "participant.delete": delete_participant,
    "call.list": list_calls,
    "call.fetch": fetch_call,
    "call.update": update_call,
}
