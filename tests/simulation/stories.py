"""A story: what people, others and the wire do by one seed, and what must hold while they do."""

from __future__ import annotations

import itertools

from participants.sandbox.switches import Switches
from participants.stay import LOUDNESS, Audience

from .floor import Floor, Stay

MUTE_ON_WIRE = 0.3
NAMES = ("maria", "rosa", "sam")
WISHES = ["listen"] * 3 + ["whisper"] * 5 + ["barge"] * 3 + ["leave"]
PAUSES = [0.0, 0.05, 0.3, 1.0, 3.0, 8.0]


def play(seed: int, steps: int, provider: str) -> None:
    """The whole story with its checks. What fails says how to play it again, alone."""
    try:
        floor = run(seed, steps, provider=provider)
        check_rest(floor)
        check_customers_ear(floor)
    except Exception as wrong:
        again = f".venv/bin/python -m tests.simulation.again {seed} {steps} {provider}"
        raise AssertionError(f"Play it again: {again}\n{wrong!r}") from wrong


def run(
    seed: int,
    steps: int,
    *,
    provider: str,
    faults: bool = True,
    switches: Switches | None = None,
    alone: bool = False,
) -> Floor:
    """`alone`: nobody else meddles, and the screens are not compared with the truth."""
    floor = Floor(seed, provider=provider, faults=faults, switches=switches)

    def each() -> None:
        floor.settle()
        alone or check_screens(floor)

    for _ in range(steps):
        deed = floor.rng.random()
        if deed < 0.6:
            floor.wish(floor.rng.choice(NAMES), floor.rng.choice(WISHES))
        elif deed < 0.8:
            alone or floor.meddle()
        elif deed < 0.85:
            floor.remove_ghosts()
        elif deed < 0.88 and faults:
            floor.kill_runner()
        else:
            floor.read_roster()
        floor.clock.run_until(floor.clock.now + floor.rng.choice(PAUSES), each=each)
    return floor


def check_screens(floor: Floor) -> None:
    """The screen is never quieter than the truth, but for what others did and nobody could see yet.

    With time alone a screen only grows more doubtful: it is compared when it or the truth has changed.
    """
    heard = floor.room.hearing.now_open()
    for one in floor.live():
        facts = floor.facts(one)
        if one.checked[0] is facts and one.checked[1] == heard:
            continue
        shown, truth = facts.exposure(floor.clock.now), floor.truly_heard(one)
        if shown == Audience.UNKNOWN or one.state.call_sid in floor.meddled:
            continue
        assert LOUDNESS[shown] >= LOUDNESS[truth], f"{one.name}: shown {shown}, truly {truth}: {one.state}"
        one.checked = (facts, heard)


def check_customers_ear(floor: Floor) -> None:
    """No interval supervisor -> customer begins unless barge is the newest wish, or others began it."""
    for heard in floor.world.audibility(floor.room.sid):
        name, start = floor.legs_of.get(heard["speaker"]), heard["from"]
        if name is None or heard["listener"] != floor.customer.call_sid:
            continue
        stays = [one for one in floor.stays if one.state.call_sid == heard["speaker"]]
        by_others = (start, heard["speaker"]) in floor.deeds
        assert by_others or any(meant(one, start) for one in stays), f"{name} from {start}: {stays}"


def meant(one: Stay, start: float) -> bool:
    """Barge was the newest wish; or its request was on the way already, and the mute followed at once."""
    wishes = [(at, mode) for at, mode in one.wishes if at <= start]
    if wishes and wishes[-1][1] == "barge":
        return True
    pairs = list(itertools.pairwise(wishes))
    quieter = next((at for (_, before), (at, _) in reversed(pairs) if before == "barge"), None)
    if quieter is None or not any(sent <= quieter for sent in one.barge_openings):
        return False
    return any(quieter <= sent <= quieter + MUTE_ON_WIRE for sent in one.mutes_sent)


def check_rest(floor: Floor) -> None:
    """When faults and meddling end, every stay is what was wished, and the screen says so."""
    floor.wire.faulty = False
    for _ in range(4):
        floor.read_roster()
        floor.remove_ghosts()
        floor.clock.run_until(floor.clock.now + 25, each=floor.settle)
    for one in floor.live():
        state, truth = floor.facts(one), floor.truly_heard(one)
        assert state.wanted != "leave", f"still leaving: {one}"
        shown = state.exposure(floor.clock.now)
        alike = shown == truth or not floor.customer.connected  # then nobody is there to be everyone
        assert alike or state.tainted, f"shown {shown}, truly {truth}: {one}"
        assert state.wanted == state.confirmed or state.tainted, f"not what was wished: {one}"
        assert not (state.wanted == "listen" and state.tainted), f"a tainted leg is kept: {one}"
    owned = {one.state.call_sid for one in floor.live()}
    ghosts = [leg.label for leg in floor.room.connected() if leg.call_sid in set(floor.legs_of) - owned]
    assert not ghosts, f"legs that nobody owns: {ghosts}"
