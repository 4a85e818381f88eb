"""Every operation of every provider, against the sandbox over HTTP."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from participants.events import Presence, Source
from participants.providers import Gone, Refused
from tests.participants.providers.apis import AGENT, CUSTOMER, Api
from tests.participants.providers.asking import asked, dial
from tests.sandbox.process import Sandbox


# --- reading ----------------------------------------------------------------------------------------------
def test_it_lists_the_conferences_of_a_status(wire: Any, call: SimpleNamespace) -> None:
    before = time.time()
    (conference,) = wire.list_conferences("in-progress")
    assert (conference.conference_sid, conference.friendly_name) == (call.sid, "billing-1041")
    assert conference.status == "in-progress"
    assert conference.stamp.source is Source.READ
    assert before <= (conference.stamp.began or 0) <= time.time()
    assert abs((conference.stamp.occurred or 0) - time.time()) < 5, "the provider's clock: its Date header"
    assert wire.list_conferences("completed") == []


def test_it_follows_every_page_of_a_list(
    wire: Any, api: Api, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(wire), "page_sizes", dict.fromkeys(wire.page_sizes, 2))
    legs = [CUSTOMER, *({**AGENT, "label": f"agent-{n}"} for n in range(1, 5))]
    rooms = [
        sandbox.post("/_sandbox/conferences", {"provider": api.name, "callbacks": False, "legs": legs})
        for _ in range(5)
    ]
    assert {event.conference_sid for event in wire.list_conferences("in-progress")} == {
        room["sid"] for room in rooms
    }
    assert len(asked(sandbox, "GET")) == 3
    assert {event.call_sid for event in wire.list_participants(rooms[0]["sid"])} == {
        leg["call_sid"] for leg in rooms[0]["legs"]
    }


def test_it_reads_a_conference(wire: Any, sandbox: Sandbox, call: SimpleNamespace) -> None:
    assert wire.fetch_conference(call.sid).status == "in-progress"
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    ended = wire.fetch_conference(call.sid)
    assert (ended.status, ended.reason_ended) == ("completed", "conference-ended-via-api")


def test_it_reads_the_legs_of_a_conference(wire: Any, call: SimpleNamespace) -> None:
    legs = {leg.call_sid: leg for leg in wire.list_participants(call.sid)}
    assert legs.keys() == {call.customer, call.agent}
    agent = legs[call.agent]
    assert (agent.presence, agent.call_status) == (Presence.IN, "in-progress")
    assert (agent.muted, agent.hold, agent.coaching, agent.target) == (False, False, False, None)
    assert agent.end_conference_on_exit is False
    assert legs[call.customer].label is None


def test_what_it_says_of_labels_and_beginnings_is_what_its_capabilities_say(
    wire: Any, call: SimpleNamespace
) -> None:
    agent = next(leg for leg in wire.list_participants(call.sid) if leg.call_sid == call.agent)
    told = wire.reports.labels
    assert agent.label == ("agent-1" if told else None)
    assert agent.start_conference_on_enter is (True if told else None), "absent is not false"


def test_it_finds_a_leg_by_its_sid_and_by_its_label(wire: Any, call: SimpleNamespace) -> None:
    by_sid, by_label = (wire.fetch_participant(call.sid, name) for name in (call.agent, "agent-1"))
    assert by_sid.call_sid == by_label.call_sid == call.agent
    assert by_label.label == "agent-1", "whoever is found by a label has it"


def test_a_label_may_hold_anything_but_a_slash(wire: Any, call: SimpleNamespace) -> None:
    made = dial(wire, call.sid, label="Ann Ökafor? #1&x=%41")
    assert wire.fetch_participant(call.sid, "Ann Ökafor? #1&x=%41").call_sid == made.call_sid


def test_it_reads_who_calls_whom(wire: Any, call: SimpleNamespace) -> None:
    customer, agent = wire.fetch_call(call.customer), wire.fetch_call(call.agent)
    assert (customer.from_, customer.direction) == ("+442079460102", "inbound")
    assert (agent.to, agent.direction, agent.call_status) == ("client:agent-1", "outbound", "in-progress")


def test_what_is_not_there_is_gone(wire: Any, api: Api, sandbox: Sandbox, call: SimpleNamespace) -> None:
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    for fetch in (
        lambda: wire.fetch_participant(call.sid, call.agent),
        lambda: wire.fetch_participant(call.sid, "nobody"),
        lambda: wire.fetch_conference(api.room),
        lambda: wire.fetch_call(api.leg),
    ):
        with pytest.raises(Gone) as gone:
            fetch()
        assert (gone.value.status, gone.value.code) == (404, api.not_found)


# --- writing ----------------------------------------------------------------------------------------------
def test_it_dials_an_armed_listener(wire: Any, api: Api, sandbox: Sandbox, call: SimpleNamespace) -> None:
    leg = dial(wire, call.sid, coaching=True, target=call.agent)
    assert leg.stamp.source is Source.ANSWER
    assert (leg.label, leg.presence) == ("earshot-1", None)
    assert (leg.muted, leg.coaching, leg.target) == (True, True, call.agent)
    (request,) = asked(sandbox, "POST", "Participants")
    also = {"ApplicationSid": api.facts["application_sid"]} if api.facts else {}
    assert request["params"] == {
        "From": "+12025550100",
        "To": "client:lead",
        "Label": "earshot-1",
        "Timeout": "15",
        "Beep": "false",
        "EarlyMedia": "false",
        "Muted": "true",
        "StartConferenceOnEnter": "false",
        "EndConferenceOnExit": "false",
        "Coaching": "true",
        "CallSidToCoach": call.agent,
        "StatusCallback": "http://127.0.0.1:9/callbacks/main/call/",
        "StatusCallbackEvent": request["params"]["StatusCallbackEvent"],
        **also,
    }


@pytest.mark.parametrize(
    "wanted, sent",
    [
        ({"muted": True}, {"Muted": "true"}),
        ({"muted": False}, {"Muted": "false"}),
        ({"hold": True}, {"Hold": "true"}),
        ({"hold": False}, {"Hold": "false"}),
        (
            {"end_conference_on_exit": True, "hold": False},
            {"EndConferenceOnExit": "true", "Hold": "false"},
        ),
        ({"coaching": False, "muted": False}, {"Coaching": "false", "Muted": "false"}),
    ],
)
def test_it_changes_a_leg_with_exactly_what_was_asked(
    wire: Any, sandbox: Sandbox, call: SimpleNamespace, wanted: dict[str, bool], sent: dict[str, str]
) -> None:
    leg = wire.update_participant(call.sid, call.customer, **wanted)
    for name, value in wanted.items():
        assert getattr(leg, name) is value
    (request,) = asked(sandbox, "POST", call.customer)
    assert request["params"] == sent


def test_a_leg_may_be_changed_by_its_label(wire: Any, call: SimpleNamespace) -> None:
    leg = wire.update_participant(call.sid, "agent-1", muted=True)
    assert (leg.call_sid, leg.label, leg.muted) == (call.agent, "agent-1", True)


def test_opening_a_whisper_names_its_target_in_the_same_request(
    wire: Any, sandbox: Sandbox, call: SimpleNamespace
) -> None:
    leg = wire.update_participant(call.sid, call.customer, muted=False, coaching=True, target=call.agent)
    assert (leg.muted, leg.coaching, leg.target) == (False, True, call.agent)
    (request,) = asked(sandbox, "POST", call.customer)
    assert request["params"] == {"Muted": "false", "Coaching": "true", "CallSidToCoach": call.agent}


def test_it_takes_a_leg_off_and_a_second_time_it_is_gone(wire: Any, call: SimpleNamespace) -> None:
    wire.delete_participant(call.sid, call.agent)
    with pytest.raises(Gone):
        wire.delete_participant(call.sid, call.agent)


def test_it_ends_a_conference(wire: Any, call: SimpleNamespace) -> None:
    assert wire.update_conference(call.sid, status="completed").status == "completed"


@pytest.mark.parametrize(
    "happens",
    [
        lambda sandbox, call: sandbox.post(f"/_sandbox/legs/{call.agent}/set", {"hold": True}),
        lambda sandbox, call: sandbox.post(f"/_sandbox/legs/{call.agent}/hangup"),
    ],
    ids=["held", "gone"],
)
def test_a_dial_that_is_refused_for_its_coaching_is_known_as_such(
    wire: Any, sandbox: Sandbox, call: SimpleNamespace, happens: Any
) -> None:
    happens(sandbox, call)
    with pytest.raises(Refused) as refused:
        dial(wire, call.sid, coaching=True, target=call.agent)
    assert refused.value.code in wire.refused_for_coaching


def test_another_refusal_of_a_dial_is_not_for_its_coaching(wire: Any, call: SimpleNamespace) -> None:
    dial(wire, call.sid)
    with pytest.raises(Refused) as taken:
        dial(wire, call.sid)
    assert taken.value.code not in wire.refused_for_coaching
    with pytest.raises(Refused) as invalid:
        dial(wire, call.sid, to="+15005550001", label="earshot-2")
    assert invalid.value.code not in wire.refused_for_coaching


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"label": ""}, "label"),
        ({"label": "a/b"}, "label"),
        ({"label": "LEG"}, "label"),
        ({"label": "x" * 129}, "label"),
        ({"timeout": 4}, r"timeout is 4, it must be 5 to \d+ seconds."),
        ({"timeout": 601}, r"timeout is 601, it must be 5 to \d+ seconds."),
        ({"coaching": True}, "coaching needs a target"),
        ({"target": "LEG"}, "coaching needs a target"),
        ({"coaching": True, "target": "agent-1"}, "call_sid_to_coach must be a call sid"),
    ],
)
def test_a_dial_that_makes_no_sense_is_not_sent(
    wire: Any, api: Api, sandbox: Sandbox, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        dial(wire, api.room, **{name: api.leg if value == "LEG" else value for name, value in wrong.items()})
    assert not asked(sandbox, "POST")


def test_an_update_of_nothing_is_not_sent(wire: Any, api: Api, sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="at least one field"):
        wire.update_participant(api.room, api.leg)
    with pytest.raises(ValueError, match="completed"):
        wire.update_conference(api.room, status="init")
    assert not asked(sandbox, "POST")
