"""What goes over the wire, held against Twilio's own specification and its own SDK."""

import contextlib
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from participants.providers import Gone
from participants.providers.twilio import Twilio
from tests.sandbox.process import Sandbox
from tests.sandbox.sdk import ACCOUNT, SPECIFICATION, TOKEN, Wire, specification

Act = Callable[[Twilio, SimpleNamespace], Any]
DIALLED: dict[str, Any] = {
    "to": "client:lead",
    "label": "earshot-1",
    "muted": True,
    "timeout": 15,
    "beep": False,
}
CALLBACK = "https://earshot.example/callbacks/twilio/call/?leg=earshot-1#rc=3&rp=all&ct=2000&rt=4000"


def dial(wire: Twilio, call: SimpleNamespace) -> Any:
    return wire.create_participant(
        call.sid,
        coaching=True,
        target=call.agent,
        start_conference_on_enter=False,
        end_conference_on_exit=False,
        status_callback=CALLBACK,
        **DIALLED,
    )


OPERATIONS: dict[str, Act] = {
    "list conferences": lambda wire, call: wire.list_conferences("in-progress"),
    "fetch a conference": lambda wire, call: wire.fetch_conference(call.sid),
    "end a conference": lambda wire, call: wire.update_conference(call.sid, status="completed"),
    "list participants": lambda wire, call: wire.list_participants(call.sid),
    "fetch a participant": lambda wire, call: wire.fetch_participant(call.sid, call.agent),
    "fetch one by its label": lambda wire, call: wire.fetch_participant(call.sid, "agent-1"),
    "dial": dial,
    "mute": lambda wire, call: wire.update_participant(call.sid, call.agent, muted=True),
    "hold": lambda wire, call: wire.update_participant(call.sid, call.agent, hold=True),
    "open a whisper": lambda wire, call: wire.update_participant(
        call.sid, call.customer, muted=False, coaching=True, target=call.agent
    ),
    "open a barge": lambda wire, call: wire.update_participant(
        call.sid, call.customer, muted=False, coaching=False
    ),
    "give the end away": lambda wire, call: wire.update_participant(
        call.sid, call.agent, hold=False, end_conference_on_exit=True
    ),
    "remove": lambda wire, call: wire.delete_participant(call.sid, call.agent),
    "fetch a call": lambda wire, call: wire.fetch_call(call.customer),
}
# The same by the SDK; only where a request carries something.
IN_THE_SDK: dict[str, Callable[[Any, SimpleNamespace], Any]] = {
    "end a conference": lambda room, call: room.update(status="completed"),
    "dial": lambda room, call: room.participants.create(
        from_="+12025550100",
        early_media=False,
        coaching=True,
        call_sid_to_coach=call.agent,
        start_conference_on_enter=False,
        end_conference_on_exit=False,
        status_callback=CALLBACK,
        status_callback_event=["initiated", "ringing", "answered", "completed"],
        **{**DIALLED, "beep": "false"},
    ),
    "mute": lambda room, call: room.participants(call.agent).update(muted=True),
    "hold": lambda room, call: room.participants(call.agent).update(hold=True),
    "open a whisper": lambda room, call: room.participants(call.customer).update(
        muted=False, coaching=True, call_sid_to_coach=call.agent
    ),
    "open a barge": lambda room, call: room.participants(call.customer).update(muted=False, coaching=False),
    "give the end away": lambda room, call: room.participants(call.agent).update(
        hold=False, end_conference_on_exit=True
    ),
}


@pytest.fixture
def call(sandbox: Sandbox) -> SimpleNamespace:
    legs = [
        {"from": "+442079460102", "to": "+12025550100", "direction": "inbound", "role": "customer"},
        {
            "from": "+12025550100",
            "to": "client:agent-1",
            "direction": "outbound",
            "role": "agent",
            "label": "agent-1",
        },
    ]
    made = sandbox.post("/_sandbox/conferences", {"provider": "twilio", "callbacks": False, "legs": legs})
    customer, agent = (leg["call_sid"] for leg in made["legs"])
    return SimpleNamespace(sid=made["sid"], customer=customer, agent=agent)


@pytest.fixture
def exchanges() -> list[requests.Response]:
    return []


@pytest.fixture
def wire(sandbox: Sandbox, exchanges: list[requests.Response]) -> Twilio:
    account = SimpleNamespace(
        key="twilio", sid=ACCOUNT, api_url=sandbox.url, caller_id="+12025550100", application_sid=""
    )
    provider = Twilio(account, TOKEN)

    def keep(answer: requests.Response, **_: Any) -> None:
        assert answer.content is not None, "read here, because it is read as a stream, once"
        exchanges.append(answer)

    provider.session.hooks["response"].append(keep)
    return provider


def fields(request: requests.PreparedRequest) -> list[tuple[str, str]]:
    query, body = urlsplit(request.url or "").query, request.body or ""
    return parse_qsl(str(query)) + parse_qsl(body if isinstance(body, str) else body.decode())


def allowed(method: str, path: str) -> set[str]:
    """The names of the query and of the form that the specification has for this request."""
    for template, operations in SPECIFICATION["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            operation = operations[method.lower()]
            form = operation.get("requestBody", {"content": {}})["content"]
            schema = form.get("application/x-www-form-urlencoded", {"schema": {"properties": {}}})["schema"]
            return {each["name"] for each in operation.get("parameters", [])} | schema["properties"].keys()
    raise AssertionError(f"the specification has no {path}")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_request_and_every_answer_is_as_specified(
    wire: Twilio, call: SimpleNamespace, exchanges: list[requests.Response], operation: str
) -> None:
    OPERATIONS[operation](wire, call)
    (answer,) = exchanges
    asked, specified = RequestsOpenAPIRequest(answer.request), specification(wire.account.api_url)
    specified.validate_request(asked)
    method, path = answer.request.method or "", urlsplit(answer.request.url or "").path
    assert {name for name, _ in fields(answer.request)} <= allowed(method, str(path))
    if answer.content:
        specified.validate_response(asked, RequestsOpenAPIResponse(answer))


@pytest.mark.parametrize("operation", IN_THE_SDK)
def test_every_write_is_what_the_official_library_would_send(
    wire: Twilio, call: SimpleNamespace, sandbox: Sandbox, exchanges: list[requests.Response], operation: str
) -> None:
    OPERATIONS[operation](wire, call)
    ours = exchanges[0].request
    sdk = Wire(sandbox.url)
    # What was sent counts, also where the same cannot be done twice.
    with contextlib.suppress(TwilioRestException):
        IN_THE_SDK[operation](Client(ACCOUNT, TOKEN, http_client=sdk).conferences(call.sid), call)
    theirs = sdk.exchanges[0][0]
    assert (ours.method, ours.url) == (theirs.method, theirs.url)
    assert ours.headers["Authorization"] == theirs.headers["Authorization"]
    assert sorted(fields(ours)) == sorted(fields(theirs))


def test_a_label_is_quoted_so_that_it_stays_one_segment(
    wire: Twilio, call: SimpleNamespace, exchanges: list[requests.Response]
) -> None:
    with pytest.raises(Gone):
        wire.fetch_participant(call.sid, "who? #1")
    assert (exchanges[0].request.url or "").endswith("/Participants/who%3F%20%231.json")
