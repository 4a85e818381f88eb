"""Many callbacks at one instant, and a whole call as the sandbox posts it."""

import threading
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from participants.models import Account, Callback, Conference, Participant
from tests.factories import make_sandbox_account
from tests.participants.callbacks.posting import fresh, verdicts
from tests.participants.providers.apis import AGENT, CUSTOMER
from tests.participants.wire import Wire
from tests.patience import ANSWER_S, patient
from tests.sandbox.process import Sandbox, running_sandbox

pytestmark = [pytest.mark.django_db(transaction=True)]


def post_together(name: str, forms: list[tuple[str, dict[str, str]]]) -> list[int]:
    """Each form in a thread and a connection of its own, all at one instant."""
    together, statuses = threading.Barrier(len(forms)), []

    def send(kind: str, form: dict[str, str]) -> None:
        try:
            mine = Wire(name, Client(raise_request_exception=False))
            together.wait(timeout=ANSWER_S)
            statuses.append(mine.post(kind, form))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=each) for each in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=patient(20))
    return statuses


@pytest.mark.both_databases
def test_copies_at_the_same_instant_are_one_callback(wire: Wire) -> None:
    assert post_together(wire.name, [fresh(wire, "participant-join")] * 8) == [200] * 8
    assert verdicts() == ["applied"]
    assert Conference.objects.get().version == 2


@pytest.mark.both_databases
def test_different_callbacks_at_the_same_instant_all_count(wire: Wire) -> None:
    forms = [
        fresh(
            wire,
            "participant-join",
            SequenceNumber=f"{n}",
            CallSid=wire.dialect.call_sid(n),
            ParticipantLabel=f"leg-{n}",
        )
        for n in range(1, 9)
    ]
    assert post_together(wire.name, forms) == [200] * 8
    assert Conference.objects.count() == 1
    assert Participant.objects.filter(status="connected").count() == 8


@pytest.mark.both_databases
def test_a_leg_and_its_call_at_the_same_instant_find_each_other(wire: Wire) -> None:
    forms = []
    for n in range(1, 7):
        this_leg = {"CallSid": wire.dialect.call_sid(n), "SequenceNumber": f"{n}"}
        forms += [fresh(wire, "participant-join", **this_leg), fresh(wire, "call-inbound", **this_leg)]
    assert post_together(wire.name, forms) == [200] * 12
    assert set(verdicts()) == {"applied"}
    assert Participant.objects.filter(presence="in", call_status="in-progress").count() == 6


def all_delivered(sandbox: Sandbox, *, at_least: int) -> bool:
    """Whether that many callbacks were sent, and each was answered with 200."""
    sent = sandbox.get("/_sandbox/callbacks")
    return len(sent) >= at_least and all(each["status"] == 200 for each in sent)


def test_a_call_of_the_sandbox_is_mirrored_and_mirrored_once(
    name: str, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = live_server.url
    with running_sandbox(callback_url=live_server.url) as sandbox:
        make_sandbox_account(name, sandbox, monkeypatch)
        made = sandbox.post("/_sandbox/conferences", {"provider": name, "legs": [CUSTOMER, AGENT]})
        sandbox.post(f"/_sandbox/conferences/{made['sid']}/end")
        sandbox.wait_for(lambda: all_delivered(sandbox, at_least=9))
        before = Callback.objects.count()
        sandbox.post("/_sandbox/callbacks/redeliver", {"all": True})
        sandbox.wait_for(lambda: all_delivered(sandbox, at_least=2 * before))
    assert Callback.objects.count() == before
    # A leave may have said already how the call ended.
    assert set(verdicts()) <= {"applied", "superseded"}
    conference = Conference.objects.get(sid=made["sid"])
    assert conference.status == "completed"
    assert {leg.status for leg in conference.participants.all()} == {"complete"}
    assert Account.objects.get().callback_at is not None
