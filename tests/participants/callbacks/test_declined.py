"""What is not genuine leaves no trace, and what is genuine nonsense is not believed."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from participants import callbacks, mirror
from participants.models import Callback, Conference, Participant
from tests.factories import make_account
from tests.participants.callbacks.posting import Told, fresh, nothing_was_kept, post, verdicts
from tests.participants.wire import FORM, Wire, recordings, telnyx_public_key

pytestmark = pytest.mark.django_db
# The key of another account, where a secret does not verify.
OTHER = {"telnyx": {"public_key": telnyx_public_key("another-token")}}


def test_it_refuses_a_forged_callback(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, form, secret="not-the-token") == 403
    assert nothing_was_kept()


@pytest.mark.parametrize(
    "signature", ["", "x", "9YKXoJLTfIE+geQOW1sv4lQOUQM=", "ärgerlich", "\xff\xfe", "=" * 5000, "\U0001f4de"]
)
def test_it_refuses_whatever_is_no_signature(wire: Wire, signature: str) -> None:
    kind, form = fresh(wire, "participant-join")
    right = wire.dialect.sign("", urlencode(form).encode(), wire.dialect.secret)
    assert wire.post(kind, form, headers=right | {wire.dialect.signature: signature}) == 403
    assert nothing_was_kept()


def test_it_refuses_one_without_a_signature_or_with_one_of_another_kind(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, form, headers={}) == 403
    assert wire.post(kind, form, headers={"Authorization": "Basic c2VjcmV0"}) == 403
    assert wire.post(kind, form, headers={"X-Twilio-Signature": "9YKXoJLTfIE+geQOW1sv4lQOUQM="}) == 403
    assert wire.post(kind, form, headers={"telnyx-signature-ed25519": "AA==", "telnyx-timestamp": "1"}) == 403
    assert nothing_was_kept()


def test_it_refuses_a_foreign_account(wire: Wire) -> None:
    assert post(wire, "participant-join", AccountSid=wire.dialect.foreign_sid) == 403
    assert nothing_was_kept()


def test_another_account_s_genuine_callback_is_not_ours(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_OTHER_TOKEN", "another-token")
    make_account(
        "second",
        provider=wire.name,
        sid=wire.dialect.foreign_sid,
        secret="EARSHOT_OTHER_TOKEN",
        **OTHER.get(wire.name, {}),
    )
    kind, form = fresh(wire, "participant-join")
    assert Wire(wire.name, wire.client, key="second").post(kind, form) == 403
    assert nothing_was_kept()


@pytest.mark.parametrize("field", ["SequenceNumber", "CallSid", "AccountSid", "StatusCallbackEvent"])
def test_it_refuses_a_known_name_that_stands_twice(wire: Wire, field: str) -> None:
    kind, form = fresh(wire, "participant-join")
    for second in (form[field], "true"):
        assert wire.post(kind, f"{urlencode(form)}&{field}={second}".encode()) == 403
    assert nothing_was_kept()


# --- what is genuine and nonsense -------------------------------------------------------------------------
@pytest.mark.parametrize(
    "event, changes",
    [
        ("participant-join", {"SequenceNumber": "-1"}),
        ("participant-join", {"SequenceNumber": "2.0"}),
        ("participant-join", {"SequenceNumber": "9" * 30}),
        ("participant-join", {"SequenceNumber": "\u0662"}),
        ("participant-join", {"Timestamp": "yesterday"}),
        ("participant-join", {"Timestamp": "Sat, 99 Nov 2026 10:15:04 +0000"}),
        ("participant-join", {"ConferenceSid": "my room"}),
        ("participant-join", {"CallSid": ""}),
        ("participant-join", {"CallSid": "agent-17"}),
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
    assert post(wire, "participant-leave", SequenceNumber="banana") == 200
    conference, leg = Conference.objects.get(), Participant.objects.get()
    assert told[-1].legs == {(conference.pk, leg.call_sid)}
    assert conference.stale_since is not None
    assert leg.left_at is None, "as before"


def test_a_rejected_one_again_is_no_second_row_and_no_second_question(wire: Wire, told: Told) -> None:
    kind, form = fresh(wire, "participant-leave", SequenceNumber="banana")
    assert post(wire, "participant-join") == 200
    assert wire.post(kind, form) == wire.post(kind, form) == 200
    assert verdicts() == ["applied", "rejected"]
    assert told[-1] == mirror.Changed(verdict="duplicate")


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


@pytest.mark.parametrize("path", ["/callbacks/nobody/conference/", "/callbacks/KEY/recipe/", "/callbacks/"])
def test_an_unknown_address_is_not_found(wire: Wire, path: str) -> None:
    path = path.replace("KEY", wire.key)
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
