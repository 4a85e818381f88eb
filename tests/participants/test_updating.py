"""Every parameter with which somebody on a call can be changed, in one request, with its traps."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from participants import library
from participants.access import Denial
from participants.models import Asset, Intervention, Outcome, Participant
from participants.services import legs, updating
from participants.services.command import state_of
from tests.factories import make_supervisor, make_user
from tests.participants.floor import Floor
from tests.participants.tones import mp3

State = Outcome.State


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def customer(floor: Floor) -> Participant:
    type(floor.account).objects.update(dial_urls="cdn.example.com")
    return floor.leg(floor.call("whole"), "customer")


def params(floor: Floor, leg: Participant) -> dict[str, Any]:
    """Of the newest request about this leg."""
    return dict(floor.updates(leg.call_sid)[-1]["params"])


def denied(floor: Floor, target: Any, **changes: Any) -> Denial:
    before = len(floor.requests())
    with pytest.raises(Denial) as denial:
        updating.update(target, floor.asked(), **changes)
    assert len(floor.requests()) == before, "nobody was asked"
    return denial.value


URL = "https://cdn.example.com/a.mp3"
ONE_BY_ONE: list[tuple[dict[str, Any], dict[str, str]]] = [
    ({"muted": True}, {"Muted": "true"}),
    ({"hold": True}, {"Hold": "true"}),
    (
        {"hold": True, "hold_url": URL, "hold_method": "POST"},
        {"Hold": "true", "HoldUrl": URL, "HoldMethod": "POST"},
    ),
    ({"announce_url": URL, "announce_method": "GET"}, {"AnnounceUrl": URL, "AnnounceMethod": "GET"}),
    ({"wait_url": URL}, {"WaitUrl": URL}),
    ({"beep_on_exit": True}, {"BeepOnExit": "true"}),
    ({"beep_on_exit": False, "muted": True}, {"BeepOnExit": "false", "Muted": "true"}),
]


@pytest.mark.parametrize(("changes", "wire"), ONE_BY_ONE)
def test_each_parameter_is_sent_as_the_provider_spells_it(
    floor: Floor, customer: Participant, changes: dict[str, Any], wire: dict[str, str]
) -> None:
    made = updating.update(customer, floor.asked(), **changes)
    assert params(floor, customer) == wire
    shown = {"muted", "hold"} & set(changes)
    assert floor.outcome(made, State.CONFIRMED if shown else State.ACCEPTED)
    assert made.parameters == changes


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("ends", [True, False])
def test_ending_on_exit_goes_with_the_hold_as_it_is_at_this_moment(
    floor: Floor, customer: Participant, held: bool, ends: bool
) -> None:
    """The mirror does not know yet that somebody put them on hold: the provider is asked."""
    floor.sandbox.post(f"/_sandbox/legs/{customer.call_sid}/set", {"hold": held})
    made = updating.update(customer, floor.asked(), end_conference_on_exit=ends)
    word = {True: "true", False: "false"}
    assert params(floor, customer) == {"EndConferenceOnExit": word[ends], "Hold": word[held]}
    floor.outcome(made, State.CONFIRMED)
    true = floor.true_leg(customer.conference, customer.call_sid)
    assert (true["hold"], true["end_conference_on_exit"]) == (held, ends)


def test_a_hold_that_is_wished_is_sent_as_wished(floor: Floor, customer: Participant) -> None:
    updating.update(customer, floor.asked(), end_conference_on_exit=True, hold=True)
    assert params(floor, customer) == {"EndConferenceOnExit": "true", "Hold": "true"}


def test_music_of_the_library_is_a_document_that_the_provider_comes_for(
    floor: Floor, customer: Participant
) -> None:
    music = library.add("Waltz", mp3(frames=60), kind=Asset.Kind.MUSIC)
    updating.update(customer, floor.asked(), hold=True, hold_music=str(music.pk))
    sent = params(floor, customer)
    assert "/documents/" in sent["HoldUrl"] and sent["HoldMethod"] == "GET"


def test_the_accounts_music_goes_with_every_hold(floor: Floor, customer: Participant) -> None:
    account = customer.conference.account
    legs.hold(customer, floor.asked())
    assert params(floor, customer) == {"Hold": "true"}
    legs.resume(Participant.objects.get(pk=customer.pk), floor.asked())
    account.hold_music = library.add("Waltz", mp3(frames=60), kind=Asset.Kind.MUSIC)
    account.save()
    legs.hold(Participant.objects.select_related("conference__account").get(pk=customer.pk), floor.asked())
    sent = params(floor, customer)
    assert sent["Hold"] == "true" and sent["HoldMethod"] == "GET" and "/documents/" in sent["HoldUrl"]


def test_what_this_provider_has_no_parameter_for_is_unsupported(floor: Floor, customer: Participant) -> None:
    if floor.provider == "twilio":
        updating.update(customer, floor.asked(), wait_url="", wait_method="GET")
        assert params(floor, customer) == {"WaitUrl": "", "WaitMethod": "GET"}
        return
    denial = denied(floor, customer, wait_method="GET")
    assert (denial.code, denial.status, list(denial.fields or {})) == ("unsupported", 409, ["wait_method"])
    assert state_of(Intervention.objects.get(verb="update")) == State.REFUSED


def test_a_whole_call_is_changed_likewise(floor: Floor, customer: Participant) -> None:
    conference = customer.conference
    made = updating.update(conference, floor.asked(), announce_url=URL, announce_method="GET")
    assert floor.requests()[-1]["params"] == {"AnnounceUrl": URL, "AnnounceMethod": "GET"}
    newest = made.outcomes.order_by("-position")[0]
    assert (newest.state, newest.detail) == (State.ACCEPTED, Outcome.NOT_REPORTED)


def test_what_cannot_be_is_refused_with_its_field_before_anybody_is_asked(
    floor: Floor, customer: Participant
) -> None:
    music = str(library.add("Waltz", mp3(frames=60), kind=Asset.Kind.MUSIC).pk)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({}, "changes"),
        ({"hold_url": "http://169.254.169.254/latest/"}, "hold_url"),
        ({"announce_url": "https://elsewhere.example.com/a.mp3"}, "announce_url"),
        ({"wait_url": "file:///etc/passwd"}, "wait_url"),
        ({"hold_method": "PUT"}, "hold_method"),
        ({"announce_url": URL, "announce_method": "get"}, "announce_method"),
        ({"muted": "true"}, "muted"),
        ({"muted": 1}, "muted"),
        ({"beep_on_exit": "onExit"}, "beep_on_exit"),
        ({"hold_music": "x"}, "hold_music"),
        ({"hold_music": music, "hold_url": URL}, "hold_music"),
    ]
    for changes, field in wrong:
        denial = denied(floor, customer, **changes)
        assert (denial.code, denial.status, list(denial.fields or {})) == ("invalid", 400, [field]), changes


@pytest.mark.parametrize("changes", [{"coaching": True, "call_sid_to_coach": "x"}, {"coaching": False}])
def test_coaching_is_earshots_own(floor: Floor, customer: Participant, changes: dict[str, Any]) -> None:
    assert denied(floor, customer, **changes, muted=False).code == "use_modes"


def test_a_supervisors_line_is_changed_by_its_own_verbs_alone(floor: Floor, customer: Participant) -> None:
    Participant.objects.filter(pk=customer.pk).update(role="supervisor")
    customer.refresh_from_db()
    for changes in (
        {"muted": False},
        {"hold": False},
        {"announce_url": URL},
        {"end_conference_on_exit": True},
    ):
        assert denied(floor, customer, **changes).code == "use_modes"


def test_each_change_needs_its_right(floor: Floor, customer: Participant) -> None:
    for changes, right in (
        ({"muted": True}, "mute"),
        ({"hold": True}, "hold"),
        ({"wait_url": URL}, "hold"),
        ({"announce_url": URL}, "announce"),
        ({"end_conference_on_exit": False}, "end"),
    ):
        user = make_supervisor(f"without-{right}-{len(changes)}-{next(iter(changes))}", group=None)
        everything = {"mute", "hold", "announce", "end", "whisper"} - {right}
        give(user, everything)
        with pytest.raises(Denial) as denial:
            updating.update(customer, partial(type(floor.asked()), by=user)(), **changes)
        assert (denial.value.code, denial.value.status) == ("not_allowed", 403), changes
    auditor = make_user("auditor", group="Auditor")
    with pytest.raises(Denial) as denial:
        updating.update(customer, type(floor.asked())(by=auditor), muted=True)
    assert denial.value.code == "auditor"


def give(user: Any, rights: set[str]) -> None:
    from django.contrib.auth.models import Permission

    user.user_permissions.add(*Permission.objects.filter(codename__in=rights))


def test_a_held_leg_hears_no_announcement_here_either(floor: Floor, customer: Participant) -> None:
    floor.sandbox.post(f"/_sandbox/legs/{customer.call_sid}/set", {"hold": True})
    floor.sweep_again(customer.conference)
    customer.refresh_from_db()
    assert denied(floor, customer, announce_url=URL).code == "held_no_announce"


def test_a_change_that_does_not_show_is_contradicted(floor: Floor, customer: Participant) -> None:
    floor.fault(operation="participant.update", effect="answer_not_apply")
    made = updating.update(customer, floor.asked(), muted=True, beep_on_exit=True)
    floor.outcome(made, State.CONTRADICTED, within_s=8)
