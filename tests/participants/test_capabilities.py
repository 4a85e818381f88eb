"""What a provider can be asked, as data: read strictly, and never spelled so that it is taken otherwise."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from participants.capabilities import capabilities_json
from participants.providers import PROVIDERS, NotSent, Provider, Unsupported
from participants.providers.capabilities import COLUMNS, TABLE, Operation, read_table
from participants.providers.parameters import BadParameter, Parameter

EVERY = [
    pytest.param(parameter, id=f"{name} {operation} {key}")
    for name, kind in PROVIDERS.items()
    for operation, parameters in kind.operations().items()
    for key, parameter in parameters.items()
]
ASKED = {
    "participant.create": "from to label timeout beep early_media muted coaching call_sid_to_coach"
    " status_callback status_callback_event start_conference_on_enter end_conference_on_exit",
    "participant.update": "muted hold coaching call_sid_to_coach end_conference_on_exit",
    "conference.update": "status",
    "conference.list": "status page_size",
    **dict.fromkeys(("participant.fetch", "participant.list", "participant.delete"), ""),
    **dict.fromkeys(("conference.fetch", "call.fetch"), ""),
}
RIGHT = {
    "provider": "somebody",
    "operation": "participant.update",
    "in": "form",
    "name": "Muted",
    "type": "boolean",
    "required": "no",
}


def lines(*rows: dict[str, str]) -> list[str]:
    return [",".join(COLUMNS), *(",".join(row.get(name, "") for name in COLUMNS) for row in rows)]


def only(**changes: str) -> Parameter:
    table = read_table(lines(RIGHT | changes))
    (parameter,) = table["somebody"]["participant.update"].values()
    return parameter


def dial_of(name: str) -> Operation:
    return PROVIDERS[name].operations()["participant.create"]


def made(name: str) -> Provider:
    account = SimpleNamespace(
        key=name, sid="AC1", api_url="", caller_id="", application_sid="", public_key=""
    )
    return PROVIDERS[name](account, "secret")


# --- the table --------------------------------------------------------------------------------------------
def test_every_line_of_the_table_is_a_parameter_of_a_provider() -> None:
    assert len(EVERY) == len(TABLE.read_text().splitlines()) - 1 > 250


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("operation", ASKED)
def test_every_provider_says_how_it_is_asked_what_earshot_asks(name: str, operation: str) -> None:
    assert set(ASKED[operation].split()) <= set(PROVIDERS[name].operations()[operation])


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "integer (h)"},
        {"in": "header"},
        {"operation": "participant"},
        {"required": "maybe"},
        {"name": ""},
        {"name": "Call-Sid"},
        {"type": "integer", "min": "few"},
        {"type": "string", "enum": "one of a few"},
        {"type": "string", "enum": "[a-z]"},
        {"type": "string", "enum": "^([a-z]$"},
        {"type": "array of string"},
        {"type": "integer", "enum": "1|2"},
        {"enum": "true|false|perhaps"},
        {"default": "usually"},
        {"type": "integer", "default": "a few"},
        {"type": "integer", "default": "7", "max": "5"},
        {"type": "string", "enum": "GET|POST", "default": "PUT (unsure)"},
        {"type": "string (words)", "enum": "start|end", "default": "none"},
        {"type": "string(uri)", "default": "hold music"},
    ],
    ids=str,
)
def test_a_line_that_cannot_be_read_is_named_and_stops_everything(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="Line 3 of the table of parameters"):
        read_table(lines(RIGHT, RIGHT | {"name": "Hold"} | wrong))


def test_a_parameter_that_stands_twice_or_a_missing_column_stops_everything_too() -> None:
    with pytest.raises(ValueError, match=r"Line 3 .* muted stands twice"):
        read_table(lines(RIGHT, RIGHT))
    with pytest.raises(ValueError, match="Line 2"):
        read_table([",".join(COLUMNS), "somebody,participant.update,form"])
    with pytest.raises(ValueError, match="must have the columns"):
        read_table(["provider,operation"])


@pytest.mark.parametrize(
    "row, default, sure",
    [
        ({"default": "true"}, True, True),
        ({"type": "integer (s)", "default": "30"}, 30, True),
        ({"type": "string", "enum": "GET|POST", "default": "POST (unsure)"}, "POST", False),
        ({"type": "string (words)", "enum": "start|end", "default": "start end"}, ("start", "end"), True),
        ({"default": "(unsure)"}, None, False),
        ({}, None, True),
    ],
    ids=str,
)
def test_a_default_is_a_value_of_its_type_and_says_when_nobody_is_sure(
    row: dict[str, str], default: Any, sure: bool
) -> None:
    parameter = only(**row)
    assert (parameter.default, type(parameter.default), parameter.sure) == (default, type(default), sure)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_default_that_is_told_can_be_given_as_it_stands(name: str) -> None:
    operations = json.loads(json.dumps(capabilities_json(name, PROVIDERS[name])))["operations"]
    told = [(operation, each) for operation, taken in operations.items() for each in taken]
    given = [(operation, each) for operation, each in told if each["default"] is not None]
    assert len(given) > 20 and not all(each["sure"] for _, each in told)
    for operation, each in given:
        PROVIDERS[name].operations()[operation][each["name"]].wire(each["default"])


# --- spelling ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("parameter", [each for each in EVERY if each.values[0].kind == "boolean"])
def test_a_boolean_is_true_or_false_and_never_spelled_otherwise(parameter: Parameter) -> None:
    assert [parameter.wire(True), parameter.wire(False)] == [["true"], ["false"]]
    for wrong in ("true", "True", "false", "yes", "1", "", 1, 0, None, ["true"]):
        with pytest.raises(BadParameter, match=f"^{parameter.key} .*must be true or false"):
            parameter.wire(wrong)


@pytest.mark.parametrize("parameter", EVERY)
@settings(max_examples=10)
@given(value=st.one_of(st.booleans(), st.integers(), st.text(), st.floats(), st.none(), st.lists(st.text())))
def test_whatever_is_given_is_sent_in_a_known_spelling_or_refused_by_name(
    parameter: Parameter, value: Any
) -> None:
    try:
        sent = parameter.wire(value)
    except BadParameter as wrong:
        assert (wrong.field, wrong.allowed) == (parameter.key, parameter.allowed)
        return
    assert sent and all(isinstance(text, str) for text in sent)
    if parameter.words:
        assert set(" ".join(sent).split()) <= set(parameter.words)
    if parameter.kind == "boolean":
        assert sent in (["true"], ["false"])


@pytest.mark.parametrize(
    "name, key, right, wrong, allowed",
    [
        ("twilio", "timeout", 600, 601, "5 to 600 seconds"),
        ("telnyx", "timeout", 120, 121, "5 to 120 seconds"),
        ("twilio", "machine_detection_timeout", 59, 60, "3 to 59 seconds"),
        ("telnyx", "machine_detection_timeout", 30000, "30000", "a whole number of milliseconds"),
        ("telnyx", "conference_recording_timeout", 0, -1, "0 or more seconds"),
        ("twilio", "beep", "onEnter", "sometimes", "one of: true, false, onEnter, onExit"),
        ("twilio", "call_sid_to_coach", "CA" + "0" * 32, "v3:1", "CA and 32 hex digits"),
        ("twilio", "label", "x" * 128, "x" * 129, "a text of 1 to 128 characters that matches"),
        ("twilio", "label", "agent 1", "CA" + "0" * 32, "a text of 1 to 128 characters that matches"),
        ("twilio", "status_callback", "https://a.example/?x=1#rc=3", "a.example", "begins with http"),
        ("twilio", "wait_url", "", "silence", "or empty"),
        ("twilio", "to", "client:lead", "+44 20 7946 0102", "without spaces"),
        ("telnyx", "caller_id", "Ann (x)".replace("(x)", "!"), "Ann\n", "of at most 128 characters"),
    ],
)
def test_each_provider_has_its_own_limits(name: str, key: str, right: Any, wrong: Any, allowed: str) -> None:
    parameter = dial_of(name)[key]
    assert parameter.wire(right) == [str(right)]
    with pytest.raises(BadParameter) as refused:
        parameter.wire(wrong)
    assert refused.value.field == key and allowed in refused.value.allowed


def test_several_words_travel_as_each_provider_reads_them() -> None:
    words = ["ringing", "completed"]
    assert dial_of("twilio")["status_callback_event"].wire(words) == words
    assert dial_of("telnyx")["status_callback_event"].wire(words) == ["ringing completed"]
    for name in PROVIDERS:
        assert dial_of(name)["status_callback_event"].wire("ringing  completed") == (
            dial_of(name)["status_callback_event"].wire(words)
        ), "one text holds several words, too: so the providers write it"
        for wrong in ([], ["ringing", "sleeping"], "ringing,completed", "", " ", [{}]):
            with pytest.raises(BadParameter, match="must be a list of: initiated, ringing"):
                dial_of(name)["status_callback_event"].wire(wrong)


def test_headers_travel_as_numbered_pairs() -> None:
    headers = [{"name": "X-Call", "value": "1"}, {"name": "X-Team", "value": "Billing & more"}]
    assert dial_of("telnyx")["custom_headers"].sent(headers) == [
        ("CustomHeaders[0][name]", "X-Call"),
        ("CustomHeaders[0][value]", "1"),
        ("CustomHeaders[1][name]", "X-Team"),
        ("CustomHeaders[1][value]", "Billing & more"),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        "X-Call: 1",
        {"name": "X-Call", "value": "1"},
        [{"name": "X-Call"}],
        [{"name": "X-Call", "value": 1}],
        [{"name": "X-Call", "value": "1", "more": ""}],
        [{"name": "X Call", "value": "1"}],
        [{"name": "X-Call:", "value": "1"}],
        [{"name": "", "value": "1"}],
        [{"name": "X-Call", "value": "1\r\nVia: me"}],
        [{"name": "X-Call", "value": " "}],
        [{"name": "X-Call", "value": "1"}, {"name": "x-call", "value": "2"}],
        [{"name": f"X-{number}", "value": "1"} for number in range(21)],
    ],
)
def test_a_header_that_could_be_read_as_another_is_refused_by_name(wrong: Any) -> None:
    with pytest.raises(BadParameter, match="custom_headers must be a list of at most 20 objects"):
        dial_of("telnyx")["custom_headers"].sent(wrong)


def test_a_text_is_never_repeated_for_it_may_be_a_password() -> None:
    for key, secret in (("label", "hunter2/"), ("status_callback_event", ["hunter2"])):
        with pytest.raises(BadParameter) as refused:
            dial_of("twilio")[key].wire(secret)
        assert "hunter2" not in str(refused.value)


def test_our_names_are_theirs_in_small_letters() -> None:
    assert only(name="CallSidToCoach").key == "call_sid_to_coach"
    calls = PROVIDERS["twilio"].operations()["call.list"]
    assert {calls["start_time_after"].name, calls["start_time_before"].name} == {"StartTime>", "StartTime<"}


# --- forms ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PROVIDERS)
def test_a_form_holds_what_was_given_and_nothing_else(name: str) -> None:
    form = made(name).form("participant.update", muted=False, hold=None, call_sid_to_coach=None)
    assert form == [("Muted", "false")]
    dialled = made(name).form("participant.create", from_="+12025550100", to="client:lead", beep=False)
    assert dialled == [("From", "+12025550100"), ("To", "client:lead"), ("Beep", "false")]


@pytest.mark.parametrize("key", ["volume", "account_sid", "Muted"])
def test_what_a_provider_does_not_have_is_named(key: str) -> None:
    with pytest.raises(
        BadParameter, match=f"{key} must be left out: participant.update has no such parameter"
    ):
        made("twilio").form("participant.update", **{key: True})


def test_what_is_required_is_named_before_anything_is_sent() -> None:
    with pytest.raises(BadParameter, match="to must be given: a number, client:… or sip:… without spaces"):
        made("twilio").form("participant.create", from_="+12025550100")


@pytest.mark.parametrize("error", [BadParameter("label", "shorter"), made("twilio").unsupported("sing")])
def test_what_stops_here_was_not_sent_and_is_never_in_doubt(error: Exception) -> None:
    assert isinstance(error, NotSent)


def test_an_operation_that_a_provider_does_not_have_is_unsupported() -> None:
    with pytest.raises(Unsupported, match=r"Twilio cannot do recording\.list"):
        made("twilio").form("recording.list")
    assert made("telnyx").form("recording.list", page_size=5) == [("PageSize", "5")]
