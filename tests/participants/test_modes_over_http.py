"""Listen, whisper, barge, step back, leave: against the sandbox over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_out

from console.strip import strip
from participants import modes, reading
from participants import stay as stay_module
from participants.access import Denial
from participants.models import Conference, Outcome, Supervision
from participants.services import legs, monitoring
from participants.services.command import Asked
from tests.factories import make_supervisor
from tests.participants.floor import Floor, quicker, wait_for

State = Outcome.State


def test_it_listens_armed_and_nobody_hears(floor: Floor) -> None:
    conference = floor.call("armed")
    intervention = monitoring.listen(conference, floor.asked())
    stay = floor.confirmed("listen")
    leg = floor.true_leg(conference, stay.call_sid)
    agent = floor.leg(conference, "agent").call_sid
    assert (leg["muted"], leg["coaching"], leg["call_sid_to_coach"]) == (True, True, agent)
    assert not leg["start_conference_on_enter"]
    assert not leg["end_conference_on_exit"]
    floor.outcome(intervention, State.CONFIRMED)
    assert floor.truth(conference)["hears"][agent] == [floor.leg(conference, "customer").call_sid]


def test_a_whole_story_is_heard_by_those_who_were_meant(floor: Floor) -> None:
    conference = floor.call("story")
    agent, customer = floor.leg(conference, "agent").call_sid, floor.leg(conference, "customer").call_sid
    monitoring.listen(conference, floor.asked())
    own = floor.confirmed("listen").call_sid or ""
    whispered = monitoring.whisper(conference, floor.asked())
    floor.outcome(whispered, State.CONFIRMED)
    assert own in floor.truth(conference)["hears"][agent]
    assert own not in floor.truth(conference)["hears"][customer]
    monitoring.barge(conference, floor.asked(confirm=True))
    floor.confirmed("barge")
    assert own in floor.truth(conference)["hears"][customer]
    monitoring.whisper(conference, floor.asked())
    floor.confirmed("whisper")
    assert own not in floor.truth(conference)["hears"][customer]
    monitoring.listen(conference, floor.asked())
    floor.confirmed("listen")
    left = monitoring.leave(conference, floor.asked())
    floor.outcome(left, State.CONFIRMED)
    heard = floor.audibility(conference, own, customer)
    assert len(heard) == 1, "the customer heard the supervisor once: while barging"


def test_requests_of_the_story_are_those_of_the_table(floor: Floor) -> None:
    conference = floor.call("table")
    agent = floor.leg(conference, "agent").call_sid
    since = len(floor.requests())
    monitoring.listen(conference, floor.asked())
    floor.confirmed("listen")
    monitoring.whisper(conference, floor.asked())
    floor.confirmed("whisper")
    monitoring.barge(conference, floor.asked(confirm=True))
    floor.confirmed("barge")
    monitoring.listen(conference, floor.asked())
    floor.confirmed("listen")
    sent = [_flags(row["params"]) for row in floor.requests()[since:]]
    armed = {"Muted": "true", "Coaching": "true", "CallSidToCoach": agent}
    assert sent[:4] == [
        armed,
        {"Muted": "false", "Coaching": "true", "CallSidToCoach": agent},
        {"Muted": "false", "Coaching": "false"},
        {"Muted": "true"},
    ]


def _flags(params: dict[str, Any]) -> dict[str, Any]:
    return {name: params[name] for name in ("Muted", "Coaching", "CallSidToCoach") if name in params}


def test_who_signs_out_is_silenced_and_leaves(floor: Floor) -> None:
    conference = floor.call("sign-out")
    monitoring.whisper(conference, floor.asked())
    stay = floor.confirmed("whisper")
    user_logged_out.send(sender=None, request=None, user=floor.user)
    assert floor.ended(stay.pk).ended_why == "signed_out"
    assert floor.requests("DELETE")
    assert floor.requests()[-1]["params"] == {"Muted": "true"}


def test_who_was_taken_off_by_another_is_told_by_whom(floor: Floor) -> None:
    conference = floor.call("taken-off")
    monitoring.listen(conference, floor.asked())
    stay = floor.confirmed("listen")
    lead = make_supervisor("lead", teams=(conference.team,), group="Lead", full_name="Maria Lindner")
    leg = floor.leg(conference, "supervisor")
    with pytest.raises(Denial) as asks:
        legs.remove(leg, Asked(by=lead))
    assert asks.value.detail == "Take Sam Whitfield off the call? The call goes on."
    legs.remove(leg, Asked(by=lead, confirm=asks.value.confirm))
    ended = floor.ended(stay.pk)
    assert (ended.ended_why, ended.ended_detail) == ("removed", "Maria Lindner")
    assert strip(floor.user)["subline"] == "By Maria Lindner."


def test_a_flag_that_changed_when_the_leg_joined_is_said(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = floor.call("changed")
    agent = floor.leg(conference, "agent")
    floor.sandbox.post("/_sandbox/answering", {"mode": "manual"})
    monkeypatch.setattr(monitoring, "wait", lambda intervention: intervention)
    monitoring.listen(conference, floor.asked())
    own = wait_for(lambda: floor.stay().call_sid)
    floor.sandbox.post(f"/_sandbox/legs/{agent.call_sid}/set", {"muted": True})
    reading.leg(conference, agent.call_sid)
    floor.sandbox.post(f"/_sandbox/legs/{own}/answer", {})
    stay = floor.confirmed("listen")
    assert stay.flags_changed == [agent.call_sid]
    assert "Agent 1 is not as before you joined" in strip(floor.user)["subline"]


def test_an_observation_that_grows_old_is_published(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    quicker(monkeypatch, stay_module, observation_valid=2.0)
    quicker(monkeypatch, modes, read_listening=0.5)
    conference = floor.call("old")
    monitoring.listen(conference, floor.asked())
    stay = floor.confirmed("listen")
    floor.sandbox.post("/_sandbox/faults", {"api_error_rate": 1.0})
    wait_for(supervised_again(floor, stay.pk, "unknown"))
    version = Conference.objects.get(pk=conference.pk).version
    floor.sandbox.post("/_sandbox/faults", {"api_error_rate": None})
    wait_for(supervised_again(floor, stay.pk, "nobody"))
    assert Conference.objects.get(pk=conference.pk).version > version


def supervised_again(floor: Floor, pk: Any, audience: str) -> Callable[[], bool]:
    def reached() -> bool:
        floor.confirmed_now("listen")
        return Supervision.objects.get(pk=pk).audience == audience

    return reached


def slow(
    floor: Floor,
    conference: Conference,
    verb: str,
    monkeypatch: pytest.MonkeyPatch,
    meanwhile: Callable[[], Any],
) -> Any:
    """This wish is recorded; `meanwhile` happens; only then it is carried out."""
    carry_out = monitoring._start_or_change

    def after_all_else(*arguments: Any) -> None:
        monkeypatch.setattr(monitoring, "_start_or_change", carry_out)
        meanwhile()
        carry_out(*arguments)

    monkeypatch.setattr(monitoring, "_start_or_change", after_all_else)
    return getattr(monitoring, verb)(conference, floor.asked(confirm=True))


@pytest.mark.parametrize("verb", ["whisper", "barge"])
def test_a_slow_wish_to_speak_opens_no_other_call(
    floor: Floor, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = floor.call("first"), floor.call("second")
    monitoring.listen(first, floor.asked())
    floor.confirmed("listen")

    def move() -> None:
        monitoring.listen(second, floor.asked())
        wait_for(lambda: floor.confirmed_now("listen") and floor.stay().conference_id == second.pk)

    late = slow(floor, first, verb, monkeypatch, move)
    floor.outcome(late, State.FAILED)
    assert floor.confirmed("listen").conference_id == second.pk
    assert floor.updates(Muted="false") == []


def test_who_clicked_listen_last_listens_whatever_is_carried_out_last(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = floor.call("two clicks")
    monitoring.listen(conference, floor.asked())
    floor.confirmed("listen")
    late = slow(floor, conference, "barge", monkeypatch, lambda: monitoring.listen(conference, floor.asked()))
    floor.outcome(late, State.FAILED)
    assert floor.confirmed("listen") and floor.updates(Muted="false") == []


def test_a_slow_wish_to_speak_calls_nobody_who_has_left(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    conference = floor.call("left")
    stay = monitoring.listen(conference, floor.asked()) and floor.confirmed("listen")

    def leave() -> None:
        monitoring.leave(conference, floor.asked())
        floor.ended(stay.pk)

    late = slow(floor, conference, "barge", monkeypatch, leave)
    floor.outcome(late, State.FAILED)
    assert len(floor.dials()) == 1
