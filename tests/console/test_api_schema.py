"""The API against its own schema: whatever is sent, no 5xx, no undocumented status, no other shape."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from participants.models import Account, Conference
from tests.console.server import signed_in
from tests.factories import (
    make_call,
    make_dial,
    make_intervention,
    make_recording,
    make_supervision,
    make_supervisor,
    make_team,
)

pytestmark = pytest.mark.django_db

TOKEN = "a" * 32
DESCRIBED = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS = [(path, method) for path, methods in DESCRIBED["paths"].items() for method in methods]
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]


@pytest.fixture(scope="module")
def described() -> Any:
    """As a signed-in page meets it: a missing session is the access matrix's matter."""
    signed_in_already = deepcopy(DESCRIBED)
    for path, method in OPERATIONS:
        del signed_in_already["paths"][path][method]["security"]
    schema = schemathesis.openapi.from_dict(signed_in_already)
    schema.app = get_wsgi_application()
    return schema


@pytest.fixture(autouse=True)
def connection_stays() -> Iterator[None]:
    """Between requests Django closes the connection, and with it the test's transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def ids() -> dict[str, str]:
    """Rows that a route finds, by the first word of its path. The call has ended, so nothing is ever sent."""
    sam = make_supervisor("sam", teams=(make_team(),), full_name="Sam Whitfield")
    conference, agent, customer = make_call()
    make_supervision(sam, conference, target=agent, ended_at=timezone.now())
    done = make_intervention(sam, conference, "hold", "accepted", "confirmed", participant=customer)
    make_intervention(sam, conference, "mute", "accepted", participant=agent)
    Conference.objects.filter(pk=conference.pk).update(status="completed", ended_at=timezone.now())
    # Nobody is dialled there either.
    Account.objects.update(reachable=False, reachable_since=timezone.now())
    return {
        "conferences": conference.pk,
        "participants": customer.pk,
        "interventions": done.pk,
        "accounts": "twilio",
        "dials": make_dial(sam, conference).pk,
        "recordings": make_recording(conference).pk,
    }


@pytest.fixture
def session(ids: dict[str, str]) -> dict[str, Any]:
    """The cookies and the header of a signed-in page."""
    client: Client = signed_in(make_supervisor("lead", group="Lead", teams=(make_team(),)))
    cookies = {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}
    return {"cookies": cookies, "headers": {"X-CSRFToken": TOKEN}}


def hold_against(operation: Any, ids: dict[str, Any], session: dict[str, Any], *, examples: int) -> None:
    """Sends `examples` random requests, half of them wrong, and checks every answer against the schema."""
    word = operation.path.split("/")[3]
    right_or_wrong = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]

    @seed(1)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(right_or_wrong), known=st.booleans())
    def send(case: Any, known: bool) -> None:
        if known and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = str(ids[word])
        if known and "key" in (case.path_parameters or {}):
            case.path_parameters["key"] = ids[word]
        case.call_and_validate(checks=CHECKS, **session)

    send()


@pytest.mark.parametrize("path, method", OPERATIONS)
def test_every_operation_keeps_its_promise(
    path: str, method: str, described: Any, ids: dict[str, Any], session: dict[str, Any]
) -> None:
    hold_against(described[path][method.upper()], ids, session, examples=12)


@pytest.mark.nightly
@pytest.mark.parametrize("path, method", OPERATIONS)
def test_every_operation_keeps_its_promise_all_night(
    path: str, method: str, described: Any, ids: dict[str, Any], session: dict[str, Any]
) -> None:
    hold_against(described[path][method.upper()], ids, session, examples=500)


def test_the_schema_is_valid_and_names_every_route_once() -> None:
    validate_schema(DESCRIBED)
    names = [
        operation["operationId"] for methods in DESCRIBED["paths"].values() for operation in methods.values()
    ]
    assert len(names) == len(set(names)) == len(OPERATIONS) > 40


def test_a_live_call_is_as_the_schema_says(described: Any, session: dict[str, Any]) -> None:
    conference, agent, _ = make_call("live", agent=None)
    make_supervision(make_supervisor("rosa"), conference, "whisper", target=agent)
    operation = described["/api/v1/conferences/{id}/"]["GET"]
    case = operation.Case(path_parameters={"id": str(conference.pk)})
    case.call_and_validate(checks=CHECKS, **session)


def test_a_command_is_answered_as_the_schema_says(described: Any, session: dict[str, Any]) -> None:
    leg = make_call("live")[2]
    Account.objects.update(reachable=True)
    operation = described["/api/v1/participants/{id}/identify/"]["POST"]
    case = operation.Case(
        path_parameters={"id": str(leg.pk)}, body={"role": "customer"}, media_type="application/json"
    )
    assert case.call_and_validate(checks=CHECKS, **session).status_code == 200


def test_the_pages_of_the_schema_load_nothing_from_elsewhere() -> None:
    answer = Client().get("/api/docs/")
    assert answer.status_code == 200 and b"https://" not in answer.content
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "style-src 'self' 'unsafe-inline'" in policy
    assert "unsafe-inline" not in Client().get("/login/").headers["Content-Security-Policy"]
