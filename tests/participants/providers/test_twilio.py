"""What Twilio alone says and wants."""

from types import SimpleNamespace
from typing import Any

import pytest

from participants.events import Presence
from participants.providers import Refused, Unknown
from tests.participants.providers.apis import APIS, Api
from tests.participants.providers.asking import dial
from tests.participants.trickling import answers, listening
from tests.sandbox.process import Sandbox

TWILIO = APIS["twilio"]


@pytest.fixture
def api() -> Api:
    return TWILIO


@pytest.mark.parametrize(
    "status, call_status, presence",
    [
        ("queued", "queued", None),
        ("connecting", "initiated", None),
        ("ringing", "ringing", None),
        ("connected", "in-progress", Presence.IN),
        ("complete", "completed", Presence.LEFT),
        ("failed", "failed", Presence.LEFT),
        ("teleporting", None, None),
    ],
)
def test_it_says_a_leg_s_status_in_our_words(
    waits: Any, status: str, call_status: str | None, presence: Presence | None
) -> None:
    body = TWILIO.leg_body(status=status, queue_time="1500", muted=None)
    with listening(answers(body)) as server:
        leg = TWILIO.at(server.url).fetch_participant(TWILIO.room, TWILIO.leg)
    assert (leg.call_status, leg.presence, leg.queue_time) == (call_status, presence, 1500)
    assert (leg.muted, leg.hold, leg.coaching) == (None, None, None), "absent is not false"


def test_an_answer_about_another_label_is_unknown(waits: Any) -> None:
    body = TWILIO.leg_body(label="earshot-2")
    with listening(answers(body, status="201 Created")) as server, pytest.raises(Unknown):
        dial(TWILIO.at(server.url), TWILIO.room)


@pytest.mark.parametrize(
    "code, happens",
    [
        ("16027", lambda sandbox, call: sandbox.post(f"/_sandbox/legs/{call.agent}/set", {"hold": True})),
        ("16028", lambda sandbox, call: sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")),
    ],
)
def test_it_tells_a_held_target_from_one_that_has_left(
    wire: Any, sandbox: Sandbox, call: SimpleNamespace, code: str, happens: Any
) -> None:
    happens(sandbox, call)
    with pytest.raises(Refused) as refused:
        dial(wire, call.sid, coaching=True, target=call.agent)
    assert refused.value.code == code


def test_a_label_in_use_has_a_code_of_its_own(wire: Any, call: SimpleNamespace) -> None:
    dial(wire, call.sid)
    with pytest.raises(Refused) as taken:
        dial(wire, call.sid)
    assert taken.value.code == "16026"


def test_its_callback_urls_survive_our_own_failures(wire: Any) -> None:
    assert wire.callback_fragment == "#rc=3&rp=all&ct=2000&rt=4000"
