"""What providers post about recordings and about who answered: stored, applied, in any order."""

from itertools import permutations
from typing import Any
from urllib.parse import urlencode

import pytest

from participants.models import Callback, Conference, Participant, Recording
from tests.participants.callbacks.posting import Told, fresh, post, verdicts
from tests.participants.wire import Wire

pytestmark = pytest.mark.django_db
COLUMNS = ("sid", "status", "seconds", "channels", "source", "conference__sid", "participant__call_sid")
STORY = ("participant-join", "recording-in-progress", "recording-completed", "conference-end")


def rows() -> dict[str, Any]:
    """What stays of a story, but for ids and our own times."""
    return {
        "recordings": list(Recording.objects.order_by("sid").values_list(*COLUMNS)),
        "conference": list(Conference.objects.values_list("sid", "status", "recording")),
        "legs": list(Participant.objects.order_by("call_sid").values_list("call_sid", "answered_by")),
    }


def forget() -> None:
    for model in (Callback, Recording, Conference):
        model.objects.all().delete()


def test_the_mark_of_a_call_follows_its_recording(wire: Wire) -> None:
    word = lambda: Conference.objects.get().recording  # noqa: E731
    assert post(wire, "participant-join") == 200
    assert word() is None, "not said"
    before = Conference.objects.get().version
    assert post(wire, "recording-in-progress") == 200
    assert word() == "in-progress"
    assert Conference.objects.get().version == before + 1
    assert post(wire, "conference-end") == 200
    assert word() == "processing", "nothing of a call that has ended is recorded"
    assert post(wire, "recording-completed") == 200
    assert word() == "completed"
    assert verdicts() == ["applied"] * 4
    recording = Recording.objects.get()
    assert (recording.status, recording.seconds, recording.channels) == ("completed", 396, 1)
    assert recording.conference == Conference.objects.get() and recording.participant is None


def test_any_order_of_a_story_ends_the_same(wire: Wire) -> None:
    ends = []
    for order in permutations(STORY):
        forget()
        for event in order:
            assert post(wire, event, **({"SequenceNumber": "9"} if event == "conference-end" else {})) == 200
        ends.append(rows())
    assert all(end == ends[0] for end in ends)
    assert ends[0]["conference"][0][1:] == ("completed", "completed")


def test_a_recording_of_one_leg_waits_for_its_leg(wire: Wire) -> None:
    assert post(wire, "recording-of-a-leg") == 200
    assert verdicts() == ["waiting"] and not Recording.objects.exists()
    assert post(wire, "participant-join") == 200
    assert verdicts() == ["applied", "applied"]
    recording = Recording.objects.get()
    assert recording.participant == Participant.objects.get()
    assert (recording.channels, recording.status) == (2, "in-progress")
    assert Conference.objects.get().recording == "in-progress"
    told = rows()
    forget()
    assert post(wire, "participant-join") == post(wire, "recording-of-a-leg") == 200
    assert rows() == told


@pytest.mark.parametrize("word", ["absent", "failed"])
def test_a_recording_that_failed_is_absent(wire: Wire, word: str) -> None:
    assert post(wire, "recording-in-progress") == 200
    assert post(wire, "recording-completed", RecordingStatus=word, RecordingDuration="") == 200
    assert Recording.objects.get().status == "absent"
    assert Conference.objects.get().recording == "absent"


def test_a_word_that_nobody_knows_is_kept_and_changes_nothing(wire: Wire) -> None:
    assert post(wire, "recording-in-progress", RecordingStatus="daydreaming") == 200
    assert post(wire, "amd-human", AnsweredBy="parrot") == 200
    assert verdicts() == ["unknown", "unknown"]
    assert not Recording.objects.exists()


def test_when_nobody_can_tell_whether_it_goes_on_the_provider_is_asked(wire: Wire, told: Told) -> None:
    assert post(wire, "recording-in-progress") == 200
    assert post(wire, "recording-in-progress", RecordingStatus="paused") == 200
    assert Recording.objects.get().status == "in-progress", "the less safe word"
    assert told[-1].recordings == {Conference.objects.get().pk}


@pytest.mark.parametrize(
    "changes",
    [
        {"RecordingSid": "no sid!"},
        {"RecordingStatus": "In Progress"},
        {"RecordingChannels": "7"},
        {"RecordingDuration": "-1"},
        {"RecordingSid": ""},
        {"ConferenceSid": "", "CallSid": ""},
    ],
)
def test_what_cannot_be_right_is_kept_and_not_believed(wire: Wire, changes: dict[str, str]) -> None:
    assert post(wire, "recording-in-progress", **changes) == 200
    assert verdicts() == ["rejected"]
    assert not Recording.objects.exists()


def test_a_known_parameter_twice_is_forged(wire: Wire) -> None:
    kind, form = fresh(wire, "recording-in-progress")
    twice = urlencode([*form.items(), ("RecordingStatus", "completed")])
    assert wire.post(kind, twice.encode()) == 403
    assert not Callback.objects.exists()


def test_a_link_to_the_sound_is_not_kept(wire: Wire) -> None:
    assert post(wire, "recording-completed", RecordingUrl="https://sounds.example/secret.wav") == 200
    assert "secret" not in str(Callback.objects.get().form)
    assert ["RecordingUrl", ""] in Callback.objects.get().form


# --- who answered -----------------------------------------------------------------------------------------
def test_who_answered_is_told_of_the_leg_in_any_order(wire: Wire) -> None:
    words = ("human", "machine_start", "machine_end_beep")
    found = set()
    for order in permutations((*words, None)):
        forget()
        for word in order:
            assert post(wire, "amd-human", AnsweredBy=word) if word else post(wire, "participant-join")
        found.add(Participant.objects.get().answered_by)
    assert found == {"machine_end_beep"}, "the surer word"


def test_a_callback_of_a_call_that_says_nothing_of_it_takes_nothing_back(wire: Wire) -> None:
    for event in ("participant-join", "amd-machine", "call-in-progress"):
        assert post(wire, event) == 200
    assert Participant.objects.get(call_sid=fresh(wire, "amd-machine")[1]["CallSid"]).answered_by == (
        "machine_start"
    )


def test_the_same_again_changes_nothing(wire: Wire) -> None:
    for event in ("participant-join", "amd-machine", "recording-in-progress"):
        post(wire, event)
    before, version = rows(), Conference.objects.get().version
    for _ in range(2):
        for event in ("amd-machine", "recording-in-progress"):
            assert post(wire, event) == 200
    assert (rows(), Conference.objects.get().version) == (before, version)
