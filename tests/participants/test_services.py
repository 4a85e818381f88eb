"""Commands on people and calls, over real HTTP: sent once, true at the end, harmless when repeated."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connections

from participants import pools, reading
from participants.access import Denial
from participants.models import Conference, Intervention, LegRequest, Outcome, Participant
from participants.services import VERBS, abandoned, conferences, legs, monitoring
from participants.services.abandoned import settle
from participants.services.command import FINAL, Asked, state_of
from participants.timing import TIMING
from tests.factories import make_intervention, make_supervisor
from tests.participants.floor import Floor, wait_for

State = Outcome.State
LONG_S = 8.0
FLAGS = {
    "mute": ("muted", True),
    "unmute": ("muted", False),
    "hold": ("hold", True),
    "resume": ("hold", False),
}


@pytest.fixture
def call(floor: Floor) -> Conference:
    return floor.call("commanded")


@pytest.fixture
def customer(floor: Floor, call: Conference) -> Participant:
    return floor.leg(call, "customer")


def confirming(act: Any, subject: Any, floor: Floor, **more: Any) -> Intervention:
    """The command with the confirmation that its first answer asked for."""
    with pytest.raises(Denial) as asks:
        act(subject, floor.asked(), **more)
    assert asks.value.code == "confirm"
    return act(subject, floor.asked(confirm=asks.value.confirm), **more)


def there(floor: Floor, call: Conference) -> set[str]:
    return {leg["call_sid"] for leg in floor.truth(call)["legs"]}


def undone(floor: Floor, verb: str, leg: Participant) -> None:
    """At the provider and in the mirror, the opposite of what the verb will do."""
    flag, value = FLAGS[verb]
    floor.sandbox.post(f"/_sandbox/legs/{leg.call_sid}/set", {flag: not value})
    reading.leg(leg.conference, leg.call_sid)
    leg.refresh_from_db()


# --- mute, unmute, hold, resume ---------------------------------------------------------------------------
@pytest.mark.parametrize("verb", FLAGS)
def test_it_sets_a_flag_once_and_is_confirmed_by_what_it_sees(
    floor: Floor, call: Conference, customer: Participant, verb: str
) -> None:
    undone(floor, verb, customer)
    flag, value = FLAGS[verb]
    intervention = VERBS[verb][0](customer, floor.asked(reason="asked to"))
    floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)
    assert floor.true_leg(call, customer.call_sid)[flag] is value
    customer.refresh_from_db()
    assert getattr(customer, flag) is value
    names = {"muted": "Muted", "hold": "Hold"}
    assert [row["params"] for row in floor.updates(customer.call_sid)] == [{names[flag]: str(value).lower()}]
    assert [outcome.state for outcome in intervention.outcomes.all()] == [
        "requested",
        "accepted",
        "confirmed",
    ]
    assert (intervention.reason, intervention.participant, intervention.user) == (
        "asked to",
        customer,
        floor.user,
    )


@pytest.mark.parametrize(
    ("verb", "effect", "state"),
    [
        ("hold", "refuse", State.REFUSED),
        ("hold", "429", State.REFUSED),
        ("hold", "500", State.UNKNOWN),
        ("hold", "close", State.UNKNOWN),
        ("hold", "html_200", State.UNKNOWN),
        ("hold", "answer_not_apply", State.CONTRADICTED),
        ("hold", "apply_no_answer", State.CONFIRMED),
        ("hold", "apply_late", State.CONFIRMED),
        ("resume", "refuse", State.REFUSED),
        ("resume", "answer_not_apply", State.CONTRADICTED),
        ("unmute", "apply_no_answer", State.CONFIRMED),
        ("unmute", "close", State.UNKNOWN),
        ("mute", "500", State.CONFIRMED),
        ("mute", "close", State.CONFIRMED),
        ("mute", "answer_not_apply", State.CONFIRMED),
    ],
)
def test_what_became_of_a_command_that_went_wrong_is_true(
    floor: Floor, call: Conference, customer: Participant, verb: str, effect: str, state: str
) -> None:
    """Nothing is sent twice but what silences: that is repeated until it shows."""
    undone(floor, verb, customer)
    flag, value = FLAGS[verb]
    floor.fault(operation="participant.update", effect=effect, call_sid=customer.call_sid)
    intervention = VERBS[verb][0](customer, floor.asked())
    wait_for(lambda: state_of(intervention) in FINAL or is_over(intervention), within_s=LONG_S)
    assert state_of(intervention) == state
    assert floor.true_leg(call, customer.call_sid)[flag] is (value if state == State.CONFIRMED else not value)
    if verb != "mute":
        assert len(floor.updates(customer.call_sid)) == 1


def test_a_mute_that_is_repeated_ends_when_somebody_unmutes(
    floor: Floor, call: Conference, customer: Participant
) -> None:
    """Else it would undo the newer wish."""
    floor.fault(operation="participant.fetch", effect="500", call_sid=customer.call_sid, times=8)
    muting = VERBS["mute"][0](customer, floor.asked())
    wait_for(lambda: Participant.objects.get(pk=customer.pk).muted)
    unmuting = VERBS["unmute"][0](Participant.objects.get(pk=customer.pk), floor.asked())
    floor.outcome(muting, State.FAILED, within_s=LONG_S)
    assert muting.outcomes.order_by("-position")[0].detail == "replaced"
    wait_for(lambda: state_of(unmuting) in FINAL or is_over(unmuting), within_s=LONG_S)
    sent = [row["params"]["Muted"] for row in floor.updates(customer.call_sid)]
    assert "true" not in sent[sent.index("false") :]
    assert floor.true_leg(call, customer.call_sid)["muted"] is False


def is_over(intervention: Intervention) -> bool:
    """Unknown, and nobody looks for it any more."""
    return state_of(intervention) == State.UNKNOWN and pools.idle()


def test_a_refusal_keeps_the_provider_s_words(floor: Floor, call: Conference, customer: Participant) -> None:
    floor.fault(operation="participant.update", effect="refuse")
    intervention = legs.hold(customer, floor.asked())
    refused = floor.outcome(intervention, State.REFUSED, within_s=LONG_S)
    assert refused.code
    assert refused.message


def test_whoever_left_meanwhile_cannot_be_held(floor: Floor, call: Conference, customer: Participant) -> None:
    floor.sandbox.post(f"/_sandbox/legs/{customer.call_sid}/hangup")
    intervention = legs.hold(customer, floor.asked())
    assert floor.outcome(intervention, State.FAILED, within_s=LONG_S).detail == "gone"


# --- an agent who is being whispered to -------------------------------------------------------------------
@pytest.mark.parametrize("verb", ["hold", "remove"])
def test_who_whispers_to_an_agent_is_silenced_before_the_agent_goes(
    floor: Floor, call: Conference, verb: str
) -> None:
    floor.sandbox.post("/_sandbox/switches", {"coach_without_target": "everyone"})
    monitoring.whisper(call, floor.asked())
    stay = floor.confirmed("whisper", within_s=LONG_S)
    agent, customer = floor.leg(call, "agent"), floor.leg(call, "customer")
    if verb == "hold":
        intervention = legs.hold(agent, floor.asked())
    else:
        intervention = confirming(legs.remove, agent, floor)
    floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)
    rows = sorted([*floor.requests(), *floor.requests("DELETE")], key=lambda row: row["at"])
    sent = [(row["method"], row["place"][-1], row["params"]) for row in rows]
    mute = sent.index(("POST", stay.call_sid, {"Muted": "true"}))
    away = ("POST", agent.call_sid, {"Hold": "true"}) if verb == "hold" else ("DELETE", agent.call_sid, {})
    assert mute < sent.index(away)
    assert floor.audibility(call, stay.call_sid or "", customer.call_sid) == []


# --- remove and end ---------------------------------------------------------------------------------------
def test_it_takes_somebody_off_after_asking(floor: Floor, call: Conference) -> None:
    agent = floor.leg(call, "agent")
    intervention = confirming(legs.remove, agent, floor)
    floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)
    assert agent.call_sid not in there(floor, call)
    agent.refresh_from_db()
    assert agent.left_at is not None


def test_who_is_gone_already_has_been_removed(floor: Floor, call: Conference) -> None:
    agent = floor.leg(call, "agent")
    with pytest.raises(Denial) as asks:
        legs.remove(agent, floor.asked())
    floor.sandbox.post(f"/_sandbox/legs/{agent.call_sid}/hangup")
    intervention = legs.remove(agent, floor.asked(confirm=asks.value.confirm))
    floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)


def test_a_removal_is_repeated_until_it_shows(floor: Floor, call: Conference) -> None:
    agent = floor.leg(call, "agent")
    floor.fault(operation="participant.delete", effect="500", times=2)
    floor.outcome(confirming(legs.remove, agent, floor), State.CONFIRMED, within_s=LONG_S)
    assert agent.call_sid not in there(floor, call)


def test_it_ends_a_call_for_everyone(floor: Floor, call: Conference) -> None:
    intervention = confirming(conferences.end, call, floor)
    floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)
    assert floor.truth(call)["status"] == "completed"
    call.refresh_from_db()
    assert (call.status, call.reason_ended) == ("completed", "conference-ended-via-api")


def test_a_room_that_has_not_begun_is_ended_by_taking_everybody_off(floor: Floor) -> None:
    call = floor.call("waiting", floor.customer_leg(start_conference_on_enter=False))
    assert call.status == "init"
    intervention = confirming(conferences.end, call, floor)
    floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)
    assert floor.truth(call)["status"] == "completed"
    assert len(floor.requests("DELETE")) == 1


def test_it_asks_anew_when_the_outcome_has_changed(
    floor: Floor, call: Conference, customer: Participant
) -> None:
    with pytest.raises(Denial) as first:
        conferences.end(call, floor.asked())
    undone(floor, "resume", customer)
    with pytest.raises(Denial) as second:
        conferences.end(call, floor.asked(confirm=first.value.confirm))
    assert second.value.code == "confirm"
    assert "on hold" in second.value.detail
    assert second.value.confirm != first.value.confirm
    assert floor.truth(call)["status"] == "in-progress"
    floor.outcome(
        conferences.end(call, floor.asked(confirm=second.value.confirm)), State.CONFIRMED, within_s=LONG_S
    )


@pytest.mark.parametrize("token", [None, True, "", "0" * 64, "größer"])
def test_no_other_token_is_a_confirmation(floor: Floor, call: Conference, token: Any) -> None:
    with pytest.raises(Denial, match="confirm"):
        conferences.end(call, floor.asked(confirm=token))
    assert not Intervention.objects.exists()


def test_a_token_belongs_to_its_person(floor: Floor, call: Conference) -> None:
    other = make_supervisor("other", teams=(call.team,) if call.team else ())
    with pytest.raises(Denial) as asks:
        conferences.end(call, floor.asked())
    with pytest.raises(Denial, match="confirm"):
        conferences.end(call, Asked(by=other, confirm=asks.value.confirm))


def test_barge_asks_who_will_hear(floor: Floor, call: Conference) -> None:
    with pytest.raises(Denial) as asks:
        monitoring.barge(call, floor.asked())
    assert asks.value.confirm is True
    assert "Agent 1" in asks.value.detail
    assert not LegRequest.objects.exists()


# --- refresh, identify ------------------------------------------------------------------------------------
def test_refresh_finds_what_nobody_told_of(floor: Floor, call: Conference, customer: Participant) -> None:
    floor.sandbox.post(f"/_sandbox/legs/{customer.call_sid}/set", {"hold": True})
    floor.outcome(conferences.refresh(call, floor.asked()), State.CONFIRMED, within_s=LONG_S)
    customer.refresh_from_db()
    assert customer.hold is True
    assert not floor.requests(), "it changes nothing at the provider"


def test_a_person_says_who_somebody_is(floor: Floor, call: Conference, customer: Participant) -> None:
    intervention = legs.identify(customer, floor.asked(), role="agent", agent=floor.agents[1])
    assert state_of(intervention) == State.CONFIRMED
    customer.refresh_from_db()
    assert (customer.role, customer.agent, customer.certainty) == ("agent", floor.agents[1], "person")
    assert intervention.parameters == {"role": "agent", "agent": floor.agents[1].pk}
    reading.roster(call)
    customer.refresh_from_db()
    assert customer.role == "agent"


# --- the same command again -------------------------------------------------------------------------------
def test_a_key_makes_a_repetition_harmless(floor: Floor, call: Conference, customer: Participant) -> None:
    first = legs.hold(customer, floor.asked(key="k", fingerprint="f"))
    floor.outcome(first, State.CONFIRMED, within_s=LONG_S)
    assert legs.hold(customer, floor.asked(key="k", fingerprint="f")) == first
    assert len(floor.updates(customer.call_sid)) == 1


def test_a_repetition_while_it_is_under_way_is_refused(
    floor: Floor, call: Conference, customer: Participant
) -> None:
    make_intervention(floor.user, call, "hold", "accepted", key="k", fingerprint="f", participant=customer)
    with pytest.raises(Denial, match="in_progress"):
        legs.hold(customer, floor.asked(key="k", fingerprint="f"))
    assert not floor.updates(customer.call_sid)


def test_a_key_is_for_one_request(floor: Floor, call: Conference, customer: Participant) -> None:
    floor.outcome(
        legs.hold(customer, floor.asked(key="k", fingerprint="f")), State.CONFIRMED, within_s=LONG_S
    )
    with pytest.raises(Denial, match="key_reused"):
        legs.mute(customer, floor.asked(key="k", fingerprint="g"))
    assert len(floor.updates(customer.call_sid)) == 1


def test_a_key_belongs_to_its_person(floor: Floor, call: Conference, customer: Participant) -> None:
    other = make_supervisor("other", teams=(call.team,) if call.team else ())
    floor.outcome(
        legs.hold(customer, floor.asked(key="k", fingerprint="f")), State.CONFIRMED, within_s=LONG_S
    )
    customer.refresh_from_db()
    second = legs.resume(customer, Asked(by=other, key="k", fingerprint="g"))
    floor.outcome(second, State.CONFIRMED, within_s=LONG_S)


@pytest.mark.parametrize("round_", range(3))
def test_two_clicks_at_one_instant_are_one_command(
    floor: Floor, call: Conference, customer: Participant, round_: int
) -> None:
    together, answers = threading.Barrier(2), []

    def click() -> None:
        try:
            leg = Participant.objects.select_related("conference__account").get(pk=customer.pk)
            together.wait()
            answers.append(legs.hold(leg, floor.asked(key="k", fingerprint="f")).pk)
        except Denial as denial:
            answers.append(denial.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    only = Intervention.objects.get(key="k")
    assert set(answers) <= {only.pk, "in_progress"}
    floor.outcome(only, State.CONFIRMED, within_s=LONG_S)
    assert len(floor.updates(customer.call_sid)) == 1


def test_two_clicks_on_listen_ring_one_phone(floor: Floor, call: Conference) -> None:
    together = threading.Barrier(2)

    def click() -> None:
        try:
            together.wait()
            monitoring.listen(call, floor.asked())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    floor.confirmed("listen", within_s=LONG_S)
    assert len(floor.dials()) == 1
    wait_for(lambda: {state_of(one) for one in Intervention.objects.all()} <= FINAL, within_s=LONG_S)


# --- refused attempts -------------------------------------------------------------------------------------
def test_a_refused_attempt_is_recorded(floor: Floor, call: Conference, customer: Participant) -> None:
    floor.user.groups.clear()
    floor.user.user_permissions.set(Permission.objects.filter(codename="listen"))
    person = type(floor.user).objects.get(pk=floor.user.pk)
    with pytest.raises(Denial) as denied:
        legs.hold(customer, Asked(by=person, reason="just so", key="k", fingerprint="f"))
    assert denied.value.status == 403
    attempt = Intervention.objects.get()
    assert denied.value.intervention == attempt
    assert (attempt.user, attempt.verb, attempt.participant, attempt.reason) == (
        person,
        "hold",
        customer,
        "just so",
    )
    assert state_of(attempt) == State.REFUSED
    assert attempt.outcomes.order_by("-position")[0].detail == "not_allowed"
    assert attempt.key is None, "the same request may be tried again later"
    assert not floor.updates(customer.call_sid)


def test_a_command_whose_process_died_is_unknown(
    floor: Floor, call: Conference, customer: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = make_intervention(floor.user, call, "hold", participant=customer)
    make_intervention(floor.user, call, "hold", "accepted", "confirmed", participant=customer)
    assert settle() == 0, "it may still be under way"
    monkeypatch.setattr(abandoned, "TIMING", replace(TIMING, request=0.0, fact_deadline=0.0))
    assert settle() == 1
    assert state_of(left) == State.UNKNOWN
    assert settle() == 0


def test_nothing_of_this_touches_a_supervisor_s_leg(floor: Floor, call: Conference) -> None:
    monitoring.listen(call, floor.asked())
    floor.confirmed("listen", within_s=LONG_S)
    own = floor.leg(call, "supervisor")
    for verb in ("hold", "resume", "unmute"):
        with pytest.raises(Denial, match="use_modes"):
            VERBS[verb][0](own, floor.asked())
    assert [row for row in floor.updates(own.call_sid) if "Hold" in row["params"]] == []
