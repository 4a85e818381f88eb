"""The story as a file, and the raw forms behind it: who may have them, masked how, and on which record."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from console import api_timeline
from participants.models import Callback, Change, Conference, Intervention
from tests.console.server import signed_in
from tests.factories import (
    make_agent,
    make_call,
    make_intervention,
    make_supervisor,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
NUMBER = "+442079460102"


@pytest.fixture
def call() -> Conference:
    """A customer was put on hold by a command, a callback told of it, and a read took it back."""
    conference, _, customer = make_call(agent=make_agent("Ann Okafor"))
    sam = make_supervisor("sam", teams=(make_team(),), full_name="Sam Whitfield")
    make_intervention(
        sam, conference, "hold", "confirmed", participant=customer, reason=f"rang from {NUMBER}"
    )
    callback = Callback.objects.create(
        account=conference.account,
        kind="conference",
        key="hold",
        event="participant-hold",
        form=[["StatusCallbackEvent", "participant-hold"], ["From", NUMBER]],
        conference_sid=conference.sid,
        call_sid=customer.call_sid,
        verdict="applied",
    )
    facts = {"conference": conference, "participant": customer}
    Change.objects.create(**facts, callback=callback, source="callback", facts={"hold": [False, True]})
    Change.objects.create(**facts, source="read", facts={"hold": [True, False]}, correction=True)
    return conference


def sam() -> User:
    return User.objects.get(username="sam")


def auditor() -> User:
    return make_user("auditor", group="Auditor", is_staff=True)


def administrator() -> User:
    known = User.objects.filter(username="root").first()
    return known or make_user("root", is_superuser=True, is_staff=True)


def download(user: User, call: Conference) -> dict[str, Any]:
    answer = signed_in(user).get(f"/conferences/{call.pk}/story.json")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == f'attachment; filename="call-{call.pk}.json"'
    assert "no-store" in answer["Cache-Control"]
    read: dict[str, Any] = answer.json()
    return read


def deeds(verb: str) -> list[Intervention]:
    return list(Intervention.objects.filter(verb=verb))


def evidence(client: Client, call: Conference, name: str, **headers: str) -> Any:
    return client.get(f"/conferences/{call.pk}/evidence/{name}/", headers=headers)


def test_the_file_holds_the_whole_story_and_what_each_item_changed(call: Conference) -> None:
    story = download(sam(), call)
    assert story["complete"] and story["conference"] == str(call.pk)
    shown = signed_in(sam()).get(f"/api/v1/conferences/{call.pk}/timeline/").json()["results"]
    assert [{key: item[key] for key in shown[0]} for item in story["items"]] == shown
    correction, callback = story["items"][:2]
    assert correction["kind"] == "correction"
    assert correction["changed"] == [
        {"participant": correction["participant"], "fact": "hold", "before": True, "after": False}
    ]
    assert [(each["before"], each["after"]) for each in callback["changed"]] == [(False, True)]


def test_to_take_the_story_away_is_on_the_record(call: Conference) -> None:
    download(sam(), call)
    [deed] = deeds("export")
    assert (deed.user, deed.conference) == (sam(), call)
    assert deed.parameters == {"list": "timeline", "rows": 4, "raw": False}


def test_raw_forms_are_in_the_file_of_those_who_may_read_them(call: Conference) -> None:
    assert "raw" not in str(download(sam(), call))
    items = download(administrator(), call)["items"]
    assert items[1]["raw"]["form"] == [["StatusCallbackEvent", "participant-hold"], ["From", NUMBER]]
    assert items[2]["raw"]["reason"] == f"rang from {NUMBER}"
    assert deeds("export")[0].parameters["raw"] is True


def test_numbers_are_masked_for_who_may_not_see_them(call: Conference) -> None:
    client = signed_in(auditor())
    file = client.get(f"/conferences/{call.pk}/story.json").content.decode()
    assert "20794601" not in file and "+44 ••• •• 02" in file
    raw = evidence(client, call, str(Callback.objects.get().pk)).content.decode()
    assert "20794601" not in raw and "+44 ••• •• 02" in raw


def test_a_story_that_is_too_long_says_that_it_is_not_complete(
    call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_timeline, "MOST", 3)
    story = download(sam(), call)
    assert not story["complete"] and len(story["items"]) == 3


def test_reading_a_raw_callback_is_on_the_record_as_in_the_admin(call: Conference) -> None:
    callback = Callback.objects.get()
    client = signed_in(administrator())
    raw = evidence(client, call, str(callback.pk), accept="application/json").json()
    assert raw["form"] == callback.form
    [deed] = deeds("read_callback")
    assert (deed.conference, deed.parameters) == (call, {"callback": callback.pk})
    evidence(client, call, f"change-{Change.objects.get(correction=True).pk}")
    assert len(deeds("read_callback")) == 1


def test_behind_each_item_of_the_story_is_a_raw_form(call: Conference) -> None:
    client = signed_in(administrator())
    for item in download(sam(), call)["items"]:
        page = evidence(client, call, item["evidence"])
        assert page.status_code == 200 and "<pre" in page.content.decode(), item


def test_the_raw_forms_of_other_calls_are_not_to_be_had(call: Conference) -> None:
    other, *_ = make_call("other")
    client = signed_in(administrator())
    names = [item["evidence"] for item in download(administrator(), call)["items"]]
    for name in (*names, "change-0", "x", "outcome-", "99999999999999999999", "change-٣"):
        assert evidence(client, other, name).status_code == 404, name
    assert deeds("read_callback") == []


def test_who_may_not_read_callbacks_is_not_led_there(call: Conference) -> None:
    for user, led in ((sam(), False), (auditor(), True)):
        page = signed_in(user).get(f"/conferences/{call.pk}/").content.decode()
        assert ("raw-link" in page) is led
        assert f'href="/conferences/{call.pk}/story.json"' in page
    assert evidence(signed_in(sam()), call, str(Callback.objects.get().pk)).status_code == 403
    assert deeds("read_callback") == []
