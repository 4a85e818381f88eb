"""With callbacks lost, reading alone finds what is true, in time, and without touching anybody's leg."""

import time
from collections.abc import Callable

import pytest

from tests.outside.person import Person
from tests.patience import patient

from . import invariants
from .floor import leg_of
from .ground import Ground
from .machine import insist_on
from .rooms import Room
from .story import Story
from .times import OTHERS_S, SCALE, SLACK_S, SUPERVISED_S, kept

CHANGES = 12
Record = Callable[[str, object], None]


def busy_floor(story: Story, people: list[Person]) -> list[Room]:
    """Three calls at each provider; each person listens to one of the first two. Returns the supervised."""
    for provider in ("telnyx", "twilio"):
        for _ in range(3):
            story.open_room(provider)
    story.converges(within_s=OTHERS_S)
    supervised = [
        next(room for room in story.rooms if room.provider == name) for name in ("telnyx", "twilio")
    ]
    for person, room in zip(people, supervised, strict=True):
        found = story.site.wait_for(lambda room=room, person=person: person.find(room.sid))
        insist_on(person, found["id"], "listen")
    return supervised


def change(story: Story, room: Room) -> None:
    """What nobody but the provider knows: somebody comes or goes, is held or muted."""
    kind = story.rng.choice(("join", "leave", "hold", "mute"))
    if kind == "join":
        story.join(room, "customer")
    elif kind == "leave" and len(room.customers) > 1:
        story.act(room.customers.pop(), "hangup")
    else:
        flag = "hold" if kind == "hold" else "muted"
        story.act(room.customers[-1], "set", {flag: story.rng.random() < 0.5})


def times(story: Story) -> dict[str, float]:
    """Conference -> seconds until its row equals the truth, counted from now."""
    began, open_, took = time.monotonic(), set(story.floor.sids), dict[str, float]()
    while open_:
        for sid in [sid for sid in open_ if not invariants.differences(story.floor, sid)]:
            open_.remove(sid)
            took[sid] = time.monotonic() - began
        assert time.monotonic() - began < patient(OTHERS_S + SLACK_S), [
            line for sid in open_ for line in invariants.differences(story.floor, sid)
        ]
        time.sleep(0.05)
    return took


@pytest.mark.parametrize(
    "lost", [*(pytest.param(part, marks=pytest.mark.nightly) for part in (0.1, 0.5)), 1.0]
)
def test_rows_equal_the_truth_however_many_callbacks_are_lost(
    lost: float, on: Ground, record_property: Record
) -> None:
    story, people = Story(on, int(lost * 100)), [on.lead, Person(on.site, "rosa")]
    supervised = {room.sid for room in busy_floor(story, people)}
    story.sandbox.post("/_sandbox/faults", {"drop": lost})
    for _ in range(CHANGES):
        change(story, story.rng.choice(story.rooms))
    story.open_room("twilio")  # nobody may tell of it
    gone = story.rooms[2]
    story.end(gone)
    took = times(story)
    slowest = {
        "supervised": max(took[sid] for sid in supervised),
        "others": max(took[sid] for sid in took.keys() - supervised),
    }
    title = f"{lost:.0%} of the callbacks lost, until rows equal the truth"
    record_property("figures", {f"{title}, {who}": f"{at / SCALE:.1f} s" for who, at in slowest.items()})
    kept(slowest["supervised"], SUPERVISED_S + SLACK_S, "of the supervised")
    kept(slowest["others"], OTHERS_S + SLACK_S, "of the others")
    nobody_was_touched(story)
    story.sandbox.post("/_sandbox/faults", {"drop": None})
    for person in people:
        person.post(f"conferences/{person.get('me/')['supervision']['conference']}/leave/")
    story.close()
    story.check()


def nobody_was_touched(story: Story) -> None:
    asked = [ask for ask in story.floor.journal() if ask["method"] != "GET"]
    assert [ask for ask in asked if leg_of(ask) in story.floor.people] == []
