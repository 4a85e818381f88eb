"""The seconds of all tests of faults: the scale of their sites, and what is promised, at that scale.

Waits are patient (tests/patience.py): what will happen is waited for however slow the machine is. That it
happened in time is asserted with EARSHOT_STRICT=1, on a machine that does nothing else: by night.
"""

import os

SCALE = 0.2
STRICT = os.environ.get("EARSHOT_STRICT") == "1"
SLACK_S = 3.0  # what two busy cores take on top of every promise
SUPERVISED_S, OTHERS_S = 12.0 * SCALE, 75.0 * SCALE
LEASE_S = 15.0 * SCALE
LAG_S = 1.0 if STRICT else 3.0  # until a frame is there: L6
LAG_OF_OTHERS_S = 2.0 + LAG_S  # somebody else's change, told by a callback
LAG_WITHOUT_CALLBACKS_S = SUPERVISED_S + LAG_S
IN_FLIGHT_S = 0.3 if STRICT else 1.5  # between the last look at the wish and the provider's door
AFTER_A_MUTE_S = 1.0 if STRICT else 3.0
SAME_S = 0.5 if STRICT else 2.0  # between a test's look at the sandbox's clock and what it then does


def kept(took: float, promised: float, what: str) -> None:
    """Asserts a promise in seconds: only where nothing else may use the machine."""
    assert not STRICT or took <= promised, f"{what}: {took:.2f} s, promised {promised:.2f} s"
