"""What each of Twilio's operations does to the world, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from participants.sandbox import phones, rooms, twilio_bodies
from participants.sandbox.classic import (
    CHANGES,
    COMPLETED,
    SETTINGS,
    record_room,
    recording_settings,
)
from participants.sandbox.rooms import Changes, Conference, Leg, LegSettings, Subscription, WorldError
from participants.sandbox.twilio_account import ACCOUNT_SID, CALLER_ID, PROVIDER
from participants.sandbox.twilio_lists import in_days, in_moments, page
from participants.sandbox.twilio_parameters import INVALID, SIDS, BadParameter
from participants.sandbox.wire import Answer, Operation
from participants.sandbox.world import World

# Twilio rings about five seconds longer than Timeout says.
RINGS_FOR_S, RINGS_LONGER_S = 60.0, 5.0
STARTS_AND_ENDS = frozenset({"start", "end"})


# Conferences


def list_conferences(world: World, operation: Operation, _: float) -> Answer:
    wanted = operation.params
    rooms_found = [
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
        rooms_found,
        sid_of=lambda room: room.sid,
        body=lambda room: twilio_bodies.conference(ACCOUNT_SID, room),
        path="Conferences.json",
        token_owner=world.floor.conferences.get,
    )


def fetch_conference(world: World, operation: Operation, _: float) -> Answer:
    return Answer(200, twilio_bodies.conference(ACCOUNT_SID, world.floor.conference(operation.conference)))


def update_conference(world: World, operation: Operation, now: float) -> Answer:
    room = world.floor.conference(operation.conference)
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
    elif room.status == rooms.COMPLETED:
        raise WorldError("wrong_state", f"conference {room.sid} has completed")
    return Answer(200, twilio_bodies.conference(ACCOUNT_SID, room))


# Participants


def list_participants(world: World, operation: Operation, _: float) -> Answer:
    room = world.floor.conference(operation.conference)
    filters = {key: field for key, field in CHANGES.items() if key in operation.params}
    legs = [
        leg
        for leg in room.legs.values()
        if all(getattr(leg, field) == operation.params[key] for key, field in filters.items())
    ]
    return page(
        world,
        operation,
        "participants",
        legs,
        sid_of=lambda leg: leg.call_sid,
        body=lambda leg: twilio_bodies.participant(ACCOUNT_SID, room, leg),
        path=f"Conferences/{room.sid}/Participants.json",
        token_owner=world.floor.calls.get,
    )


def fetch_participant(world: World, operation: Operation, _: float) -> Answer:
    return _participant(world, operation, world.fetch_leg(operation.conference, operation.call))


def update_participant(world: World, operation: Operation, now: float) -> Answer:
    params = operation.params
    leg = world.fetch_leg(operation.conference, operation.call)
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
    return _participant(world, operation, leg)


def delete_participant(world: World, operation: Operation, now: float) -> Answer:
    world.remove(operation.conference, operation.call, now=now)
    return Answer(204)


def create_participant(world: World, operation: Operation, now: float) -> Answer:
    params = operation.params
    _check_addresses(params)
    room = _room_to_join(world, operation, now)
    settings: LegSettings = {ours: params[theirs] for theirs, ours in SETTINGS.items() if theirs in params}  # type: ignore[assignment]
    settings["timeout"] = params.get("Timeout", RINGS_FOR_S) + RINGS_LONGER_S
    settings |= recording_settings(params, _subscription)
    settings["call_subscription"] = _subscription(params, "StatusCallback", COMPLETED)
    settings["room_subscription"] = _subscription(params, "ConferenceStatusCallback", STARTS_AND_ENDS)
    leg = world.dial(room.sid, now=now, in_line=True, **settings)
    queue_time = str(round(leg.queued_s * 1000))
    return Answer(201, twilio_bodies.participant(ACCOUNT_SID, room, leg, queue_time=queue_time))


def _participant(world: World, operation: Operation, leg: Leg) -> Answer:
    return Answer(
        200, twilio_bodies.participant(ACCOUNT_SID, world.floor.conference(operation.conference), leg)
    )


def _check_addresses(params: dict[str, Any]) -> None:
    if "To" not in params:
        raise BadParameter(21201, "To is required")
    if "From" not in params:
        raise BadParameter(21213, "From is required")
    if params["To"] == phones.INVALID_NUMBER:
        raise BadParameter(21211, f"{params['To']} is not a valid phone number")
    is_number = params["From"].startswith("+")
    if params["To"].startswith("+") and not is_number:
        raise BadParameter(21212, "From must be a phone number when To is one")
    if is_number and params["From"] != CALLER_ID:
        raise BadParameter(21210, f"{params['From']} is neither a number of this account nor verified")


def _room_to_join(world: World, operation: Operation, now: float) -> Conference:
    """The live room of this sid or name; a new name makes a new room, if nothing speaks against the dial."""
    reference = operation.conference
    if SIDS["CF"].fullmatch(reference):
        room = world.floor.conference(reference)
        if room.status == rooms.COMPLETED and world.switches.create_into_completed == 400:
            raise WorldError("wrong_state", f"conference {reference} has completed")
        return world.floor.live(reference)
    if not 1 <= len(reference) <= 128:
        raise BadParameter(16003, "a conference's name has 1 to 128 characters")
    live = world.floor.live_named(PROVIDER, reference)
    if live:
        return live
    if "CallSidToCoach" in operation.params:
        raise WorldError("target_absent", f"{reference} is a new conference: nobody is there to be coached")
    if operation.params.get("Coaching"):
        raise WorldError("target_missing", "coaching needs the call to coach")
    room = world.open_conference(reference, now=now, provider=PROVIDER, subscription_fixed=False)
    room.region = operation.params.get("Region", room.region)
    room.max_participants = operation.params.get("MaxParticipants", room.max_participants)
    record_room(room, operation.params, _subscription)
    return room


def _subscription(params: dict[str, Any], key: str, default: frozenset[str]) -> Subscription | None:
    if key not in params:
        return None
    events = frozenset(params.get(f"{key}Event", default))
    return Subscription(params[key], params.get(f"{key}Method", "POST"), events)


# Calls


def list_calls(world: World, operation: Operation, _: float) -> Answer:
    wanted = operation.params
    legs = [
        leg
        for leg in world.floor.calls.values()
        if leg.provider == PROVIDER
        and wanted.get("Status", twilio_bodies.call_status(leg)) == twilio_bodies.call_status(leg)
        and wanted.get("To", leg.to_address) == leg.to_address
        and wanted.get("From", leg.from_address) == leg.from_address
        and "ParentCallSid" not in wanted
        and in_moments(wanted, "StartTime", leg.answered_at)
        and in_moments(wanted, "EndTime", leg.ended_at)
    ]
    return page(
        world,
        operation,
        "calls",
        legs,
        sid_of=lambda leg: leg.call_sid,
        body=lambda leg: twilio_bodies.call(ACCOUNT_SID, leg),
        path="Calls.json",
        token_owner=world.floor.calls.get,
    )


def fetch_call(world: World, operation: Operation, _: float) -> Answer:
    return Answer(200, twilio_bodies.call(ACCOUNT_SID, world.floor.call(operation.call)))


def update_call(world: World, operation: Operation, now: float) -> Answer:
    params = operation.params
    leg = world.floor.call(operation.call)
    if "Url" in params and "Twiml" in params:
        raise BadParameter(INVALID, "Url and Twiml may not be sent together")
    if "Status" in params:
        _end_call(world, leg, params["Status"], now)
    elif "Url" in params or "Twiml" in params:
        if not leg.connected:
            raise BadParameter(21220, "Call is not in-progress. Cannot redirect.")
        world.redirect(leg.call_sid, now=now)
    if "StatusCallback" in params:
        leg.call_subscription = Subscription(
            params["StatusCallback"], params.get("StatusCallbackMethod", "POST"), frozenset({"completed"})
        )
    return Answer(200, twilio_bodies.call(ACCOUNT_SID, leg))


def _end_call(world: World, leg: Leg, status: str, now: float) -> None:
    """`canceled` only stops a phone that still rings; `completed` ends any live call."""
    if leg.ended_at is not None or (status == "canceled" and leg.connected):
        raise BadParameter(21220, f"Call is {leg.call_status}. Cannot set it to {status}.")
    world.hang_up(leg.call_sid, now=now)


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
