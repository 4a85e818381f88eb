"""Twilio's dialect: paths, credentials, error codes, signatures. What happens is decided in `world.py`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import unquote, urldefrag, urlencode

from participants.sandbox import phones, rooms, twilio_bodies, twilio_parameters
from participants.sandbox.rooms import Changes, Conference, Leg, LegSettings, News, Subscription, WorldError
from participants.sandbox.twilio_parameters import INVALID, SIDS, BadParameter
from participants.sandbox.wire import Answer, Operation, Outgoing, Refusal, Request
from participants.sandbox.world import World

ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "sandbox-twilio-token"
CALLER_ID = "+12025550100"

MESSAGES = {
    20003: "Authenticate",
    20004: "Method not allowed",
    20404: "The requested resource {path} was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
}
FAULT_CODES = {400: INVALID, 401: 20003, 404: 20404, 405: 20004, 429: 20429, 500: 20500, 503: 20503}

# The world's refusals: HTTP status (a name: that switch decides) and Twilio's code.
REFUSALS: dict[str, tuple[int | str, int]] = {
    "no_conference": (404, 20404),
    "conference_over": (404, 20404),
    "no_leg": (404, 20404),
    "no_call": (404, 20404),
    "label_taken": ("label_errors", 16026),
    "target_missing": ("coach_without_target_status", INVALID),
    "target_absent": (400, 16028),
    "target_held": (400, 16027),
    "room_full": (400, 16020),
    "wrong_state": (400, 16099),
    "held_no_announce": (400, INVALID),
}

# After /Accounts/<sid>/, with the sids left out: what each method asks for.
ROUTES: dict[tuple[str, ...], dict[str, str]] = {
    ("Conferences",): {"GET": "conference.list"},
    ("Conferences", "*"): {"GET": "conference.fetch", "POST": "conference.update"},
    ("Conferences", "*", "Participants"): {"GET": "participant.list", "POST": "participant.create"},
    ("Conferences", "*", "Participants", "*"): {
        "GET": "participant.fetch",
        "POST": "participant.update",
        "DELETE": "participant.delete",
    },
    ("Calls",): {"GET": "call.list"},
    ("Calls", "*"): {"GET": "call.fetch", "POST": "call.update"},
}

# Their key -> ours, for what a participant may be given or changed to.
CHANGES = {
    "Muted": "muted",
    "Hold": "hold",
    "Coaching": "coaching",
    "CallSidToCoach": "target",
    "EndConferenceOnExit": "end_on_exit",
    "BeepOnExit": "beep_on_exit",
    "WaitUrl": "wait_url",
}
SETTINGS = {
    "From": "from_address",
    "To": "to_address",
    "Label": "label",
    "Muted": "muted",
    "Coaching": "coaching",
    "CallSidToCoach": "target",
    "StartConferenceOnEnter": "start_on_enter",
    "EndConferenceOnExit": "end_on_exit",
    "Timeout": "timeout",
}


class Twilio:
    """See `wire.Dialect`."""

    name = "twilio"
    prefix = f"/{twilio_bodies.VERSION}/"
    # What Earshot's own callback URLs end in: tried again after errors of ours too.
    callback_suffix = "#rc=3&rp=all&ct=2000&rt=4000"

    def recognise(self, request: Request, world: World) -> Operation:
        segments = request.path.removeprefix(self.prefix).split("/")
        account = segments[1] if segments[0] == "Accounts" and len(segments) > 2 else ""
        if not request.path.endswith(".json") or not account:
            raise self._refused(404, 20404, path=request.path)
        if not self._signed_in(request.authorization) or account != ACCOUNT_SID:
            raise self._refused(401, 20003)
        names = [unquote(part) for part in (*segments[2:-1], segments[-1].removesuffix(".json"))]
        methods = ROUTES.get(tuple("*" if at % 2 else name for at, name in enumerate(names)))
        if methods is None:
            raise self._refused(404, 20404, path=request.path)
        name = methods.get(request.method)
        if name is None:
            raise self._refused(405, 20004)
        return self._operation(name, names, request, world)

    def _operation(self, name: str, names: list[str], request: Request, world: World) -> Operation:
        sids = names[1::2]
        by_call = names[0] == "Calls"
        if name.startswith("conference.") and sids and not SIDS["CF"].fullmatch(sids[0]):
            raise self._refused(404, 20404, path=request.path)
        try:
            params = twilio_parameters.read_all(
                name, request.query if request.method == "GET" else request.form
            )
        except BadParameter as error:
            status = world.switches.label_errors if error.code == 16024 else 400
            raise self._refused(status, error.code, str(error)) from None
        return Operation(
            name,
            params,
            conference="" if by_call or not sids else sids[0],
            call=sids[0] if by_call and sids else sids[1] if len(sids) > 1 else "",
            query=request.query,
        )

    def _signed_in(self, authorization: str) -> bool:
        kind, _, encoded = authorization.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return False
        expected = f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()
        return kind.lower() == "basic" and hmac.compare_digest(given, expected)

    def perform(self, world: World, operation: Operation, now: float) -> Answer:
        try:
            return OPERATIONS[operation.name](world, operation, now)
        except BadParameter as error:
            raise self._refused(400, error.code, str(error)) from None
        except WorldError as error:
            status, code = REFUSALS[error.reason]
            if isinstance(status, str):
                status = int(getattr(world.switches, status))
            raise self._refused(status, code, str(error)) from None

    def refusal(self, status: int) -> Answer:
        return self._refused(status, FAULT_CODES[status], MESSAGES.get(FAULT_CODES[status], "refused")).answer

    def _refused(self, status: int, code: int, message: str = "", *, path: str = "") -> Refusal:
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else {}
        body = {
            "code": code,
            "message": message or MESSAGES[code].format(path=path),
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
            "status": status,
        }
        return Refusal(Answer(status, body, headers))

    def callback(self, news: News) -> Outgoing:
        """A forged one is signed with another account's token."""
        make = twilio_bodies.conference_callback if news.kind == "conference" else twilio_bodies.call_callback
        token = "not-the-token" if news.fate == "forged" else AUTH_TOKEN  # noqa: S105 (a forgery)
        return signed(news.subscription.url, news.subscription.method, make(ACCOUNT_SID, news), token=token)

    def document_request(self, url: str, method: str, world: World, call_sid: str) -> Outgoing:
        form = {"AccountSid": ACCOUNT_SID, "ApiVersion": twilio_bodies.VERSION}
        leg = world.calls.get(call_sid)
        if leg:
            form |= {"CallSid": leg.call_sid, "From": leg.from_address, "To": leg.to_address}
        return signed(url, method, form, token=AUTH_TOKEN)


def signed(url: str, method: str, form: dict[str, str], *, token: str) -> Outgoing:
    """The signature covers the URL with its query but not its fragment, then each key and value in key order."""
    target = urldefrag(url).url
    if method == "GET":
        target += ("&" if "?" in target else "?") + urlencode(form)
        form = {}
    data = target + "".join(key + form[key] for key in sorted(form))
    digest = hmac.new(token.encode(), data.encode(), hashlib.sha1).digest()
    headers = {
        "User-Agent": "TwilioProxy/1.1",
        "X-Twilio-Signature": base64.b64encode(digest).decode(),
        "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
    }
    return Outgoing(target, method, form, headers)


# Conferences


def list_conferences(world: World, operation: Operation, now: float) -> Answer:
    wanted = operation.params
    rooms_found = [
        room
        for room in world.conferences.values()
        if wanted.get("Status", room.status) == room.status
        and wanted.get("FriendlyName", room.friendly_name) == room.friendly_name
        and _in_days(wanted, "DateCreated", room.created)
        and _in_days(wanted, "DateUpdated", room.updated)
    ]
    return _page(
        world,
        operation,
        "conferences",
        rooms_found,
        sid_of=lambda room: room.sid,
        body=lambda room: twilio_bodies.conference(ACCOUNT_SID, room),
        path="Conferences.json",
        token_owner=world.conferences.get,
    )


def fetch_conference(world: World, operation: Operation, now: float) -> Answer:
    return Answer(200, twilio_bodies.conference(ACCOUNT_SID, world.conference(operation.conference)))


def update_conference(world: World, operation: Operation, now: float) -> Answer:
    room = world.conference(operation.conference)
    if "AnnounceUrl" in operation.params:
        world.announce(room.sid, None, operation.params["AnnounceUrl"], now=now)
    if "Status" in operation.params:
        world.end(room.sid, now=now)
    elif room.status == rooms.COMPLETED:
        raise WorldError("wrong_state", f"conference {room.sid} has completed")
    return Answer(200, twilio_bodies.conference(ACCOUNT_SID, room))


# Participants


def list_participants(world: World, operation: Operation, now: float) -> Answer:
    room = world.conference(operation.conference)
    filters = {key: field for key, field in CHANGES.items() if key in operation.params}
    legs = [
        leg
        for leg in room.legs.values()
        if all(getattr(leg, field) == operation.params[key] for key, field in filters.items())
    ]
    return _page(
        world,
        operation,
        "participants",
        legs,
        sid_of=lambda leg: leg.call_sid,
        body=lambda leg: twilio_bodies.participant(ACCOUNT_SID, room, leg),
        path=f"Conferences/{room.sid}/Participants.json",
        token_owner=world.calls.get,
    )


def fetch_participant(world: World, operation: Operation, now: float) -> Answer:
    return _participant(world, operation, world.fetch_leg(operation.conference, operation.call))


def update_participant(world: World, operation: Operation, now: float) -> Answer:
    params = operation.params
    leg = world.fetch_leg(operation.conference, operation.call)
    changes: Changes = {ours: params[theirs] for theirs, ours in CHANGES.items() if theirs in params}  # type: ignore[assignment]
    if "AnnounceUrl" in params:
        world.announce(operation.conference, leg.call_sid, params["AnnounceUrl"], now=now)
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
    settings["call_subscription"] = _subscription(params, "StatusCallback", ["completed"])
    settings["room_subscription"] = _subscription(params, "ConferenceStatusCallback", ["start", "end"])
    leg = world.dial(room.sid, now=now, **settings)
    return Answer(201, twilio_bodies.participant(ACCOUNT_SID, room, leg, queue_time="0"))


def _participant(world: World, operation: Operation, leg: Leg) -> Answer:
    return Answer(200, twilio_bodies.participant(ACCOUNT_SID, world.conference(operation.conference), leg))


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
    """The live room of this sid or name; a new name makes a new room, once nothing speaks against the dial."""
    reference = operation.conference
    if SIDS["CF"].fullmatch(reference):
        room = world.conference(reference)
        if room.status == rooms.COMPLETED and world.switches.create_into_completed == 400:
            raise WorldError("wrong_state", f"conference {reference} has completed")
        return world.live(reference)
    if not 1 <= len(reference) <= 128:
        raise BadParameter(16003, "a conference's name has 1 to 128 characters")
    live = world.live_named(Twilio.name, reference)
    if live:
        return live
    if "CallSidToCoach" in operation.params:
        raise WorldError("target_absent", f"{reference} is a new conference: nobody is there to be coached")
    if operation.params.get("Coaching"):
        raise WorldError("target_missing", "coaching needs the call to coach")
    room = world.open_conference(reference, now=now, provider=Twilio.name, subscription_fixed=False)
    room.region = operation.params.get("Region", room.region)
    room.max_participants = operation.params.get("MaxParticipants", room.max_participants)
    room.recording = operation.params.get("ConferenceRecord") in ("true", "record-from-start")
    return room


def _subscription(params: dict[str, Any], key: str, default: list[str]) -> Subscription | None:
    if key not in params:
        return None
    events = frozenset(params.get(f"{key}Event", default))
    return Subscription(params[key], params.get(f"{key}Method", "POST"), events)


# Calls


def list_calls(world: World, operation: Operation, now: float) -> Answer:
    wanted = operation.params
    legs = [
        leg
        for leg in world.calls.values()
        if wanted.get("Status", twilio_bodies.call_status(leg)) == twilio_bodies.call_status(leg)
        and wanted.get("To", leg.to_address) == leg.to_address
        and wanted.get("From", leg.from_address) == leg.from_address
        and "ParentCallSid" not in wanted
        and _in_moments(wanted, "StartTime", leg.answered_at)
        and _in_moments(wanted, "EndTime", leg.ended_at)
    ]
    return _page(
        world,
        operation,
        "calls",
        legs,
        sid_of=lambda leg: leg.call_sid,
        body=lambda leg: twilio_bodies.call(ACCOUNT_SID, leg),
        path="Calls.json",
        token_owner=world.calls.get,
    )


def fetch_call(world: World, operation: Operation, now: float) -> Answer:
    return Answer(200, twilio_bodies.call(ACCOUNT_SID, world.call(operation.call)))


def update_call(world: World, operation: Operation, now: float) -> Answer:
    params = operation.params
    leg = world.call(operation.call)
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


# Lists


def _page(
    world: World,
    operation: Operation,
    key: str,
    items: Iterable[Any],
    *,
    sid_of: Callable[[Any], str],
    body: Callable[[Any], dict[str, Any]],
    path: str,
    token_owner: Callable[[str], Any],
) -> Answer:
    params = operation.params
    size = params.get("PageSize", 50)
    if size > 1000 and world.switches.page_size_over == "refuse":
        raise BadParameter(INVALID, "PageSize is at most 1000")

    def newest_first(item: Any) -> tuple[float, str]:
        return (-item.created, sid_of(item))

    ordered = sorted(items, key=newest_first)
    after = 0
    if params.get("Page", 0):
        last = token_owner(params.get("PageToken", "").removeprefix("PA"))
        if last is None:
            raise BadParameter(INVALID, "Page goes with the PageToken of a page URI")
        after = sum(1 for item in ordered if newest_first(item) <= newest_first(last))
    return Answer(
        200,
        twilio_bodies.page(
            key,
            ordered,
            path=f"{Twilio.prefix}Accounts/{ACCOUNT_SID}/{path}",
            query=operation.query,
            size=min(size, 1000),
            number=params.get("Page", 0),
            after=after,
            sid_of=sid_of,
            body=body,
        ),
    )


def _in_days(wanted: dict[str, Any], name: str, seconds: float) -> bool:
    return _between(wanted, name, datetime.fromtimestamp(seconds, UTC).date())


def _in_moments(wanted: dict[str, Any], name: str, seconds: float | None) -> bool:
    if not any(f"{name}{sign}" in wanted for sign in ("", "<", ">")):
        return True
    return seconds is not None and _between(wanted, name, datetime.fromtimestamp(seconds, UTC))


def _between(wanted: dict[str, Any], name: str, value: date) -> bool:
    """Twilio's `<` means on or before, its `>` on or after."""
    return (
        wanted.get(name, value) == value
        and value <= wanted.get(f"{name}<", value)
        and value >= wanted.get(f"{name}>", value)
    )


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
