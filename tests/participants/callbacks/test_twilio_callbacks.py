"""What Twilio alone posts, and that it signs the address."""

from urllib.parse import urlencode

import pytest

from participants.models import Callback, Conference, Participant
from tests.participants.callbacks.posting import fresh, nothing_was_kept, post, verdicts
from tests.participants.wire import PUBLIC_URL, Wire

pytestmark = pytest.mark.django_db


@pytest.fixture
def name() -> str:
    return "twilio"


@pytest.mark.parametrize("backwards", [False, True])
def test_a_story_of_holds_and_mutes_ends_the_same_in_both_directions(wire: Wire, backwards: bool) -> None:
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


def test_the_end_of_a_conference_says_why(wire: Wire) -> None:
    assert post(wire, "conference-end") == 200
    assert Conference.objects.get().reason_ended == "participant-with-end-conference-on-exit-left"


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


def test_a_call_says_who_calls_whom(wire: Wire) -> None:
    for event in ("call-inbound", "participant-join"):
        assert post(wire, event) == 200
    leg = Participant.objects.get()
    assert (leg.address, leg.direction) == ("+442079460102", "inbound")


def test_an_announcement_is_stored_and_changes_nothing(wire: Wire) -> None:
    assert post(wire, "announcement-end") == 200
    assert verdicts() == ["unknown"]


def test_a_flag_that_is_empty_says_nothing(wire: Wire) -> None:
    assert post(wire, "participant-join", ParticipantLabel="", Hold="") == 200
    leg = Participant.objects.get()
    assert (leg.label, leg.hold, leg.muted) == (None, None, False)


def test_a_replay_does_not_bring_an_old_hold_back(wire: Wire) -> None:
    kind, hold = fresh(wire, "participant-hold")
    assert wire.post(kind, hold) == 200
    assert post(wire, "participant-unhold") == 200
    assert wire.post(kind, hold) == 200
    assert Participant.objects.get().hold is False
    assert len(verdicts()) == 2


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


def test_it_refuses_a_flag_that_stands_twice(wire: Wire) -> None:
    kind, form = fresh(wire, "participant-join")
    assert wire.post(kind, f"{urlencode(form)}&Hold=false".encode()) == 403
    assert nothing_was_kept()


@pytest.mark.parametrize(
    "changes", [{"Muted": "banana"}, {"Muted": "TRUE"}, {"ConferenceSid": "CF1"}, {"CallSid": "CA1"}]
)
def test_a_bad_field_is_stored_and_not_believed(wire: Wire, changes: dict[str, str]) -> None:
    assert post(wire, "participant-mute", **changes) == 200
    stored = Callback.objects.get()
    assert stored.verdict == "rejected"
    assert stored.detail.startswith(next(iter(changes)))
    assert not Conference.objects.exists()
