"""Listen, whisper, barge, step back, leave: against the sandbox over HTTP."""

from typing import Any

from django.contrib.auth.signals import user_logged_out

from participants.models import Outcome
from participants.services import monitoring
from tests.participants.floor import Floor

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
    sent = [
        row["method"] for row in floor.sandbox.get("/_sandbox/requests?since=0") if row["method"] != "GET"
    ]
    assert sent[-1] == "DELETE"
    assert floor.requests()[-1]["params"] == {"Muted": "true"}
