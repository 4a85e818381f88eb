"""What the API takes: who is asked to sign in, CSRF, strict JSON, and one shape for every refusal."""

from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client

from participants.models import Intervention, Participant
from tests.console.server import signed_in
from tests.factories import make_call, make_supervisor, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam() -> User:
    return make_supervisor("sam", teams=(make_team(),))


@pytest.fixture
def client(sam: User) -> Client:
    return signed_in(sam)


@pytest.fixture
def customer() -> Participant:
    return make_call()[2]


def post(client: Client, path: str, body: Any, **more: Any) -> Any:
    return client.post(path, body, content_type="application/json", **more)


def identify(leg: Participant) -> str:
    return f"/api/v1/participants/{leg.pk}/identify/"


# --- signing in -------------------------------------------------------------------------------------------
def test_a_stranger_is_asked_to_sign_in(client: Client, customer: Participant) -> None:
    for answer in (Client().get("/api/v1/me/"), post(Client(), identify(customer), {"role": "customer"})):
        assert answer.status_code == 401
        assert answer.json() == {"code": "not_signed_in", "detail": "Sign in again to do this."}
        assert answer.headers["WWW-Authenticate"] == "Session"


def test_a_deactivated_person_is_a_stranger(client: Client, sam: User) -> None:
    User.objects.filter(pk=sam.pk).update(is_active=False)
    assert client.get("/api/v1/me/").status_code == 401


def test_a_command_needs_the_pages_token(sam: User, customer: Participant) -> None:
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(sam)
    refused = post(careful, identify(customer), {"role": "customer"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    careful.get("/login/")
    careful.cookies["csrftoken"] = token = "a" * 32
    done = post(careful, identify(customer), {"role": "customer"}, headers={"X-CSRFToken": token})
    assert done.status_code == 200


# --- bodies -----------------------------------------------------------------------------------------------
WRONG: list[tuple[Any, str]] = [
    ({"role": "customer", "rool": 1}, "rool"),
    ({}, "role"),
    ({"role": "boss"}, "role"),
    ({"role": "supervisor"}, "role"),
    ({"role": None}, "role"),
    ({"role": True}, "role"),
    ({"role": ["customer"]}, "role"),
    ({"role": "customer", "agent": "1"}, "agent"),
    ({"role": "agent", "agent": 1}, "agent"),
    ({"role": "agent", "agent": "99999"}, "agent"),
    ({"role": "agent", "agent": "x"}, "agent"),
    ({"role": "customer", "reason": 5}, "reason"),
    ({"role": "customer", "reason": "x" * 201}, "reason"),
    ({"role": "customer", "reason": "a\u0000b"}, "reason"),
    ({"role": "customer", "reason": "\ud800"}, "reason"),
]


@pytest.mark.parametrize("body, field", WRONG, ids=str)
def test_a_wrong_body_is_told_by_the_name_of_the_field(
    body: Any, field: str, client: Client, customer: Participant
) -> None:
    answer = post(client, identify(customer), body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid" and set(answer.json()["fields"]) == {field}
    assert not Intervention.objects.exists()


def test_an_unknown_key_is_told_with_those_there_are(client: Client, customer: Participant) -> None:
    answer = post(client, identify(customer), {"role": "customer", "rool": 1})
    assert answer.json()["fields"] == {"rool": ["Unknown; possible here: reason, role, agent."]}
    assert answer.json()["detail"] == (
        "This request cannot be read: rool: Unknown; possible here: reason, role, agent."
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b'"listen"',
        b"null",
        b'{"role": NaN}',
        b'{"role": "customer", "role": "agent"}',
        b"\xff\xfe",
        b'{"reason": "' + b"x" * 20_000 + b'"}',
        b"[" * 15_000,
        b'{"role": ' + b"9" * 6000 + b"}",
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_what_is_not_one_json_object_is_refused(raw: bytes, client: Client, customer: Participant) -> None:
    answer = client.post(identify(customer), raw, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"


def test_a_form_is_not_json(client: Client, customer: Participant) -> None:
    answer = client.post(identify(customer), {"role": "customer"})
    assert (answer.status_code, answer.json()["code"]) == (415, "invalid")


@pytest.mark.parametrize("confirm", ["true", 1, None, {}])
def test_barge_is_confirmed_by_true_and_nothing_like_it(confirm: Any, client: Client) -> None:
    conference, *_ = make_call()
    answer = post(client, f"/api/v1/conferences/{conference.pk}/barge/", {"confirm": confirm})
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"confirm"}


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "ключ"])
def test_a_key_is_up_to_200_visible_signs(key: str, client: Client, customer: Participant) -> None:
    answer = post(client, identify(customer), {"role": "customer"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400 and set(answer.json()["fields"]) == {"Idempotency-Key"}


def test_somebody_of_another_call_cannot_be_whispered_to(client: Client) -> None:
    conference, *_ = make_call("billing-1")
    other = make_call("billing-2")[1]
    answer = post(client, f"/api/v1/conferences/{conference.pk}/whisper/", {"participant": str(other.pk)})
    assert answer.json()["fields"] == {"participant": ["Must be the id of somebody on this call."]}


# --- refusals ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/hands/",
        "/api/v1/",
        "/api/v1/conferences/not-an-id/",
        "/api/v1/me",
        "/api/v1/conferences/a%0Ab/listen/",
    ],
)
def test_what_a_later_step_brings_is_not_found(path: str, client: Client) -> None:
    for answer in (client.get(path), post(client, path, {})):
        assert answer.status_code == 404 and answer.json()["code"] == "not_found"


def test_an_account_that_is_not_there_is_not_called_a_call(client: Client) -> None:
    answer = client.get("/api/v1/accounts/nobody/capabilities/")
    assert (answer.status_code, answer.json()) == (
        404,
        {"code": "not_found", "detail": "There is no such account, or it is not yours to see."},
    )


def test_a_wrong_method_says_which_are_right(client: Client, customer: Participant) -> None:
    answer = client.get(identify(customer))
    assert answer.status_code == 405 and answer.headers["Allow"] == "POST"
    assert answer.json()["detail"] == "GET is not possible here; possible: POST."
    assert client.delete("/api/v1/me/").json()["code"] == "method"


def test_a_database_that_stores_nothing_is_unavailable(client: Client, customer: Participant) -> None:
    with mock.patch("participants.services.command.open_intervention", side_effect=OperationalError("disk")):
        answer = post(client, identify(customer), {"role": "customer"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"


def test_the_words_are_the_catalogue(client: Client) -> None:
    words = client.get("/api/v1/words/").json()
    assert words["choose_agent"] == "Two agents: choose who should hear you."
    assert words["provider_down"].startswith("{provider} does not answer")
