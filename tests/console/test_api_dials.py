"""Dialling over the API: what is answered, what is told of each dial, who may; repetition is harmless."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from participants.models import Conference, Destination, Dial, Intervention
from participants.services import dial_running
from tests.console.server import signed_in
from tests.factories import make_supervisor, make_team, make_user
from tests.participants.floor import Floor, standing_floor, wait_for
from tests.sandbox.process import Sandbox

SECOND_LEVEL = "+447700900199"
UNDER_WAY = {200: {"confirmed"}, 202: {"requested", "accepted"}}


@pytest.fixture
def floor(
    provider: str, sandbox: Sandbox, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Floor]:
    yield from standing_floor(provider, sandbox, monkeypatch)


@pytest.fixture
def client(floor: Floor) -> Client:
    return signed_in(floor.user)


@pytest.fixture
def call(floor: Floor) -> Conference:
    return floor.call("billing-1041")


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    return client.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)


def dial(client: Client, call: Conference, **body: Any) -> Any:
    return post(client, f"conferences/{call.pk}/participants/", {"to": SECOND_LEVEL, **body})


def dials(client: Client, call: Conference) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/conferences/{call.pk}/dials/")
    assert answer.status_code == 200
    return list(answer.json())


def becomes(client: Client, call: Conference, *states: str) -> dict[str, Any]:
    def newest() -> dict[str, Any] | None:
        dial_running.run_due()
        found = dials(client, call)[0]
        return found if found["state"] in states else None

    return wait_for(newest, within_s=10)


def test_a_dial_is_answered_with_what_was_asked_and_the_call(
    floor: Floor, client: Client, call: Conference
) -> None:
    Destination.objects.create(name="Second level", address=SECOND_LEVEL)
    answer = dial(client, call, reason="he knows it", muted=True)
    told = answer.json()
    assert told["intervention"]["state"] in UNDER_WAY[answer.status_code]
    assert (told["intervention"]["verb"], told["intervention"]["reason"]) == ("dial", "he knows it")
    assert told["conference"]["id"] == str(call.pk)
    shown = becomes(client, call, "connected")
    assert (shown["name"], shown["text"], shown["ended_how"]) == ("Second level", "On the call", "")
    assert shown["to"] == "+44 ••• •• 99", "a supervisor does not see numbers"
    assert (shown["can_again"], shown["can_cancel"]) == (False, False)
    assert shown["by"]["name"] == "Sam Whitfield"
    legs = client.get(f"/api/v1/conferences/{call.pk}/").json()["participants"]
    assert next(leg for leg in legs if leg["id"] == shown["participant"])["muted"] is True


def test_whoever_did_not_answer_can_be_dialled_again(floor: Floor, client: Client, call: Conference) -> None:
    dial(client, call, to="+15005550010")
    first = becomes(client, call, "ended")
    assert (first["ended_how"], first["text"], first["can_again"]) == ("busy", "Busy", True)
    answer = post(client, f"dials/{first['id']}/again/", {})
    assert answer.status_code in {202, 409}, answer.content
    becomes(client, call, "ended")
    assert len(dials(client, call)) == 2


def test_what_stood_in_the_way_is_said_of_the_person(floor: Floor, client: Client, call: Conference) -> None:
    floor.sandbox.post("/_sandbox/answering", {"mode": "busy", "after_ms": 10})
    answer = dial(client, call)
    becomes(client, call, "ended")
    answer = post(client, f"conferences/{call.pk}/participants/", {"to": "+15005550001"})
    body = answer.json()
    assert (answer.status_code, body["code"]) == (422, "refused")
    assert body["detail"].startswith("+1 ••• •• 01 is not a full number for")
    assert body["provider"]["code"] and body["intervention"]["state"] == "refused"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"to": "+882161234567"}, 409, "dial_number"),
        ({"to": "client:supervisor"}, 409, "use_modes"),
        ({"coaching": False}, 409, "use_modes"),
        ({"timeout": 1}, 400, "invalid"),
        ({"volume": 1}, 400, "invalid"),
        ({"reason": 5}, 400, "invalid"),
        ({"to": None}, 400, "invalid"),
    ],
)
def test_a_refusal_has_the_codes_of_the_contract(
    floor: Floor, client: Client, call: Conference, body: dict[str, Any], status: int, code: str
) -> None:
    answer = dial(client, call, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert (status == 400) == ("fields" in answer.json())
    assert (status == 409) == ("intervention" in answer.json())
    assert floor.dials() == []


def test_a_body_that_is_no_object_is_said_so(floor: Floor, client: Client, call: Conference) -> None:
    answer = post(client, f"conferences/{call.pk}/participants/", [1])
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_the_rates_say_when_to_try_again(floor: Floor, client: Client, call: Conference) -> None:
    floor.account.dials_per_minute = 0
    floor.account.save()
    answer = dial(client, call)
    assert (answer.status_code, answer.json()["code"]) == (409, "dial_limit")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_repetition_with_its_key_dials_once(floor: Floor, client: Client, call: Conference) -> None:
    path = f"conferences/{call.pk}/participants/"
    key = {"Idempotency-Key": "dial-once"}
    floor.sandbox.post("/_sandbox/answering", {"mode": "manual"})
    assert post(client, path, {"to": SECOND_LEVEL}, **key).status_code == 202
    again = post(client, path, {"to": SECOND_LEVEL}, **key)
    assert (again.status_code, again.json()["code"]) == (409, "in_progress")
    other = post(client, path, {"to": "+447700900198"}, **key)
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert len(floor.dials()) == 1


def test_a_phone_that_rings_is_called_off(floor: Floor, client: Client, call: Conference) -> None:
    floor.sandbox.post("/_sandbox/answering", {"mode": "manual"})
    dial(client, call)
    row = becomes(client, call, "ringing", "dialling")
    assert row["can_cancel"] is True
    assert post(client, f"dials/{row['id']}/cancel/", {"reason": "wrong one"}).status_code in (200, 202)
    ended = becomes(client, call, "ended")
    assert (ended["ended_how"], ended["text"], ended["can_again"]) == ("cancelled", "Cancelled", True)
    assert Intervention.objects.get(verb="cancel").reason == "wrong one"
    answer = post(client, f"dials/{row['id']}/cancel/", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_dialled")


def test_a_call_begins_with_who_is_dialled_into_it(floor: Floor, client: Client) -> None:
    body = {"friendly_name": "case 4711", "to": SECOND_LEVEL}
    answer = post(client, f"accounts/{floor.account.key}/conferences/", body)
    assert answer.status_code in (200, 202), answer.content
    found = Conference.objects.get(friendly_name="case 4711")
    assert answer.json()["conference"]["id"] == str(found.pk)
    assert answer.json()["conference"]["sid"] == found.sid
    becomes(client, found, "connected")


@pytest.mark.parametrize("name", [None, 5, "", "a/b"])
def test_the_name_of_a_call_is_checked(floor: Floor, client: Client, name: Any) -> None:
    body = {"friendly_name": name, "to": SECOND_LEVEL}
    answer = post(client, f"accounts/{floor.account.key}/conferences/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["friendly_name"])


def test_nobody_without_the_right_or_the_sight_dials(floor: Floor, call: Conference) -> None:
    stranger = signed_in(make_supervisor("stranger", teams=(make_team("Other"),)))
    auditor = signed_in(make_user("auditor", group="Auditor"))
    assert dial(stranger, call).status_code == 404
    assert stranger.get(f"/api/v1/conferences/{call.pk}/dials/").status_code == 404
    assert dial(auditor, call).json()["code"] == "auditor"
    assert dials(auditor, call) == []
    assert Intervention.objects.get(verb="dial").outcomes.last().detail == "auditor"  # type: ignore[union-attr]
    assert floor.dials() == [] and not Dial.objects.exists()
