"""A call's callbacks in any order and any number end in the same call."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.site import Site

from .person import Person
from .provider import Provider, Story, address, post

# Ours to choose: ids, and the times at which we heard.
OURS = {
    "id",
    "sid",
    "friendly_name",
    "version",
    "verified_at",
    "stale",
    "stale_reason",
    "state_since",
    "source",
    "as_of",
}
MOMENTS = {"joined_at", "left_at", "hold_since", "started_at", "ended_at"}


def story(poster: Provider, *, ended: bool) -> tuple[Story, dict[str, str]]:
    """An agent of Billing, then one of Returns; and who is who."""
    told, (customer, ben, ines) = Story(poster), (poster.call_sid() for _ in range(3))
    told.tell_call(customer, 0, "ringing")
    told.tell_call(customer, 1, "in-progress")
    told.tell("participant-join", customer)
    told.tell("participant-join", ben, "agent-6")
    told.tell("conference-start")
    told.tell("participant-hold", customer, Hold="true")
    told.tell("participant-join", ines, "agent-9")
    told.tell("participant-mute", ben, "agent-6", Muted="true")
    told.tell("participant-modify", ben, "agent-6", Muted="true", EndConferenceOnExit="true")
    if ended:
        for leg, label in ((ben, "agent-6"), (ines, "agent-9"), (customer, "")):
            left = {"ReasonParticipantLeft": "participant_hung_up", "ParticipantCallStatus": "completed"}
            told.tell("participant-leave", leg, label, **left)
        told.tell("conference-end", ReasonConferenceEnded="last-participant-left")
        told.tell_call(customer, 2, "completed", CallDuration="20")
    return told, {customer: "customer", ben: "ben", ines: "ines"}


def facts(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What must not depend on the order: of each moment, whether there is one."""
    said = {
        key: value is not None if key in MOMENTS else value for key, value in row.items() if key not in OURS
    }
    if "call_sid" in said:
        said["call_sid"] = names[row["call_sid"]]
    if "participants" in said:
        legs = [facts(leg, names) for leg in row["participants"]]
        said["participants"] = sorted(legs, key=lambda leg: str(leg["call_sid"]))
    return said


@pytest.fixture(scope="module", autouse=True)
def nobody_sweeps(site: Site) -> Iterator[None]:
    """The sandbox does not know the calls of these stories: who looks is told that they are gone."""
    site.kill("worker")
    yield
    site.start_worker()


@pytest.mark.parametrize("ended", [False, True])
def test_every_order_with_repetitions_ends_in_the_same_call(
    ended: bool, poster: Provider, site: Site, lead: Person
) -> None:
    chance, seen = random.Random(3), []
    for _ in range(6):
        told, names = story(poster, ended=ended)
        order = list(told.told)
        if seen:
            order += chance.sample(order, 4)
            chance.shuffle(order)
        statuses = {post(poster, address(site.url, poster, kind), form) for kind, form in order}
        assert statuses == {200}
        row = lead.find(told.sid)
        assert row is not None
        seen.append(facts(lead.get(f"conferences/{row['id']}/"), names))
        assert seen[-1] == seen[0]
    assert seen[0]["team"]["name"] == "Returns", "the agent who joined last"
