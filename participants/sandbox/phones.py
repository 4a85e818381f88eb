"""What a dialled phone does, as a script: when it rings, and how it ends. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MODES = ("auto", "manual", "busy", "no-answer")
INVALID_NUMBER = "+15005550001"
FATES = {
    "+15005550010": "busy",
    "+15005550011": "no-answer",
    "+15005550012": "failed",
    "+15005550013": "machine",
}

# What machine detection finds, and after how many milliseconds.
HUMAN = ("human", 1710)
MACHINES = {"Enable": ("machine_start", 3180), "DetectMessageEnd": ("machine_end_beep", 6240)}

INITIATED_S, RINGING_S, RING_S = 0.05, 0.15, 1.5
NETWORK_S = 5.0  # what a phone network takes to give up, after it was told to


@dataclass(slots=True)
class Answering:
    """How phones behave that no number in FATES decides. `after_s` counts from the dial, None: as usual.

    `never`: those that nobody picks up, whatever the mode.
    """

    mode: str = "auto"
    after_s: float | None = None
    never: frozenset[str] = frozenset()


def script(
    to_address: str, *, answering: Answering, timeout: float, spread: float
) -> list[tuple[float, str, Any]]:
    """(seconds after the dial, step, its argument) of a phone that is dialled; steps are those of `steps.py`.

    `spread` (about 1) makes one usual ring a little longer than another.
    """
    fate = FATES.get(to_address, answering.mode)
    if to_address in answering.never:
        fate, timeout = "no-answer", timeout + NETWORK_S
    ring = RING_S * spread if answering.after_s is None else answering.after_s
    steps: list[tuple[float, str, Any]] = [(min(INITIATED_S, ring / 3), "initiated", None)]
    if fate == "failed":
        return [*steps, (RINGING_S, "gives_up", "failed")]
    steps.append((min(RINGING_S, ring / 2), "rings", None))
    given_up = timeout
    if fate == "no-answer" and answering.mode == "no-answer" and answering.after_s is not None:
        given_up = min(given_up, ring)
    if fate == "busy":
        steps.append((ring, "gives_up", "busy"))
    elif fate == "machine":
        steps.append((ring, "picks_up", True))
    elif fate == "auto" and ring < given_up:
        steps.append((ring, "picks_up", False))
    steps.append((given_up, "gives_up", "no-answer"))
    return steps


def detected(detection: str, *, machine: bool) -> tuple[str, int]:
    """The word, and the milliseconds that it took; `detection` is what was asked for."""
    return MACHINES[detection] if machine else HUMAN
