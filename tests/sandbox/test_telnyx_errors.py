"""What Telnyx refuses, and how: status, codes, pointers. Over plain HTTP: the SDK sends only some of it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any

import pytest
import requests

from participants.sandbox.telnyx_parameters import PARAMETERS
from tests.patience import ANSWER_S
from tests.sandbox.conftest import AGENT, Call
from tests.sandbox.process import Sandbox
from tests.sandbox.sides import Api, Bearer
from tests.sandbox.telnyx_specification import TABLE

NOBODY = "v3:" + "0" * 54
NO_ROOM = "00000000-0000-4000-8000-00000000000f"
NOT_FOUND = {"errors": [{"detail": "Resource not found"}]}
Problems = list[tuple[str, str | None]]


@pytest.fixture
def provider() -> str:
    return "telnyx"


@pytest.fixture
def call(sandbox: Sandbox) -> Call:
    return Call(sandbox, "telnyx")


def refused(answer: requests.Response, status: int = 422) -> Problems:
    """(code, what its pointer names) of each error."""
    assert answer.status_code == status, answer.text
    errors = answer.json()["errors"]
    assert all({"code", "title", "detail"} <= set(error) for error in errors)
    return [(error["code"], error.get("source", {}).get("pointer")) for error in errors]


def test_the_sandbox_knows_the_tables_parameters_and_no_other() -> None:
    with TABLE.open(newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["provider"] == "telnyx" and row["in"] != "path"]
    for operation, known in PARAMETERS.items():
        names = {name for name in known if name[-1] not in "<>"}
        assert names == {row["name"] for row in rows if row["operation"] == operation}, operation


@pytest.mark.parametrize("key", ["", "sandbox-telnyx", "sandbox-telnyx-key2"])
def test_a_wrong_key_is_told_to_authenticate(api: Api, key: str) -> None:
    answer = requests.get(f"{api.base}/Conferences", auth=Bearer(key), timeout=ANSWER_S)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"]) == (401, "10009")
    assert error["meta"]["url"].startswith("https://")


def test_basic_credentials_are_no_key(api: Api) -> None:
    answer = requests.get(f"{api.base}/Conferences", auth=("x", "sandbox-telnyx-key"), timeout=ANSWER_S)
    assert answer.status_code == 401


def test_another_account_is_not_permitted(api: Api) -> None:
    api.base = api.base[:-1] + "3"
    assert refused(api.get("/Conferences"), 403) == [("10010", None)]


@pytest.mark.parametrize(
    "path",
    [
        "/Queues",
        f"/Recordings/{NO_ROOM}.json",
        f"/Conferences/{NO_ROOM}",
        "/Conferences/billing-1",
        f"/Conferences/{NO_ROOM}/Participants",
        f"/Conferences/{NO_ROOM}/Recordings",
        f"/Conferences/{NO_ROOM}/Recordings.json",
        f"/Calls/{NOBODY}",
    ],
)
def test_what_does_not_exist_is_404_with_a_detail_alone(api: Api, call: Call, path: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_the_other_providers_conferences_and_calls_do_not_exist(api: Api, sandbox: Sandbox) -> None:
    foreign = Call(sandbox, "twilio")
    for path in (f"/Conferences/{foreign.sid}", f"/Calls/{foreign.agent}"):
        assert api.get(path).status_code == 404
    assert api.get("/Conferences").json()["conferences"] == api.get("/Calls").json()["calls"] == []
    assert api.post(f"/Calls/{foreign.agent}", {"Status": "completed"}).status_code == 404


def test_a_wrong_method_is_405(api: Api, call: Call) -> None:
    refused(api.post("/Conferences"), 405)
    refused(api.delete(f"/Conferences/{call.sid}"), 405)
    assert api.post(f"/Conferences/{call.sid}.json", {"Status": "completed"}).status_code == 404


def test_too_many_requests_say_when_there_may_be_more(api: Api, sandbox: Sandbox) -> None:
    sandbox.post("/_sandbox/faults/next", {"effect": "429"})
    answer = api.get("/Conferences")
    assert refused(answer, 429) == [("10011", None)]
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert {"x-ratelimit-limit", "x-ratelimit-reset"} <= set(answer.headers)


@pytest.mark.parametrize(
    ("params", "code", "about"),
    [
        ({"To": "0123"}, "10016", "To"),
        ({"To": "+15005550001"}, "10016", "To"),
        ({"From": "nobody"}, "10016", "From"),
        ({"From": "+12025550101"}, "10015", "From"),
        ({"ApplicationSid": "1"}, "10015", "ApplicationSid"),
        ({"StatusCallback": "ftp://x"}, "10003", "StatusCallback"),
        ({"StatusCallback": "https://x.example/" + "x" * 2000}, "10003", "StatusCallback"),
        ({"StatusCallbackMethod": "PUT"}, "10032", "StatusCallbackMethod"),
        ({"StatusCallbackEvent": "begin"}, "10032", "StatusCallbackEvent"),
        ({"ConferenceStatusCallbackEvent": "start mute"}, "10032", "ConferenceStatusCallbackEvent"),
        ({"Timeout": "4"}, "10033", "Timeout"),
        ({"Timeout": "121"}, "10033", "Timeout"),
        ({"Timeout": "soon"}, "10026", "Timeout"),
        ({"MaxParticipants": "801"}, "10033", "MaxParticipants"),
        ({"Label": "a/b"}, "10033", "Label"),
        ({"Label": "agent-1"}, "10015", "Label"),
        ({"Muted": "banana"}, "10026", "Muted"),
        ({"Muted": "True"}, "10026", "Muted"),
        ({"Muted": ""}, "10026", "Muted"),
        ({"Beep": "loud"}, "10032", "Beep"),
        ({"CallerId": "Anna <1>"}, "10033", "CallerId"),
        ({"Coaching": "true"}, "10004", "CallSidToCoach"),
        ({"CallSidToCoach": NOBODY}, "10004", "Coaching"),
        ({"Coaching": "true", "CallSidToCoach": NOBODY}, "90015", "CallSidToCoach"),
        ({"Coaching": "true", "CallSidToCoach": "lead"}, "90015", "CallSidToCoach"),
        ({"CustomHeaders": "X-Why: so"}, "10026", "CustomHeaders"),
        ({"JitterBufferSize": "small"}, "10015", "JitterBufferSize"),
        ({"WaitMethod": "GET"}, "10015", "WaitMethod"),
        ({"muted": "true"}, "10015", "muted"),
    ],
)
def test_a_bad_dial_is_refused(
    api: Api, sandbox: Sandbox, call: Call, params: dict[str, str], code: str, about: str
) -> None:
    assert refused(api.dial(call.sid, **params)) == [(code, f"/{about}")]
    assert len(call.shown()["legs"]) == 2, "nothing was dialled"
    sandbox.post("/_sandbox/switches", {"telnyx_bad_dial": 400})
    assert refused(api.dial(call.sid, **params), 400) == [(code, f"/{about}")]


def test_several_errors_come_in_one_list(api: Api, call: Call) -> None:
    answer = api.dial(call.sid, Timeout="4", Muted="perhaps", Beep="loud")
    assert refused(answer) == [("10033", "/Timeout"), ("10026", "/Muted"), ("10032", "/Beep")]
    empty = api.post(f"/Conferences/{call.sid}/Participants")
    assert refused(empty) == [("10004", "/To"), ("10004", "/From")]


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({"Muted": 1}, [("10026", "/Muted")]),
        ({"Timeout": True, "From": 5}, [("10026", "/From"), ("10026", "/Timeout")]),
        ({"Timeout": 4.5}, [("10026", "/Timeout")]),
        ({"muted": True}, [("10015", "/muted")]),
    ],
)
def test_json_has_types_of_its_own(api: Api, call: Call, body: Any, problems: Problems) -> None:
    dial = {**api.side.dial, "To": "client:lead", **body}
    url = f"{api.base}/Conferences/{call.sid}/Participants"
    assert refused(requests.post(url, json=dial, auth=api.side.auth, timeout=ANSWER_S)) == problems


@pytest.mark.parametrize("raw", ["{", "[]", '"Muted"'])
def test_a_body_that_cannot_be_read_is_400(api: Api, call: Call, raw: str) -> None:
    url = f"{api.base}/Conferences/{call.sid}/Participants/agent-1"
    headers = {"Content-Type": "application/json"}
    answer = requests.post(url, data=raw, headers=headers, auth=api.side.auth, timeout=ANSWER_S)
    assert refused(answer, 400) == [("10015", None)]


def test_a_name_needs_an_application_and_leaves_no_room_behind(api: Api, sandbox: Sandbox) -> None:
    path = "/Conferences/new/Participants"
    assert refused(api.post(path, {"From": "+12025550100", "To": "client:lead"})) == [
        ("10004", "/ApplicationSid")
    ]
    refused(api.dial("new", Coaching="true", CallSidToCoach=NOBODY))
    assert sandbox.get("/_sandbox/conferences") == []


@pytest.mark.parametrize(
    ("params", "code", "about"),
    [
        ({"Hold": "1"}, "10026", "Hold"),
        ({"Coaching": "true"}, "10004", "CallSidToCoach"),
        ({"CallSidToCoach": NOBODY}, "10004", "Coaching"),
        ({"Coaching": "true", "CallSidToCoach": NOBODY}, "90015", "CallSidToCoach"),
        ({"HoldMethod": "PUT"}, "10032", "HoldMethod"),
        ({"AnnounceUrl": "nowhere"}, "10003", "AnnounceUrl"),
        ({"Label": "new"}, "10015", "Label"),
        ({"WaitMethod": "GET"}, "10015", "WaitMethod"),
    ],
)
def test_a_bad_update_is_refused(api: Api, call: Call, params: Any, code: str, about: str) -> None:
    before = call.shown()
    answer = api.post(f"/Conferences/{call.sid}/Participants/{call.agent}", params)
    assert refused(answer) == [(code, f"/{about}")]
    assert call.shown() == before


def test_nobody_coaches_themselves_or_somebody_on_hold(api: Api, sandbox: Sandbox, call: Call) -> None:
    def coach(who: str, whom: str) -> Problems:
        path = f"/Conferences/{call.sid}/Participants/{who}"
        return refused(api.post(path, {"Coaching": "true", "CallSidToCoach": whom}))

    assert coach(call.agent, call.agent) == [("90015", "/CallSidToCoach")]
    sandbox.post(f"/_sandbox/legs/{call.agent}/set", {"hold": True})
    assert coach(call.customer, call.agent) == [("90015", "/CallSidToCoach")]


def test_a_held_leg_cannot_be_announced_to(api: Api, sandbox: Sandbox, call: Call) -> None:
    sandbox.post(f"/_sandbox/legs/{call.agent}/set", {"hold": True})
    path = f"/Conferences/{call.sid}/Participants/{call.agent}"
    assert refused(api.post(path, {"AnnounceUrl": "http://127.0.0.1:9/x"})) == [("10015", "/AnnounceUrl")]


def test_a_full_room_takes_nobody_more(api: Api) -> None:
    made = [api.dial("small", MaxParticipants="2") for _ in "abc"]
    assert [answer.status_code for answer in made] == [200, 200, 422]
    assert refused(made[-1]) == [("90032", None)]


def test_an_ended_conference_says_so(api: Api, call: Call) -> None:
    path = f"/Conferences/{call.sid}"
    assert refused(api.post(path, {"Status": "in-progress"})) == [("10032", "/Status")]
    assert api.post(path, {"Status": "completed"}).status_code == 200
    assert refused(api.post(path, {"Status": "completed"})) == [("90019", None)]
    assert refused(api.dial(call.sid)) == [("90019", None)]
    assert api.get(path).json()["status"] == "completed"
    assert api.get(f"{path}/Participants").json()["participants"] == []


def test_a_room_that_waits_is_not_ended_and_not_gone(api: Api) -> None:
    waiting = api.dial("new").json()["conference_sid"]
    assert refused(api.post(f"/Conferences/{waiting}", {"Status": "completed"})) == [("10015", "/Status")]


def test_ended_legs_are_404(api: Api, sandbox: Sandbox, call: Call) -> None:
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    path = f"/Conferences/{call.sid}/Participants/{call.agent}"
    act: Callable[[str], requests.Response]
    for act in (api.get, api.post, api.delete):
        answer = act(path)
        assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


def test_a_call_that_has_ended_or_only_rings_says_so(api: Api, sandbox: Sandbox, call: Call) -> None:
    rings = sandbox.post(f"/_sandbox/conferences/{call.sid}/legs", {**AGENT, "label": None, "joined": False})[
        "call_sid"
    ]
    assert refused(api.post(f"/Calls/{rings}", {"Texml": "<Response/>"})) == [("90034", None)]
    path = f"/Calls/{call.agent}"
    assert refused(api.post(path, {"Status": "canceled"})) == [("10032", "/Status")]
    assert api.post(path, {"Status": "completed"}).status_code == 200
    assert refused(api.post(path, {"Status": "completed"})) == [("90018", None)]
    assert refused(api.post(path, {"Url": "https://x.example/", "Texml": "<Response/>"})) == [
        ("10015", "/Texml")
    ]


@pytest.mark.parametrize(
    ("list_of", "query", "code"),
    [
        ("/Conferences", {"Status": "live"}, "10032"),
        ("/Conferences", {"PageSize": "0"}, "10033"),
        ("/Conferences", {"PageSize": "many"}, "10026"),
        ("/Conferences", {"Page": "1"}, "10033"),
        ("/Conferences", {"Page": "1", "PageToken": "nonsense"}, "10033"),
        ("/Conferences", {"DateCreated": "yesterday"}, "10026"),
        ("/Conferences", {"DateCreated>": "2026-01-01"}, "10015"),
        ("/Conferences", {"DateCreated": "=>2026-01-01"}, "10026"),
        ("/Conferences", {"Colour": "red"}, "10015"),
        ("/Calls", {"Status": "ringing"}, "10032"),
        ("/Calls", {"StartTime": "noon"}, "10026"),
        ("/Calls", {"ParentCallSid": NOBODY}, "10015"),
    ],
)
def test_a_bad_list_is_refused(api: Api, list_of: str, query: dict[str, str], code: str) -> None:
    assert [found for found, _ in refused(api.get(list_of, **query))] == [code]


@pytest.mark.parametrize("query", [{"PageSize": "1"}, {"Page": "0"}, {"Muted": "true"}])
def test_the_list_of_participants_takes_no_parameters(api: Api, call: Call, query: dict[str, str]) -> None:
    (name,) = query
    answer = api.get(f"/Conferences/{call.sid}/Participants", **query)
    assert refused(answer) == [("10015", f"/{name}")]


def test_a_label_is_found_percent_encoded(api: Api, call: Call) -> None:
    made = api.dial(call.sid, Label="desk 7 & more").json()
    found = api.get(f"/Conferences/{call.sid}/Participants/desk%207%20%26%20more").json()
    assert found["call_sid"] == made["call_sid"]
    assert "label" not in found | made


def test_headers_of_its_own_may_be_sent_as_a_form(api: Api, call: Call) -> None:
    form = {"CustomHeaders[0][name]": "X-Why", "CustomHeaders[0][value]": "listening"}
    assert api.dial(call.sid, **form).status_code == 200


def test_a_page_larger_than_allowed(api: Api, sandbox: Sandbox) -> None:
    assert api.get("/Conferences", PageSize="1001").json()["page_size"] == 1000
    sandbox.post("/_sandbox/switches", {"page_size_over": "refuse"})
    assert refused(api.get("/Conferences", PageSize="1001")) == [("10033", "/PageSize")]


def test_a_2xx_may_come_before_its_effect(api: Api, sandbox: Sandbox, call: Call) -> None:
    sandbox.post("/_sandbox/switches", {"late_2xx_ms": 4000})
    answer = api.post(f"/Conferences/{call.sid}/Participants/{call.agent}", {"Muted": "true"})
    assert answer.json()["muted"] is True
    assert call.leg(call.agent)["muted"] is False
    sandbox.wait_for(lambda: call.leg(call.agent)["muted"])
