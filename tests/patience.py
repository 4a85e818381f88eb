"""How long tests wait for what has to happen: one factor, one function.

A wait ends as soon as what it waits for is there, so a long one costs only where a test fails. A slow machine
must not make it fail: everything here is many times what is usual. How quick something is, `make bench` says,
and the nightly tests with EARSHOT_STRICT=1, on a machine that does nothing else.
"""

import os
import time
from collections.abc import Callable
from typing import Any

FACTOR = 6
STRICT = os.environ.get("EARSHOT_STRICT") == "1"


def patient(seconds: float) -> float:
    """What a wait of so many seconds may last on a machine that is slow, or busy with other things."""
    return seconds * FACTOR


def at_most(seconds: float) -> float:
    """The bound of a figure: as it stands where it is judged, patient in every other run."""
    return seconds if STRICT else patient(seconds)


# For a single answer over HTTP, where a test has no reason to give up sooner.
ANSWER_S = patient(5)


def wait_for(
    condition: Callable[[], Any],
    *,
    within_s: float = 5.0,
    every_s: float = 0.02,
    meanwhile: Callable[[], object] = lambda: None,
) -> Any:
    """The first true value of `condition()`; fails when there is none in (patient) time.

    `meanwhile` is called before each look: what has to be driven, or must not have failed.
    """
    until = time.monotonic() + patient(within_s)
    while True:
        # Looked at once more after the time is over: this process may have slept the whole of it.
        last = time.monotonic() > until
        meanwhile()
        if found := condition():
            return found
        if last:
            raise AssertionError(f"not within {patient(within_s):g} s")
        time.sleep(every_s)
