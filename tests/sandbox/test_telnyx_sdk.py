"""Every operation, driven by Telnyx's own SDK and held against our specification (see `telnyx_sdk`)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from telnyx import NotFoundError, UnprocessableEntityError

from tests.patience import ANSWER_S
from tests.sandbox.conftest import AGENT, Call
from tests.sandbox.process import Sandbox
from tests.sandbox.sdk import CALLER_ID
from tests.sandbox.sides import APPLICATION, TELNYX_ACCOUNT, Api
from tests.sandbox.telnyx_sdk import TelnyxWire

OURS: Any = {"account_sid": TELNYX_ACCOUNT}
DIAL: Any = {**OURS, "from_": CALLER_ID, "to": "client:lead", "application_sid": APPLICATION}


@pytest.fixture
def call(sandbox: Sandbox) -> Call:
    return Call(sandbox, "telnyx")


@pytest.fixture
def wire(sandbox: Sandbox) -> TelnyxWire:
    return TelnyxWire(sandbox.url)


@pytest.fixture
def conferences(wire: TelnyxWire) -> Any:
    return wire.client.texml.accounts.conferences


@pytest.fixture
def legs(conferences: Any) -> Any:
    return conferences.participants


@pytest.fixture
def calls(wire: TelnyxWire) -> Any:
    return wire.client.texml.accounts.calls


def connected(legs: Any, sandbox: Sandbox, conference: str, call_sid: str) -> Any:
    """The participant, once it is connected."""

    def found() -> Any:
        participant = legs.retrieve(call_sid, conference_sid=conference, **OURS)
        return participant if participant.status == "connected" else None

    return sandbox.wait_for(found)


def test_it_lists_and_fetches_conferences(conferences: Any, call: Call) -> None:
    asked = {"status": "in-progress", "friendly_name": "billing-1"}
    (listed,) = conferences.retrieve_conferences(TELNYX_ACCOUNT, **asked).conferences
    fetched = conferences.retrieve(call.sid, **OURS)
    assert listed.sid == fetched.sid == call.sid
    assert (fetched.status, fetched.region, fetched.reason_conference_ended) == ("in-progress", "us1", None)
    assert conferences.retrieve_conferences(TELNYX_ACCOUNT, status="init").conferences == []


def test_the_inequality_stands_in_the_day(conferences: Any, call: Call) -> None:
    def found(**filters: str) -> int:
        return len(conferences.retrieve_conferences(TELNYX_ACCOUNT, **filters).conferences)

    today = datetime.now(UTC).date()
    yesterday = today - timedelta(days=1)
    assert found(date_created=str(today)) == found(date_created=f">={today}") == 1
    assert found(date_created=f">{yesterday}", date_updated=f"<={today}") == 1
    assert found(date_created=f"<{today}") == found(date_updated=f">{today}") == 0


def test_it_ends_a_conference(conferences: Any, legs: Any, calls: Any, sandbox: Sandbox, call: Call) -> None:
    ended = conferences.update(call.sid, status="completed", **OURS)
    assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
    assert legs.retrieve_participants(call.sid, **OURS).participants == []
    sandbox.wait_for(lambda: _status(calls, call.agent) == "completed")


def _status(calls: Any, call_sid: str) -> str | None:
    """None while it cannot be read yet."""
    try:
        return str(calls.retrieve(call_sid, **OURS).status)
    except NotFoundError:
        return None


def test_it_announces_to_the_room_and_to_one_leg(conferences: Any, legs: Any, call: Call) -> None:
    announced = {"announce_url": "http://127.0.0.1:9/notice", "announce_method": "GET", **OURS}
    conferences.update(call.sid, **announced)
    assert legs.update(call.agent, conference_sid=call.sid, **announced).call_sid == call.agent


def test_it_lists_participants_and_never_a_label(legs: Any, wire: TelnyxWire, call: Call) -> None:
    listed = legs.retrieve_participants(call.sid, **OURS).participants
    assert {one.call_sid for one in listed} == {call.agent, call.customer}
    rows = wire.exchanges[-1][1].json()["participants"]
    assert all(not {"label", "start_conference_on_enter", "coaching_call_sid"} & row.keys() for row in rows)


def test_it_fetches_a_participant_by_sid_and_by_label(legs: Any, wire: TelnyxWire, call: Call) -> None:
    by_label = legs.retrieve("agent-1", conference_sid=call.sid, **OURS)
    by_sid = legs.retrieve(call.agent, conference_sid=call.sid, **OURS)
    assert by_label.call_sid == by_sid.call_sid == by_sid.call_sid_legacy == call.agent
    assert (by_sid.status, by_sid.muted, by_sid.coaching) == ("connected", False, False)
    quoted = wire.exchanges[-1][0].url.replace("v3:", "v3%3A")
    answer = requests.get(quoted, headers=wire.exchanges[-1][0].headers, timeout=ANSWER_S)
    assert answer.json()["call_sid"] == call.agent, "the colon may be quoted"


def test_it_dials_somebody_into_a_running_conference(
    legs: Any, calls: Any, sandbox: Sandbox, wire: TelnyxWire, call: Call
) -> None:
    made = legs.participants(
        call.sid,
        label="supervisor-1",
        muted=True,
        call_sid_to_coach=call.agent,
        coaching=True,
        beep="false",
        early_media=False,
        start_conference_on_enter=False,
        end_conference_on_exit=False,
        timeout_seconds=15,
        custom_headers=[{"name": "X-Why", "value": "listening"}],
        **DIAL,
    )
    assert wire.exchanges[-1][1].status_code == 200
    assert (made.status, made.muted, made.coaching_call_sid) == ("connecting", True, call.agent)
    joined = connected(legs, sandbox, call.sid, made.call_sid)
    assert (joined.coaching_call_sid, joined.coaching_call_sid_legacy) == (call.agent, call.agent)
    sandbox.wait_for(lambda: _status(calls, made.call_sid) == "in-progress")
    assert calls.retrieve(made.call_sid, **OURS).direction == "outbound"


def test_a_new_name_makes_a_conference_and_a_live_one_is_joined(
    conferences: Any, legs: Any, call: Call
) -> None:
    joined = legs.participants("billing-1", **DIAL)
    made = legs.participants("a new room", **DIAL)
    assert joined.conference_sid == call.sid != made.conference_sid
    room = conferences.retrieve(made.conference_sid, **OURS)
    assert (room.friendly_name, room.status, room.region) == ("a new room", "init", "unknown")


def test_an_existing_conference_needs_no_application(legs: Any, call: Call) -> None:
    alone = {key: value for key, value in DIAL.items() if key != "application_sid"}
    assert legs.participants(call.sid, **alone).conference_sid == call.sid
    with pytest.raises(UnprocessableEntityError) as refused:
        legs.participants("billing-1", **alone)
    assert "/ApplicationSid" in str(refused.value.body)


def test_an_update_changes_only_what_it_names(legs: Any, call: Call) -> None:
    aim: Any = {"conference_sid": call.sid, **OURS}
    legs.update(call.customer, muted=True, end_conference_on_exit=True, **aim)
    held = legs.update(call.customer, hold=True, hold_url="http://127.0.0.1:9/music", **aim)
    assert (held.muted, held.hold, held.end_conference_on_exit) == (True, True, True)
    back = legs.update(call.customer, hold=False, **aim)
    assert (back.muted, back.hold) == (True, False)


def test_it_whispers_and_barges(legs: Any, sandbox: Sandbox, call: Call) -> None:
    aim: Any = {"conference_sid": call.sid, **OURS}
    sid = legs.participants(call.sid, muted=True, **DIAL).call_sid
    connected(legs, sandbox, call.sid, sid)
    assert sid not in call.hears(call.agent)
    legs.update(sid, muted=False, coaching=True, call_sid_to_coach=call.agent, **aim)
    assert sid in call.hears(call.agent)
    assert sid not in call.hears(call.customer)
    barged = legs.update(sid, coaching=False, **aim)
    assert (barged.coaching, barged.coaching_call_sid) == (False, None)
    assert sid in call.hears(call.customer)


def test_who_is_kicked_has_left(conferences: Any, legs: Any, call: Call) -> None:
    legs.delete(call.agent, conference_sid=call.sid, **OURS)
    with pytest.raises(NotFoundError):
        legs.retrieve(call.agent, conference_sid=call.sid, **OURS)
    legs.delete(call.customer, conference_sid=call.sid, **OURS)
    ended = conferences.retrieve(call.sid, **OURS)
    assert ended.reason_conference_ended == "last-participant-left"
    assert ended.call_sid_ending_conference == call.customer


def test_it_lists_calls_by_final_status_alone(calls: Any, sandbox: Sandbox, call: Call) -> None:
    sandbox.wait_for(lambda: len(calls.retrieve_calls(TELNYX_ACCOUNT).calls) == 2)
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    sandbox.wait_for(lambda: calls.retrieve_calls(TELNYX_ACCOUNT, status="completed").calls)
    (ended,) = calls.retrieve_calls(TELNYX_ACCOUNT, status="completed", to="client:agent-1").calls
    assert (ended.sid, ended.duration) == (call.agent, "0")
    assert calls.retrieve_calls(TELNYX_ACCOUNT, from_="+442079460102").calls[0].sid == call.customer
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert calls.retrieve_calls(TELNYX_ACCOUNT, start_time_gt=tomorrow).calls == []
    assert len(calls.retrieve_calls(TELNYX_ACCOUNT, end_time_lt=tomorrow).calls) == 1
    with pytest.raises(UnprocessableEntityError):
        calls.retrieve_calls(TELNYX_ACCOUNT, status="in-progress")


def test_a_call_can_be_ended_and_given_new_instructions(calls: Any, call: Call) -> None:
    moved = calls.update(call.agent, texml="<Response><Pause/></Response>", **OURS)
    assert moved.status == "in-progress"
    assert call.leg(call.agent) is None
    ended = calls.update(call.customer, status="completed", **OURS)
    assert (ended.status, ended.direction) == ("completed", "inbound")
    assert call.shown()["status"] == "completed"


# Lists


def test_lists_come_page_by_page_by_their_own_uris(
    conferences: Any, sandbox: Sandbox, wire: TelnyxWire
) -> None:
    made = [Call(sandbox, "telnyx", friendly_name=f"room-{number}").sid for number in range(5)]
    page = conferences.retrieve_conferences(TELNYX_ACCOUNT, status="in-progress", page_size=2)
    pages = [page.to_dict()]
    while "next_page_uri" in pages[-1]:
        pages.append(_follow(sandbox, wire, pages[-1]["next_page_uri"]))
    listed = [room["sid"] for one in pages for room in one["conferences"]]
    assert listed == list(reversed(made)), "newest first, each once"
    assert [(one["page"], one["start"], one["end"]) for one in pages] == [(0, 0, 1), (1, 2, 3), (2, 4, 4)]
    assert "Status=in-progress" in pages[0]["next_page_uri"]
    assert _follow(sandbox, wire, pages[2]["first_page_uri"]) == pages[0]
    assert _follow(sandbox, wire, pages[1]["uri"]) == pages[1]


def test_participants_have_pages_too_though_the_list_takes_no_parameters(
    legs: Any, sandbox: Sandbox, wire: TelnyxWire, call: Call
) -> None:
    for _ in range(50):
        sandbox.post(f"/_sandbox/conferences/{call.sid}/legs", {**AGENT, "label": None})
    page = legs.retrieve_participants(call.sid, **OURS)
    rest = _follow(sandbox, wire, page.next_page_uri)
    sids = {one.call_sid for one in page.participants} | {one["call_sid"] for one in rest["participants"]}
    assert (len(page.participants), len(rest["participants"]), len(sids)) == (50, 2, 52)
    assert _follow(sandbox, wire, page.first_page_uri)["participants"][0]["call_sid"] in sids


def _follow(sandbox: Sandbox, wire: TelnyxWire, uri: str) -> Any:
    """As given: joined with the host, and not rebuilt."""
    answer = requests.get(sandbox.url + uri, headers=wire.exchanges[-1][0].headers, timeout=ANSWER_S)
    assert answer.status_code == 200, answer.text
    return answer.json()


# Reads of calls


def test_a_call_is_read_as_it_was_a_second_ago(sandbox: Sandbox) -> None:
    """At time-scale 0.05 that second is 50 ms; each answer is checked against the times that it says."""
    call, api = Call(sandbox, "telnyx"), Api(sandbox, "telnyx")
    assert api.get(f"/Calls/{call.agent}").status_code == 404, "not yet"
    sandbox.wait_for(lambda: api.get(f"/Calls/{call.agent}").status_code == 200)
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    assert api.get(f"/Calls/{call.agent}").json()["status"] == "in-progress", "not yet"
    assert api.get(f"/Conferences/{call.sid}/Participants/{call.agent}").status_code == 404, "at once"
    sandbox.wait_for(lambda: api.get(f"/Calls/{call.agent}").json()["status"] == "completed")


# What judges


def test_forms_say_the_same_as_json(sandbox: Sandbox, wire: TelnyxWire, call: Call) -> None:
    api = Api(sandbox, "telnyx")
    path = f"/Conferences/{call.sid}/Participants/{call.agent}"
    for body in ({"data": {"Muted": "true", "Hold": "false"}}, {"json": {"Muted": True, "Hold": False}}):
        api.post(path, {"Muted": "false"})
        answer = requests.post(api.base + path, auth=api.side.auth, timeout=ANSWER_S, **body)
        asked = RequestsOpenAPIRequest(answer.request)
        wire.specification.validate_request(asked)
        wire.specification.validate_response(asked, RequestsOpenAPIResponse(answer))
        assert answer.json()["muted"] is True
        assert sandbox.get("/_sandbox/requests")[-1]["params"] == {"Muted": "true", "Hold": "false"}


@pytest.mark.parametrize(
    "body",
    [
        {"json": {"Mute": True}},
        {"json": {"Muted": "banana"}},
        {"data": {"Muted": "banana"}},
        {"data": {"HoldMethod": "PUT"}},
    ],
)
def test_the_specification_refuses_what_the_sandbox_refuses(
    sandbox: Sandbox, wire: TelnyxWire, call: Call, body: Any
) -> None:
    api = Api(sandbox, "telnyx")
    path = f"/Conferences/{call.sid}/Participants/{call.agent}"
    answer = requests.post(api.base + path, auth=api.side.auth, timeout=ANSWER_S, **body)
    assert answer.status_code == 422
    asked = RequestsOpenAPIRequest(answer.request)
    wire.specification.validate_response(asked, RequestsOpenAPIResponse(answer))
    with pytest.raises(OpenAPIError):
        wire.specification.validate_request(asked)
