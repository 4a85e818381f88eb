"""Recordings in both dialects: what their own SDKs see, what is posted, the sound, what is refused."""

from __future__ import annotations

import io
import wave
from typing import Any

import pytest
import requests
from telnyx import NotFoundError, UnprocessableEntityError
from twilio.base.exceptions import TwilioRestException

from tests.patience import ANSWER_S, wait_for
from tests.sandbox.conftest import Call
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Received, Receiver
from tests.sandbox.sdk import CALLER_ID
from tests.sandbox.sides import APPLICATION, SIDES, TELNYX_ACCOUNT, Api
from tests.sandbox.telnyx_sdk import TelnyxWire

OURS: Any = {"account_sid": TELNYX_ACCOUNT}
MACHINE, PERSON = "+15005550013", "client:lead"


@pytest.fixture
def accounts(sandbox: Sandbox) -> Any:
    """Of Telnyx's SDK; every exchange is held against our specification."""
    return TelnyxWire(sandbox.url).client.texml.accounts


def posted(receiver: Receiver, key: str, value: str) -> list[Received]:
    return [one for one in list(receiver.received) if one.form.get(key) == value]


def frames(raw: bytes) -> int:
    with wave.open(io.BytesIO(raw)) as sound:
        return sound.getnframes()


# --- the official SDKs ------------------------------------------------------------------------------------
def test_a_conference_s_recording_is_paused_resumed_and_stopped(sandbox: Sandbox, twilio: Any) -> None:
    call = Call(sandbox, record=True)
    (listed,) = twilio.conferences(call.sid).recordings.list()
    one = twilio.conferences(call.sid).recordings(listed.sid)
    assert (listed.status, listed.source, listed.channels) == ("in-progress", "Conference", 1)
    assert one.update(status="paused", pause_behavior="skip").status == "paused"
    assert one.update(status="in-progress").status == "in-progress"
    current = twilio.conferences(call.sid).recordings("Twilio.CURRENT")
    stopped = current.update(status="stopped")
    assert (stopped.sid, stopped.status) == (listed.sid, "stopped")
    assert sandbox.wait_for(lambda: one.fetch().status == "completed")
    assert one.delete()
    with pytest.raises(TwilioRestException) as gone:
        one.fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)


def test_a_leg_s_recording_is_started_paused_resumed_and_stopped(sandbox: Sandbox, accounts: Any) -> None:
    call = Call(sandbox, "telnyx")
    begun = accounts.calls.recordings_json.recordings_json(
        call.agent, **OURS, recording_channels="single", recording_track="inbound", play_beep=False
    )
    assert (begun.channels, begun.track, begun.source) == (1, "inbound", "StartCallRecordingAPI")
    recordings = accounts.recordings.json
    status = lambda: recordings.retrieve_recording_sid_json(begun.sid, **OURS).status  # noqa: E731
    assert status() == "in-progress"
    for word in ("paused", "in-progress", "stopped"):
        accounts.calls.recordings.recording_sid_json(begun.sid, **OURS, call_sid=call.agent, status=word)
        assert status() == word
    done = sandbox.wait_for(lambda: status() == "completed")
    assert done
    assert accounts.retrieve_recordings_json(TELNYX_ACCOUNT).recordings[0].media_url
    recordings.delete_recording_sid_json(begun.sid, **OURS)
    with pytest.raises(NotFoundError):
        status()


def test_a_conference_lists_its_recordings(sandbox: Sandbox, accounts: Any) -> None:
    call = Call(sandbox, "telnyx", record=True)
    (one,) = accounts.conferences.retrieve_recordings_json(call.sid, **OURS).recordings
    assert (one.status, one.source, one.conference_sid) == ("in-progress", "Conference", call.sid)
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    wait_for(
        lambda: (
            accounts.conferences.retrieve_recordings_json(call.sid, **OURS).recordings[0].status
            == "completed"
        )
    )


# --- what both do -----------------------------------------------------------------------------------------
def test_lists_come_in_pages(sandbox: Sandbox, accounts: Any) -> None:
    calls = [Call(sandbox, "telnyx", friendly_name=f"billing-{n}", record=True) for n in range(3)]
    first = accounts.retrieve_recordings_json(TELNYX_ACCOUNT, page_size=2)
    more = requests.get(sandbox.url + first.next_page_uri, auth=SIDES["telnyx"].auth, timeout=ANSWER_S).json()
    rooms = [one.conference_sid for one in first.recordings]
    assert {*rooms, more["recordings"][0]["conference_sid"]} == {call.sid for call in calls}
    assert len(rooms) == 2 and "next_page_uri" not in more


@pytest.mark.parametrize("provider", sorted(SIDES), indirect=True)
def test_a_recorded_call_is_told_of_and_ends_with_a_sound(
    posting_sandbox: Sandbox, receiver: Receiver, provider: str
) -> None:
    call = Call(posting_sandbox, provider, record=True, callbacks=True)
    posting_sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    told = lambda: posted(receiver, "RecordingStatus", "completed")  # noqa: E731
    posting_sandbox.wait_for(told)
    (begun,), (done,) = posted(receiver, "RecordingStatus", "in-progress"), told()
    for callback in (begun, done):
        assert callback.url.partition("/callbacks/")[2].startswith(f"{provider}/recording/")
        assert SIDES[provider].genuine(posting_sandbox, callback)
        assert callback.form["ConferenceSid"] == call.sid
    assert done.form["RecordingSid"] == begun.form["RecordingSid"]
    assert "RecordingDuration" in done.form and "RecordingDuration" not in begun.form


def test_without_callbacks_a_recorded_call_is_told_of_to_nobody(
    posting_sandbox: Sandbox, receiver: Receiver
) -> None:
    call = Call(posting_sandbox, record=True, callbacks=False)
    posting_sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    api = Api(posting_sandbox, "twilio")
    done = lambda: api.get(f"/Conferences/{call.sid}/Recordings").json()["recordings"][0]  # noqa: E731
    posting_sandbox.wait_for(lambda: done()["status"] == "completed")
    assert not posted(receiver, "RecordingStatus", "completed")


@pytest.mark.parametrize("provider", sorted(SIDES), indirect=True)
@pytest.mark.parametrize(
    ("to", "detection", "word"),
    [
        (MACHINE, "Enable", "machine_start"),
        (MACHINE, "DetectMessageEnd", "machine_end_beep"),
        (PERSON, "Enable", "human"),
    ],
)
def test_who_answered_is_told_where_that_was_asked(
    posting_sandbox: Sandbox, receiver: Receiver, provider: str, to: str, detection: str, word: str
) -> None:
    call, api = Call(posting_sandbox, provider), Api(posting_sandbox, provider)
    asked = {"MachineDetection": detection, "AmdStatusCallback": f"{receiver.url}/amd"}
    answer = api.dial(call.sid, To=to, **asked)
    call_sid = answer.json()["call_sid"]
    posting_sandbox.wait_for(lambda: posted(receiver, "AnsweredBy", word))
    (told,) = [one for one in posted(receiver, "CallSid", call_sid) if "AnsweredBy" in one.form]
    assert told.form["AnsweredBy"] == word and int(told.form["MachineDetectionDuration"]) > 0
    assert SIDES[provider].genuine(posting_sandbox, told)


def test_nobody_is_told_who_answered_without_having_asked(sandbox: Sandbox, api: Api) -> None:
    call = Call(sandbox, api.provider)
    dialled = api.dial(call.sid, To=MACHINE).json()["call_sid"]
    leg = lambda: api.get(f"/Calls/{dialled}").json()  # noqa: E731
    sandbox.wait_for(lambda: leg().get("status") == "in-progress")
    assert leg().get("answered_by") is None


def test_a_dialled_leg_is_recorded_from_its_answer(
    posting_sandbox: Sandbox, receiver: Receiver, provider: str
) -> None:
    call, api = Call(posting_sandbox, provider), Api(posting_sandbox, provider)
    wanted = {
        "Record": "true",
        "RecordingChannels": "dual",
        "RecordingStatusCallback": f"{receiver.url}/leg",
        "RecordingStatusCallbackEvent": "in-progress completed",
    }
    dialled = api.dial(call.sid, **wanted).json()["call_sid"]
    posting_sandbox.wait_for(lambda: posted(receiver, "RecordingStatus", "in-progress"))
    posting_sandbox.post(f"/_sandbox/legs/{dialled}/hangup")
    posting_sandbox.wait_for(lambda: posted(receiver, "RecordingStatus", "completed"))
    (done,) = posted(receiver, "RecordingStatus", "completed")
    assert (done.form["CallSid"], done.form["RecordingChannels"]) == (dialled, "2")


# --- the sound --------------------------------------------------------------------------------------------
def test_the_sound_has_the_length_of_the_recording_and_comes_in_parts(sandbox: Sandbox) -> None:
    call, api = Call(sandbox, record=True), Api(sandbox, "twilio")
    place = f"/Conferences/{call.sid}/Recordings"
    (one,) = api.get(place).json()["recordings"]
    url = f"{api.base}/Recordings/{one['sid']}.wav"
    get = lambda **more: requests.get(url, timeout=ANSWER_S, **more)  # noqa: E731
    assert get(auth=api.side.auth).status_code == 404, "not before it is completed"
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    sandbox.wait_for(lambda: api.get(place).json()["recordings"][0]["status"] == "completed")
    whole = get(auth=api.side.auth)
    assert whole.headers["Content-Type"] == "audio/x-wav" and frames(whole.content) > 0
    part = get(auth=api.side.auth, headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, whole.content[4:8])
    assert part.headers["Content-Range"] == f"bytes 4-7/{len(whole.content)}"
    beyond = get(auth=api.side.auth, headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416
    assert get().status_code == 401


def test_a_link_is_its_own_proof_and_takes_no_other(sandbox: Sandbox, accounts: Any) -> None:
    call = Call(sandbox, "telnyx", record=True)
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    listed = lambda: accounts.retrieve_recordings_json(TELNYX_ACCOUNT).recordings[0]  # noqa: E731
    sandbox.wait_for(lambda: listed().status == "completed")
    link = listed().media_url
    assert frames(requests.get(link, timeout=ANSWER_S).content) > 0
    assert requests.get(link, auth=SIDES["telnyx"].auth, timeout=ANSWER_S).status_code == 400
    assert requests.get(link[:-1] + "x", timeout=ANSWER_S).status_code == 403
    assert requests.get(link.replace("Expires=1", "Expires=0"), timeout=ANSWER_S).status_code == 403


# --- what is refused --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 20001),
        ({"Status": "completed"}, 20001),
        ({"Status": "paused", "PauseBehavior": "hum"}, 20001),
        ({"Status": "stopped", "PauseBehavior": "skip"}, 20001),
        ({"Status": "in-progress"}, 21220),
        ({"Zodiac": "Libra"}, 20001),
    ],
)
def test_twilio_refuses(sandbox: Sandbox, form: dict[str, str], code: int) -> None:
    call, api = Call(sandbox, record=True), Api(sandbox, "twilio")
    place = f"/Conferences/{call.sid}/Recordings"
    (one,) = api.get(place).json()["recordings"]
    answer = api.post(f"{place}/{one['sid']}", form)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_twilio_has_no_start_and_no_current_one_where_nothing_is_recorded(sandbox: Sandbox) -> None:
    call, api = Call(sandbox), Api(sandbox, "twilio")
    place = f"/Conferences/{call.sid}/Recordings"
    assert api.post(place, {"Status": "in-progress"}).status_code == 405
    assert api.post(f"{place}/Twilio.CURRENT", {"Status": "paused"}).status_code == 404
    assert api.post(f"/Calls/{call.agent}/Recordings").status_code == 404


def test_a_running_recording_is_not_deleted(sandbox: Sandbox) -> None:
    call, api = Call(sandbox, record=True), Api(sandbox, "twilio")
    place = f"/Conferences/{call.sid}/Recordings"
    (one,) = api.get(place).json()["recordings"]
    assert api.delete(f"{place}/{one['sid']}").json()["code"] == 21220


def test_telnyx_refuses_a_leg_that_is_not_on_a_call(sandbox: Sandbox, accounts: Any) -> None:
    call, api = Call(sandbox, "telnyx"), Api(sandbox, "telnyx")
    start = accounts.calls.recordings_json.recordings_json

    def refused(call_sid: str) -> str:
        with pytest.raises(UnprocessableEntityError) as told:
            start(call_sid, **OURS)
        return str(told.value.response.json()["errors"][0]["code"])

    sandbox.post("/_sandbox/answering", {"mode": "manual"})
    ringing = api.dial(call.sid, From=CALLER_ID, ApplicationSid=APPLICATION).json()["call_sid"]
    assert refused(ringing) == "90034"
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    assert refused(call.agent) == "90018"
    with pytest.raises(NotFoundError):
        start("v3:" + "x" * 54, **OURS)
