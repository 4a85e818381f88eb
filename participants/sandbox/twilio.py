"""Twilio's dialect: paths, credentials, error codes, signatures. What happens is decided in `world.py`."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import uuid
from urllib.parse import parse_qsl, unquote, urldefrag, urlencode

from participants.sandbox import twilio_bodies, twilio_parameters, twilio_recordings
from participants.sandbox.classic import ROUTES
from participants.sandbox.rooms import Leg, News, WorldError
from participants.sandbox.twilio_account import ACCOUNT_SID, AUTH_TOKEN, PROVIDER
from participants.sandbox.twilio_operations import OPERATIONS
from participants.sandbox.twilio_parameters import INVALID, SIDS, BadParameter
from participants.sandbox.wire import Answer, Operation, Outgoing, Refusal, Request, RetryPolicy
from participants.sandbox.world import World

MESSAGES = {
    20003: "Authenticate",
    20004: "Method not allowed",
    20404: "The requested resource {path} was not found",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
}
FAULT_CODES = {400: INVALID, 401: 20003, 404: 20404, 405: 20004, 429: 20429, 500: 20500, 503: 20503}

ALL = OPERATIONS | twilio_recordings.OPERATIONS
PATHS = ROUTES | {
    ("Conferences", "*", "Recordings", "*"): {
        "GET": "conference_recording.fetch",
        "POST": "conference_recording.update",
        "DELETE": "conference_recording.delete",
    },
    ("Recordings", "*"): {"GET": "recording.sound"},
}
CALLBACKS = {
    "conference": twilio_bodies.conference_callback,
    "call": twilio_bodies.call_callback,
    "recording": twilio_recordings.callback,
    "amd": twilio_recordings.detection_callback,
}
SOUND = re.compile(r"\.(wav|mp3)$")  # the only paths that do not end in .json
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
    "queue_full": (429, 22005),
    "wrong_state": (400, 16099),
    "held_no_announce": (400, INVALID),
    "no_recording": (404, 20404),
    **dict.fromkeys(("recording_over", "recording_same", "recording_runs"), (400, 21220)),
}


class Twilio:
    """See `wire.Dialect`."""

    name = PROVIDER
    prefix = f"/{twilio_bodies.VERSION}/"
    operations = frozenset(ALL)
    # What Earshot's own callback URLs end in: tried again after errors of ours too.
    callback_suffix = "#rc=3&rp=all&ct=2000&rt=4000"

    def recognise(self, request: Request, world: World) -> Operation:
        segments = request.path.removeprefix(self.prefix).split("/")
        account = segments[1] if segments[0] == "Accounts" and len(segments) > 2 else ""
        if (not request.path.endswith(".json") and not SOUND.search(request.path)) or not account:
            raise self._refused(404, 20404, path=request.path)
        if not self._signed_in(request.authorization) or account != ACCOUNT_SID:
            raise self._refused(401, 20003)
        names = [unquote(part) for part in (*segments[2:-1], segments[-1].removesuffix(".json"))]
        methods = PATHS.get(tuple("*" if at % 2 else name for at, name in enumerate(names)))
        if methods is None:
            raise self._refused(404, 20404, path=request.path)
        name = methods.get(request.method)
        if name is None:
            raise self._refused(405, 20004)
        return self._operation(name, names, request, world)

    def _operation(self, name: str, names: list[str], request: Request, world: World) -> Operation:
        sids = names[1::2]
        by_call = names[0] == "Calls"
        if (
            name.startswith(("conference.", "conference_recording."))
            and sids
            and not SIDS["CF"].fullmatch(sids[0])
        ):
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
            conference=sids[0] if names[0] == "Conferences" and sids else "",
            call=sids[0] if by_call and sids else sids[1] if len(sids) > 1 else "",
            recording=SOUND.sub("", sids[-1]) if "Recordings" in names and sids else "",
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
            return ALL[operation.name](world, operation, now)
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

    def leg_status(self, leg: Leg) -> str:
        return twilio_bodies.participant_status(leg)

    def callback(self, news: News) -> Outgoing:
        """A forged one is signed with another account's token."""
        make = CALLBACKS[news.kind]
        token = "not-the-token" if news.fate == "forged" else AUTH_TOKEN
        return signed(news.subscription.url, news.subscription.method, make(ACCOUNT_SID, news), token=token)

    def document_request(self, url: str, method: str, world: World, call_sid: str) -> Outgoing:
        form = {"AccountSid": ACCOUNT_SID, "ApiVersion": twilio_bodies.VERSION}
        leg = world.floor.calls.get(call_sid)
        if leg:
            form |= {"CallSid": leg.call_sid, "From": leg.from_address, "To": leg.to_address}
        return signed(url, method, form, token=AUTH_TOKEN)

    def signed(self, sent: Outgoing, now: float) -> Outgoing:  # noqa: ARG002 (no time is signed)
        """Signed once: a repetition is the same request."""
        return sent

    def retry_policy(self, url: str, world: World) -> RetryPolicy:  # noqa: ARG002 (it stands in the URL)
        return retry_policy(url)


def retry_policy(url: str) -> RetryPolicy:
    """A URL's fragment, as in `#rc=3&rp=all&ct=2000&rt=4000`."""
    given = dict(parse_qsl(urldefrag(url).fragment))
    kinds = given.get("rp", "ct").replace("all", "ct,rt,4xx,5xx")
    return RetryPolicy(
        tries=1 + int(given.get("rc", 1)),
        kinds=frozenset(kinds.split(",")),
        connect_s=int(given.get("ct", 5000)) / 1000,
        read_s=int(given.get("rt", 15000)) / 1000,
    )


def signed(url: str, method: str, form: dict[str, str], *, token: str) -> Outgoing:
    """Signed over the URL with its query but not its fragment, then each key and value in key order."""
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
