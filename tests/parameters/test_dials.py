"""Every parameter of a dial, from the API to the mirror: at both providers, each value, and wrong ones."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from openapi_core.contrib.requests import RequestsOpenAPIRequest

from participants import sweep
from participants.models import Conference, Dial, Intervention, Participant
from participants.services import dial_running
from tests.parameters.reasons import why_not_from_outside
from tests.parameters.rows import Row, rows
from tests.parameters.standing import Place, form_of
from tests.participants.providers.test_requests import allowed
from tests.patience import wait_for

ASKED = [
    row
    for row in rows("participant.create", place="form")
    if not why_not_from_outside(row.operation, row.place, row.name)
]
TO = "+447700900199"
SECOND = 1.0  # no phone gives up before it was looked at
# What the sandbox tells of a leg, and what the mirror keeps of it: name -> (its word, our field).
HELD = {
    "Muted": ("muted", "muted"),
    "EndConferenceOnExit": ("end_conference_on_exit", "end_conference_on_exit"),
    "StartConferenceOnEnter": ("start_conference_on_enter", "start_conference_on_enter"),
    "Label": ("label", "label"),
}
# Telnyx's answers leave it out, so nobody knows: the mirror says null.
UNTOLD = {("telnyx", "StartConferenceOnEnter")}


@dataclass
class Trip:
    """One dial with a value for each row, and everything that came of it."""

    values: dict[str, Any]  # by the provider's name
    status: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    answered: int = 0
    truth: dict[str, Any] = field(default_factory=dict)
    kept: Participant | None = None


@pytest.fixture(scope="module")
def dialled(standing: dict[str, Place]) -> dict[str, list[Trip]]:
    return {name: trips_of(place) for name, place in standing.items()}


def trips_of(place: Place) -> list[Trip]:
    """As many dials as the longest list of values has, the others repeating theirs; every second by name."""
    mine = [row for row in ASKED if row.provider == place.floor.provider]
    call = live_call(place)
    most = max(len(row.good()) for row in mine)
    trips = [Trip({row.name: row.good()[at % len(row.good())] for row in mine}) for at in range(most)]
    for at, trip in enumerate(trips):
        trip.values["Label"] += f" {at}"  # no two dials share one
        body = {row.key: trip.values[row.name] for row in mine}
        if at % 2:
            path = f"conferences/{call.pk}/participants/"
        else:
            path, body["friendly_name"] = f"accounts/{place.floor.account.key}/conferences/", f"call {at}"
        before = len(place.writes())
        answer = place.post(path, body)
        trip.status, trip.told = answer.status_code, answer.json()
        assert answer.status_code in (200, 202), trip.told
        wait_for(lambda before=before: place.writes()[before:], every_s=0.05, meanwhile=drive)
        _follow(place, trip, place.writes()[-1])
        # Nobody looks at this phone any more: it rings for the rest of the file.
        Dial.objects.update(state=Dial.State.ENDED, due_at=None)
    return trips


def live_call(place: Place) -> Conference:
    """Who is on it nobody asks here: with such seconds a call is not readable for a while."""
    legs = [place.floor.agent_leg(), place.floor.customer_leg()]
    asked = {"provider": place.floor.provider, "friendly_name": "round trip", "callbacks": False}
    made = place.floor.sandbox.post("/_sandbox/conferences", {**asked, "legs": legs})
    sweep.sweep(place.floor.account)
    return Conference.objects.get(sid=made["sid"])


def drive() -> None:
    dial_running.run_due()


def _follow(place: Place, trip: Trip, answer: Any) -> None:
    trip.sent, trip.answered = form_of(answer), answer.status_code
    asked = RequestsOpenAPIRequest(answer.request)
    place.specification.validate_request(asked)
    assert {name.partition("[")[0] for name, _ in trip.sent} <= allowed(
        place.document, "POST", answer.request.path_url.partition("?")[0]
    )
    body = answer.json()
    room = place.floor.sandbox.get(f"/_sandbox/conferences/{body['conference_sid']}")
    trip.truth = next(leg for leg in room["legs"] if leg["call_sid"] == body["call_sid"])
    trip.kept = wait_for(Participant.objects.filter(call_sid=body["call_sid"]).first, meanwhile=drive)


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row.id)
def test_each_value_reaches_the_provider_as_it_is_spelled_there(
    dialled: dict[str, list[Trip]], row: Row
) -> None:
    trips = dialled[row.provider]
    for trip in trips:
        assert trip.answered in (200, 201), f"{row.id} {trip.values}"
        mine = [pair for pair in trip.sent if pair[0].partition("[")[0] == row.name]
        assert mine == row.spelled(trip.values[row.name])
    if row.name != "Label":
        assert {repr(trip.values[row.name]) for trip in trips} == {repr(value) for value in row.good()}


@pytest.mark.parametrize(
    "row", [row for row in ASKED if row.name in HELD or row.name == "To"], ids=lambda row: row.id
)
def test_what_shows_is_held_by_the_provider_and_kept_by_the_mirror(
    dialled: dict[str, list[Trip]], row: Row
) -> None:
    for trip in dialled[row.provider]:
        value = trip.values[row.name]
        assert trip.kept is not None
        if row.name == "To":
            assert trip.kept.address == value.partition("?")[0]
            continue
        theirs, ours = HELD[row.name]
        assert trip.truth[theirs] == value
        assert getattr(trip.kept, ours) == (None if (row.provider, row.name) in UNTOLD else value)


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row.id)
def test_a_wrong_value_is_named_before_anybody_is_asked(
    dialled: dict[str, list[Trip]], standing: dict[str, Place], row: Row
) -> None:
    place = standing[row.provider]
    path = f"accounts/{place.floor.account.key}/conferences/"
    before = counted(place)
    for value in row.wrong():
        body = {"friendly_name": "never", "to": TO, row.key: value}
        answer = place.post(path, body)
        told = answer.json()
        assert (answer.status_code, told["code"]) == (400, "invalid"), f"{value!r}: {told}"
        assert list(told["fields"]) == [row.key], f"{value!r}: {told}"
        assert told["fields"][row.key][0].startswith("Must "), told
    assert counted(place) == before, "nobody was asked, and nothing is recorded as if"


def counted(place: Place) -> tuple[int, int, int]:
    return (len(place.writes()), Dial.objects.count(), Intervention.objects.count())


@pytest.mark.parametrize("provider", ["telnyx", "twilio"])
def test_several_wrong_ones_are_all_named(standing: dict[str, Place], provider: str) -> None:
    place = standing[provider]
    wrong = {"to": "0123", "timeout": 1, "beep": "loud", "volume": 3, "wait_url": "file:///etc/passwd"}
    told = place.post(f"accounts/{provider}/conferences/", {"friendly_name": "never", **wrong}).json()
    assert set(told["fields"]) == set(wrong)


@pytest.mark.parametrize("row", rows("participant.create", place="form"), ids=lambda row: row.id)
def test_what_is_earshots_alone_is_refused_with_its_reason(standing: dict[str, Place], row: Row) -> None:
    if not why_not_from_outside(row.operation, row.place, row.name):
        return
    place = standing[row.provider]
    before = len(place.writes())
    value = True if row.type == "boolean" else "CA" + "0" * 32
    told = place.post(
        f"accounts/{place.floor.account.key}/conferences/", {"friendly_name": "no", "to": TO, row.key: value}
    )
    assert (told.status_code, told.json()["code"]) == (409, "use_modes")
    assert len(place.writes()) == before
