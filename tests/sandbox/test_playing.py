"""The sandbox comes for what it is to play, as the provider would, and plays nothing that it cannot read."""

import math
from typing import Any

import pytest
import requests

from participants.sandbox.documents import Unplayable, sound_seconds, verbs
from tests.participants.tones import mp3, wav
from tests.patience import ANSWER_S
from tests.sandbox.process import Sandbox
from tests.sandbox.receiver import Receiver
from tests.sandbox.sides import Api

PROVIDERS = ("twilio", "telnyx")


def response(inside: str) -> bytes:
    return f"<Response>{inside}</Response>".encode()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_text_lasts_as_long_as_it_takes_to_say_it(provider: str) -> None:
    [verb] = verbs(
        response('<Say voice="alice" language="en-GB">' + "word " * 30 + "</Say>"), provider=provider
    )
    assert (verb.name, verb.times) == ("Say", 1) and verb.seconds == pytest.approx(10, abs=0.1)
    [music] = verbs(response('<Play loop="0">https://x.example/a.mp3</Play>'), provider=provider)
    assert (music.text, music.times) == ("https://x.example/a.mp3", None)


BAD = [
    (b"", "no XML"),
    (b"<Response><Say>Hello</Response>", "no XML"),
    (b"Hello", "no XML"),
    (b"<html></html>", "no Response"),
    (response("Hello"), "beside the verbs"),
    (response("<Say>Hello</Say> you"), "beside the verbs"),
    (response("<Dial>+12025550100</Dial>"), "Dial cannot be used"),
    (response("<Hangup/>"), "Hangup cannot be used"),
    (response("<Record/>"), "Record cannot be used"),
    (response('<Say speed="9">Hello</Say>'), "no attribute speed"),
    (response("<Say><break/>Hello</Say>"), "Say holds break"),
    (response('<Say voice="robot">Hello</Say>'), "no voice robot"),
    (response('<Say language="English">Hello</Say>'), "no language English"),
    (response("<Say> </Say>"), "empty"),
    (response("<Play></Play>"), "empty"),
    (response('<Play loop="often">https://x.example/</Play>'), "no number"),
    (response('<Pause length="-1"/>'), "no number"),
]


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("content", "said"), BAD)
def test_what_a_provider_could_not_read_is_not_played(content: bytes, said: str, provider: str) -> None:
    with pytest.raises(Unplayable, match=said):
        verbs(content, provider=provider)


def test_each_provider_knows_its_own_voices() -> None:
    said = response('<Say voice="Google.en-GB-Standard-A">Hello</Say>')
    assert verbs(said, provider="twilio")
    with pytest.raises(Unplayable):
        verbs(said, provider="telnyx")


def test_a_sound_lasts_as_long_as_it_is() -> None:
    assert sound_seconds(wav(seconds=2.5), "audio/wav") == 2.5
    assert math.isclose(sound_seconds(mp3(frames=100), "audio/mpeg"), 100 * 1152 / 44100, rel_tol=0.02)
    for wrong in (b"", b"RIFFxxxx", b"<html>", b"\x00" * 500):
        with pytest.raises(Unplayable):
            sound_seconds(wrong, "audio/mpeg")


# --- over HTTP --------------------------------------------------------------------------------------------
def make(sandbox: Sandbox, provider: str) -> Any:
    legs = [
        {"from": "+12025550100", "to": "client:agent-1", "direction": "outbound", "role": "agent"},
        {"from": "+442079460102", "to": "+12025550100", "direction": "inbound", "role": "customer"},
    ]
    return sandbox.post("/_sandbox/conferences", {"provider": provider, "callbacks": True, "legs": legs})


@pytest.fixture
def sandbox(posting_sandbox: Sandbox) -> Sandbox:
    return posting_sandbox


def update(api: Api, conference: str, call_sid: str, **params: str) -> None:
    person = f"/Participants/{call_sid}" if call_sid else ""
    answer = api.post(f"/Conferences/{conference}{person}", params)
    assert answer.status_code == 200, answer.text


def announce(api: Api, sandbox: Sandbox, url: str) -> Any:
    """To the first person on the call; asks what became of it."""
    made = make(sandbox, api.provider)
    update(api, made["sid"], made["legs"][0]["call_sid"], AnnounceUrl=url, AnnounceMethod="POST")
    return lambda *states: sandbox.wait_for(
        lambda: next((row for row in sandbox.get("/_sandbox/plays") if row["state"] in states), None)
    )


def test_it_is_heard_once_it_has_been_fetched_and_then_it_is_over(
    api: Api, sandbox: Sandbox, receiver: Receiver
) -> None:
    became = announce(api, sandbox, f"{receiver.url}/say")
    play = became("playing", "over")
    assert play["said"] == "“The line closes at six.”" and play["seconds"] == pytest.approx(1.5, abs=0.1)
    if play["state"] == "playing":
        assert "into this ear alone: “The line closes at six.”" in page(sandbox)
    assert became("over")
    [asked] = [one for one in receiver.received if one.url.endswith("/say")]
    assert asked.method == "POST" and asked.form["CallSid"] == play["call_sid"]


def page(sandbox: Sandbox) -> str:
    return requests.get(sandbox.url + "/", timeout=ANSWER_S).text


@pytest.mark.parametrize(
    ("status", "document", "why"),
    [
        (404, ("text/xml", response("<Say>Hello</Say>")), "HTTP 404"),
        (302, ("text/xml", response("<Say>Hello</Say>")), "HTTP 302"),
        (200, ("text/html", b"<html></html>"), "text/html"),
        (200, ("text/xml", response("<Say>Hello")), "no XML"),
        (200, ("text/xml", response("<Dial>1</Dial>")), "Dial"),
        (200, ("audio/mpeg", b"no sound at all"), "no sound"),
    ],
)
def test_what_cannot_be_fetched_or_read_is_an_error_in_the_ear(
    api: Api, sandbox: Sandbox, receiver: Receiver, status: int, document: tuple[str, bytes], why: str
) -> None:
    receiver.answer, receiver.document = (lambda _: status), (lambda _: document)
    play = announce(api, sandbox, f"{receiver.url}/say")("failed", "playing", "over")
    assert play["state"] == "failed" and why in play["said"]
    assert "An application error has occurred" in play["said"]


def test_nobody_at_the_address_is_an_error_too(api: Api, sandbox: Sandbox) -> None:
    play = announce(api, sandbox, "http://127.0.0.1:9/say")("failed")
    assert "nobody answers" in play["said"]


def test_a_sound_and_a_document_that_plays_it_are_heard(
    api: Api, sandbox: Sandbox, receiver: Receiver
) -> None:
    def document(one: Any) -> tuple[str, bytes]:
        if "/tone" in one.url:
            return "audio/wav", wav(seconds=2)
        return "text/xml", response(f"<Say>First</Say><Play>{receiver.url}/tone</Play>")

    receiver.document = document
    assert announce(api, sandbox, f"{receiver.url}/both")("playing", "over")["seconds"] == pytest.approx(3)


def test_music_on_hold_is_fetched_when_somebody_is_held_and_has_no_end(
    api: Api, sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.document = lambda one: (
        ("audio/wav", wav(seconds=1))
        if "/tone" in one.url
        else ("text/xml", response(f'<Play loop="0">{receiver.url}/tone</Play>'))
    )
    made = make(sandbox, api.provider)
    leg = made["legs"][1]["call_sid"]
    update(api, made["sid"], leg, Hold="true", HoldUrl=f"{receiver.url}/music", HoldMethod="GET")
    play = sandbox.wait_for(
        lambda: next((row for row in sandbox.get("/_sandbox/plays") if row["state"] == "playing"), None)
    )
    assert (play["kind"], play["seconds"], play["said"]) == ("hold", None, "a recorded sound")
    assert "is on hold and hears a recorded sound" in page(sandbox)
    update(api, made["sid"], leg, Hold="false")
    assert sandbox.get("/_sandbox/plays")[-1]["state"] == "replaced"


def test_a_newer_one_takes_the_place_of_the_one_that_is_heard(
    api: Api, sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.document = lambda one: ("text/xml", response(f"<Say>{'long ' * 600}</Say>"))
    made = make(sandbox, api.provider)
    for name in ("first", "second"):
        update(api, made["sid"], "", AnnounceUrl=f"{receiver.url}/{name}")
    states = {row["url"].rpartition("/")[2]: row["state"] for row in sandbox.get("/_sandbox/plays")}
    assert states["first"] == "replaced" and states["second"] in {"fetching", "playing"}


def test_what_takes_half_an_hour_fails(api: Api, sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.document = lambda one: ("text/xml", response(f'<Say loop="999">{"long " * 60}</Say>'))
    assert "too long" in announce(api, sandbox, f"{receiver.url}/say")("failed")["said"]


def test_a_switch_makes_a_failure_told(sandbox: Sandbox, receiver: Receiver) -> None:
    api = Api(sandbox, "twilio")
    sandbox.post("/_sandbox/switches", {"announcement_unfetched": "fail"})
    made = make(sandbox, "twilio")
    update(api, made["sid"], "", AnnounceUrl="http://127.0.0.1:9/say")
    receiver.wait_for_event(made["sid"], "announcement-fail")
    [form] = [
        one.form for one in receiver.received if one.form.get("StatusCallbackEvent") == "announcement-fail"
    ]
    assert form["AnnounceUrl"] == "http://127.0.0.1:9/say" and form["ReasonAnnouncementFailed"]
