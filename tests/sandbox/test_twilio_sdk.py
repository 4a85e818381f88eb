"""Every operation, driven by Twilio's own SDK and held against its specification (see `sdk.Wire`)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import Call
from tests.sandbox.process import Sandbox
from tests.sandbox.sdk import CALLER_ID, Wire


@pytest.fixture
def call(sandbox: Sandbox) -> Call:
    return Call(sandbox)


def connected(twilio: Any, sandbox: Sandbox, conference: str, call_sid: str) -> Any:
    """The participant, once it is connected."""

    def found() -> Any:
        participant = twilio.conferences(conference).participants(call_sid).fetch()
        return participant if participant.status == "connected" else None

    return sandbox.wait_for(found)


def test_it_lists_and_fetches_conferences(twilio: Any, call: Call) -> None:
    (listed,) = twilio.conferences.list(status="in-progress", friendly_name="billing-1")
    fetched = twilio.conferences(call.sid).fetch()
    assert listed.sid == fetched.sid == call.sid
    assert (fetched.status, fetched.region, fetched.reason_conference_ended) == ("in-progress", "us1", None)
    assert twilio.conferences.list(status="init") == []


def test_it_filters_conferences_by_day(twilio: Any, call: Call) -> None:
    today = datetime.now(UTC).date()
    yesterday = today - timedelta(days=1)
    assert len(twilio.conferences.list(date_created=today)) == 1
    assert len(twilio.conferences.list(date_created_after=today, date_updated_before=today)) == 1
    assert twilio.conferences.list(date_created_before=yesterday) == []
    assert twilio.conferences.list(date_updated=date(2020, 1, 1)) == []


def test_it_ends_a_conference(twilio: Any, call: Call) -> None:
    ended = twilio.conferences(call.sid).update(status="completed")
    assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
    assert twilio.conferences(call.sid).participants.list() == []
    assert twilio.calls(call.agent).fetch().status == "completed"


def test_it_announces_to_the_room_and_to_one_leg(twilio: Any, call: Call) -> None:
    twilio.conferences(call.sid).update(announce_url="http://127.0.0.1:9/notice", announce_method="GET")
    leg = twilio.conferences(call.sid).participants(call.agent)
    assert leg.update(announce_url="http://127.0.0.1:9/notice").call_sid == call.agent


def test_it_lists_and_filters_participants(twilio: Any, call: Call) -> None:
    participants = twilio.conferences(call.sid).participants
    participants(call.customer).update(hold=True)
    participants("agent-1").update(muted=True)
    assert {one.call_sid for one in participants.list()} == {call.agent, call.customer}
    assert [one.call_sid for one in participants.list(hold=True)] == [call.customer]
    assert [one.call_sid for one in participants.list(muted=True)] == [call.agent]
    assert participants.list(coaching=True) == []


def test_it_fetches_a_participant_by_sid_and_by_label(twilio: Any, call: Call) -> None:
    participants = twilio.conferences(call.sid).participants
    assert participants("agent-1").fetch().call_sid == call.agent
    fetched = participants(call.agent).fetch()
    assert (fetched.label, fetched.status, fetched.queue_time) == ("agent-1", "connected", None)


def test_it_dials_somebody_into_a_running_conference(
    twilio: Any, sandbox: Sandbox, call: Call, wire: Wire
) -> None:
    made = twilio.conferences(call.sid).participants.create(
        from_=CALLER_ID,
        to="client:lead",
        label="supervisor-1",
        muted=True,
        call_sid_to_coach=call.agent,
        coaching=True,
        beep="false",
        start_conference_on_enter=False,
        end_conference_on_exit=False,
        timeout=15,
    )
    assert wire.exchanges[-1][1].status_code == 201
    assert (made.status, made.queue_time, made.muted, made.coaching) == ("queued", "0", True, True)
    joined = connected(twilio, sandbox, call.sid, made.call_sid)
    assert (joined.call_sid_to_coach, joined.start_conference_on_enter) == (call.agent, False)
    assert twilio.calls(made.call_sid).fetch().direction == "outbound-api"


def test_a_new_name_makes_a_conference_and_a_live_one_is_joined(twilio: Any, call: Call) -> None:
    joined = twilio.conferences("billing-1").participants.create(from_=CALLER_ID, to="+442079460200")
    made = twilio.conferences("a new room").participants.create(from_=CALLER_ID, to="+442079460200")
    assert joined.conference_sid == call.sid
    assert made.conference_sid != call.sid
    room = twilio.conferences(made.conference_sid).fetch()
    assert (room.friendly_name, room.status, room.region) == ("a new room", "init", "unknown")


def test_an_update_changes_only_what_it_names(twilio: Any, call: Call) -> None:
    leg = twilio.conferences(call.sid).participants(call.customer)
    leg.update(muted=True, end_conference_on_exit=True)
    held = leg.update(hold=True, hold_url="http://127.0.0.1:9/music")
    assert (held.muted, held.hold, held.end_conference_on_exit) == (True, True, True)
    back = leg.update(hold=False)
    assert (back.muted, back.hold) == (True, False)


def test_it_whispers_and_barges(twilio: Any, sandbox: Sandbox, call: Call) -> None:
    participants = twilio.conferences(call.sid).participants
    sid = participants.create(from_=CALLER_ID, to="client:lead", muted=True).call_sid
    connected(twilio, sandbox, call.sid, sid)
    assert sid not in call.hears(call.agent)
    participants(sid).update(muted=False, coaching=True, call_sid_to_coach=call.agent)
    assert sid in call.hears(call.agent)
    assert sid not in call.hears(call.customer)
    barged = participants(sid).update(coaching=False)
    assert (barged.coaching, barged.call_sid_to_coach) == (False, None)
    assert sid in call.hears(call.customer)


def test_it_removes_a_participant(twilio: Any, call: Call) -> None:
    participants = twilio.conferences(call.sid).participants
    assert participants(call.agent).delete() is True
    with pytest.raises(TwilioRestException) as gone:
        participants(call.agent).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
    participants(call.customer).delete()
    assert twilio.conferences(call.sid).fetch().reason_conference_ended == "last-participant-kicked"


def test_it_lists_and_fetches_calls(twilio: Any, call: Call) -> None:
    assert {one.sid for one in twilio.calls.list(status="in-progress")} == {call.agent, call.customer}
    assert [one.sid for one in twilio.calls.list(to="client:agent-1")] == [call.agent]
    assert [one.sid for one in twilio.calls.list(from_="+442079460102")] == [call.customer]
    assert twilio.calls.list(start_time_after=datetime.now(UTC) + timedelta(days=1)) == []
    assert twilio.calls(call.customer).fetch().direction == "inbound"


def test_a_call_can_be_ended_or_cancelled(twilio: Any, sandbox: Sandbox, call: Call) -> None:
    sandbox.post("/_sandbox/answering", {"mode": "manual"})
    ringing = twilio.conferences(call.sid).participants.create(from_=CALLER_ID, to="client:lead")
    assert twilio.calls(ringing.call_sid).update(status="canceled").status == "canceled"
    assert twilio.calls(call.agent).update(status="completed").status == "completed"
    assert call.leg(call.agent) is None


def test_new_instructions_take_a_leg_out_of_the_conference(twilio: Any, call: Call) -> None:
    moved = twilio.calls(call.agent).update(twiml="<Response><Pause/></Response>")
    assert moved.status == "in-progress"
    assert call.leg(call.agent) is None


def test_lists_come_page_by_page(twilio: Any, sandbox: Sandbox, wire: Wire) -> None:
    made = [Call(sandbox, friendly_name=f"room-{number}").sid for number in range(5)]
    listed = [one.sid for one in twilio.conferences.list(status="in-progress", page_size=2)]
    assert listed == list(reversed(made)), "newest first, each once"
    assert len(wire.exchanges) == 3
    page = wire.exchanges[-2][1].json()
    assert (page["page"], page["page_size"], page["start"], page["end"]) == (1, 2, 2, 3)
    assert "Status=in-progress" in page["next_page_uri"]
    assert wire.exchanges[-1][1].json()["next_page_uri"] is None


def test_a_list_that_changes_between_two_pages_shows_nobody_twice(twilio: Any, sandbox: Sandbox) -> None:
    made = [Call(sandbox, friendly_name=f"room-{number}").sid for number in range(4)]
    listed = twilio.conferences.stream(page_size=2)
    first = [next(listed).sid, next(listed).sid]
    Call(sandbox, friendly_name="newer")
    assert [*first, *(one.sid for one in listed)] == list(reversed(made))
