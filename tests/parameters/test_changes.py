"""Every parameter with which a call, somebody on it, or a recording is changed: at both providers."""

from typing import Any

import pytest
from openapi_core.contrib.requests import RequestsOpenAPIRequest

from participants.models import Conference, Intervention, Participant, Recording
from participants.providers import PROVIDERS
from tests.parameters.reasons import why_not_from_outside
from tests.parameters.rows import HOST, Row, rows
from tests.parameters.standing import Place, form_of
from tests.participants.providers.test_requests import allowed
from tests.patience import wait_for

CHANGING = ("participant.update", "conference.update", "call_recording.start")
ASKED = [
    row
    for row in rows(*CHANGING, place="form")
    if not why_not_from_outside(row.operation, row.place, row.name)
]
STARTING = [row for row in ASKED if row.operation == "call_recording.start"]
REFUSED = [
    row
    for row in rows("participant.update", "conference.update", place="form")
    if why_not_from_outside(row.operation, row.place, row.name)
]
# What is only asked for together with another.
WITH: dict[str, dict[str, Any]] = {
    "HoldUrl": {"hold": True},
    "HoldMethod": {"hold": True, "hold_url": f"{HOST}/hold.mp3"},
    "AnnounceMethod": {"announce_url": f"{HOST}/announcement.mp3"},
}
SHOWN = {"Muted": "muted", "Hold": "hold", "EndConferenceOnExit": "end_conference_on_exit"}


@pytest.fixture(scope="module")
def calls(standing: dict[str, Place]) -> dict[str, Conference]:
    return {name: place.floor.call("changes") for name, place in standing.items()}


def send(place: Place, call: Conference, row: Row, body: dict[str, Any]) -> Any:
    if row.operation == "conference.update":
        return place.patch(f"conferences/{call.pk}/", body)
    leg = place.floor.leg(call, "customer")
    if row.operation == "participant.update":
        return place.patch(f"participants/{leg.pk}/", body)
    return place.post(f"participants/{leg.pk}/recording/start/", body)


def write_of(place: Place, before: int) -> Any:
    """The one request that it took, as the specification wants it."""
    mine = place.writes()[before:]
    assert len(mine) == 1, [answer.request.url for answer in mine]
    assert mine[0].status_code == 200
    request = mine[0].request
    place.specification.validate_request(RequestsOpenAPIRequest(request))
    known = allowed(place.document, "POST", str(request.path_url))
    assert {name for name, _ in form_of(mine[0])} <= known
    return mine[0]


def come_back(place: Place, call: Conference) -> Participant:
    """Heard, and off hold, before the next value."""
    leg = place.floor.leg(call, "customer")
    place.floor.sandbox.post(f"/_sandbox/legs/{leg.call_sid}/set", {"hold": False, "muted": False})
    Participant.objects.filter(pk=leg.pk).update(hold=False, muted=False)
    return leg


def stop_recordings(place: Place, call: Conference) -> bool:
    """Whether none goes on now."""
    leg = place.floor.leg(call, "customer")
    going_on = Recording.objects.filter(participant=leg, status__in=["in-progress", "paused"])
    return going_on.exists() and (
        place.post(f"participants/{leg.pk}/recording/stop/", {}).status_code in (200, 202)
    )


@pytest.mark.parametrize("row", [row for row in ASKED if row not in STARTING], ids=lambda row: row.id)
def test_each_value_reaches_the_provider_and_shows(
    standing: dict[str, Place], calls: dict[str, Conference], row: Row
) -> None:
    place, call = standing[row.provider], calls[row.provider]
    for value in row.good():
        leg = come_back(place, call)
        before = len(place.writes())
        answer = send(place, call, row, {**WITH.get(row.name, {}), row.key: value})
        assert answer.status_code in (200, 202), answer.json()
        sent = [pair for pair in form_of(write_of(place, before)) if pair[0] == row.name]
        assert sent == row.spelled(value)
        if row.name in SHOWN:
            shows(place, call, leg, SHOWN[row.name], value)


@pytest.fixture(scope="module")
def started(standing: dict[str, Place], calls: dict[str, Conference]) -> list[tuple[dict[str, Any], Any]]:
    """As many recordings as the longest list of values has: each with a value for every row, then stopped."""
    place, call, made = standing["telnyx"], calls["telnyx"], []
    for at in range(max(len(row.good()) for row in STARTING)):
        values = {row.name: row.good()[at % len(row.good())] for row in STARTING}
        before = len(place.writes())
        body = {row.key: values[row.name] for row in STARTING}
        answer = send(place, call, STARTING[0], body)
        assert answer.status_code in (200, 202), answer.json()
        made.append((values, write_of(place, before)))
        wait_for(lambda: stop_recordings(place, call))
    return made


@pytest.mark.parametrize("row", STARTING, ids=lambda row: row.id)
def test_each_value_starts_a_recording(started: list[tuple[dict[str, Any], Any]], row: Row) -> None:
    for values, answer in started:
        assert [pair for pair in form_of(answer) if pair[0] == row.name] == row.spelled(values[row.name])
    assert {repr(values[row.name]) for values, _ in started} == {repr(value) for value in row.good()}


def shows(place: Place, call: Conference, leg: Participant, name: str, value: bool) -> None:
    assert place.floor.true_leg(call, leg.call_sid)[name] is value
    wait_for(lambda: getattr(Participant.objects.get(pk=leg.pk), name) is value)


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row.id)
def test_a_wrong_value_is_named_before_anybody_is_asked(
    standing: dict[str, Place], calls: dict[str, Conference], row: Row
) -> None:
    place, call = standing[row.provider], calls[row.provider]
    come_back(place, call)
    before = len(place.writes()), Intervention.objects.count()
    for value in row.wrong():
        answer = send(place, call, row, {**WITH.get(row.name, {}), row.key: value})
        told = answer.json()
        assert (answer.status_code, told.get("code")) == (400, "invalid"), f"{value!r}: {told}"
        assert list(told["fields"]) == [row.key], f"{value!r}: {told}"
    assert (len(place.writes()), Intervention.objects.count()) == before


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.id)
def test_what_has_no_route_is_refused_with_its_reason(
    standing: dict[str, Place], calls: dict[str, Conference], row: Row
) -> None:
    place, call = standing[row.provider], calls[row.provider]
    before = len(place.writes())
    value = {"Coaching": True, "Status": "completed"}.get(row.name, call.sid)
    answer = send(place, call, row, {row.key: value})
    expected = (400, "invalid") if row.name == "Status" else (409, "use_modes")
    assert (answer.status_code, answer.json()["code"]) == expected
    assert len(place.writes()) == before


# --- recordings: buttons stand for the words --------------------------------------------------------------
BUTTONS = (("pause", "paused"), ("resume", "in-progress"), ("stop", "stopped"))


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_each_button_of_a_recording_is_one_word_of_the_provider(
    standing: dict[str, Place], provider: str
) -> None:
    """Of the whole call where that can be changed while it runs, else of one leg."""
    place = standing[provider]
    call = place.floor.call("recorded", record=True)
    whole = bool(PROVIDERS[provider].recording_operation("update", of_leg=False))
    target = f"conferences/{call.pk}"
    if not whole:
        target = f"participants/{place.floor.leg(call, 'customer').pk}"
        assert place.post(f"{target}/recording/start/", {}).status_code in (200, 202)
    for button, word in BUTTONS:
        before = len(place.writes())
        answer = place.post(f"{target}/recording/{button}/", {})
        assert answer.status_code in (200, 202), answer.json()
        assert form_of(write_of(place, before)) == [("Status", word)]


def test_a_recording_that_cannot_be_changed_says_so(standing: dict[str, Place]) -> None:
    place = standing["telnyx"]
    call = place.floor.call("only heard", record=True)
    told = place.post(f"conferences/{call.pk}/recording/pause/", {}).json()
    assert told["code"] == "no_room_recording"
    place = standing["twilio"]
    leg = place.floor.leg(place.floor.call("only room"), "customer")
    told = place.post(f"participants/{leg.pk}/recording/start/", {}).json()
    assert told["code"] == "no_recording_start"
