"""Supervisors wish at random against the world, with faults: a customer never hears one who did not barge."""

from __future__ import annotations

import itertools

import pytest

from participants.sandbox.switches import Switches
from participants.stay import LOUDNESS, Audience

from .floor import Floor, Stay

RUNS, STEPS = 500, 30
LONG_RUNS, LONG_STEPS = 2_000, 100
MUTE_ON_WIRE = 0.3
NAMES = ("maria", "rosa", "sam")
WISHES = ["listen"] * 3 + ["whisper"] * 5 + ["barge"] * 3 + ["leave"]


def run(
    seed: int, steps: int, *, faults: bool = True, switches: Switches | None = None, alone: bool = False
) -> Floor:
    """`alone`: nobody else meddles, and the screens are not compared with the truth."""
    floor = Floor(seed, faults=faults, switches=switches)
    floor.clock.after(0.1, floor.every_second)
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
        pause = floor.rng.choice([0.0, 0.05, 0.3, 1.0, 3.0, 8.0])
        floor.clock.run_until(floor.clock.now + pause, each=lambda: alone or check_screens(floor))
    return floor


def check_screens(floor: Floor) -> None:
    """The screen is never quieter than the truth, but for what others did and nobody could see yet."""
    floor.world.tick(floor.clock.now)
    for stay in floor.live():
        shown = floor.facts(stay).exposure(floor.clock.now)
        truth = floor.truly_heard(stay)
        if shown == Audience.UNKNOWN or stay.state.call_sid in floor.meddled:
            continue
        assert LOUDNESS[shown] >= LOUDNESS[truth], f"{stay.name}: shown {shown}, truly {truth}: {stay.state}"


def check_customers_ear(floor: Floor) -> None:
    """No interval supervisor -> customer begins unless barge is the newest wish, or others began it."""
    for heard in floor.world.audibility(floor.room.sid):
        name, start = floor.legs_of.get(heard["speaker"]), heard["from"]
        if name is None or heard["listener"] != floor.customer.call_sid:
            continue
        stays = [stay for stay in floor.stays if stay.state.call_sid == heard["speaker"]]
        by_others = (start, heard["speaker"]) in floor.deeds
        assert by_others or any(meant(stay, start) for stay in stays), f"{name} from {start}: {stays}"


def meant(stay: Stay, start: float) -> bool:
    """Barge was the newest wish; or its request was on the way already, and the mute followed at once."""
    wishes = [(at, mode) for at, mode in stay.wishes if at <= start]
    if wishes and wishes[-1][1] == "barge":
        return True
    pairs = list(itertools.pairwise(wishes))
    quieter = next((at for (_, before), (at, _) in reversed(pairs) if before == "barge"), None)
    if quieter is None or not any(sent <= quieter for sent in stay.barge_openings):
        return False
    return any(quieter <= sent <= quieter + MUTE_ON_WIRE for sent in stay.mutes_sent)


def check_rest(floor: Floor) -> None:
    """When faults and meddling end, every stay is what was wished, and the screen says so."""
    floor.wire.faulty = False
    for _ in range(4):
        floor.read_roster()
        floor.remove_ghosts()
        floor.clock.run_until(floor.clock.now + 25, each=lambda: None)
    for stay in floor.live():
        state, truth = floor.facts(stay), floor.truly_heard(stay)
        assert state.wanted != "leave", f"still leaving: {stay}"
        shown = state.exposure(floor.clock.now)
        assert shown == truth or state.tainted, f"shown {shown}, truly {truth}: {stay}"
        assert state.wanted == state.confirmed or state.tainted, f"not what was wished: {stay}"
        assert not (state.wanted == "listen" and state.tainted), f"a tainted leg is kept: {stay}"
    owned = {stay.state.call_sid for stay in floor.live()}
    ghosts = [leg.label for leg in floor.room.connected() if leg.call_sid in set(floor.legs_of) - owned]
    assert not ghosts, f"legs that nobody owns: {ghosts}"


def story(seed: int, steps: int) -> None:
    floor = run(seed, steps)
    check_rest(floor)
    check_customers_ear(floor)


@pytest.mark.parametrize("batch", range(10))
def test_a_customer_never_hears_who_did_not_barge(batch: int) -> None:
    for seed in range(batch * RUNS // 10, (batch + 1) * RUNS // 10):
        story(seed, STEPS)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("batch", range(4))
def test_nor_in_many_long_stories(batch: int) -> None:
    for seed in range(100_000 + batch * LONG_RUNS // 4, 100_000 + (batch + 1) * LONG_RUNS // 4):
        story(seed, LONG_STEPS)


def test_without_faults_every_wish_comes_true() -> None:
    for seed in range(40):
        floor = run(seed, STEPS, faults=False)
        check_rest(floor)
        assert all(stay.ended in {"", "left", "refused", "dropped"} for stay in floor.stays), floor.stays


def test_a_request_applied_in_two_parts_still_never_reaches_the_customer() -> None:
    """Each part alone keeps the audience within the wish, as long as nobody else un-coaches in between."""
    for seed in range(60):
        switches = Switches()
        switches.set({"split_requests": True})
        check_customers_ear(run(seed, STEPS, switches=switches, alone=True))
