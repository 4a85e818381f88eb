"""What nobody asks for from outside, from the provider's class on: lists, calls, recordings."""

from types import SimpleNamespace
from typing import Any

import pytest
from openapi_core.contrib.requests import RequestsOpenAPIRequest

from participants.providers.parameters import BadParameter
from tests.parameters.reasons import FROM_OUTSIDE, NOT_FROM_OUTSIDE, why_not_from_outside
from tests.parameters.rows import Row, rows
from tests.parameters.standing import form_of
from tests.participants.floor import place_of
from tests.participants.providers.apis import AGENT, APIS, CUSTOMER
from tests.participants.providers.test_requests import DOCUMENTS, SPECIFICATIONS, allowed
from tests.sandbox.process import Sandbox, running_sandbox

ROWS = [row for row in rows() if row.place != "path" and row.operation not in FROM_OUTSIDE]
# Needs a token of the same list: one alone leads nowhere.
TOKENS = {"Page", "PageToken"}


class Side:
    """A call at one provider, recorded, and what went over the wire."""

    def __init__(self, name: str, sandbox: Sandbox, room: str = "lists") -> None:
        self.sandbox, self.api = sandbox, APIS[name]
        self.wire = self.api.at(sandbox.url)
        made = sandbox.post(
            "/_sandbox/conferences",
            {
                "provider": name,
                "friendly_name": room,
                "callbacks": False,
                "record": True,
                "legs": [CUSTOMER, AGENT],
            },
        )
        customer, agent = (leg["call_sid"] for leg in made["legs"])
        self.call = SimpleNamespace(sid=made["sid"], customer=customer, agent=agent)
        self.requests: list[Any] = []
        self.wire.session.hooks["response"].append(self._keep)
        self.specification = SPECIFICATIONS[name](sandbox.url)
        self.document = DOCUMENTS[name](sandbox.url)

    def _keep(self, answer: Any, **_: Any) -> None:
        assert answer.content is not None
        self.requests.append(answer)

    def recording(self) -> str:
        return self.wire.list_recordings(self.call.sid)[-1].sid


@pytest.fixture(scope="module")
def sides() -> Any:
    with running_sandbox(time_scale=1.0) as sandbox:
        yield {name: Side(name, sandbox) for name in APIS}


def path_of(side: Side, operation: str) -> str:
    wire, call = side.wire, side.call
    return {
        "conference.list": lambda: wire._path("Conferences"),
        "participant.list": lambda: wire._path("Conferences", call.sid, "Participants"),
        "call.list": lambda: wire._path("Calls"),
        "call.update": lambda: wire._path("Calls", call.agent),
        "conference_recording.list": lambda: wire._recordings("Conferences", call.sid, "Recordings"),
        "conference_recording.update": lambda: wire._recordings(
            "Conferences", call.sid, "Recordings", side.recording()
        ),
        "recording.list": lambda: wire._recordings("Recordings"),
        "call_recording.update": lambda: wire._recordings(
            "Calls", call.customer, "Recordings", wire.start_recording(call.customer).sid
        ),
    }[operation]()


def needed(row: Row) -> dict[str, Any]:
    """What must be said beside it."""
    others = [other for other in rows(row.operation) if other.provider == row.provider]
    return {other.key: "paused" for other in others if other.required and other.place != "path"}


def ask(side: Side, row: Row, value: Any) -> Any:
    """Through the class's own form and request; what came back, whatever it says."""
    form = side.wire.form(row.operation, **needed(row) | {row.key: value})
    path, before = path_of(side, row.operation), len(side.requests)
    try:
        if row.place == "query":
            side.wire.read(path, query=form)
        else:
            side.wire.write("POST", path, form=form)
    except Exception as refused:
        assert side.requests[before:], refused
    return side.requests[before]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_each_value_goes_over_the_wire_as_specified(sides: dict[str, Side], row: Row) -> None:
    side = sides[row.provider]
    for value in row.good():
        answer = ask(side, row, value)
        sent = [pair for pair in form_of(answer) if pair[0] == row.name]
        assert sent == row.spelled(value)
        side.specification.validate_request(RequestsOpenAPIRequest(answer.request))
        method, path = str(answer.request.method), str(answer.request.path_url).partition("?")[0]
        assert row.name in allowed(side.document, method, path)
        known = row.name in TOKENS or value in SENSELESS or is_state(answer)
        assert answer.ok or known, f"{value!r}: {answer.status_code} {answer.text}"


# Documented as words of the parameter, and refused: only a provider sets them.
SENSELESS = ("processing", "completed", "absent")
# A recording that is paused is not paused again, and a call that talks is not cancelled: 21220 says so.
AS_IT_IS = {21220}


def is_state(answer: Any) -> bool:
    """Telnyx has one code for what cannot be as things are."""
    if answer.ok or answer.json().get("code") in AS_IT_IS:
        return True
    errors = answer.json().get("errors", [{}])
    return any(error.get("code") == "90018" or "already" in error.get("detail", "") for error in errors)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_wrong_value_is_not_sent(sides: dict[str, Side], row: Row) -> None:
    side = sides[row.provider]
    before = len(side.requests)
    for value in row.wrong():
        if row.type == "string(uri)" and str(value).startswith("https://elsewhere"):
            continue  # which hosts may be named the account says, not the table
        with pytest.raises(BadParameter) as bad:
            side.wire.form(row.operation, **needed(row) | {row.key: value})
        assert bad.value.field == row.key
    assert len(side.requests) == before


# --- the table is whole -----------------------------------------------------------------------------------
def test_every_row_has_a_route_or_a_reason() -> None:
    """A new row of an operation without a route, or of a new operation, stops here until somebody decides."""
    without = [
        row.id
        for row in rows()
        if row.operation not in FROM_OUTSIDE and not why_not_from_outside(row.operation, row.place, row.name)
    ]
    assert without == []


def test_no_reason_is_left_over() -> None:
    known = {(row.operation, row.name) for row in rows() if row.place != "path"}
    operations = {operation for operation, _ in known}
    for operation, names in NOT_FROM_OUTSIDE.items():
        assert operation in operations
        for name in names:
            assert name == "*" or (operation, name) in known, f"{operation} {name}"


def test_every_place_in_a_path_is_filled_by_us(sides: dict[str, Side]) -> None:
    """The specification holds each path against the patterns of its sids; here each operation is asked."""
    for name, known in sides.items():
        side, before = Side(name, known.sandbox, room="paths"), 0
        wire, call = side.wire, side.call
        wire.fetch_conference(call.sid)
        wire.list_participants(call.sid)
        wire.fetch_participant(call.sid, call.agent)
        wire.list_recordings(call.sid)
        for answer in side.requests[before:]:
            side.specification.validate_request(RequestsOpenAPIRequest(answer.request))
            assert place_of(str(answer.request.path_url))[0] == "Conferences"
