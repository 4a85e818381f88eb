"""Every parameter with which somebody can be dialled: from the service to the wire, as it was given."""

from typing import Any

import pytest

from participants.models import Dial
from participants.providers import PROVIDERS
from participants.providers.parameters import Parameter
from participants.services import dialling
from participants.services.dial_wishes import COACHING
from tests.participants.floor import Floor

SAMPLES = {
    "to": "+447700900198",
    "from": "+12025550100",
    "label": "second level",
    "byoc": "BY" + "0" * 32,
    "application_sid": "1900000000000000001",
    "custom_headers": [{"name": "X-Case", "value": "4711"}],
    "caller_id": "+12025550100",
    "caller_display_name": "Earshot",
}
CREATE = "participant.create"
EVERY = [
    pytest.param(name, key, id=f"{name}-{key}")
    for name, kind in PROVIDERS.items()
    for key, each in kind.operations()[CREATE].items()
    if each.place == "form" and key not in COACHING
]


def sample(key: str, parameter: Parameter) -> Any:
    """A value that is not the default."""
    if key in SAMPLES:
        return SAMPLES[key]
    match parameter.kind:
        case "boolean":
            return parameter.default is not True
        case "integer":
            return max(parameter.low or 1, 1) if parameter.high is None else parameter.high
        case "word":
            return next(word for word in parameter.words if word != parameter.default)
        case "words":
            return list(parameter.words)
        case "uri":
            return "https://hooks.example.com/there?x=1"
    return "something said"


@pytest.mark.nightly
@pytest.mark.parametrize(("provider", "key"), EVERY, indirect=["provider"])
def test_it_arrives_as_it_was_given(floor: Floor, key: str) -> None:
    floor.account.dial_urls = "hooks.example.com"
    floor.account.save()
    call = floor.call("every parameter")
    parameter = PROVIDERS[floor.provider].operations()[CREATE][key]
    value = sample(key, parameter)
    wanted = {"to": SAMPLES["to"], key: value}
    dialling.dial(call, floor.asked(), **wanted)
    (sent,) = floor.dials()
    assert sent["status"] in (200, 201), sent
    found = sent["params"]
    for name, text in parameter.sent(value):
        told = found[name]
        assert text in told if isinstance(told, list) else told == text
    assert key in Dial.objects.get().parameters
