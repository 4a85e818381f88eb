"""What happens on the floor from one step of a story to the next: a seed draws from these."""

import time
from collections.abc import Callable

from .rooms import Room
from .story import SAID_S, Story

Step = Callable[[Story, Room], None]
PAUSE_S = 0.25
WAITING, WAITS_S = 0.7, 1.5  # how often, and how long, a person waits for what a click does


def _wish(verb: str) -> Step:
    """On the call that the person is on, if on any; to listen may also move to another."""

    def wish(story: Story, room: Room) -> None:
        mine = [one for one in story.live if story.ours(one)]
        elsewhere = verb == "listen" and story.rng.random() < 0.3
        story.ask(room if elsewhere or not mine else mine[0], verb)

    return wish


def _command(verb: str) -> Step:
    return lambda story, room: story.ask_leg(story.rng.choice(room.customers + room.agents), verb)


def _set(**flags: bool) -> Step:
    return lambda story, room: story.act(story.rng.choice(room.customers + room.agents), "set", flags)


def _guest(story: Story, room: Room) -> None:
    guest = story.join(room, "customer")
    if story.rng.random() < 0.5:
        time.sleep(PAUSE_S)
        story.act(guest, "hangup")


def _another_call(story: Story, room: Room) -> None:
    if len(story.live) < 4:
        story.open_room(room.provider)
    elif len([one for one in story.live if one.provider == room.provider]) > 1:
        story.end(room)


STEPS: tuple[Step, ...] = (
    *[
        _wish(verb)
        for verb in ("listen", "listen", "whisper", "whisper", "whisper", "barge", "barge", "leave")
    ],
    *[_command(verb) for verb in ("mute", "unmute", "hold", "resume")],
    _set(hold=True),
    _set(hold=False),
    _set(muted=True),
    _guest,
    _guest,
    _another_call,
)


def step(story: Story) -> None:
    room, asked = story.rng.choice(story.live), len(story.asking)
    story.rng.choice(STEPS)(story, room)
    waits = story.rng.random() < WAITING
    if len(story.asking) > asked and waits:
        story.asking[-1].join(timeout=WAITS_S)
        if story.is_heard_now():
            time.sleep(SAID_S)
    time.sleep(story.rng.uniform(0.2, 1.0) * PAUSE_S)
