"""Dialling somebody in, over real HTTP: sent once, followed to its end, refused with the reason."""

from typing import Any

import pytest

from participants.access import Denial
from participants.models import Conference, Destination, Dial, Intervention, Outcome
from participants.providers import PROVIDERS
from participants.services import dial_running, dial_watching, dialling
from participants.services.command import state_of
from tests.factories import make_supervisor
from tests.participants.floor import Floor, wait_for

State, End, Said = Dial.State, Dial.End, Outcome.State
SECOND_LEVEL = "+447700900199"
FATES = [
    ("+15005550010", End.BUSY, "busy"),
    ("+15005550011", End.NO_ANSWER, "no_answer"),
    ("+15005550012", End.FAILED, "failed"),
]


@pytest.fixture
def call(floor: Floor) -> Conference:
    return floor.call("dialled-into")


def dialled(floor: Floor, call: Conference, to: str = SECOND_LEVEL, **more: Any) -> Dial:
    intervention = dialling.dial(call, floor.asked(), to=to, **more)
    return Dial.objects.get(intervention=intervention)


def now(dial: Dial) -> Dial:
    """The row as it stands, after everything that is due."""
    dial_running.run_due()
    return Dial.objects.select_related("conference", "participant", "intervention").get(pk=dial.pk)


def becomes(dial: Dial, *states: str, within_s: float = 10.0) -> Dial:
    return wait_for(lambda: (row := now(dial)).state in states and row, within_s=within_s)


def outcomes(intervention: Intervention) -> list[str]:
    return list(intervention.outcomes.order_by("position").values_list("state", flat=True))


def refused(floor: Floor, call: Conference, **wanted: Any) -> Denial:
    with pytest.raises(Denial) as denial:
        dialling.dial(call, floor.asked(), **wanted)
    return denial.value


# --- what becomes of it -----------------------------------------------------------------------------------
def test_whoever_answers_is_on_the_call(floor: Floor, call: Conference) -> None:
    row = becomes(dialled(floor, call), State.CONNECTED)
    assert row.ended_how == ""
    assert row.participant is not None and row.participant.call_sid == row.call_sid
    assert row.participant.address == SECOND_LEVEL
    assert [each for each in outcomes(row.intervention) if each != "accepted"] == ["requested", "confirmed"]
    (sent,) = floor.dials()
    assert sent["params"]["To"] == SECOND_LEVEL
    assert sent["params"]["From"] == "+12025550100"
    assert sent["params"]["Label"] == row.label
    assert f"/callbacks/{floor.account.key}/call/?leg={row.label}" in sent["params"]["StatusCallback"]
    assert "ConferenceStatusCallback" not in sent["params"], "the room is somebody else's"
    floor.sandbox.post(f"/_sandbox/legs/{row.call_sid}/hangup", {})
    wait_for(lambda: (floor.sweep_again(call), now(row).state == State.ENDED)[1])
    assert now(row).ended_how == End.LEFT
    assert state_of(row.intervention) == "confirmed"


@pytest.mark.parametrize(("number", "how", "detail"), FATES)
def test_whoever_does_not_is_told_as_it_is(
    floor: Floor, call: Conference, number: str, how: str, detail: str
) -> None:
    least = PROVIDERS[floor.provider].operations()["participant.create"]["timeout"].low
    row = becomes(dialled(floor, call, number, timeout=least), State.ENDED)
    assert row.ended_how == how
    newest = row.intervention.outcomes.order_by("-position")[0]
    assert (newest.state, newest.detail) == (Said.FAILED, detail)
    assert len(floor.dials()) == 1


def test_what_the_provider_refuses_was_not_dialled(floor: Floor, call: Conference) -> None:
    row = becomes(dialled(floor, call, "+15005550001"), State.ENDED)
    assert (row.ended_how, row.participant) == (End.REFUSED, None)
    assert row.code in PROVIDERS[floor.provider].refusals
    assert outcomes(row.intervention) == ["requested", "refused"]


def test_a_call_that_has_ended_is_not_dialled_into(floor: Floor, call: Conference) -> None:
    floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/end", {})
    row = becomes(dialled(floor, call), State.ENDED)
    newest = row.intervention.outcomes.order_by("-position")[0]
    assert (newest.state, newest.detail) == (Said.FAILED, "gone")


def test_an_agent_who_is_dialled_is_known_at_once(floor: Floor, call: Conference) -> None:
    row = becomes(dialled(floor, call, "client:agent-2"), State.CONNECTED)
    assert row.participant is not None
    assert (row.participant.role, row.participant.certainty) == ("agent", "certain")
    assert row.participant.agent == floor.agents[1]


@pytest.mark.parametrize(
    ("to", "role", "found"),
    [
        (SECOND_LEVEL, None, "other"),
        (SECOND_LEVEL, "agent", "agent"),
        ("+442079460117", None, "customer"),
        ("+442079460117", "other", "other"),
    ],
)
def test_who_somebody_is_says_the_address_book_or_the_person(
    floor: Floor, call: Conference, to: str, role: str | None, found: str
) -> None:
    Destination.objects.create(name="Second level", address=SECOND_LEVEL)
    row = becomes(dialled(floor, call, to, role=role), State.CONNECTED)
    assert row.participant is not None and row.participant.role == found


# --- an answer that was lost ------------------------------------------------------------------------------
@pytest.mark.parametrize("effect", ["apply_no_answer", "apply_late"])
def test_a_dial_whose_answer_was_lost_is_found_by_its_label_and_never_repeated(
    floor: Floor, call: Conference, effect: str
) -> None:
    floor.fault(operation="participant.create", effect=effect, after_ms=1000)
    row = becomes(dialled(floor, call), State.CONNECTED, within_s=20)
    assert len(floor.dials()) == 1
    assert outcomes(row.intervention)[:2] == ["requested", "unknown"]
    assert state_of(row.intervention) == "confirmed"


def test_a_dial_that_never_happened_ends_as_that(
    floor: Floor, call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial_watching, "LOOKS", (0.2, 0.4))
    floor.fault(operation="participant.create", effect="close")
    row = becomes(dialled(floor, call), State.ENDED)
    assert row.ended_how == End.NOT_FOUND
    assert outcomes(row.intervention) == ["requested", "unknown", "failed"]
    assert len(floor.dials()) == 1


def test_a_process_that_died_while_it_sent_is_looked_after_and_nothing_is_sent_again(
    floor: Floor, call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial_watching, "LOOKS", (0.2, 0.4))
    monkeypatch.setattr(dial_running, "_send", lambda _dial: None)
    row = dialled(floor, call)
    assert now(row).state == State.SENT
    Dial.objects.filter(pk=row.pk).update(due_at=row.asked_at)
    assert becomes(row, State.ENDED).ended_how == End.NOT_FOUND
    assert floor.dials() == []


# --- cancel, again ----------------------------------------------------------------------------------------
def test_a_phone_that_rings_can_be_called_off(floor: Floor, call: Conference) -> None:
    floor.sandbox.post("/_sandbox/answering", {"mode": "manual"})
    row = becomes(dialled(floor, call), State.RINGING, State.DIALLING)
    cancelled = dialling.cancel(row, floor.asked())
    ended = becomes(row, State.ENDED)
    assert ended.ended_how == End.CANCELLED
    wait_for(lambda: (dial_running.run_due(), state_of(cancelled) == "confirmed")[1])
    assert row.call_sid not in {leg["call_sid"] for leg in floor.truth(call)["legs"]}
    assert state_of(row.intervention) == "failed"
    with pytest.raises(Denial) as denial:
        dialling.cancel(row, floor.asked())
    assert denial.value.code == "not_dialled"


def test_dialling_again_is_the_same_with_another_label(floor: Floor, call: Conference) -> None:
    first = becomes(dialled(floor, call, "+15005550010", muted=True, timeout=20), State.ENDED)
    again = Dial.objects.get(intervention=dialling.again(first, floor.asked()))
    becomes(again, State.ENDED)
    one, other = (row["params"] for row in floor.dials())
    labels = one.pop("Label"), other.pop("Label")
    assert labels == (first.label, again.label) and labels[0] != labels[1]
    assert first.label in one.pop("StatusCallback") and again.label in other.pop("StatusCallback")
    assert one == other and one["Muted"] == "true"


# --- what is refused before anybody is asked --------------------------------------------------------------
@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "to"),
        ({"to": 5}, "to"),
        ({"to": "second level"}, "to"),
        ({"to": "+442079460102;ext=1"}, "to"),
        ({"to": SECOND_LEVEL, "timeout": 4}, "timeout"),
        ({"to": SECOND_LEVEL, "timeout": "20"}, "timeout"),
        ({"to": SECOND_LEVEL, "muted": "true"}, "muted"),
        ({"to": SECOND_LEVEL, "beep": "sometimes"}, "beep"),
        ({"to": SECOND_LEVEL, "volume": 11}, "volume"),
        ({"to": SECOND_LEVEL, "account_sid": "AC1"}, "account_sid"),
        ({"to": SECOND_LEVEL, "label": "a/b"}, "label"),
        ({"to": SECOND_LEVEL, "label": ".."}, "label"),
        ({"to": SECOND_LEVEL, "label": "earshot-1"}, "label"),
        ({"to": SECOND_LEVEL, "label": "agent-2"}, "label"),
        ({"to": SECOND_LEVEL, "status_callback": "http://10.0.0.1/"}, "status_callback"),
        ({"to": SECOND_LEVEL, "wait_url": "https://evil.example/"}, "wait_url"),
        ({"to": SECOND_LEVEL, "role": "supervisor"}, "role"),
        ({"to": SECOND_LEVEL, "announcement": ""}, "announcement"),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_sent_or_kept(
    floor: Floor, call: Conference, wanted: dict[str, Any], field: str
) -> None:
    denial = refused(floor, call, **wanted)
    assert (denial.code, denial.status, list(denial.fields or {})) == ("invalid", 400, [field])
    assert (denial.fields or {})[field][0][-1] == "."
    assert not Intervention.objects.filter(verb="dial").exists() and floor.dials() == []


def test_every_wrong_value_is_named_at_once(floor: Floor, call: Conference) -> None:
    denial = refused(floor, call, to="me", timeout=0, volume=1)
    assert set(denial.fields or {}) == {"to", "timeout", "volume"}


@pytest.mark.parametrize(
    ("wanted", "code", "words"),
    [
        ({"to": "+882161234567"}, "dial_number", "satellite and premium numbers are blocked"),
        ({"to": "+5352123456"}, "dial_number", "Calls to CU are not allowed"),
        ({"to": "+44207946010"}, "dial_number", "is not a full number"),
        ({"to": "client:stranger"}, "dial_number", "client:stranger"),
        ({"to": "sip:second@pbx.example.com"}, "dial_number", "sip:second@pbx.example.com"),
        ({"to": "client:rosa"}, "use_modes", "Use Listen, Whisper or Barge"),
        ({"to": SECOND_LEVEL, "coaching": True}, "use_modes", "Use Listen"),
        ({"to": SECOND_LEVEL, "call_sid_to_coach": "CA1"}, "use_modes", "Use Listen"),
    ],
)
def test_what_a_rule_forbids_is_kept_as_a_refused_attempt(
    floor: Floor, call: Conference, wanted: dict[str, Any], code: str, words: str
) -> None:
    make_supervisor("rosa")
    denial = refused(floor, call, **wanted)
    assert (denial.code, denial.status) == (code, 409)
    assert words in denial.detail
    kept = Intervention.objects.get(verb="dial")
    assert (denial.intervention, kept.user, kept.conference) == (kept, floor.user, call)
    assert outcomes(kept) == ["requested", "refused"]
    assert floor.dials() == [] and not Dial.objects.exists()


def test_an_address_can_be_listed_by_the_account(floor: Floor, call: Conference) -> None:
    call.account.dial_addresses = "sip:*@pbx.example.com"
    call.account.save()
    becomes(dialled(floor, call, "sip:second@pbx.example.com?X-Case=4711"), State.CONNECTED)
    assert floor.dials()[0]["params"]["To"] == "sip:second@pbx.example.com?X-Case=4711"


def test_a_destination_of_another_team_is_not_this_persons_to_dial(floor: Floor, call: Conference) -> None:
    from tests.factories import make_team

    saved = Destination.objects.create(
        name="Desk", address="sip:desk@pbx.example.com", team=make_team("Other")
    )
    assert refused(floor, call, to=saved.address).code == "dial_number"
    saved.team = make_team("Billing")
    saved.save()
    becomes(dialled(floor, call, saved.address), State.CONNECTED)


@pytest.mark.parametrize("provider", ["twilio"], indirect=True)
def test_a_label_that_is_known_to_be_on_the_call_is_not_used(floor: Floor, call: Conference) -> None:
    """Where labels are told; elsewhere the provider says so."""
    denial = refused(floor, call, to="client:agent-1", label="agent-1")
    assert list(denial.fields or {}) == ["label"]


def test_a_label_is_used_once(floor: Floor, call: Conference) -> None:
    becomes(dialled(floor, call, label="second"), State.CONNECTED)
    assert list(refused(floor, call, to=SECOND_LEVEL, label="second").fields or {}) == ["label"]


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("dials_per_minute", "2 dials a minute reached. Again in "),
        ("dials_per_day", "2 dials a day reached. Again in "),
        ("account_dials_per_minute", "2 dials a minute for this account reached. Again in "),
    ],
)
def test_nobody_dials_more_than_the_account_allows(
    floor: Floor, call: Conference, field: str, words: str
) -> None:
    setattr(call.account, field, 2)
    call.account.save()
    for _ in range(2):
        dialled(floor, call)
    denial = refused(floor, call, to=SECOND_LEVEL)
    assert (denial.code, denial.status) == ("dial_limit", 409)
    assert denial.detail.startswith(words)
    assert 0 < (denial.retry_after or 0) <= 24 * 3600
    assert outcomes(Intervention.objects.get(verb="dial", outcomes__state="refused"))[-1] == "refused"
    assert Dial.objects.count() == 2


# --- by the name of a call --------------------------------------------------------------------------------
def test_a_call_comes_to_life_with_whoever_is_dialled_into_it(floor: Floor) -> None:
    asked = floor.asked(reason="conference at three")
    wanted = {"to": SECOND_LEVEL, "friendly_name": "case 4711"}
    row = Dial.objects.get(intervention=dialling.dial_by_name(floor.account, asked, **wanted))
    row = becomes(row, State.CONNECTED)
    assert row.conference is not None
    assert (row.conference.friendly_name, row.conference.account) == ("case 4711", floor.account)
    assert row.conference.sid == floor.sandbox.get("/_sandbox/conferences")[0]["sid"]
    (sent,) = floor.dials()
    assert sent["place"] == ("Conferences", "case 4711", "Participants")
    assert f"/callbacks/{floor.account.key}/conference/" in sent["params"]["ConferenceStatusCallback"]
    told = sent["params"]["ConferenceStatusCallbackEvent"]
    every = PROVIDERS[floor.provider].reports.conference_events
    assert (told.split() if isinstance(told, str) else told) == list(every)
    from participants import access

    assert access.may_see(floor.user, row.conference)


def test_the_person_who_began_a_call_sees_it_whatever_team_it_is(floor: Floor) -> None:
    from participants import access
    from tests.factories import make_team

    asked = floor.asked()
    row = Dial.objects.get(
        intervention=dialling.dial_by_name(floor.account, asked, to=SECOND_LEVEL, friendly_name="ours")
    )
    conference = becomes(row, State.CONNECTED).conference
    assert conference is not None
    Conference.objects.filter(pk=conference.pk).update(team=make_team("Other"))
    assert access.may_see(floor.user, conference)
    assert not access.may_see(make_supervisor("stranger", teams=(make_team("Third"),)), conference)


def test_a_name_that_lives_is_joined_and_keeps_its_callbacks(floor: Floor, call: Conference) -> None:
    asked = floor.asked()
    row = Dial.objects.get(
        intervention=dialling.dial_by_name(
            floor.account, asked, to=SECOND_LEVEL, friendly_name=str(call.friendly_name)
        )
    )
    assert becomes(row, State.CONNECTED).conference == call
    assert "ConferenceStatusCallback" not in floor.dials()[0]["params"]


def test_a_name_of_another_teams_call_is_not_joined(floor: Floor, call: Conference) -> None:
    stranger = make_supervisor("stranger")
    asked = type(floor.asked())(by=stranger)
    with pytest.raises(Denial) as denial:
        dialling.dial_by_name(floor.account, asked, to=SECOND_LEVEL, friendly_name=str(call.friendly_name))
    assert (denial.value.code, denial.value.status) == ("name_taken", 409)
    assert floor.dials() == []


def test_nor_one_that_nobody_has_told_of_yet(floor: Floor) -> None:
    legs = [floor.agent_leg(), floor.customer_leg()]
    asked = {"provider": floor.provider, "friendly_name": "unheard-of", "callbacks": False, "legs": legs}
    floor.sandbox.post("/_sandbox/conferences", asked)
    stranger = type(floor.asked())(by=make_supervisor("stranger"))
    with pytest.raises(Denial) as denial:
        dialling.dial_by_name(floor.account, stranger, to=SECOND_LEVEL, friendly_name="unheard-of")
    assert denial.value.code == "name_taken"
    assert floor.dials() == []
    row = Dial.objects.get(
        intervention=dialling.dial_by_name(
            floor.account, floor.asked(), to=SECOND_LEVEL, friendly_name="unheard-of"
        )
    )
    assert row.conference is not None and row.conference.participants.count() >= len(legs)


@pytest.mark.parametrize("name", ["", " ", ".", "..", "a/b", "x" * 129, "CF" + "0" * 32])
def test_a_name_that_could_mean_something_else_is_refused(floor: Floor, name: str) -> None:
    name = call_sid_like(floor) if name.startswith("CF") else name
    with pytest.raises(Denial) as denial:
        dialling.dial_by_name(floor.account, floor.asked(), to=SECOND_LEVEL, friendly_name=name)
    assert list(denial.value.fields or {}) == ["friendly_name"]


def call_sid_like(floor: Floor) -> str:
    return floor.call("any").sid


def test_a_call_by_name_whose_answer_was_lost_is_found(floor: Floor) -> None:
    floor.fault(operation="participant.create", effect="apply_no_answer")
    asked = floor.asked()
    row = Dial.objects.get(
        intervention=dialling.dial_by_name(floor.account, asked, to=SECOND_LEVEL, friendly_name="lost")
    )
    row = becomes(row, State.CONNECTED, within_s=20)
    assert row.conference is not None and row.conference.friendly_name == "lost"
    assert len(floor.dials()) == 1


# --- secrets ----------------------------------------------------------------------------------------------
def test_a_password_is_sent_and_never_kept(floor: Floor, call: Conference, caplog: Any) -> None:
    caplog.set_level("DEBUG")
    row = becomes(
        dialled(floor, call, sip_auth_username="maria", sip_auth_password="hunter2hunter2"), State.CONNECTED
    )
    assert floor.dials()[0]["params"]["SipAuthPassword"] == "hunter2hunter2"
    assert "hunter2" not in str(row.parameters) + str(row.intervention.parameters) + caplog.text
    assert row.parameters["sip_auth_username"] == "maria"
    with pytest.raises(Denial) as denial:
        dialling.again(row, floor.asked())
    assert denial.value.code == "no_password"


# --- what they hear first, and what is told of it ---------------------------------------------------------
def test_somebody_can_be_told_something_first_and_once(floor: Floor, call: Conference) -> None:
    row = becomes(dialled(floor, call, announcement="You join a call with a customer."), State.CONNECTED)
    told = wait_for(
        lambda: (now(row), Intervention.objects.filter(verb="announce", conference=call).first())[1],
        within_s=10,
    )
    assert (told.participant, told.user) == (row.participant, floor.user)
    assert told.parameters["text"] == "You join a call with a customer."
    Dial.objects.filter(pk=row.pk).update(due_at=row.asked_at)
    dial_running.run_due()
    wait_for(lambda: now(row).due_at != row.asked_at)
    assert Intervention.objects.filter(verb="announce").count() == 1


def test_the_story_of_the_call_tells_who_was_dialled(floor: Floor, call: Conference) -> None:
    from console.api_timeline import timeline
    from participants.serializers import load

    Destination.objects.create(name="Second level", address=SECOND_LEVEL)
    floor.sandbox.post("/_sandbox/answering", {"mode": "busy", "after_ms": 10})
    becomes(dialled(floor, call), State.ENDED)
    items, _ = timeline(load([call.pk])[0], numbers=False, page_size=100)
    told = [item["text"] for item in items]
    assert "Sam Whitfield asked to dial Second level in" in told
    assert "Not done: Sam Whitfield asked to dial Second level in (the phone was busy)" in told


def test_what_is_too_old_loses_whom_it_dialled_and_stays_on_the_record(
    floor: Floor, call: Conference, settings: Any
) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from participants import retention

    row = becomes(dialled(floor, call, label="Mrs Jones"), State.CONNECTED)
    floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/end", {})
    floor.sweep()
    wait_for(lambda: now(row).state == State.ENDED)
    settings.KEEP_CONFERENCES_DAYS = 1
    list(retention.purge(timezone.now() + timedelta(days=2)))
    kept = Dial.objects.get(pk=row.pk)
    assert (kept.to, kept.parameters, kept.ended_how) == ("", {}, End.LEFT)
    assert "Jones" not in kept.label
