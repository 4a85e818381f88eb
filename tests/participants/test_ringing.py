"""“Ring me now” against the sandbox: one phone, alone, on no board, and never for longer than it has to."""

from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from participants.access import Denial
from participants.documents import ring_url
from participants.models import Conference, Intervention, Ring
from participants.services import ringing
from participants.services.command import Asked, state_of
from participants.timing import TIMING
from tests.factories import make_supervisor, make_user
from tests.participants.floor import Floor
from tests.patience import wait_for


@pytest.fixture(autouse=True)
def in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's phones ring for less than a second."""
    monkeypatch.setattr(ringing, "TIMING", replace(TIMING, ring_words=0.05, dial_read=0.1))


def rung(floor: Floor, user: User | None = None) -> tuple[Intervention, Ring]:
    intervention = ringing.ring(Asked(by=user or floor.user))
    return intervention, Ring.objects.get(intervention=intervention)


def rooms(floor: Floor) -> list[dict[str, Any]]:
    return floor.sandbox.get("/_sandbox/conferences")


def over(row: Ring) -> Ring:
    wait_for(lambda: Ring.objects.exclude(ended_at=None).filter(pk=row.pk).exists(), within_s=30)
    return Ring.objects.get(pk=row.pk)


def test_it_rings_the_phone_and_hangs_up_after_the_answer(floor: Floor) -> None:
    intervention, row = rung(floor)
    ended = over(row)
    assert (ended.ended_how, state_of(intervention)) == ("answered", "confirmed")
    assert ended.answered_at is not None
    assert ringing.sentence(intervention) == "You answered: listening will reach you there."
    wait_for(lambda: all(room["status"] == "completed" for room in rooms(floor)))


def test_it_is_muted_short_and_asks_for_no_callbacks(floor: Floor) -> None:
    _, row = rung(floor)
    over(row)
    [sent] = [
        one
        for one in floor.sandbox.get("/_sandbox/requests")
        if one["method"] == "POST" and one["path"].rstrip("/").removesuffix(".json").endswith("Participants")
    ]
    form = sent["params"]
    assert (form["To"], form["Muted"], form["TimeLimit"]) == ("client:supervisor", "true", "60")
    assert form["Label"] == row.name and not any("Callback" in name for name in form)


def test_it_never_becomes_a_call(floor: Floor) -> None:
    _, row = rung(floor)
    over(row)
    # One that is still there: the sweep finds it by its name.
    room = {"provider": floor.provider, "friendly_name": row.name, "callbacks": False}
    floor.sandbox.post("/_sandbox/conferences", room | {"legs": [floor.agent_leg()]})
    floor.call("beside it")
    assert [call.friendly_name for call in Conference.objects.all()] == ["beside it"]


def test_a_conference_that_only_has_such_a_name_is_a_call(floor: Floor) -> None:
    floor.call("earshot-ring-0000")
    assert Conference.objects.get().friendly_name == "earshot-ring-0000"


@pytest.mark.parametrize("mode", ["no-answer", "busy"])
def test_nobody_answers(floor: Floor, mode: str) -> None:
    floor.sandbox.post("/_sandbox/answering", {"mode": mode})
    try:
        intervention, row = rung(floor)
        assert over(row).ended_how == "no_answer"
        assert ringing.sentence(intervention).startswith("Your phone did not answer.")
    finally:
        floor.sandbox.post("/_sandbox/answering", {"mode": "auto"})


def test_the_provider_s_refusal_is_told_in_its_words(floor: Floor) -> None:
    fault = {"operation": "participant.create", "effect": "refuse"}
    floor.sandbox.post("/_sandbox/faults/next", {"provider": floor.provider, **fault})
    intervention, row = rung(floor)
    assert over(row).ended_how == "refused"
    assert f"{floor.title}: “" in ringing.sentence(intervention)


def test_nobody_there_means_that_nothing_was_sent(floor: Floor) -> None:
    type(floor.account).objects.update(api_url="http://127.0.0.1:9")
    intervention, row = rung(floor)
    assert over(row).ended_how == "not_sent"
    assert "nothing was sent" in ringing.sentence(intervention)


def test_one_at_a_time_and_not_more_than_the_account_allows(floor: Floor) -> None:
    _, row = rung(floor)
    over(row)
    Ring.objects.update(ended_at=None)  # it goes on
    with pytest.raises(Denial) as refused:
        rung(floor)
    assert refused.value.code == "ring_goes_on"
    Ring.objects.update(ended_at=row.asked_at)
    type(floor.account).objects.update(dials_per_minute=1)
    with pytest.raises(Denial) as refused:
        rung(floor)
    assert (refused.value.code, refused.value.status) == ("too_many", 429)
    assert refused.value.retry_after is not None and refused.value.retry_after > 0


@pytest.mark.parametrize("provider", ["twilio"], indirect=True)
def test_who_may_not_is_told_and_the_attempt_is_kept(floor: Floor) -> None:
    on_call = floor.call("billing")
    for somebody, code in (
        (make_user("auditor", group="Auditor"), "auditor"),
        (make_user("agent", group="Agent"), "not_allowed"),
        (make_supervisor("phoneless", address=""), "no_phone"),
        (make_supervisor("abroad", address="+5352345678"), "phone_not_allowed"),
    ):
        with pytest.raises(Denial) as refused:
            rung(floor, somebody)
        assert refused.value.code == code
        assert state_of(Intervention.objects.filter(user=somebody, verb="ring").get()) == "refused"
    assert not Ring.objects.exists() and on_call.live


# --- over the API, and as plain forms -----------------------------------------------------------------------
def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_api_answers_with_the_intervention_and_no_call(floor: Floor) -> None:
    client = signed_in(floor.user)
    answer = client.post("/api/v1/me/ring/", {}, content_type="application/json")
    assert answer.status_code in (200, 202)
    told = answer.json()
    assert told["conference"] is None and told["intervention"]["verb"] == "ring"
    over(Ring.objects.get())
    later = client.get(f"/api/v1/interventions/{told['intervention']['id']}/").json()
    assert later["state"] == "confirmed" and later["participant"] is None


@pytest.mark.parametrize("provider", ["twilio"], indirect=True)
def test_the_api_tells_why_not(floor: Floor) -> None:
    client = signed_in(floor.user)
    unknown = client.post("/api/v1/me/ring/", {"phone": "+442079460102"}, content_type="application/json")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "invalid")
    floor.sandbox.post(
        "/_sandbox/faults/next",
        {"provider": "twilio", "operation": "participant.create", "effect": "refuse"},
    )
    refused = client.post("/api/v1/me/ring/", {}, content_type="application/json").json()
    assert refused["code"] == "refused" and refused["provider"]["message"]
    over(Ring.objects.get())
    type(floor.account).objects.update(dials_per_minute=1)
    limited = client.post("/api/v1/me/ring/", {}, content_type="application/json")
    assert (limited.status_code, limited.json()["code"]) == (429, "too_many")
    assert int(limited["Retry-After"]) >= 1


@pytest.mark.parametrize("provider", ["twilio"], indirect=True)
def test_the_board_says_once_a_day_whose_phone_rings(floor: Floor) -> None:
    client = signed_in(floor.user)
    page = client.get("/").content.decode()
    assert "Sam, your phone is" in page and 'action="/me/ring/"' in page
    assert "your phone is" not in client.get("/").content.decode()
    answer = client.post("/me/ring/", {"back": "board"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    over(Ring.objects.get())


def test_what_is_said_is_a_document_for_the_provider(floor: Floor, settings: Any) -> None:
    _, row = rung(floor)
    over(row)
    answer = Client().get(ring_url(row).removeprefix(settings.PUBLIC_URL))
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert "This is Earshot. Your phone works. You can hang up now.</Say>" in answer.content.decode()
    announced = [
        one["params"] for one in floor.sandbox.get("/_sandbox/requests") if "AnnounceUrl" in one["params"]
    ]
    assert [one["AnnounceUrl"].startswith(f"{settings.PUBLIC_URL}/documents/") for one in announced] == [True]
