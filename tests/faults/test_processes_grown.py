"""What a flood of callbacks leaves behind in the processes that took it: nothing (I10)."""

import pytest

from .load import Flood
from .machine import Machine
from .sizes import bounded, sizes

CALLBACKS = 250


@pytest.mark.parametrize(
    "floods", [3, pytest.param(40, marks=[pytest.mark.nightly, pytest.mark.timeout(900)])]
)
def test_a_flood_leaves_the_processes_as_they_were(machine: Machine, floods: int) -> None:
    flood(machine, seed=10)  # until they have grown to their size
    before = sizes(machine.site)
    for number in range(floods):
        flood(machine, seed=11 + number)
    bounded(before, sizes(machine.site))


def flood(machine: Machine, *, seed: int) -> None:
    with Flood(machine.site.url, seed=seed, senders=4) as senders:
        machine.site.wait_for(lambda: len(senders.acknowledged) > CALLBACKS, within_s=30)
