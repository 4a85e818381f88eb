"""Announcements from outside: asked at the API, fetched by the provider, heard at the other end, and over."""

from collections.abc import Callable
from typing import Any

from .person import Call, Person

TEXT = "The line closes at six."


def plays(call: Call) -> list[dict[str, Any]]:
    return [row for row in call.sandbox.get("/_sandbox/plays") if row["conference"] == call.sid]


def became(lead: Person, answer: dict[str, Any], *states: tuple[str, str]) -> dict[str, Any]:
    """The intervention, once it is in one of these states with this detail."""
    pk = answer["intervention"]["id"]
    return dict(
        lead.site.wait_for(
            lambda: (
                found
                if ((found := lead.get(f"interventions/{pk}/"))["state"], found["detail"]) in states
                else None
            ),
            within_s=10,
        )
    )


def ends(call: Call) -> tuple[str, str]:
    """How an announcement that was heard ends: one provider tells, of the other its coming for it is all."""
    return ("confirmed", "") if call.provider == "twilio" else ("accepted", "not_reported")


def test_everybody_hears_a_text_to_its_end(lead: Person, call: Callable[..., Call]) -> None:
    made = call(1)
    status, answer = made.ask("announce", {"text": TEXT, "language": "en-US", "voice": "alice"})
    assert status in {200, 202}, answer
    became(lead, answer, ends(made))
    [play] = plays(made)
    assert (play["said"], play["call_sid"]) == (f"“{TEXT}”", None)
    assert not made.seen()["pending"]


def test_a_cue_is_heard_by_the_agent_alone_and_told_in_the_story(
    lead: Person, call: Callable[..., Call]
) -> None:
    made = call(2)
    assert made.ask_leg(0, "cue", {"text": "Hello"})[1]["code"] == "agent_unknown"
    status, answer = made.ask_leg(1, "cue", {"text": "Ask for the order number."})
    assert status in {200, 202}, answer
    became(lead, answer, ends(made))
    [play] = plays(made)
    assert (play["call_sid"], play["said"]) == (made.call_sids[1], "“Ask for the order number.”")
    told = [item["text"] for item in lead.get(f"conferences/{made.id}/timeline/")["results"]]
    name = made.leg(1)["name"]
    if made.provider == "twilio":
        assert f"Cue to {name}: “Ask for the order number.” played" in told
    else:
        assert any("does not tell when it is over" in text for text in told), told


def test_a_sound_of_the_library_is_heard_for_as_long_as_it_lasts(
    lead: Person, call: Callable[..., Call]
) -> None:
    sound = next(row for row in lead.get("assets/")["results"] if row["kind"] == "announcement")
    made = call(6)
    status, answer = made.ask("announce", {"asset": sound["id"]})
    assert status in {200, 202}, answer
    became(lead, answer, ends(made))
    [play] = plays(made)
    assert play["said"] == "a recorded sound" and abs(play["seconds"] - sound["seconds"]) < 0.2


def test_a_held_customer_hears_no_announcement(lead: Person, call: Callable[..., Call]) -> None:
    made = call(3)
    assert made.ask_leg(0, "hold")[0] in {200, 202}
    lead.site.wait_for(lambda: made.leg(0)["hold"])
    assert made.leg(0)["blocked"]["announce"] == "held_no_announce"
    status, answer = made.ask_leg(0, "announce", {"text": TEXT})
    assert (status, answer["code"]) == (409, "held_no_announce")
    assert not plays(made)


def test_what_cannot_be_said_names_the_field(lead: Person, call: Callable[..., Call]) -> None:
    made = call(4)
    for body, field in (
        ({}, "text"),
        ({"text": ""}, "text"),
        ({"text": "x", "voice": "robot"}, "voice"),
        ({"text": "x", "language": "xx-XX"}, "language"),
        ({"asset": "x"}, "asset"),
        ({"text": "x", "speed": 2}, "speed"),
        ({"text": 5}, "text"),
        ({"url": "https://example.com/a.mp3"}, "url"),
    ):
        status, answer = made.ask("announce", body)
        assert (status, answer["code"]) == (400, "invalid") and field in answer["fields"], (body, answer)
    assert made.ask_leg(1, "cue", {"text": "x" * 121})[0] == 400
    assert not plays(made)


def test_somebody_is_changed_as_a_whole(lead: Person, call: Callable[..., Call]) -> None:
    made = call(5)
    person = made.leg(1)["id"]
    url = f"{lead.site.url}/api/v1/participants/{person}/"
    answer = lead.http.patch(
        url, json={"end_conference_on_exit": True, "beep_on_exit": True}, headers=lead.headers, timeout=30
    )
    assert answer.status_code in {200, 202}, answer.text
    became(lead, answer.json(), ("confirmed", ""))
    assert made.leg(1)["end_conference_on_exit"] is True
    refused = lead.http.patch(url, json={"coaching": False}, headers=lead.headers, timeout=30)
    assert (refused.status_code, refused.json()["code"]) == (409, "use_modes")
