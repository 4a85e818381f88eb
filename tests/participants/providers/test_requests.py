"""What goes over the wire, held against a specification of each provider and against its own SDK."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
import telnyx
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from participants.providers import Gone
from tests.participants.providers.apis import Api
from tests.sandbox import sdk, telnyx_sdk, telnyx_specification
from tests.sandbox.process import Sandbox

Act = Callable[[Any, SimpleNamespace], Any]
DIALLED: dict[str, Any] = {
    "to": "client:lead",
    "label": "earshot-1",
    "muted": True,
    "timeout": 15,
    "beep": False,
}
CALLBACK = "https://earshot.example/callbacks/main/call/?leg=earshot-1#rc=3&rp=all&ct=2000&rt=4000"
SPECIFICATIONS = {"twilio": sdk.specification, "telnyx": telnyx_specification.specification}
DOCUMENTS = {"twilio": lambda _: sdk.SPECIFICATION, "telnyx": telnyx_specification.document}


def dial(wire: Any, call: SimpleNamespace) -> Any:
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
# The changes of a leg once more, as both SDKs spell them.
CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "mute": ("agent", {"muted": True}),
    "hold": ("agent", {"hold": True}),
    "open a whisper": ("customer", {"muted": False, "coaching": True, "call_sid_to_coach": "AGENT"}),
    "open a barge": ("customer", {"muted": False, "coaching": False}),
    "give the end away": ("agent", {"hold": False, "end_conference_on_exit": True}),
}
DIALLED_IN_THE_SDK: dict[str, Any] = {
    "from_": "+12025550100",
    "to": "client:lead",
    "label": "earshot-1",
    "muted": True,
    "beep": "false",
    "early_media": False,
    "coaching": True,
    "start_conference_on_enter": False,
    "end_conference_on_exit": False,
    "status_callback": CALLBACK,
}
PROGRESS = ["initiated", "ringing", "answered", "completed"]


@pytest.fixture
def exchanges(wire: Any) -> Iterator[list[requests.Response]]:
    kept: list[requests.Response] = []

    def keep(answer: requests.Response, **_: Any) -> None:
        assert answer.content is not None, "read here, because it is read as a stream, once"
        kept.append(answer)

    wire.session.hooks["response"].append(keep)
    yield kept


def fields(request: requests.PreparedRequest) -> list[tuple[str, str]]:
    """Of the query and of the body, be that a form or JSON."""
    query, body = str(urlsplit(request.url or "").query), request.body or ""
    text = body if isinstance(body, str) else body.decode()
    if text.startswith("{"):
        said = {name: value for name, value in json.loads(text).items() if value is not None}
        return parse_qsl(query) + [(name, _spelled(value)) for name, value in said.items()]
    return parse_qsl(query) + parse_qsl(text)


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def allowed(document: Any, method: str, path: str) -> set[str]:
    """The names of the query and of the form that the specification has for this request."""
    for template, operations in document["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path):
            operation = operations[method.lower()]
            form = operation.get("requestBody", {"content": {}})["content"]
            schema = form.get("application/x-www-form-urlencoded", {"schema": {"properties": {}}})["schema"]
            return {each["name"] for each in operation.get("parameters", [])} | schema["properties"].keys()
    raise AssertionError(f"the specification has no {path}")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_request_and_every_answer_is_as_specified(
    wire: Any, api: Api, call: SimpleNamespace, exchanges: list[requests.Response], operation: str
) -> None:
    OPERATIONS[operation](wire, call)
    specified = SPECIFICATIONS[api.name](wire.account.api_url)
    document = DOCUMENTS[api.name](wire.account.api_url)
    assert len(exchanges) == 1 or operation == "fetch a call", "a call may not be readable at once"
    for answer in exchanges:
        asked = RequestsOpenAPIRequest(answer.request)
        specified.validate_request(asked)
        method, path = answer.request.method or "", urlsplit(answer.request.url or "").path
        assert {name for name, _ in fields(answer.request)} <= allowed(document, method, str(path))
        if answer.content:
            specified.validate_response(asked, RequestsOpenAPIResponse(answer))


def test_the_specifications_can_refuse(
    wire: Any, api: Api, call: SimpleNamespace, exchanges: list[requests.Response]
) -> None:
    form = [("Muted", "true"), ("HoldMethod", "PUT")]
    with contextlib.suppress(Exception):
        wire.write("POST", wire._path("Conferences", call.sid, "Participants", call.agent), form=form)
    specified = SPECIFICATIONS[api.name](wire.account.api_url)
    with pytest.raises(OpenAPIError):
        specified.validate_request(RequestsOpenAPIRequest(exchanges[0].request))


def as_the_sdk_sends(api: Api, url: str, call: SimpleNamespace, operation: str) -> requests.PreparedRequest:
    """What the provider's own library sends for the same wish."""
    return _by_twilio(url, call, operation) if api.name == "twilio" else _by_telnyx(api, url, call, operation)


def _changes(call: SimpleNamespace, operation: str) -> tuple[str, dict[str, Any]]:
    whose, changes = CHANGES[operation]
    changes = {name: call.agent if value == "AGENT" else value for name, value in changes.items()}
    return getattr(call, whose), changes


def _by_twilio(url: str, call: SimpleNamespace, operation: str) -> requests.PreparedRequest:
    wire = sdk.Wire(url)
    room = Client(sdk.ACCOUNT, sdk.TOKEN, http_client=wire).conferences(call.sid)
    # What was sent counts, also where the same cannot be done twice.
    with contextlib.suppress(TwilioRestException):
        if operation == "end a conference":
            room.update(status="completed")
        elif operation == "dial":
            room.participants.create(
                **DIALLED_IN_THE_SDK,
                timeout=15,
                call_sid_to_coach=call.agent,
                status_callback_event=PROGRESS,
            )
        else:
            call_sid, changes = _changes(call, operation)
            room.participants(call_sid).update(**changes)
    return wire.exchanges[0][0]


def _by_telnyx(api: Api, url: str, call: SimpleNamespace, operation: str) -> requests.PreparedRequest:
    wire, ours = telnyx_sdk.TelnyxWire(url), {"account_sid": api.sid}
    conferences = wire.client.texml.accounts.conferences
    with contextlib.suppress(telnyx.APIStatusError):
        if operation == "end a conference":
            conferences.update(call.sid, status="completed", **ours)
        elif operation == "dial":
            conferences.participants.participants(
                call.sid,
                **DIALLED_IN_THE_SDK,
                timeout_seconds=15,
                call_sid_to_coach=call.agent,
                status_callback_event=" ".join(PROGRESS),
                application_sid=api.facts["application_sid"],
                **ours,
            )
        else:
            call_sid, changes = _changes(call, operation)
            conferences.participants.update(call_sid, conference_sid=call.sid, **changes, **ours)
    return wire.exchanges[0][0]


@pytest.mark.parametrize("operation", ["end a conference", "dial", *CHANGES])
def test_every_write_is_what_the_official_library_would_send(
    wire: Any,
    api: Api,
    call: SimpleNamespace,
    sandbox: Sandbox,
    exchanges: list[requests.Response],
    operation: str,
) -> None:
    OPERATIONS[operation](wire, call)
    ours = exchanges[0].request
    theirs = as_the_sdk_sends(api, sandbox.url, call, operation)
    assert (ours.method, unquote(ours.url or "")) == (theirs.method, unquote(theirs.url or ""))
    assert ours.headers["Authorization"] == theirs.headers["Authorization"]
    assert sorted(fields(ours)) == sorted(fields(theirs))


def test_a_label_is_quoted_so_that_it_stays_one_segment(
    wire: Any, call: SimpleNamespace, exchanges: list[requests.Response]
) -> None:
    with pytest.raises(Gone):
        wire.fetch_participant(call.sid, "who? #1")
    assert (exchanges[0].request.url or "").endswith(f"/Participants/who%3F%20%231{wire.suffix}")
