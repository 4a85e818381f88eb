"""Every process dies by SIGKILL at a marked point (F27), and all of them with it, as when the machine does.

After the start nothing acknowledged is lost, nobody was dialled twice, every command has an end, no leg of
ours stays, and the chain is whole.
"""

import functools
import importlib
import time
from collections.abc import Callable

import pytest

from participants.providers import PROVIDERS
from participants.timing import Timing
from tests.outside.person import Call, Person
from tests.patience import patient

from .audience import nobody_hears_by_mistake
from .floor import Floor
from .invariants import (
    converges,
    every_opening_has_its_wish,
    no_ghost_stays,
    nobody_is_dialled_twice,
    nothing_acknowledged_is_lost,
    the_chain_verifies,
)
from .machine import PROCESSES, Machine, floor_of, in_background, insist
from .points import POINTS, Point
from .times import SCALE, SLACK_S

TIMING = Timing().scaled(SCALE)
UNKNOWN_S = 15.0 * SCALE + SLACK_S
CONVERGES_S = 75.0 * SCALE + SLACK_S
GUEST = {"from": "+442079460144", "to": "+12025550100", "direction": "inbound", "role": "customer"}
# In CI three, at one provider each; at night all of them at both.
IN_CI = {
    "callback committed": "twilio",
    "dial sent": "telnyx",
    "opening sent": "twilio",
}
CASES = [
    pytest.param(
        point,
        name,
        id=f"{point.name}-{name}",
        marks=[] if IN_CI.get(point.name) == name else [pytest.mark.nightly],
    )
    for point in POINTS
    for name in sorted(PROVIDERS)
]


def a_callback(floor: Floor, one: Call) -> None:
    guest = one.sandbox.post(f"/_sandbox/conferences/{one.sid}/legs", GUEST)["call_sid"]
    floor.people[guest] = "customer"


def a_mute(floor: Floor, one: Call) -> None:
    floor.touched.append(one.call_sids[1])
    one.ask_leg(1, "mute")


def a_removal(floor: Floor, one: Call) -> None:
    floor.touched.append(one.call_sids[0])
    token = one.ask_leg(0, "remove")[1]["confirm"]
    one.ask_leg(0, "remove", {"confirm": token})


def a_listen(floor: Floor, one: Call) -> None:
    one.ask("listen")


def a_whisper(floor: Floor, one: Call) -> None:
    one.ask("whisper")


def a_leave(floor: Floor, one: Call) -> None:
    one.ask("leave")


def a_call_without_callbacks(floor: Floor, one: Call) -> None:
    """The sweep alone finds it."""
    told = {"provider": one.provider, "friendly_name": "swept", "callbacks": False, "legs": [GUEST]}
    one.sandbox.post("/_sandbox/conferences", told)


ACTS: dict[str, Callable[[Floor, Call], None]] = {
    "callback": a_callback,
    "mute": a_mute,
    "remove": a_removal,
    "listen": a_listen,
    "whisper": a_whisper,
    "leave": a_leave,
    "sweep": a_call_without_callbacks,
}


def test_there_are_thirty_points_and_each_names_a_function_that_there_is() -> None:
    assert len({point.name for point in POINTS}) >= 30
    for where in {text for point in POINTS for text in (point.where, point.inside) if text}:
        module, _, path = where.partition(":")
        assert callable(functools.reduce(getattr, path.split("."), importlib.import_module(module))), where


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("point", "provider"), CASES)
def test_whatever_dies_at_a_marked_point_is_made_good_after_the_start(
    point: Point, provider: str, machine: Machine, lead: Person
) -> None:
    one = Call(lead, provider, 1)
    floor = floor_of(machine, one)
    if point.act in {"whisper", "leave"}:
        insist(one, "listen")
    machine.arm(point.name)
    act = in_background(lambda: ACTS[point.act](floor, one))
    struck(machine)
    machine.die(*PROCESSES)
    act.join()
    nothing_acknowledged_is_lost(floor)
    machine.start()
    machine.site.wait_for(lambda: not machine.open_commands(), within_s=UNKNOWN_S)
    converges(floor, within_s=CONVERGES_S)
    leave(lead, one)
    no_ghost_stays(floor, within_s=CONVERGES_S)
    nobody_is_dialled_twice(floor)
    nobody_hears_by_mistake(floor)
    every_opening_has_its_wish(floor)
    nothing_acknowledged_is_lost(floor)
    the_chain_verifies(machine.site)
    machine.site.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")


def struck(machine: Machine) -> None:
    until = time.monotonic() + patient(TIMING.sweep + SLACK_S)
    while not machine.struck:
        assert time.monotonic() < until, "nobody came by this point"
        time.sleep(0.02)


def leave(person: Person, one: Call) -> None:
    """What is left of the stay is ended by its person, as by anybody who finds it."""
    if person.get("me/")["supervision"]:
        assert one.ask("leave")[0] in (200, 202)
    person.site.wait_for(lambda: not person.get("me/")["supervision"], within_s=CONVERGES_S)
