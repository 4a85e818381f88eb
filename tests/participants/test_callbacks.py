"""What a provider may post: stored with its effect, once, and only when it is genuine."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import OperationalError, connections
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from participants import callbacks, mirror, supervising
from participants.models import Account, Callback, Conference, Participant
from tests.factories import make_account
from tests.participants.wire import DIALECTS, FORM, PUBLIC_URL, Wire, recording, recordings
from tests.sandbox.process import Sandbox, running_sandbox

pytestmark = pytest.mark.django_db
EVERY_RECORDING = [(name, event) for name in DIALECTS for event in recordings(name)]
Told = list[mirror.Changed]


@pytest.fixture(params=DIALECTS)
def wire(request: Any, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Each provider in turn, with an account of ours."""
    settings.PUBLIC_URL = PUBLIC_URL
    return make_wire(request.param, client, monkeypatch)


def make_wire(name: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(name, client)
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", wire.dialect.secret)
    make_account(name, provider=name, sid=wire.dialect.account_sid)
    return wire


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What was handed on after each commit."""
    handed: Told = []
    monkeypatch.setattr(supervising, "touched", lambda account, changed: handed.append(changed))
    return handed


def fresh(
    wire: Wire, event: str, *, age: timedelta = timedelta(0), **changes: str
) -> tuple[str, dict[str, str]]:
    """A recorded callback as it would come now (or `age` ago)."""
    recorded = recording(wire.name, event)
    stamp = wire.dialect.stamp(datetime.now(UTC) - age)
    return recorded["kind"], {**recorded["form"], "Timestamp": stamp, **changes}


def post(wire: Wire, event: str, **changes: str) -> int:
    kind, form = fresh(wire, event, **changes)
    return wire.post(kind, form)


def verdicts() -> list[str]:
    return list(Callback.objects.order_by("id").values_list("verdict", flat=True))


# --- what is genuine is kept, and does what it says -------------------------------------------------------
def test_a_callback_is_stored_as_received_with_its_effect(wire: Wire, told: Told) -> None:
    assert post(wire, "participant-join") == 200
    stored = Callback.objects.get()
    assert (stored.kind, stored.event, stored.sequence) == ("conference", "participant-join", 2)
    assert (stored.verdict, stored.detail) == ("applied", "")
    assert ["FriendlyName", "floor-7-call-991"] in stored.form
    assert abs(stored.occurred_at - stored.received_at) < timedelta(seconds=5)
    leg = Participant.objects.get()
    assert (leg.label, leg.status, leg.muted, leg.hold) == ("agent-17", "connected", False, False)
    assert told[0].conferences == {leg.conference_id}
    assert told[0].calls == {(leg.conference_id, leg.call_sid)}, "nobody knows yet who this is"


@pytest.mark.parametrize("name, event", EVERY_RECORDING)
def test_every_recorded_event_is_stored(
    name: str, event: str, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = PUBLIC_URL
    wire = make_wire(name, client, monkeypatch)
    assert post(wire, event) == 200
    assert verdicts()[0] in {"applied", "waiting", "unknown"}


@pytest.mark.parametrize("backwards", [False, True])
def test_a_whole_story_ends_the_same_in_both_directions(wire: Wire, backwards: bool) -> None:
    story = [
        "participant-join",
        "conference-start",
        "participant-hold",
        "participant-unhold",
        "participant-mute",
    ]
    forms = [fresh(wire, event) for event in story]
    for number, (_, form) in enumerate(forms, start=1):
        form["SequenceNumber"] = str(number)
    for kind, form in reversed(forms) if backwards else forms:
        assert wire.post(kind, form) == 200
    conference, leg = Conference.objects.get(), Participant.objects.get()
    assert (conference.status, conference.friendly_name) == ("in-progress", "floor-7-call-991")
    assert (leg.status, leg.hold, leg.muted) == ("connected", False, True)


def test_the_end_of_a_conference_ends_it(wire: Wire) -> None:
    for event in ("participant-join", "conference-end"):
        assert post(wire, event) == 200
    conference = Conference.objects.get()
    assert conference.status == "completed"
    assert conference.reason_ended == "participant-with-end-conference-on-exit-left"


def test_a_leg_that_is_moved_elsewhere_has_not_ended_its_call(wire: Wire) -> None:
    for event in ("participant-join", "participant-leave-moved"):
        assert post(wire, event) == 200
    leg = Participant.objects.get()
    assert leg.left_at is not None
    assert (leg.left_reason, leg.call_status) == ("participant_updated_via_api", None)


def test_a_leg_that_nobody_answered_has_failed(wire: Wire) -> None:
    assert post(wire, "participant-leave-never-answered") == 200
    leg = Participant.objects.get()
    assert (leg.status, leg.call_status) == ("failed", "no-answer")


def test_a_modified_coach_may_coach_somebody_else_now(wire: Wire) -> None:
    assert post(wire, "participant-modify") == 200
    leg = Participant.objects.get()
    assert (leg.coaching, leg.coaching_call_sid, leg.muted) == (True, None, True)


def test_a_call_s_event_waits_for_its_leg(wire: Wire) -> None:
    assert post(wire, "call-inbound") == 200
    assert verdicts() == ["waiting"]
    assert not Participant.objects.exists()
    assert post(wire, "participant-join") == 200
    assert verdicts() == ["applied", "applied"]
    leg = Participant.objects.get()
    assert (leg.address, leg.direction, leg.call_status) == ("+442079460102", "inbound", "in-progress")


@pytest.mark.parametrize(
    "event, changes",
    [
        ("participant-speech-start", {}),
        ("announcement-end", {}),
        ("participant-join", {"StatusCallbackEvent": "participant-teleport"}),
        ("call-ringing", {"CallStatus": "daydreaming"}),
        ("call-completed", {"CallbackSource": "call-cost-events"}),
    ],
)
def test_what_we_have_no_word_for_is_stored_and_changes_nothing(
    wire: Wire, event: str, changes: dict[str, str]
) -> None:
    assert post(wire, event, **changes) == 200
    assert verdicts() == ["unknown"]
    assert not Conference.objects.exists()


def test_unknown_fields_are_kept_and_otherwise_ignored(wire: Wire) -> None:
    assert post(wire, "participant-join", Zodiac="Libra & more") == 200
    assert ["Zodiac", "Libra & more"] in Callback.objects.get().form
    assert verdicts() == ["applied"]


def test_a_field_that_is_empty_says_nothing(wire: Wire) -> None:
    assert post(wire, "participant-join", ParticipantLabel="", Hold="") == 200
    leg = Participant.objects.get()
    assert (leg.label, leg.hold, leg.muted) == (None, None, False)


def test_the_hint_in_the_address_is_signed_with_it(wire: Wire) -> None:
    kind, form = fresh(wire, "call-ringing")
    assert wire.post(kind, form, query="leg=earshot-1") == 200
    headers = wire.dialect.sign(PUBLIC_URL + wire.path(kind), urlencode(form).encode(), wire.dialect.secret)
    assert wire.post(kind, form, query="leg=earshot-2", headers=headers) == 403


def test_a_callback_may_come_by_get(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    path = wire.path(kind, urlencode(form))
    headers = wire.dialect.sign(PUBLIC_URL + path, b"", wire.dialect.secret)
    assert wire.client.get(path, headers=headers).status_code == 200
    assert wire.client.get(path.replace("join", "leave"), headers=headers).status_code == 403
    assert verdicts() == ["applied"]


def test_it_notes_that_the_account_sends_callbacks(wire: Wire) -> None:
    post(wire, "participant-join")
    assert Account.objects.get().callback_at is not None


# --- the same one again -----------------------------------------------------------------------------------
def test_a_known_callback_changes_nothing(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, form) == 200
    before = Conference.objects.values().get(), Participant.objects.values().get()
    for _ in range(3):
        assert wire.post(kind, form) == 200
    assert verdicts() == ["applied"]
    assert (Conference.objects.values().get(), Participant.objects.values().get()) == before


def test_a_replay_does_not_bring_an_old_state_back(wire: Wire) -> None:
    kind, hold = fresh(wire, "participant-hold")
    assert wire.post(kind, hold) == 200
    assert post(wire, "participant-unhold") == 200
    assert wire.post(kind, hold) == 200
    assert Participant.objects.get().hold is False
    assert len(verdicts()) == 2


def test_one_without_a_number_is_known_by_its_bytes(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join", SequenceNumber="")
    assert wire.post(kind, form) == wire.post(kind, form) == 200
    assert wire.post(kind, form | {"Hold": "true"}) == 200
    assert len(verdicts()) == 2


def post_together(name: str, forms: list[tuple[str, dict[str, str]]]) -> list[int]:
    """Each form in a thread and a connection of its own, all at one instant."""
    together, statuses = threading.Barrier(len(forms)), []

    def send(kind: str, form: dict[str, str]) -> None:
        try:
            mine = Wire(name, Client(raise_request_exception=False))
            together.wait(timeout=5)
            statuses.append(mine.post(kind, form))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=each) for each in forms]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    return statuses


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_copies_at_the_same_instant_are_one_callback(wire: Wire) -> None:
    assert post_together(wire.name, [fresh(wire, "participant-join")] * 8) == [200] * 8
    assert verdicts() == ["applied"]
    assert Conference.objects.get().version == 2


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_different_callbacks_at_the_same_instant_all_count(wire: Wire) -> None:
    forms = [
        fresh(
            wire,
            "participant-join",
            SequenceNumber=f"{n}",
            CallSid=f"CA{n:032x}",
            ParticipantLabel=f"leg-{n}",
        )
        for n in range(1, 9)
    ]
    assert post_together(wire.name, forms) == [200] * 8
    assert Conference.objects.count() == 1
    assert Participant.objects.filter(status="connected").count() == 8


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_a_leg_and_its_call_at_the_same_instant_find_each_other(wire: Wire) -> None:
    forms = []
    for n in range(1, 7):
        this_leg = {"CallSid": f"CA{n:032x}", "SequenceNumber": f"{n}"}
        forms += [fresh(wire, "participant-join", **this_leg), fresh(wire, "call-inbound", **this_leg)]
    assert post_together(wire.name, forms) == [200] * 12
    assert set(verdicts()) == {"applied"}
    assert Participant.objects.filter(address="+442079460102", call_status="in-progress").count() == 6


# --- what is not genuine leaves no trace ------------------------------------------------------------------
def nothing_was_kept() -> bool:
    return not Callback.objects.exists() and not Conference.objects.exists()


def test_it_refuses_a_forged_callback(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, form, secret="not-the-token") == 403
    assert nothing_was_kept()


@pytest.mark.parametrize(
    "signature", ["", "x", "9YKXoJLTfIE+geQOW1sv4lQOUQM=", "ärgerlich", "\xff\xfe", "=" * 5000, "\U0001f4de"]
)
def test_it_refuses_whatever_is_no_signature(wire: Wire, signature: str) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, form, headers={wire.dialect.signature: signature}) == 403
    assert nothing_was_kept()


def test_it_refuses_one_without_a_signature_or_with_one_of_another_kind(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, form, headers={}) == 403
    assert wire.post(kind, form, headers={"Authorization": "Basic c2VjcmV0"}) == 403
    assert wire.post(kind, form, headers={"telnyx-signature-ed25519": "AA==", "telnyx-timestamp": "1"}) == 403
    assert nothing_was_kept()


def test_a_signature_is_for_the_public_address_and_no_other(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    body = urlencode(form).encode()
    for address in ("http://testserver", "http://earshot.example", "https://earshot.example:8443"):
        headers = wire.dialect.sign(address + wire.path(kind), body, wire.dialect.secret)
        forwarded = {"X-Forwarded-Host": "earshot.example", "X-Forwarded-Proto": "https"}
        assert wire.post(kind, form, headers=headers | forwarded) == 403
    assert nothing_was_kept()


def test_a_signature_for_one_kind_does_not_open_another(wire: Wire) -> None:
    _, form = fresh(wire, "participant-join")
    body = urlencode(form).encode()
    headers = wire.dialect.sign(PUBLIC_URL + wire.path("conference"), body, wire.dialect.secret)
    assert wire.post("call", form, headers=headers) == 403


def test_it_refuses_a_foreign_account(wire: Wire) -> None:
    assert post(wire, "participant-join", AccountSid=wire.dialect.foreign_sid) == 403
    assert nothing_was_kept()


def test_another_account_s_genuine_callback_is_not_ours(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_OTHER_TOKEN", "another-token")
    make_account("second", provider=wire.name, sid=wire.dialect.foreign_sid, secret="EARSHOT_OTHER_TOKEN")
    kind, form = fresh(wire, "participant-join")
    assert Wire(wire.name, wire.client, key="second").post(kind, form) == 403
    assert nothing_was_kept()


@pytest.mark.parametrize("name", ["SequenceNumber", "Hold", "CallSid", "AccountSid", "StatusCallbackEvent"])
def test_it_refuses_a_known_name_that_stands_twice(wire: Wire, name: str) -> None:
    kind, form = fresh(wire, "participant-join")
    for second in (form[name], "true"):
        assert wire.post(kind, f"{urlencode(form)}&{name}={second}".encode()) == 403
    assert nothing_was_kept()


def test_the_boundary_between_two_parameters_cannot_be_moved(wire: Wire) -> None:
    """Nothing separates names from values in the signed text: `xHoldtrue` also signs `x` and `Hold=true`."""
    kind, form = fresh(wire, "participant-join", FriendlyName="xHoldtrue")
    signed = wire.dialect.sign(PUBLIC_URL + wire.path(kind), urlencode(form).encode(), wire.dialect.secret)
    shifted = urlencode(form).replace("xHoldtrue", "x&Hold=true").encode()
    assert wire.post(kind, form) == 200
    assert wire.post(kind, shifted, headers=signed) == 403
    swallowed = urlencode(
        {k: v for k, v in form.items() if k not in ("FriendlyName", "Hold", "Muted")}
        | {"FriendlyName": "x", "Hold": "trueHoldfalseMutedfalse"}
    ).encode()
    assert wire.post(kind, swallowed, headers=signed) == 200, "genuine, so kept: but not believed"
    assert verdicts() == ["applied", "rejected"]
    assert Participant.objects.get().hold is False


# --- what is genuine and nonsense -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "event, changes",
    [
        ("participant-mute", {"Muted": "banana"}),
        ("participant-mute", {"Muted": "TRUE"}),
        ("participant-join", {"SequenceNumber": "-1"}),
        ("participant-join", {"SequenceNumber": "2.0"}),
        ("participant-join", {"SequenceNumber": "9" * 30}),
        ("participant-join", {"SequenceNumber": "\u0662"}),
        ("participant-join", {"Timestamp": "yesterday"}),
        ("participant-join", {"Timestamp": "Sat, 99 Nov 2026 10:15:04 +0000"}),
        ("participant-join", {"ConferenceSid": "CF1"}),
        ("participant-join", {"CallSid": ""}),
        ("participant-join", {"CallSid": "CA" + "2" * 31 + "\n"}),
        ("participant-join", {"StatusCallbackEvent": "Participant Join"}),
        ("participant-join", {"StatusCallbackEvent": ""}),
        ("participant-join", {"AccountSid": ""}),
        ("participant-join", {"FriendlyName": "x" * 256}),
        ("participant-join", {"ParticipantLabel": "a/b"}),
        ("call-ringing", {"CallStatus": ""}),
        ("call-ringing", {"From": "+1202 555 0100"}),
    ],
)
def test_a_bad_field_is_stored_and_not_believed(wire: Wire, event: str, changes: dict[str, str]) -> None:
    assert post(wire, event, **changes) == 200
    stored = Callback.objects.get()
    assert stored.verdict == "rejected"
    assert stored.detail.startswith(next(iter(changes)))
    assert not Conference.objects.exists()


def test_the_provider_is_asked_about_what_it_said_badly(wire: Wire, told: Told) -> None:
    assert post(wire, "participant-join") == 200
    assert post(wire, "participant-mute", Muted="banana") == 200
    conference, leg = Conference.objects.get(), Participant.objects.get()
    assert told[-1].legs == {(conference.pk, leg.call_sid)}
    assert conference.stale_since is not None
    assert leg.muted is False, "as before"


def test_a_rejected_one_again_is_no_second_row_and_no_second_question(wire: Wire, told: Told) -> None:
    kind, form = fresh(wire, "participant-mute", Muted="banana")
    assert post(wire, "participant-join") == 200
    assert wire.post(kind, form) == wire.post(kind, form) == 200
    assert verdicts() == ["applied", "rejected"]
    assert told[-1] == mirror.Changed(verdict="duplicate")


def test_what_is_older_than_a_day_is_stored_and_not_applied(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join", age=timedelta(hours=25))
    assert wire.post(kind, form) == 200
    stored = Callback.objects.get()
    assert (stored.verdict, stored.detail) == ("superseded", "It is older than 24 hours.")
    assert not Conference.objects.exists()
    kind, form = fresh(wire, "participant-hold", age=timedelta(hours=23))
    assert wire.post(kind, form) == 200
    assert Participant.objects.get().hold is True


# --- what is no callback at all ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body", [b"", b"&", b"Hold", b"Hold=\xff\xfe", b"Hold=%ff", b"A=%00", b'{"Hold": true}', b"a=1&" * 600]
)
def test_what_is_no_form_is_unreadable(wire: Wire, body: bytes) -> None:
    assert wire.post("conference", body) == 400
    assert nothing_was_kept()


def test_more_than_64_kb_are_refused_unread(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join", Zodiac="x" * callbacks.LIMIT)
    assert wire.post(kind, form) == 413
    assert nothing_was_kept()
    room = callbacks.LIMIT - len(urlencode(form | {"Zodiac": ""}))
    assert wire.post(kind, form | {"Zodiac": "x" * room}) == 200


def test_an_address_that_is_too_long_is_refused(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, form, query="leg=" + "x" * callbacks.LIMIT) == 413


@pytest.mark.parametrize(
    "path", ["/callbacks/nobody/conference/", "/callbacks/twilio/recipe/", "/callbacks/"]
)
def test_an_unknown_address_is_not_found(wire: Wire, path: str) -> None:
    assert wire.client.post(path, b"a=1", content_type=FORM).status_code == 404


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_missing_slash_is_not_redirected(wire: Wire, settings: Any, method: str, debug: bool) -> None:
    settings.DEBUG = debug
    path = wire.path("conference").rstrip("/")
    assert getattr(wire.client, method)(path).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "head", "options"])
def test_other_methods_are_not_allowed(wire: Wire, method: str) -> None:
    answer = getattr(wire.client, method)(wire.path("conference"))
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, POST"


def test_it_asks_for_no_csrf_token_and_no_session(wire: Wire) -> None:
    strict = Wire(wire.name, Client(enforce_csrf_checks=True))
    kind, form = fresh(strict, "participant-join")
    assert strict.post(kind, form) == 200
    assert not strict.client.cookies


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_no_bytes_however_signed_are_an_error_of_ours(wire: Wire, body: bytes) -> None:
    assert wire.post("conference", body) in {200, 400, 403}


@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_value_however_signed_is_an_error_of_ours(wire: Wire, data: st.DataObject) -> None:
    kind, form = fresh(wire, data.draw(st.sampled_from(recordings(wire.name))))
    for name in data.draw(st.lists(st.sampled_from(sorted(form)), max_size=3)):
        form[name] = data.draw(st.text(st.characters(codec="utf-8"), max_size=300))
    for name in data.draw(st.lists(st.sampled_from(sorted(form)), max_size=2)):
        form.pop(name, None)
    assert wire.post(kind, form) in {200, 400, 403}


# --- when we cannot ---------------------------------------------------------------------------------------
def test_what_cannot_be_applied_is_not_kept_either(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr(mirror, "apply", full)
        assert post(wire, "participant-join") == 503
    assert nothing_was_kept()
    assert post(wire, "participant-join") == 200, "the provider tries again"


@pytest.mark.parametrize("wrong", [OperationalError("no connection"), ZeroDivisionError("a fault of ours")])
def test_whatever_fails_before_it_is_stored_is_503(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise wrong

    monkeypatch.setattr(callbacks.Account.objects, "filter", fail)
    wire.client.raise_request_exception = False
    assert post(wire, "participant-join") == 503


def test_without_its_secret_an_account_can_store_nothing(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "")
    assert post(wire, "participant-join") == 503
    assert nothing_was_kept()


def test_whatever_fails_afterwards_is_still_200(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the step failed")

    monkeypatch.setattr(supervising, "touched", fail)
    assert post(wire, "participant-join") == 200
    assert verdicts() == ["applied"]


@pytest.mark.django_db(transaction=True)
def test_news_that_cannot_be_told_do_not_undo_the_answer(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("nobody listens")

    monkeypatch.setattr(mirror.live, "publish", fail)
    assert post(wire, "participant-join") == 200
    assert verdicts() == ["applied"]


def test_no_number_and_no_name_stands_in_the_log(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kind, form = fresh(wire, "call-inbound", CallerName="Ada Lovelace", Direction="???")
    assert wire.post(kind, form) == 200
    assert wire.post(kind, form, secret="not-the-token") == 403
    assert wire.post(kind, form | {"AccountSid": wire.dialect.foreign_sid}) == 403
    assert "403" in caplog.text
    assert "7946" not in caplog.text and "Ada" not in caplog.text and wire.dialect.secret not in caplog.text


# --- the sandbox posts them -------------------------------------------------------------------------------
CUSTOMER = {"from": "+442079460102", "to": "+12025550100", "direction": "inbound", "role": "customer"}
AGENT = {
    "from": "+12025550100",
    "to": "client:agent-1",
    "direction": "outbound",
    "role": "agent",
    "label": "agent-1",
}


def all_delivered(sandbox: Sandbox, *, at_least: int) -> bool:
    """Whether that many callbacks were sent, and each was answered with 200."""
    sent = sandbox.get("/_sandbox/callbacks")
    return len(sent) >= at_least and all(each["status"] == 200 for each in sent)


@pytest.mark.django_db(transaction=True)
def test_a_call_of_the_sandbox_is_mirrored_and_mirrored_once(
    live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.PUBLIC_URL = live_server.url
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", DIALECTS["twilio"].secret)
    make_account("twilio", sid=DIALECTS["twilio"].account_sid)
    with running_sandbox(callback_url=live_server.url) as sandbox:
        made = sandbox.post("/_sandbox/conferences", {"provider": "twilio", "legs": [CUSTOMER, AGENT]})
        customer = made["legs"][0]["call_sid"]
        sandbox.post(f"/_sandbox/legs/{customer}/set", {"hold": True})
        sandbox.post(f"/_sandbox/conferences/{made['sid']}/end")
        sandbox.wait_for(lambda: all_delivered(sandbox, at_least=10))
        before = Callback.objects.count()
        sandbox.post("/_sandbox/callbacks/redeliver", {"all": True})
        sandbox.wait_for(lambda: all_delivered(sandbox, at_least=2 * before))
    assert Callback.objects.count() == before
    # A leave may have said already how the call ended.
    assert set(verdicts()) <= {"applied", "superseded"}
    conference = Conference.objects.get(sid=made["sid"])
    assert (conference.status, conference.reason_ended) == ("completed", "conference-ended-via-api")
    assert {leg.status for leg in conference.participants.all()} == {"complete"}
