"""What was announced, cued and changed as a whole, as the call's story tells it."""

from typing import Any

import pytest

from console.api_timeline import timeline
from participants.ledger import append_outcome
from participants.models import Outcome
from participants.serializers import load
from tests.factories import make_agent, make_call, make_intervention, make_supervisor

pytestmark = pytest.mark.django_db
State = Outcome.State


def told(verb: str, *, of_agent: bool, parameters: dict[str, Any], ends: tuple[str, str]) -> list[str]:
    """The sentences about one command, oldest first."""
    conference, agent, _ = make_call(agent=make_agent("Ann Okafor"))
    user = make_supervisor("sam", full_name="Sam Whitfield")
    leg = agent if of_agent else None
    made = make_intervention(user, conference, verb, "accepted", participant=leg, parameters=parameters)
    append_outcome(made, ends[0], detail=ends[1])
    items, _ = timeline(load([conference.pk])[0], numbers=False, page_size=50)
    return [item["text"] for item in reversed(items)]


def test_a_cue_that_was_heard_is_told_with_its_words() -> None:
    words = {"text": "Ask for the order.", "seconds": 1.0}
    story = told("cue", of_agent=True, parameters=words, ends=(State.CONFIRMED, ""))
    assert story[0] == "Sam Whitfield asked to send a cue to Ann Okafor: “Ask for the order.”"
    assert story[-1] == "Cue to Ann Okafor: “Ask for the order.” played"


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ((State.CONFIRMED, ""), "Announcement to everyone: “Closing” played"),
        (
            (State.ACCEPTED, Outcome.NOT_REPORTED),
            "Sam Whitfield asked to announce to everyone: “Closing”."
            " Twilio accepted it, and does not tell when it is over",
        ),
        (
            (State.FAILED, "not_fetched"),
            "Not done: Sam Whitfield asked to announce to everyone: “Closing” (it could not be fetched)",
        ),
        (
            (State.FAILED, "replaced"),
            "Not done: Sam Whitfield asked to announce to everyone: “Closing” (a newer wish took its place)",
        ),
    ],
)
def test_an_announcement_to_all_is_told_with_what_became_of_it(ends: tuple[str, str], said: str) -> None:
    sound = {"asset": "x", "name": "Closing", "seconds": 3.0}
    assert told("announce", of_agent=False, parameters=sound, ends=ends)[-1] == said


def test_numbers_in_a_text_are_masked_for_those_who_may_not_see_them() -> None:
    words = {"text": "Please ring +442079460102", "seconds": 1.0}
    story = told("announce", of_agent=False, parameters=words, ends=(State.CONFIRMED, ""))
    assert "9460102" not in " ".join(story) and "•" in story[-1]


def test_a_whole_change_is_told_by_what_it_changed() -> None:
    story = told(
        "update", of_agent=True, parameters={"muted": True, "beep_on_exit": False}, ends=(State.CONFIRMED, "")
    )
    assert story[-1] == "Sam Whitfield changed Ann Okafor: muted, beep on exit"
    assert story[0] == "Sam Whitfield asked to change Ann Okafor: muted, beep on exit"
