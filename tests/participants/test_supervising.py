"""A leg of a supervisor while things change around it: agents who drop, silent phones, runners that die."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from participants import leg_requests, mirror, modes, pools, supervising, sweep, wishes
from participants.access import Denial
from participants.events import LegEvent, Presence, Source, Stamp
from participants.models import Conference, LegRequest, Outcome, Participant, Supervision
from participants.modes import Act, Decision
from participants.services import command, monitoring
from participants.services.command import state_of
from participants.timing import TIMING
from tests.participants.floor import Floor, quicker, wait_for

State = Outcome.State
ON_THE_WIRE_S = 0.3  # from a callback to the mute at the provider
LONG_S = 8.0  # for what ends by itself; the machine may be busy


@pytest.fixture
def call(floor: Floor) -> Conference:
    return floor.call("supervised")


def listening(floor: Floor, call: Conference) -> Supervision:
    monitoring.listen(call, floor.asked())
    return floor.confirmed("listen", within_s=LONG_S)


def whispering(floor: Floor, call: Conference) -> Supervision:
    listening(floor, call)
    monitoring.whisper(call, floor.asked())
    return floor.confirmed("whisper", within_s=LONG_S)


def tell(floor: Floor, call: Conference, call_sid: str, **said: Any) -> float:
    """A callback about a leg has just come. Returns when (the sandbox's clock is the same)."""
    now = time.time()
    stamp = Stamp(source=Source.CALLBACK, occurred=now + 5)
    event = LegEvent(conference_sid=call.sid, call_sid=call_sid, stamp=stamp, **said)
    supervising.touched(floor.account, mirror.apply(floor.account, [event]))
    return now


def act(floor: Floor, call_sid: str | None, what: str, **body: Any) -> None:
    floor.sandbox.post(f"/_sandbox/legs/{call_sid}/{what}", body)


def eventually(condition: Callable[[], Any]) -> Any:
    return wait_for(condition, within_s=LONG_S, meanwhile=supervising.run_due)


def stay_of(floor: Floor) -> Supervision:
    return Supervision.objects.get(user=floor.user, ended_at=None)


def ended(floor: Floor, stay: Supervision) -> Supervision:
    return floor.ended(stay.pk, within_s=LONG_S)


def ours(floor: Floor, call: Conference) -> list[dict[str, Any]]:
    return [leg for leg in floor.truth(call)["legs"] if (leg["label"] or "").startswith("earshot-")]


# --- the agent goes away while being whispered to ---------------------------------------------------------
@pytest.mark.parametrize(
    ("what", "body", "said"),
    [
        ("hangup", {}, {"presence": Presence.LEFT}),
        ("set", {"hold": True}, {"presence": Presence.IN, "hold": True}),
    ],
)
def test_a_coach_whose_agent_goes_is_muted_at_once_and_listens(
    floor: Floor, call: Conference, what: str, body: dict[str, Any], said: dict[str, Any]
) -> None:
    floor.sandbox.post("/_sandbox/switches", {"coach_without_target": "everyone"})
    whispering(floor, call)
    agent = floor.leg(call, "agent").call_sid
    act(floor, agent, what, **body)
    told = tell(floor, call, agent, **said)
    mute = wait_for(lambda: [row for row in floor.updates(Muted="true") if row["at"] > told], within_s=LONG_S)
    assert mute[0]["at"] - told < ON_THE_WIRE_S
    stay = eventually(lambda: Supervision.objects.filter(wanted="listen", confirmed="listen").first())
    assert stay.lapsed == ("agent_left" if what == "hangup" else "agent_on_hold")
    assert len(floor.updates(Muted="false")) == 1, "nothing opens again by itself"


def test_an_agent_who_is_replaced_is_not_whispered_to_by_chance(floor: Floor, call: Conference) -> None:
    whispering(floor, call)
    agent = floor.leg(call, "agent").call_sid
    new = floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/legs", floor.agent_leg(2))["call_sid"]
    act(floor, agent, "hangup")
    floor.sweep_again(call)
    stay = eventually(
        lambda: Supervision.objects.filter(wanted="listen", confirmed="listen", armed=True).first()
    )
    eventually(lambda: floor.true_leg(call, stay.call_sid)["call_sid_to_coach"] == new)
    assert floor.true_leg(call, stay.call_sid)["muted"]
    assert len(floor.updates(Muted="false")) == 1


def test_with_two_agents_somebody_has_to_be_chosen(floor: Floor) -> None:
    call = floor.call("two", floor.agent_leg(1), floor.agent_leg(2), floor.customer_leg())
    listening(floor, call)
    with pytest.raises(Denial, match="choose_agent"):
        monitoring.whisper(call, floor.asked())
    for number in (1, 2):
        chosen = floor.agents_leg(call, number)
        monitoring.whisper(call, floor.asked(), participant=chosen)
        eventually(
            lambda sid=chosen.call_sid: stay_of(floor).confirmed == "whisper" and stay_of(floor).target == sid
        )
        hears = floor.truth(call)["hears"]
        own = stay_of(floor).call_sid
        assert [sid for sid, speakers in hears.items() if own in speakers] == [chosen.call_sid]


def test_a_whisper_to_another_is_confirmed_by_that_one_s_hearing_alone(floor: Floor) -> None:
    call = floor.call("two", floor.agent_leg(1), floor.agent_leg(2), floor.customer_leg())
    stay = listening(floor, call)
    first, second = (floor.agents_leg(call, number) for number in (1, 2))
    monitoring.whisper(call, floor.asked(), participant=first)
    floor.confirmed("whisper", within_s=LONG_S)
    floor.fault(operation="participant.update", params={"Muted": "true"}, effect="429")
    intervention = command.open_for(floor.asked(), "whisper", call)[0]
    wishes.wish(stay.pk, mode="whisper", intervention=intervention, target=second.call_sid)
    assert stay_of(floor).confirmed is None
    eventually(lambda: state_of(intervention) in command.FINAL)
    assert (state_of(intervention), stay_of(floor).confirmed) == (State.CONFIRMED, "whisper")
    assert floor.true_leg(call, stay.call_sid)["call_sid_to_coach"] == second.call_sid
    heard = floor.audibility(call, stay.call_sid or "", second.call_sid)
    assert floor.truth(call)["hears"][second.call_sid].count(stay.call_sid) == 1
    confirmed = intervention.outcomes.get(state=State.CONFIRMED)
    assert heard[0]["from"] <= confirmed.evidence["read"]


def test_it_arms_within_a_second_of_an_agent_s_coming(floor: Floor) -> None:
    call = floor.call("early", floor.customer_leg(), floor.customer_leg(**{"from": "+442079460103"}))
    stay = listening(floor, call)
    assert not floor.true_leg(call, stay.call_sid)["coaching"]
    new = floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/legs", floor.agent_leg(1))["call_sid"]
    told = tell(floor, call, new, presence=Presence.IN, label="agent-1", hold=False)
    armed = wait_for(lambda: floor.updates(CallSidToCoach=new), within_s=LONG_S)
    assert armed[0]["at"] - told < 1.0
    assert armed[0]["params"]["Muted"] == "true", "a request that arms always carries the mute"


def test_an_agent_who_drops_from_a_barge_changes_nothing(floor: Floor, call: Conference) -> None:
    listening(floor, call)
    monitoring.barge(call, floor.asked(confirm=True))
    stay = floor.confirmed("barge", within_s=LONG_S)
    act(floor, floor.leg(call, "agent").call_sid, "hangup")
    floor.sweep_again(call)
    eventually(pools.idle)
    stay.refresh_from_db()
    assert (stay.wanted, stay.confirmed) == ("barge", "barge")
    assert not floor.true_leg(call, stay.call_sid)["muted"]


def test_a_line_that_somebody_else_opens_is_muted(floor: Floor, call: Conference) -> None:
    stay = listening(floor, call)
    act(floor, stay.call_sid, "set", muted=False, coaching=False)
    told = tell(floor, call, stay.call_sid or "", presence=Presence.IN, muted=False, coaching=False)
    mute = wait_for(lambda: [row for row in floor.updates(Muted="true") if row["at"] > told], within_s=LONG_S)
    assert mute[0]["at"] - told < ON_THE_WIRE_S
    eventually(lambda: floor.true_leg(call, stay.call_sid)["muted"])


# --- the phone --------------------------------------------------------------------------------------------
def test_who_hangs_up_their_phone_has_left(
    floor: Floor, call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker(monkeypatch, modes, read_listening=0.5)
    stay = listening(floor, call)
    act(floor, stay.call_sid, "hangup")
    supervising.run_due()
    assert ended(floor, stay).ended_why == "dropped"


@pytest.mark.parametrize(("mode", "why"), [("busy", "busy"), ("no-answer", "no_answer")])
def test_a_phone_that_is_not_answered_ends_the_stay(
    floor: Floor, call: Conference, mode: str, why: str
) -> None:
    floor.sandbox.post("/_sandbox/answering", {"mode": mode, "after_ms": 2000})
    intervention = monitoring.listen(call, floor.asked())
    stay = Supervision.objects.get()
    assert ended(floor, stay).ended_why == why
    floor.outcome(intervention, State.FAILED)
    assert not ours(floor, call)
    assert len(floor.dials()) == 1


def test_a_dial_whose_answer_was_lost_is_found_by_its_label(floor: Floor, call: Conference) -> None:
    floor.fault(operation="participant.create", effect="apply_no_answer")
    stay = listening(floor, call)
    assert len(floor.dials()) == 1
    assert [leg["call_sid"] for leg in ours(floor, call)] == [stay.call_sid]


def test_a_dial_that_nobody_can_coach_is_repeated_without_and_under_another_label(
    floor: Floor, call: Conference
) -> None:
    agent = floor.leg(call, "agent")
    act(floor, agent.call_sid, "set", hold=True)
    stay = listening(floor, call)
    first, second = floor.dials()
    assert first["params"]["CallSidToCoach"] == agent.call_sid
    assert "Coaching" not in second["params"]
    assert first["params"]["Label"] != second["params"]["Label"]
    assert second["params"]["Muted"] == "true"
    assert len(ours(floor, call)) == 1
    assert not stay.armed


def test_a_leg_that_joins_after_it_was_given_up_is_removed(
    floor: Floor, call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker(monkeypatch, modes, ring=1.0, ring_grace=0.5)
    late_ms = 5 / 0.05 * 1000
    floor.fault(operation="participant.create", effect="apply_late", after_ms=late_ms)
    monitoring.listen(call, floor.asked())
    assert ended(floor, Supervision.objects.get()).ended_why == "not_found"
    wait_for(lambda: ours(floor, call), within_s=LONG_S)
    sweep.look_for_lost_dials(floor.account)
    wait_for(lambda: not ours(floor, call), within_s=LONG_S)
    assert len(floor.dials()) == 1

    def mirrored_as_gone() -> bool:
        sweep.read_due(floor.account)
        return not Participant.objects.filter(role="supervisor", left_at=None).exists()

    wait_for(mirrored_as_gone, within_s=LONG_S)


# --- who may no longer, or has nobody to listen to --------------------------------------------------------
def test_who_loses_the_right_is_taken_off(floor: Floor, call: Conference) -> None:
    stay = listening(floor, call)
    floor.user.groups.clear()
    wishes.end_unentitled()
    assert ended(floor, stay).ended_why == "right_revoked"
    eventually(lambda: not ours(floor, call))


def test_when_only_supervisors_are_left_they_are_taken_off(
    floor: Floor, call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker(monkeypatch, modes, only_supervisors=0.5)
    stay = listening(floor, call)
    for role in ("agent", "customer"):
        act(floor, floor.leg(call, role).call_sid, "hangup")
    floor.sweep_again(call)
    assert ended(floor, stay).ended_why == "only_supervisors"
    eventually(lambda: floor.truth(call)["status"] == "completed")


def test_the_end_of_the_call_ends_the_stay(floor: Floor, call: Conference) -> None:
    stay = listening(floor, call)
    floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    floor.sweep()
    assert ended(floor, stay).ended_why == "conference_ended"


# --- wishes -----------------------------------------------------------------------------------------------
def test_to_listen_to_another_call_one_leaves_this_one_first(floor: Floor, call: Conference) -> None:
    other = floor.call("other", floor.agent_leg(2), floor.customer_leg())
    first = listening(floor, call)
    moving = monitoring.listen(other, floor.asked())
    assert ended(floor, first).ended_why == "left"
    stay = eventually(lambda: Supervision.objects.filter(conference=other, confirmed="listen").first())
    floor.outcome(moving, State.CONFIRMED)
    assert not ours(floor, call)
    assert [leg["call_sid"] for leg in ours(floor, other)] == [stay.call_sid]


def test_a_newer_wish_replaces_the_older_one(floor: Floor, call: Conference) -> None:
    stay = listening(floor, call)
    floor.fault(operation="participant.update", params={"Muted": "false"}, effect="slow", after_ms=24_000)
    whisper = command.open_for(floor.asked(), "whisper", call)[0]
    agent = floor.leg(call, "agent").call_sid
    wishes.wish(stay.pk, mode="whisper", intervention=whisper, target=agent)
    listen = monitoring.listen(call, floor.asked())
    newest = whisper.outcomes.order_by("-position")[0]
    assert (newest.state, newest.detail) == (State.FAILED, "replaced")
    floor.outcome(listen, State.CONFIRMED, within_s=LONG_S)
    assert floor.true_leg(call, stay_of(floor).call_sid)["muted"]


def test_an_opening_of_an_older_wish_is_not_sent_any_more(floor: Floor, call: Conference) -> None:
    stay = listening(floor, call)
    agent = floor.leg(call, "agent").call_sid
    opening = Decision(act=Act.UPDATE, muted=False, coaching=True, target=agent)
    request = leg_requests.prepare(stay, opening)
    assert request is not None
    monitoring.listen(call, floor.asked())
    leg_requests.send(request)
    request.refresh_from_db()
    assert request.outcome == LegRequest.Outcome.NOT_SENT
    assert not floor.updates(Muted="false")


# --- runners ----------------------------------------------------------------------------------------------
def waiting_to_be_dialled(floor: Floor, call: Conference) -> Supervision:
    now = timezone.now()
    return Supervision.objects.create(
        user=floor.user,
        conference=call,
        team=call.team,
        address="client:supervisor",
        wanted="listen",
        wanted_at=now,
        intervention=command.open_for(floor.asked(), "listen", call)[0],
        since=now,
    )


def test_two_runners_send_one_request(floor: Floor, call: Conference) -> None:
    """Both see a stay whose phone is to be rung."""
    stay = waiting_to_be_dialled(floor, call)
    together = threading.Barrier(2)

    def run() -> None:
        try:
            together.wait()
            supervising.step(stay.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(floor.dials()) == 1
    Supervision.objects.filter(pk=stay.pk).update(next_step_at=timezone.now())
    floor.confirmed("listen", within_s=LONG_S)


def test_somebody_else_s_lease_is_waited_for_but_not_by_a_mute(
    floor: Floor, call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = listening(floor, call)
    eventually(pools.idle)
    monkeypatch.setattr(supervising, "TIMING", replace(TIMING, lease=600))
    far = timezone.now() + timedelta(seconds=590)
    Supervision.objects.filter(pk=stay.pk).update(lease_owner="another", lease_until=far)
    before = len(floor.requests())
    assert not supervising.step(stay.pk)
    assert len(floor.requests()) == before
    act(floor, stay.call_sid, "set", muted=False, coaching=False)
    tell(floor, call, stay.call_sid or "", presence=Presence.IN, muted=False, coaching=False)
    eventually(lambda: floor.true_leg(call, stay.call_sid)["muted"])


def test_a_runner_that_died_leaves_an_unknown_request_which_taints_the_line(
    floor: Floor, call: Conference
) -> None:
    stay = listening(floor, call)
    eventually(pools.idle)
    agent = floor.leg(call, "agent").call_sid
    long_ago = timezone.now() - timedelta(seconds=2 * TIMING.lease)
    request = LegRequest.objects.create(
        supervision=stay,
        verb="update",
        wish=stay.wish,
        muted=False,
        coaching=True,
        target=agent,
        sent_at=long_ago,
    )
    Supervision.objects.filter(pk=stay.pk).update(next_step_at=timezone.now())
    assert ended(floor, stay).ended_why == "tainted"
    request.refresh_from_db()
    assert request.outcome == LegRequest.Outcome.UNKNOWN
    eventually(lambda: not ours(floor, call))


def test_after_a_restart_a_dial_without_an_answer_is_looked_up(floor: Floor, call: Conference) -> None:
    """The request was sent, its process died, and its lease has run out."""
    stay = waiting_to_be_dialled(floor, call)
    request = leg_requests.prepare(stay, Decision(act=Act.CREATE, muted=True))
    assert request is not None
    leg_requests._call(stay, request)
    died = timezone.now() - timedelta(seconds=TIMING.lease + 0.1)
    LegRequest.objects.filter(pk=request.pk).update(sent_at=died)
    Supervision.objects.filter(pk=stay.pk).update(
        dialled_at=died, lease_owner="dead", lease_until=timezone.now(), next_step_at=timezone.now()
    )
    found = floor.confirmed("listen", within_s=LONG_S)
    assert [leg["call_sid"] for leg in ours(floor, call)] == [found.call_sid]
    assert len(floor.dials()) == 1


def test_a_worker_alone_drives_what_the_server_began(floor: Floor, call: Conference) -> None:
    stay = listening(floor, call)
    Supervision.objects.filter(pk=stay.pk).update(next_step_at=timezone.now())
    assert supervising.run_due() == 1
    sweep.sweep(floor.account)
    assert stay_of(floor).pk == stay.pk
