"""POST …/<verb>/ against the sandbox: what is answered, when, and that a repetition is harmless."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from participants.models import Conference, Intervention, Participant, Supervision
from participants.timing import TIMING
from tests.console.server import signed_in
from tests.factories import make_supervisor, make_team, make_user
from tests.participants.floor import Floor, standing_floor, wait_for
from tests.sandbox.process import Sandbox

WAIT = 2.0  # seconds


def wait_at_most(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test calls "in time" must not hang on how busy the machine is."""
    for module in ("participants.services.command", "console.api"):
        monkeypatch.setattr(f"{module}.TIMING", replace(TIMING, command_wait=seconds))


@pytest.fixture
def floor(
    provider: str, sandbox: Sandbox, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Floor]:
    wait_at_most(WAIT, monkeypatch)
    yield from standing_floor(provider, sandbox, monkeypatch)


@pytest.fixture
def client(floor: Floor) -> Client:
    return signed_in(floor.user)


@pytest.fixture
def call(floor: Floor) -> Conference:
    return floor.call("billing-1041")


def post(client: Client, target: Conference | Participant, verb: str, body: Any = None, **more: Any) -> Any:
    kind = "participants" if isinstance(target, Participant) else "conferences"
    path = f"/api/v1/{kind}/{target.pk}/{verb}/"
    return client.post(path, {} if body is None else body, content_type="application/json", **more)


def keyed(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def test_a_command_that_shows_in_time_is_200_with_intervention_and_call(
    floor: Floor, client: Client, call: Conference
) -> None:
    customer = floor.leg(call, "customer")
    answer = post(client, customer, "hold", {"reason": "asked for it"})
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert set(told) == {"intervention", "conference"}
    assert told["intervention"]["state"] == "confirmed" and told["intervention"]["reason"] == "asked for it"
    assert told["intervention"]["participant"] == str(customer.pk)
    shown = next(leg for leg in told["conference"]["participants"] if leg["id"] == str(customer.pk))
    assert shown["hold"] is True and shown["blocked"]["hold"] == "already"
    assert floor.true_leg(call, customer.call_sid)["hold"] is True


def test_what_takes_longer_is_202_and_its_end_is_read_later(
    floor: Floor, client: Client, call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_at_most(0.1, monkeypatch)
    floor.sandbox.post("/_sandbox/answering", {"mode": "manual"})
    answer = post(client, call, "listen")
    assert answer.status_code == 202, answer.content
    assert answer.json()["intervention"]["state"] in {"requested", "accepted"}
    assert answer.json()["conference"]["supervisions"][0]["state"] == "dialling"
    call_sid = wait_for(lambda: floor.stay().call_sid)
    floor.sandbox.post(f"/_sandbox/legs/{call_sid}/answer")
    floor.confirmed("listen")
    later = client.get(f"/api/v1/interventions/{answer.json()['intervention']['id']}/").json()
    assert later["state"] == "confirmed" and later["confirmed_at"]


def test_leave_is_confirmed_when_the_leg_is_gone(floor: Floor, client: Client, call: Conference) -> None:
    assert post(client, call, "listen").status_code in (200, 202)
    stay = floor.confirmed("listen")
    assert post(client, call, "leave").status_code in (200, 202)
    floor.ended(stay.pk)
    assert post(client, call, "leave").json()["code"] == "not_on_call"


def test_whisper_names_its_agent(floor: Floor, client: Client) -> None:
    call = floor.call("two", floor.agent_leg(1), floor.agent_leg(2), floor.customer_leg())
    refused = post(client, call, "whisper")
    assert (refused.status_code, refused.json()["code"]) == (409, "choose_agent")
    ben = floor.agents_leg(call, 2)
    post(client, call, "listen")
    floor.confirmed("listen")
    assert post(client, call, "whisper", {"participant": str(ben.pk)}).status_code in (200, 202)
    floor.confirmed("whisper")
    assert Supervision.objects.get(user=floor.user).target == ben.call_sid


# --- confirmations ----------------------------------------------------------------------------------------
def test_barge_says_what_will_happen_until_it_is_confirmed_with_true(
    floor: Floor, client: Client, call: Conference
) -> None:
    for body in ({}, {"confirm": False}):
        asked = post(client, call, "barge", body)
        assert asked.status_code == 409
        assert asked.json()["code"] == "confirm" and asked.json()["confirm"] is True
        assert "will hear you" in asked.json()["detail"]
    assert not Supervision.objects.exists() and not floor.requests()
    assert post(client, call, "barge", {"confirm": True}).status_code in (200, 202)


def test_end_needs_the_token_of_exactly_this_outcome(floor: Floor, client: Client, call: Conference) -> None:
    asked = post(client, call, "end").json()
    assert asked["code"] == "confirm" and "cut off at once" in asked["detail"]
    post(client, floor.leg(call, "customer"), "hold")
    again = post(client, call, "end", {"confirm": asked["confirm"]})
    assert again.status_code == 409 and again.json()["confirm"] != asked["confirm"]
    assert floor.truth(call)["status"] == "in-progress"
    done = post(client, call, "end", {"confirm": again.json()["confirm"]})
    assert done.status_code in (200, 202)
    floor.sandbox.wait_for(lambda: floor.truth(call)["status"] == "completed")


def test_remove_needs_its_token(floor: Floor, client: Client, call: Conference) -> None:
    agent = floor.leg(call, "agent")
    asked = post(client, agent, "remove").json()
    assert asked["code"] == "confirm"
    assert post(client, agent, "remove", {"confirm": "guessed"}).json()["code"] == "confirm"
    assert post(client, agent, "remove", {"confirm": asked["confirm"]}).status_code in (200, 202)


# --- repetition -------------------------------------------------------------------------------------------
def test_a_repeated_key_is_answered_alike_and_sends_nothing(
    floor: Floor, client: Client, call: Conference
) -> None:
    customer = floor.leg(call, "customer")
    first = post(client, customer, "hold", headers=keyed("k1"))
    sent = len(floor.requests())
    again = post(client, customer, "hold", headers=keyed("k1"))
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["intervention"]["id"] == first.json()["intervention"]["id"]
    assert len(floor.requests()) == sent and Intervention.objects.filter(verb="hold").count() == 1


def test_a_key_belongs_to_one_request_of_one_person(floor: Floor, client: Client, call: Conference) -> None:
    customer = floor.leg(call, "customer")
    post(client, customer, "hold", headers=keyed("k1"))
    for verb, body in (("hold", {"reason": "other"}), ("resume", {})):
        reused = post(client, customer, verb, body, headers=keyed("k1"))
        assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")
    rosa = signed_in(make_supervisor("rosa", teams=(make_team("Billing"),)))
    assert post(rosa, customer, "resume", headers=keyed("k1")).status_code == 200


def test_the_same_body_written_otherwise_is_the_same_request(
    floor: Floor, client: Client, call: Conference
) -> None:
    path = f"/api/v1/participants/{floor.leg(call, 'customer').pk}/identify/"
    bodies = ['{"role":"customer","reason":"x"}', '{ "reason": "x", "role": "customer" }']
    answers = [
        client.post(path, body, content_type="application/json", headers=keyed("k1")) for body in bodies
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({answer.json()["intervention"]["id"] for answer in answers}) == 1


# --- what the provider does -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "effect, status, code, state",
    [
        ("refuse", 422, "refused", "refused"),
        ("close", 504, "unknown", "unknown"),
        ("500", 504, "unknown", "unknown"),
        ("html_200", 504, "unknown", "unknown"),
    ],
)
def test_what_became_of_a_hold_has_its_own_status(
    effect: str, status: int, code: str, state: str, floor: Floor, client: Client, call: Conference
) -> None:
    floor.fault(operation="participant.update", effect=effect)
    answer = post(client, floor.leg(call, "customer"), "hold", headers=keyed("k1"))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer.json()["intervention"]["state"] == state
    assert answer.json()["conference"]["id"] == str(call.pk)
    if effect == "refuse":
        assert "Nothing was changed." in answer.json()["detail"]
        assert answer.json()["provider"]["code"]


def test_what_was_done_without_an_answer_is_unknown_first_and_confirmed_by_a_read(
    floor: Floor, client: Client, call: Conference
) -> None:
    floor.fault(operation="participant.update", effect="apply_no_answer")
    answer = post(client, floor.leg(call, "customer"), "hold")
    assert answer.status_code in (200, 504), "the read may be faster than the answer"
    intervention = Intervention.objects.get(pk=answer.json()["intervention"]["id"])
    floor.outcome(intervention, "confirmed")
    assert [outcome.state for outcome in intervention.outcomes.all()] == ["requested", "unknown", "confirmed"]


def test_a_provider_that_cannot_be_reached_is_502(floor: Floor, client: Client, call: Conference) -> None:
    customer = floor.leg(call, "customer")
    floor.account.api_url = "http://127.0.0.1:9"
    floor.account.save()
    answer = post(client, customer, "hold")
    assert (answer.status_code, answer.json()["code"]) == (502, "unreachable")
    assert answer.json()["detail"] == f"{floor.title} could not be reached; nothing was sent. Try again."


# --- who may ----------------------------------------------------------------------------------------------
def test_a_refused_attempt_is_answered_with_its_intervention(
    floor: Floor, client: Client, call: Conference
) -> None:
    customer = floor.leg(call, "customer")
    answer = post(client, customer, "resume")
    assert (answer.status_code, answer.json()["code"]) == (409, "already")
    assert answer.json()["detail"] == "Already not on hold."
    assert answer.json()["intervention"]["state"] == "refused"
    assert answer.json()["conference"]["id"] == str(call.pk)


def test_an_auditor_reads_and_does_not_act(floor: Floor, call: Conference) -> None:
    auditor = signed_in(make_user("auditor", group="Auditor"))
    answer = post(auditor, call, "listen")
    assert (answer.status_code, answer.json()["code"]) == (403, "auditor")


def test_another_team_finds_nothing_to_act_on(floor: Floor, call: Conference) -> None:
    stranger = signed_in(make_supervisor("ines", teams=(make_team("Returns"),)))
    for target, verb in ((call, "listen"), (floor.leg(call, "customer"), "hold")):
        assert post(stranger, target, verb).status_code == 404
    assert not Intervention.objects.exists()


def test_identify_names_an_agent_of_ones_teams(floor: Floor, client: Client) -> None:
    call = floor.call("unknown", floor.customer_leg(), floor.customer_leg(**{"from": "+442079460103"}))
    leg = Participant.objects.filter(conference=call)[0]
    answer = post(client, leg, "identify", {"role": "agent", "agent": str(floor.agents[0].pk)})
    assert answer.status_code == 200, answer.content
    leg.refresh_from_db()
    assert (leg.role, leg.agent, leg.certainty) == ("agent", floor.agents[0], "person")


def test_everybody_who_sees_a_call_may_ask_the_provider(floor: Floor, call: Conference) -> None:
    auditor = signed_in(make_user("auditor", group="Auditor"))
    assert post(auditor, call, "refresh").status_code == 200
