"""What Twilio refuses, and how: status, code, body. Over plain HTTP: the SDK would not send some of it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.patience import ANSWER_S
from tests.sandbox.conftest import Call, Http
from tests.sandbox.process import Sandbox

LEG = {"From": "+12025550100", "To": "client:lead"}
NOBODY = "CA" + "0" * 32
NO_ROOM = "CF" + "0" * 32


@pytest.fixture
def call(sandbox: Sandbox) -> Call:
    return Call(sandbox)


def refused(answer: requests.Response) -> tuple[int, int]:
    body = answer.json()
    assert set(body) == {"code", "message", "more_info", "status"}
    assert body["status"] == answer.status_code
    assert body["more_info"].endswith(str(body["code"]))
    assert body["message"]
    return answer.status_code, body["code"]


@pytest.mark.parametrize("auth", [None, ("AC" + "0" * 32, "sandbox-twilio-token"), ("x", "y")])
def test_wrong_credentials_are_told_to_sign_in(http: Http, auth: Any) -> None:
    http.auth = auth
    answer = http.get("/Conferences.json")
    assert refused(answer) == (401, 20003)
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_another_account_is_refused(http: Http) -> None:
    http.base = http.base[:-1] + "2"
    assert refused(http.get("/Conferences.json")) == (401, 20003)


@pytest.mark.parametrize(
    "path",
    [
        "/Conferences",
        "/Recordings.json",
        f"/Conferences/{NO_ROOM}.json",
        f"/Conferences/{NO_ROOM}/Participants.json",
        "/Conferences/not-a-sid.json",
        f"/Calls/{NOBODY}.json",
    ],
)
def test_what_does_not_exist_is_404(http: Http, path: str) -> None:
    answer = http.get(path)
    assert refused(answer) == (404, 20404)


def test_a_wrong_method_is_405(http: Http, call: Call) -> None:
    assert refused(http.post("/Conferences.json")) == (405, 20004)
    assert refused(http.delete(f"/Conferences/{call.sid}.json")) == (405, 20004)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, 21201),
        ({"To": "client:lead"}, 21213),
        ({**LEG, "To": "0123"}, 21211),
        ({**LEG, "To": "+15005550001"}, 21211),
        ({**LEG, "From": "nobody"}, 21212),
        ({"To": "+442079460102", "From": "client:lead"}, 21212),
        ({**LEG, "From": "+12025550101"}, 21210),
        ({**LEG, "StatusCallback": "ftp://x"}, 21205),
        ({**LEG, "StatusCallbackMethod": "PUT"}, 21209),
        ({**LEG, "StatusCallbackEvent": "begin"}, 20001),
        ({**LEG, "Timeout": "4"}, 21208),
        ({**LEG, "Timeout": "601"}, 21208),
        ({**LEG, "Timeout": "soon"}, 21208),
        ({**LEG, "Label": "a/b"}, 16024),
        ({**LEG, "Label": "x" * 129}, 16024),
        ({**LEG, "Label": NOBODY}, 16024),
        ({**LEG, "Label": "agent-1"}, 16026),
        ({**LEG, "Muted": "banana"}, 20001),
        ({**LEG, "Beep": "loud"}, 20001),
        ({**LEG, "Region": "mars"}, 16002),
        ({**LEG, "MaxParticipants": "251"}, 16002),
        ({**LEG, "ConferenceStatusCallbackEvent": "start mumble"}, 16002),
        ({**LEG, "ConferenceStatusCallback": "nowhere"}, 16002),
        ({**LEG, "Coaching": "true"}, 20001),
        ({**LEG, "CallSidToCoach": NOBODY}, 16028),
        ({**LEG, "CallSidToCoach": "lead"}, 16028),
        ({**LEG, "MachineDetectionTimeout": "60"}, 20001),
        ({**LEG, "JitterBufferSize": "huge"}, 20001),
        ({**LEG, "Byoc": "BY1"}, 20001),
        ({**LEG, "CallerDisplayName": "x"}, 20001),
        ({**LEG, "Whisper": "true"}, 20001),
        ({**LEG, "muted": "true"}, 20001),
    ],
)
def test_a_bad_dial_is_refused(http: Http, call: Call, params: dict[str, str], code: int) -> None:
    assert refused(http.post(f"/Conferences/{call.sid}/Participants.json", params)) == (400, code)
    assert len(call.shown()["legs"]) == 2, "nothing was dialled"


def test_the_refusal_names_the_parameter_and_what_is_allowed(http: Http, call: Call) -> None:
    answer = http.post(f"/Conferences/{call.sid}/Participants.json", {**LEG, "Timeout": "4"})
    assert answer.json()["message"] == "Timeout is '4'; allowed: a whole number from 5 to 600"


def test_json_sent_by_mistake_leaves_everything_missing(http: Http, call: Call) -> None:
    url = f"{http.base}/Conferences/{call.sid}/Participants.json"
    assert refused(requests.post(url, json=LEG, auth=http.auth, timeout=ANSWER_S)) == (400, 21201)


def test_a_refused_dial_leaves_no_room_behind(http: Http, sandbox: Sandbox) -> None:
    assert refused(http.post("/Conferences/new/Participants.json", {**LEG, "Coaching": "true"}))[0] == 400
    assert sandbox.get("/_sandbox/conferences") == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"Hold": "banana"}, 20001),
        ({"Coaching": "1"}, 20001),
        ({"Coaching": "true"}, 20001),
        ({"CallSidToCoach": NOBODY}, 16028),
        ({"HoldMethod": "PUT"}, 16002),
        ({"AnnounceUrl": "nowhere"}, 16002),
        ({"Label": "new"}, 20001),
        ({"Status": "completed"}, 20001),
    ],
)
def test_a_bad_update_is_refused(http: Http, call: Call, params: dict[str, str], code: int) -> None:
    before = call.shown()
    answer = http.post(f"/Conferences/{call.sid}/Participants/{call.agent}.json", params)
    assert refused(answer) == (400, code)
    assert call.shown() == before


@pytest.mark.parametrize("value", ["banana", "1", "", "false"])
def test_every_muted_but_true_unmutes(http: Http, call: Call, value: str) -> None:
    path = f"/Conferences/{call.sid}/Participants/{call.agent}.json"
    assert http.post(path, {"Muted": "true"}).json()["muted"] is True
    answer = http.post(path, {"Muted": value})
    assert (answer.status_code, answer.json()["muted"]) == (200, False)


def test_a_held_agent_cannot_be_coached(http: Http, sandbox: Sandbox, call: Call) -> None:
    sandbox.post(f"/_sandbox/legs/{call.agent}/set", {"hold": True})
    answer = http.post(
        f"/Conferences/{call.sid}/Participants/{call.customer}.json", {"CallSidToCoach": call.agent}
    )
    assert refused(answer) == (400, 16027)


def test_a_held_leg_cannot_be_announced_to(http: Http, sandbox: Sandbox, call: Call) -> None:
    sandbox.post(f"/_sandbox/legs/{call.agent}/set", {"hold": True})
    path = f"/Conferences/{call.sid}/Participants/{call.agent}.json"
    assert refused(http.post(path, {"AnnounceUrl": "http://127.0.0.1:9/x"}))[0] == 400


def test_a_full_room_takes_nobody_more(http: Http) -> None:
    made = [http.post("/Conferences/small/Participants.json", {**LEG, "MaxParticipants": "2"}) for _ in "abc"]
    assert [answer.status_code for answer in made] == [201, 201, 400]
    assert refused(made[-1]) == (400, 16020)


def test_only_a_room_in_progress_can_be_ended(http: Http, call: Call) -> None:
    path = f"/Conferences/{call.sid}.json"
    assert refused(http.post(path, {"Status": "in-progress"})) == (400, 20001)
    assert http.post(path, {"Status": "completed"}).status_code == 200
    assert refused(http.post(path, {"Status": "completed"})) == (400, 16099)
    waiting = http.post("/Conferences/new/Participants.json", LEG).json()["conference_sid"]
    assert refused(http.post(f"/Conferences/{waiting}.json", {"Status": "completed"})) == (400, 16099)


def test_after_the_end_there_is_nobody(http: Http, call: Call) -> None:
    http.post(f"/Conferences/{call.sid}.json", {"Status": "completed"})
    assert http.get(f"/Conferences/{call.sid}.json").json()["status"] == "completed"
    path = f"/Conferences/{call.sid}/Participants/{call.agent}.json"
    for answer in (http.get(path), http.post(path, {"Muted": "true"}), http.delete(path)):
        assert refused(answer) == (404, 20404)


def test_a_call_that_talks_cannot_be_cancelled(http: Http, call: Call) -> None:
    path = f"/Calls/{call.agent}.json"
    assert refused(http.post(path, {"Status": "canceled"})) == (400, 21220)
    http.post(path, {"Status": "completed"})
    assert refused(http.post(path, {"Twiml": "<Response/>"})) == (400, 21220)


@pytest.mark.parametrize(
    "query",
    [
        {"Status": "live"},
        {"PageSize": "0"},
        {"PageSize": "many"},
        {"Page": "1"},
        {"Page": "1", "PageToken": "PAnonsense"},
        {"DateCreated": "yesterday"},
        {"Colour": "red"},
    ],
)
def test_a_bad_list_is_refused(http: Http, query: dict[str, str]) -> None:
    assert refused(http.get("/Conferences.json", **query)) == (400, 20001)


def test_a_label_is_found_percent_encoded(http: Http, call: Call) -> None:
    http.post(f"/Conferences/{call.sid}/Participants.json", {**LEG, "Label": "desk 7 & more"})
    answer = http.get(f"/Conferences/{call.sid}/Participants/desk%207%20%26%20more.json")
    assert answer.json()["label"] == "desk 7 & more"


def test_every_answer_has_the_sandboxs_date(http: Http) -> None:
    assert http.get("/Conferences.json").headers["Date"].endswith("GMT")
    assert http.get("/Nothing.json").headers["Date"].endswith("GMT")


# Switches


def test_switches_decide_what_the_documents_leave_open(http: Http, sandbox: Sandbox, call: Call) -> None:
    path = f"/Conferences/{call.sid}/Participants.json"
    sandbox.post("/_sandbox/switches", {"label_errors": 409, "coach_without_target_status": 422})
    assert refused(http.post(path, {**LEG, "Label": "agent-1"})) == (409, 16026)
    assert refused(http.post(path, {**LEG, "Label": "a/b"})) == (409, 16024)
    assert refused(http.post(path, {**LEG, "Coaching": "true"})) == (422, 20001)


@pytest.mark.parametrize(("status", "code"), [(404, 20404), (400, 16099)])
def test_a_dial_into_a_finished_room(
    http: Http, sandbox: Sandbox, call: Call, status: int, code: int
) -> None:
    sandbox.post("/_sandbox/switches", {"create_into_completed": status})
    http.post(f"/Conferences/{call.sid}.json", {"Status": "completed"})
    assert refused(http.post(f"/Conferences/{call.sid}/Participants.json", LEG)) == (status, code)


def test_a_page_larger_than_allowed(http: Http, sandbox: Sandbox) -> None:
    assert http.get("/Conferences.json", PageSize="1001").json()["page_size"] == 1000
    sandbox.post("/_sandbox/switches", {"page_size_over": "refuse"})
    assert refused(http.get("/Conferences.json", PageSize="1001")) == (400, 20001)


def test_a_2xx_may_come_before_its_effect(http: Http, sandbox: Sandbox, call: Call) -> None:
    sandbox.post("/_sandbox/switches", {"late_2xx_ms": 4000})
    answer = http.post(f"/Conferences/{call.sid}/Participants/{call.agent}.json", {"Muted": "true"})
    assert answer.json()["muted"] is True
    assert call.leg(call.agent)["muted"] is False
    sandbox.wait_for(lambda: call.leg(call.agent)["muted"])
