"""Telnyx's dialect: paths, credentials, error codes, signatures. What happens is decided in `world.py`."""

from __future__ import annotations

import hmac
from urllib.parse import unquote

from participants.sandbox import (
    telnyx_bodies,
    telnyx_callbacks,
    telnyx_errors,
    telnyx_parameters,
    telnyx_recordings,
)
from participants.sandbox.classic import ROUTES
from participants.sandbox.rooms import Leg, News, WorldError
from participants.sandbox.telnyx_account import (
    ACCOUNT_SID,
    API_KEY,
    APPLICATION_SID,
    PROVIDER,
)
from participants.sandbox.telnyx_errors import Problem, Refused
from participants.sandbox.telnyx_operations import OPERATIONS
from participants.sandbox.wire import Answer, Operation, Outgoing, Refusal, Request, RetryPolicy
from participants.sandbox.world import World

ALL = OPERATIONS | telnyx_recordings.OPERATIONS
PATHS = ROUTES | {
    ("Recordings",): {"GET": "recording.list"},
    ("Recordings", "*"): {"GET": "recording.fetch", "DELETE": "recording.delete"},
    ("Calls", "*", "Recordings"): {"POST": "call_recording.start"},
    ("Calls", "*", "Recordings", "*"): {"POST": "call_recording.update"},
}
NOT_FOUND = {"no_conference", "no_leg", "no_call", "no_recording"}
# The world's other refusals, all 422: Telnyx's code, and the parameter that its pointer names.
REFUSALS: dict[str, tuple[str, str]] = {
    "conference_over": ("90019", ""),
    "label_taken": ("10015", "Label"),
    "target_missing": ("10004", "CallSidToCoach"),
    "target_absent": ("90015", "CallSidToCoach"),
    "target_held": ("90015", "CallSidToCoach"),
    "room_full": ("90032", ""),
    "wrong_state": ("10015", "Status"),
    "held_no_announce": ("10015", "AnnounceUrl"),
    **dict.fromkeys(("recording_over", "recording_same"), ("10015", "Status")),
    "recording_runs": ("10015", ""),
}


class Telnyx:
    """See `wire.Dialect`."""

    name = PROVIDER
    prefix = f"/{telnyx_bodies.VERSION}/"
    operations = frozenset(ALL)
    # The options of callback URLs are Twilio's alone.
    callback_suffix = ""

    def recognise(self, request: Request, world: World) -> Operation:
        if not hmac.compare_digest(request.authorization.encode(), f"Bearer {API_KEY}".encode()):
            raise telnyx_errors.not_signed_in()
        names = self._names(request)
        methods = PATHS.get(tuple("*" if at % 2 else name for at, name in enumerate(names)))
        if methods is None:
            raise telnyx_errors.not_found()
        name = methods.get(request.method)
        if name is None:
            raise telnyx_errors.refusal(405, Problem("10015", f"{request.method} is not allowed here"))
        return self._operation(name, names, request, world)

    def _names(self, request: Request) -> list[str]:
        """What follows the account in the path. A read's may end in .json, as the URIs in answers do;
        all paths of recordings do.
        """
        path = request.path.removeprefix(self.prefix)
        if request.method == "GET" or "/Recordings" in path:
            path = path.removesuffix(".json")
        root, account, *names = [unquote(part) for part in path.split("/")] + [""] * 2
        if root != "Accounts" or not account:
            raise telnyx_errors.not_found()
        if account != ACCOUNT_SID:
            raise telnyx_errors.refusal(403, Problem("10010", "This account is not yours"))
        return names[:-2]

    def _operation(self, name: str, names: list[str], request: Request, world: World) -> Operation:
        if request.unreadable:
            raise telnyx_errors.refusal(400, Problem("10015", "The body could not be read"))
        try:
            params = telnyx_parameters.read_all(name, request)
        except Refused as refused:
            raise self._refused(name, refused, world) from None
        sids = names[1::2]
        by_call = names[0] == "Calls"
        return Operation(
            name,
            params,
            conference=sids[0] if names[0] == "Conferences" and sids else "",
            call=sids[0] if by_call and sids else sids[1] if len(sids) > 1 else "",
            recording=sids[-1] if names[-2:-1] == ["Recordings"] else "",
            base=request.base,
            query=request.query,
        )

    def perform(self, world: World, operation: Operation, now: float) -> Answer:
        try:
            return ALL[operation.name](world, operation, now)
        except Refused as refused:
            raise self._refused(operation.name, refused, world) from None
        except WorldError as error:
            if error.reason in NOT_FOUND:
                raise telnyx_errors.not_found() from None
            code, about = REFUSALS[error.reason]
            problem = Problem(code, str(error), about)
            raise self._refused(operation.name, Refused(problem), world) from None

    def _refused(self, operation: str, refused: Refused, world: World) -> Refusal:
        """The dial documents no 422: a switch decides what its refusals are."""
        status = world.switches.telnyx_bad_dial if operation == "participant.create" else 422
        return telnyx_errors.refusal(status, *refused.problems)

    def refusal(self, status: int) -> Answer:
        return telnyx_errors.of_status(status)

    def leg_status(self, leg: Leg) -> str:
        return telnyx_bodies.participant_status(leg)

    def callback(self, news: News) -> Outgoing | None:
        return telnyx_callbacks.callback(news)

    def signed(self, sent: Outgoing, now: float) -> Outgoing:
        return telnyx_callbacks.signed(sent, now)

    def retry_policy(self, url: str, world: World) -> RetryPolicy:  # noqa: ARG002 (Twilio's stands in the URL)
        return telnyx_callbacks.retry_policy(world.switches.telnyx_tries)

    def document_request(self, url: str, method: str, world: World, call_sid: str) -> Outgoing:
        form = {"AccountSid": ACCOUNT_SID, "ConnectionId": APPLICATION_SID}
        leg = world.floor.calls.get(call_sid)
        if leg:
            form |= {
                "CallSid": leg.call_sid,
                "CallSidLegacy": leg.call_sid,
                "From": leg.from_address,
                "To": leg.to_address,
            }
        return telnyx_callbacks.outgoing(url, method, form)
