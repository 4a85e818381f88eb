"""Recordings over real HTTP: what each provider can do is done and seen, what it cannot is said."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from participants import reading_recordings
from participants.access import Denial, blocked, blocked_leg
from participants.models import Conference, Intervention, Outcome, Participant, Recording
from participants.providers import provider_for
from participants.providers.sound import Source
from participants.services import recording, recordings
from tests.factories import make_supervisor
from tests.participants.floor import Floor, wait_for

State = Outcome.State
LONG_S = 8.0
LINKED = pytest.mark.parametrize("provider", ["telnyx"], indirect=True)
OF_ROOMS = pytest.mark.parametrize("provider", ["twilio"], indirect=True)


@pytest.fixture
def call(floor: Floor) -> Conference:
    """Recorded from its start, and Earshot was not told."""
    return floor.call("recorded", record=True)


def known(call: Conference) -> list[Recording]:
    return recordings.of(call, fresh=True)


def word(call: Conference) -> str | None:
    return Conference.objects.get(pk=call.pk).recording


def ended(floor: Floor, call: Conference) -> Recording:
    """The call is over, and its recording can be heard."""
    floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    floor.sweep()
    call.refresh_from_db()

    def ready() -> Recording | None:
        return next((row for row in known(call) if row.status == "completed"), None)

    found: Recording = wait_for(ready, within_s=LONG_S)
    return found


def started(floor: Floor, call: Conference, **parameters: Any) -> tuple[Participant, Recording]:
    agent = floor.leg(call, "agent")
    intervention = recording.start(agent, floor.asked(), **parameters)
    floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)
    return agent, Recording.objects.get(participant=agent)


# --- what there is ----------------------------------------------------------------------------------------
def test_it_is_found_by_asking(floor: Floor, call: Conference) -> None:
    assert word(call) is None, "not said: nobody asked and nobody told"
    (row,) = known(call)
    assert (row.status, row.conference, row.participant) == ("in-progress", call, None)
    assert row.started_at is not None
    assert word(call) == "in-progress"


def test_its_end_is_seen(floor: Floor, call: Conference) -> None:
    known(call)
    row = ended(floor, call)
    assert row.seconds is not None and word(call) == "completed"


def test_a_refresh_reads_the_recordings_too(floor: Floor, call: Conference) -> None:
    from participants.services import conferences

    floor.outcome(conferences.refresh(call, floor.asked()), State.CONFIRMED, within_s=LONG_S)
    assert word(call) == "in-progress"


def test_a_sweep_does_not_read_them(floor: Floor, call: Conference) -> None:
    floor.sweep()
    assert not [row for row in floor.requests("GET") if "Recordings" in row["place"]]


def test_what_is_over_is_not_asked_for_again(floor: Floor, call: Conference) -> None:
    ended(floor, call)
    before = len(floor.requests("GET"))
    assert [row.status for row in recordings.of(call, fresh=True)] == ["completed"]
    assert len(floor.requests("GET")) == before


# --- of a whole call --------------------------------------------------------------------------------------
@OF_ROOMS
def test_it_pauses_goes_on_and_stops(floor: Floor, call: Conference) -> None:
    for act, status in (("pause", "paused"), ("resume", "in-progress"), ("stop", "stopped")):
        intervention = getattr(recording, act)(call, floor.asked())
        outcome = floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)
        assert outcome.evidence and "read" in outcome.evidence
        assert word(call) in ({status} if act != "stop" else {"stopped", "processing", "completed"})
    posts = [row for row in floor.requests() if "Recordings" in row["place"]]
    assert [row["params"]["Status"] for row in posts] == ["paused", "in-progress", "stopped"]


@OF_ROOMS
def test_how_the_pause_sounds_goes_to_the_provider(floor: Floor, call: Conference) -> None:
    paused = recording.pause(call, floor.asked(), pause_behavior="skip")
    floor.outcome(paused, State.CONFIRMED, within_s=LONG_S)
    (post,) = [row for row in floor.requests() if "Recordings" in row["place"]]
    assert post["params"] == {"Status": "paused", "PauseBehavior": "skip"}
    with pytest.raises(Denial) as refused:
        recording.pause(call, floor.asked(), pause_behavior="hum")
    assert list(refused.value.fields or {}) == ["pause_behavior"]


@OF_ROOMS
def test_what_somebody_else_paused_goes_on_though_nobody_told(floor: Floor, call: Conference) -> None:
    (row,) = known(call)
    provider_for(call.account).update_recording(reading_recordings.key_of(row), status="paused")
    with pytest.raises(Denial) as refused:
        recording.pause(call, floor.asked())
    assert (refused.value.code, refused.value.detail) == ("already", "Already paused.")
    floor.outcome(recording.resume(call, floor.asked()), State.CONFIRMED, within_s=LONG_S)


@OF_ROOMS
def test_where_the_list_cannot_be_read_the_one_that_runs_is_meant(floor: Floor, call: Conference) -> None:
    floor.fault(effect="refuse", operation="conference_recording.list")
    floor.outcome(recording.pause(call, floor.asked()), State.CONFIRMED, within_s=LONG_S)
    (post,) = [row for row in floor.requests() if "Recordings" in row["place"]]
    assert post["place"][-1] == "Twilio.CURRENT"
    assert word(call) == "paused"


@OF_ROOMS
def test_a_call_without_a_recording_says_so_and_the_attempt_is_kept(floor: Floor) -> None:
    call = floor.call("plain")
    with pytest.raises(Denial) as refused:
        recording.pause(call, floor.asked(reason="card number"))
    assert (refused.value.code, refused.value.status) == ("not_recording", 409)
    kept = Intervention.objects.get(verb="recording/pause")
    assert kept.reason == "card number"
    assert kept.outcomes.filter(state=State.REFUSED, detail="not_recording").exists()
    assert not [row for row in floor.requests() if "Recordings" in row["place"]], "nothing was sent"


@LINKED
def test_a_room_that_cannot_be_paused_says_so(floor: Floor, call: Conference) -> None:
    with pytest.raises(Denial) as refused:
        recording.pause(call, floor.asked())
    assert refused.value.code == "no_room_recording"
    assert refused.value.detail == f"{floor.title} cannot pause a recording of the whole call."
    assert blocked(call, call.participants.all())["recording/stop"] == "no_room_recording"


# --- of one leg -------------------------------------------------------------------------------------------
@LINKED
def test_a_leg_is_recorded_paused_resumed_and_stopped(floor: Floor) -> None:
    call = floor.call("plain")
    agent, row = started(floor, call, recording_channels="single", recording_track="inbound")
    assert (row.status, row.conference, row.channels) == ("in-progress", call, 1)
    assert word(call) == "in-progress"
    (post,) = [row for row in floor.requests() if "Recordings" in row["place"]]
    assert post["params"]["RecordingStatusCallback"].endswith(f"/callbacks/{call.account.key}/recording/")
    assert post["params"]["RecordingTrack"] == "inbound"
    for act, status in (("pause", "paused"), ("resume", "in-progress"), ("stop", "stopped")):
        intervention = getattr(recording, act)(agent, floor.asked())
        floor.outcome(intervention, State.CONFIRMED, within_s=LONG_S)
        row.refresh_from_db()
        assert row.status in ({status} if act != "stop" else {"stopped", "processing", "completed"})


@LINKED
def test_a_leg_that_is_recorded_is_not_recorded_twice(floor: Floor) -> None:
    call = floor.call("plain")
    agent, _ = started(floor, call)
    with pytest.raises(Denial) as refused:
        recording.start(agent, floor.asked())
    assert (refused.value.code, refused.value.detail) == ("already", "Already recording.")


@LINKED
@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"recording_channels": "mono"}, "recording_channels"),
        ({"recording_track": "sideways"}, "recording_track"),
        ({"recording_status_callback": "http://169.254.169.254/"}, "recording_status_callback"),
        ({"recording_status_callback_event": ["daydreaming"]}, "recording_status_callback_event"),
    ],
)
def test_a_wrong_value_names_its_field_and_nothing_is_sent(
    floor: Floor, parameters: dict[str, Any], field: str
) -> None:
    agent = floor.leg(floor.call("plain"), "agent")
    with pytest.raises(Denial) as refused:
        recording.start(agent, floor.asked(), **parameters)
    assert (refused.value.code, refused.value.status) == ("invalid", 400)
    assert list(refused.value.fields or {}) == [field]
    assert not [row for row in floor.requests() if "Recordings" in row["place"]]


@OF_ROOMS
def test_where_no_leg_can_be_recorded_it_says_how_it_is_done(floor: Floor) -> None:
    call = floor.call("plain")
    agent = floor.leg(call, "agent")
    with pytest.raises(Denial) as refused:
        recording.start(agent, floor.asked())
    assert refused.value.code == "no_recording_start"
    assert "set when somebody is dialled in" in refused.value.detail
    assert blocked_leg(agent, call, call.participants.all())["recording/start"] == "no_recording_start"


# --- what is over -----------------------------------------------------------------------------------------
def test_it_is_deleted_after_a_question_and_never_comes_back(floor: Floor, call: Conference) -> None:
    row = ended(floor, call)
    with pytest.raises(Denial) as asks:
        recording.delete(row, floor.asked())
    assert asks.value.code == "confirm"
    assert asks.value.detail.startswith("Delete this recording of ") and floor.title in asks.value.detail
    assert Recording.objects.get().status == "completed", "nothing is sent before"
    done = recording.delete(row, floor.asked(confirm=asks.value.confirm))
    floor.outcome(done, State.CONFIRMED, within_s=LONG_S)
    assert recordings.of(call) == [] and word(call) is None
    assert Recording.objects.get().status == "deleted", "its row stays: a late callback revives nothing"


def test_what_still_runs_is_not_deleted(floor: Floor, call: Conference) -> None:
    (row,) = known(call)
    with pytest.raises(Denial) as refused:
        recording.delete(row, floor.asked())
    assert refused.value.code == "still_recording"


def heard(floor: Floor, row: Recording, wanted: str = "") -> bytes:
    return b"".join(recordings.play(floor.user, row, wanted=wanted).parts)


def test_the_sound_comes_through_us_whole_and_in_parts(floor: Floor, call: Conference) -> None:
    row = ended(floor, call)
    sound = recordings.play(floor.user, row)
    whole = b"".join(sound.parts)
    assert (sound.status, sound.content_type[:6]) == (200, "audio/")
    assert whole[:4] == b"RIFF" and int(sound.headers["Content-Length"]) == len(whole)
    part = recordings.play(floor.user, row, wanted="bytes=8-11")
    assert (part.status, b"".join(part.parts)) == (206, b"WAVE")
    assert part.headers["Content-Range"] == f"bytes 8-11/{len(whole)}"


def test_who_heard_it_is_on_the_record_once(floor: Floor, call: Conference) -> None:
    row = ended(floor, call)
    for wanted in ("", "bytes=0-3", "bytes=4-7"):
        heard(floor, row, wanted)
    (deed,) = Intervention.objects.filter(verb="recording/play")
    assert (deed.user, deed.conference, deed.parameters) == (floor.user, call, {"recording": row.sid})


def test_without_the_right_nothing_is_heard_and_nothing_asked(floor: Floor, call: Conference) -> None:
    row = ended(floor, call)
    floor.user.groups.clear()
    floor.user.user_permissions.add(Permission.objects.get(codename="listen"))
    user = type(floor.user).objects.get(pk=floor.user.pk)
    before = len(floor.requests("GET"))
    with pytest.raises(Denial) as refused:
        recordings.play(user, row)
    assert (refused.value.code, refused.value.status) == ("not_allowed", 403)
    assert len(floor.requests("GET")) == before
    assert recordings.possible(user, row) == []


@LINKED
def test_our_key_goes_to_nobody_but_the_provider(
    floor: Floor, call: Conference, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store of the links refuses a request that carries one: it was heard, so none was there."""
    row = ended(floor, call)
    assert heard(floor, row)[:4] == b"RIFF"
    kind, asked = type(provider_for(call.account)), list[str]()
    elsewhere = {"media_url": "http://metadata.example/x.wav"}
    monkeypatch.setattr(Source, "_get", lambda _source, url, **_more: asked.append(url))
    monkeypatch.setattr(kind, "_text", lambda _provider, _body, field: elsewhere.get(field))
    with pytest.raises(Denial) as refused:
        recordings.play(floor.user, row)
    assert refused.value.status == 502 and not asked, "an address of somebody else's is not asked for"


def test_a_recording_without_sound_is_404(floor: Floor, call: Conference) -> None:
    (row,) = known(call)
    with pytest.raises(Denial) as refused:
        recordings.play(floor.user, row)
    assert (refused.value.code, refused.value.status) == ("no_sound", 404)


# --- over the API and the page ----------------------------------------------------------------------------
def test_the_api_lists_what_may_be_done_and_where_it_sounds(floor: Floor, call: Conference) -> None:
    client = Client()
    client.force_login(floor.user)
    url = f"/api/v1/conferences/{call.pk}/recordings/"
    assert client.get(url).json() == {"results": []}, "nobody asked yet"
    (row,) = client.get(url, {"refresh": "true"}).json()["results"]
    can = ["pause", "stop"] if floor.provider == "twilio" else []
    assert (row["status"], row["can"], row["sound"], row["participant"]) == ("in-progress", can, None, None)
    assert ("stop" in row["asks"]) is bool(can)
    ended(floor, call)
    (row,) = client.get(url).json()["results"]
    assert (row["status"], row["can"], row["channels"]) == ("completed", ["delete"], 1)
    answer = client.get(row["sound"], headers={"Range": "bytes=0-3"})
    assert (answer.status_code, b"".join(answer.streaming_content)) == (206, b"RIFF")  # type: ignore[attr-defined]
    assert answer["Cache-Control"] == "private, no-store"
    assert "Location" not in answer
    foreign = make_supervisor("foreign")
    client.force_login(foreign)
    assert client.get(row["sound"]).status_code == 404
    assert client.get(url).status_code == 404


def test_the_api_refuses_a_query_that_nobody_knows(floor: Floor, call: Conference) -> None:
    client = Client()
    client.force_login(floor.user)
    answer = client.get(f"/api/v1/conferences/{call.pk}/recordings/", {"fresh": "1"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["fresh"])


def test_a_command_of_the_api_says_what_became_of_it(floor: Floor, call: Conference) -> None:
    client = Client()
    client.force_login(floor.user)
    answer = client.post(
        f"/api/v1/conferences/{call.pk}/recording/pause/", {}, content_type="application/json"
    )
    if floor.provider == "twilio":
        assert answer.status_code == 200, answer.json()
        assert answer.json()["conference"]["recording"] == "paused"
        assert answer.json()["intervention"]["verb"] == "recording/pause"
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "no_room_recording")
