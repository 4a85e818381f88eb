"""What Telnyx alone says and wants: labels it never returns, lists of errors, calls that lag."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from participants.events import Presence
from participants.providers import Gone, Refused, Unknown
from participants.providers.telnyx import Telnyx
from tests.participants.providers.apis import APIS, Api
from tests.participants.providers.asking import asked, dial
from tests.participants.trickling import answers, listening
from tests.sandbox.process import Sandbox

TELNYX = APIS["telnyx"]
NOT_FOUND = answers('{"errors": [{"detail": "Resource not found"}]}', status="404 Not Found")


@pytest.fixture
def api() -> Api:
    return TELNYX


def leg_of(**changes: Any) -> Any:
    with listening(answers(TELNYX.leg_body(**changes))) as server:
        return TELNYX.at(server.url).fetch_participant(TELNYX.room, TELNYX.leg)


def call_of(**facts: Any) -> Any:
    with listening(answers(json.dumps({"sid": TELNYX.leg, **facts}))) as server:
        return TELNYX.at(server.url).fetch_call(TELNYX.leg)


def refusal_of(*errors: Any, status: str = "422 Unprocessable Entity") -> Refused:
    script = answers(json.dumps({"errors": errors}), status=status)
    with listening(script) as server, pytest.raises(Refused) as refused:
        TELNYX.at(server.url).update_participant(TELNYX.room, TELNYX.leg, muted=True)
    return refused.value


# --- legs -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "status, call_status, presence",
    [
        ("connecting", "initiated", None),
        ("connected", "in-progress", Presence.IN),
        ("completed", None, Presence.LEFT),
        ("complete", None, None),
        ("teleporting", None, None),
    ],
)
def test_it_says_a_leg_s_status_in_our_words(
    waits: Any, status: str, call_status: str | None, presence: Presence | None
) -> None:
    leg = leg_of(status=status, muted=None)
    assert (leg.call_status, leg.presence) == (call_status, presence)
    assert (leg.muted, leg.hold, leg.coaching) == (None, None, None), "absent is not false"
    assert (leg.start_conference_on_enter, leg.label, leg.queue_time) == (None, None, None)


@pytest.mark.parametrize("target", [{}, {"coaching_call_sid": None}, {"coaching_call_sid": ""}])
def test_who_coaches_nobody_may_say_so_or_not_at_all(waits: Any, target: dict[str, Any]) -> None:
    leg = leg_of(coaching=False, **target)
    assert (leg.coaching, leg.target) == (False, None)


def test_a_leg_found_by_its_label_gets_that_label_from_us(waits: Any) -> None:
    with listening(answers(TELNYX.leg_body())) as server:
        by_label = TELNYX.at(server.url).fetch_participant(TELNYX.room, "earshot-1")
        by_sid = TELNYX.at(server.url).fetch_participant(TELNYX.room, TELNYX.leg)
    assert (by_label.label, by_label.call_sid) == ("earshot-1", TELNYX.leg)
    assert by_sid.label is None


@pytest.mark.parametrize("status", ["connecting", "connected", "completed", None, "teleporting"])
def test_of_the_answer_to_a_dial_the_status_is_not_believed(waits: Any, status: str | None) -> None:
    with listening(answers(TELNYX.leg_body(status=status))) as server:
        leg = dial(TELNYX.at(server.url), TELNYX.room)
    assert (leg.call_status, leg.presence, leg.label) == ("initiated", None, "earshot-1")


def test_a_call_sid_is_quoted_and_stays_one_segment(waits: Any) -> None:
    with listening(answers(TELNYX.leg_body())) as server:
        TELNYX.at(server.url).fetch_participant(TELNYX.room, TELNYX.leg)
    path = f"/v2/texml/Accounts/{TELNYX.sid}/Conferences/{TELNYX.room}/Participants/v3%3ALeg_2-"
    assert server.heard[0].startswith(f"GET {path}".encode())


def test_it_rings_for_two_minutes_at_most(wire: Any, sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="timeout is 121, it must be 5 to 120 seconds"):
        dial(wire, TELNYX.room, timeout=121)
    assert not asked(sandbox, "POST")


def test_several_words_travel_in_one_text(wire: Any, sandbox: Sandbox, call: SimpleNamespace) -> None:
    dial(wire, call.sid)
    (request,) = asked(sandbox, "POST", "Participants")
    assert request["params"]["StatusCallbackEvent"] == "initiated ringing answered completed"


# --- lists ------------------------------------------------------------------------------------------------
def test_the_last_page_has_no_next_one(waits: Any) -> None:
    first = json.dumps(
        {"conferences": [{"sid": TELNYX.room}], "next_page_uri": "/v2/texml/x.json?page=1&pagesize=1"}
    )
    last = json.dumps({"conferences": [{"sid": TELNYX.other_room}], "page": 1})
    with listening(answers(first), answers(last)) as server:
        found = TELNYX.at(server.url).list_conferences("init")
    assert [event.conference_sid for event in found] == [TELNYX.room, TELNYX.other_room]
    assert server.heard[1].startswith(b"GET /v2/texml/x.json?page=1&pagesize=1 "), "never rebuilt"


def test_the_list_of_participants_takes_no_parameters(waits: Any) -> None:
    with listening(answers('{"participants": []}')) as server:
        assert TELNYX.at(server.url).list_participants(TELNYX.room) == []
    assert server.heard[0].split()[1].endswith(b"/Participants")


# --- calls ------------------------------------------------------------------------------------------------
def test_a_call_that_cannot_be_read_yet_is_asked_for_again(waits: Any) -> None:
    waits(0.1)
    with listening(NOT_FOUND, NOT_FOUND, answers(json.dumps({"sid": TELNYX.leg, "status": "ringing"}))) as at:
        assert TELNYX.at(at.url).fetch_call(TELNYX.leg).call_status == "ringing"
    assert len(at.heard) == 3


def test_a_call_that_never_was_is_gone_within_the_time_of_a_request(waits: Any) -> None:
    waits(0.1)
    with listening(NOT_FOUND) as server, pytest.raises(Gone):
        TELNYX.at(server.url).fetch_call(TELNYX.leg)
    assert len(server.heard) == 4


def test_only_calls_are_asked_for_again(waits: Any) -> None:
    with listening(NOT_FOUND) as server, pytest.raises(Gone):
        TELNYX.at(server.url).fetch_participant(TELNYX.room, TELNYX.leg)
    assert len(server.heard) == 1


def test_an_answer_about_another_call_is_unknown(waits: Any) -> None:
    waits(0.1)
    with pytest.raises(Unknown):
        call_of(sid=TELNYX.other_leg)


@pytest.mark.parametrize(
    "said, meant",
    [
        ("442079460102", "+442079460102"),
        ("+442079460102", "+442079460102"),
        ("client:agent-1", "client:agent-1"),
        ("sip:15551234567@example.com", "sip:15551234567@example.com"),
        ("1001", "1001"),
        ("0112223333", "0112223333"),
        ("anonymous", "anonymous"),
        ("", None),
    ],
)
def test_a_number_without_its_plus_gets_it(waits: Any, said: str, meant: str | None) -> None:
    call = call_of(**{"from": said, "to": said})
    assert (call.from_, call.to) == (meant, meant)


@pytest.mark.parametrize(
    "said, meant", [("inbound", "inbound"), ("outbound", "outbound"), ("sideways", None), (None, None)]
)
def test_directions(waits: Any, said: str | None, meant: str | None) -> None:
    assert call_of(direction=said).direction == meant


@pytest.mark.parametrize(
    "said, meant",
    [("human", "human"), ("machine", "machine_start"), ("not_sure", "unknown"), (None, None)],
)
def test_who_answered_is_said_in_the_words_of_callbacks(
    waits: Any, said: str | None, meant: str | None
) -> None:
    assert call_of(answered_by=said).answered_by == meant


# --- errors -----------------------------------------------------------------------------------------------
def test_several_errors_are_one_refusal_with_the_first_code() -> None:
    refused = refusal_of(
        {"detail": "To is required", "source": {"pointer": "/To"}},
        {"code": "10004", "title": "Missing required parameter", "detail": "From is required"},
        {"code": "10032", "title": "Invalid enumerated value"},
    )
    assert refused.code == "10004"
    assert refused.message == "To is required; From is required; Invalid enumerated value"


def test_an_error_of_a_404_has_a_detail_and_no_code() -> None:
    gone = refusal_of({"detail": "Resource not found"}, status="404 Not Found")
    assert type(gone) is Gone
    assert (gone.code, gone.message, gone.status) == ("", "Resource not found", 404)


@pytest.mark.parametrize(
    "code, kind",
    [("90018", Gone), ("90019", Gone), ("90034", Refused), ("90015", Refused), ("10015", Refused)],
)
def test_what_has_ended_is_gone_whatever_the_status(code: str, kind: type[Refused]) -> None:
    assert type(refusal_of({"code": code, "detail": "no"})) is kind


def test_a_code_may_be_a_number_and_a_reason_may_be_missing() -> None:
    refused = refusal_of({"code": 90018})
    assert (refused.code, refused.message) == ("90018", "no reason given")


def test_a_conference_is_ended_once(wire: Any, call: SimpleNamespace) -> None:
    wire.update_conference(call.sid, status="completed")
    with pytest.raises(Gone) as gone:
        wire.update_conference(call.sid, status="completed")
    assert (gone.value.status, gone.value.code) == (422, "90019")


# --- the account ------------------------------------------------------------------------------------------
def test_it_cannot_do_without_its_application_and_its_key() -> None:
    assert Telnyx.needs == ("application_sid", "public_key")


def test_the_key_travels_as_a_bearer(waits: Any) -> None:
    with listening(answers(TELNYX.leg_body())) as server:
        TELNYX.at(server.url, secret="KEY0123").fetch_participant(TELNYX.room, TELNYX.leg)
    assert b"\r\nAuthorization: Bearer KEY0123\r\n" in server.heard[0]
