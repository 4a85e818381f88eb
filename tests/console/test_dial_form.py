"""The form for dialling somebody in: made from what the provider can be asked, and nothing else."""

import pytest
from django.http import QueryDict

from console import dial_form
from console.dial_words import GROUPS, LEFT_OUT, MORE, TOLD, UNITS
from participants.capabilities import kind_of, operation_json

PROVIDERS = ["twilio", "telnyx"]


def parameters(provider: str) -> dict[str, dict]:
    kind = kind_of(provider)
    assert kind is not None
    return {each["name"]: each for each in operation_json(kind.operations()[dial_form.OPERATION])}


def fields(provider: str) -> dict[str, dial_form.Field]:
    return dial_form.fields_of(parameters(provider).values())


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_parameter_has_its_place_or_a_reason_to_be_left_out(provider: str) -> None:
    names = set(parameters(provider))
    assert not names - set(TOLD) - set(LEFT_OUT)
    assert not set(TOLD) & set(LEFT_OUT)


def test_nothing_is_told_that_no_provider_takes() -> None:
    names = set().union(*(parameters(each) for each in PROVIDERS))
    own = {each.name for each in dial_form.own_fields()}
    assert (set(TOLD) - own) | set(LEFT_OUT) == names
    assert {told.group for told in TOLD.values()} <= set(GROUPS) - {MORE}


def test_who_hears_whom_is_never_asked_here() -> None:
    assert not {"coaching", "call_sid_to_coach"} & set(fields("twilio")) & set(fields("telnyx"))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_field_says_its_unit_its_bounds_its_default_and_a_sentence(provider: str) -> None:
    given = parameters(provider)
    for name, field in fields(provider).items():
        parameter = given[name]
        shown = f"{field.hint} {field.usual} {field.unit}"
        assert TOLD[name].sentence in field.hint
        assert UNITS.get(parameter["unit"] or "", "") in field.unit
        if parameter["type"] == "integer":
            for bound in (parameter["min"], parameter["max"]):
                assert bound is None or str(bound) in field.hint
        if parameter["default"] is not None and field.control != "check":
            assert "Default: " in shown
        if parameter["type"] == "word":
            assert [value for value, _ in field.options] == list(parameter["words"])


def test_the_same_parameter_has_the_unit_of_its_provider() -> None:
    assert fields("twilio")["machine_detection_timeout"].unit == "seconds"
    assert fields("telnyx")["machine_detection_timeout"].unit == "milliseconds"
    assert "5 to 600 seconds. Default: 60 seconds." in fields("twilio")["timeout"].hint
    assert "5 to 120 seconds. Default: 30 seconds." in fields("telnyx")["timeout"].hint


def test_a_parameter_that_nobody_has_placed_stands_under_more() -> None:
    row = parameters("twilio")["label"] | {"name": "new_thing"}
    field = dial_form.fields_of([row])["new_thing"]
    assert field.label == "New thing"
    assert [group.name for group in dial_form.groups_of([field])] == [MORE]


# --- what was written -------------------------------------------------------------------------------------
def read(provider: str, query: str) -> dict:
    return dial_form.read(fields(provider), QueryDict(query))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_nothing_that_was_left_alone_is_sent(provider: str) -> None:
    empty = QueryDict(mutable=True)
    for name in fields(provider):
        empty[name] = ""
    assert dial_form.read(fields(provider), empty) == {}


def test_each_value_has_its_type() -> None:
    query = (
        "to=%2B442079460102&timeout=20&early_media=false&muted=true&record=true&beep=false&label= second "
        "&wait_url=Silence&machine_detection=Enable&sip_auth_password=secret"
    )
    assert read("twilio", query) == {
        "to": "+442079460102",
        "timeout": 20,
        "early_media": False,
        "muted": True,
        "record": True,
        "beep": "false",
        "label": "second",
        "wait_url": "",
        "machine_detection": "Enable",
        "sip_auth_password": "secret",
    }


def test_headers_are_lines() -> None:
    assert read("telnyx", "custom_headers=X-One: 1%0AX-Two: a: b%0A") == {
        "custom_headers": [{"name": "X-One", "value": "1"}, {"name": "X-Two", "value": "a: b"}]
    }


@pytest.mark.parametrize("query", ["timeout=soon", "timeout=1.5", "timeout=٦٠", "custom_headers=nothing"])
def test_what_cannot_be_a_value_is_said_at_its_field(query: str) -> None:
    made = fields("telnyx")
    assert dial_form.read(made, QueryDict(query)) == {}
    name = query.partition("=")[0]
    assert len(made[name].errors) == 1
    assert [each.name for each in dial_form.groups_of(made.values()) if each.open]


def test_a_password_is_not_shown_again() -> None:
    made = fields("twilio")
    dial_form.read(made, QueryDict("sip_auth_password=secret"))
    assert made["sip_auth_password"].value == ""


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+44 20 7946-0102", "+442079460102"),
        ("client:agent-1", "client:agent-1"),
        ("020 7946", "020 7946"),
    ],
)
def test_a_number_may_be_written_as_people_write_it(typed: str, number: str) -> None:
    assert dial_form.plain_number(typed) == number
