"""What the world planned for later; when it is due and has been overtaken, nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from participants.sandbox import rooms
from participants.sandbox.rooms import UNANSWERED, Leg

if TYPE_CHECKING:
    from participants.sandbox.world import World


def _initiated(world: World, call_sid: str, _: None, now: float) -> None:
    leg = world.floor.calls[call_sid]
    if leg.call_status == rooms.QUEUED:
        world.floor.progress(leg, rooms.INITIATED, now)


def _rings(world: World, call_sid: str, _: None, now: float) -> None:
    leg = world.floor.calls[call_sid]
    if leg.call_status == rooms.INITIATED:
        world.floor.progress(leg, rooms.RINGING, now)


def _picks_up(world: World, call_sid: str, machine: bool, now: float) -> None:
    leg = world.floor.calls[call_sid]
    if leg.call_status in UNANSWERED:
        leg.machine = machine
        world.answer(call_sid, now=now)


def _detected(world: World, call_sid: str, found: tuple[str, int], now: float) -> None:
    leg = world.floor.calls[call_sid]
    if leg.connected:
        leg.answered_by, took_ms = found
        world.floor.outbox.of_detection(leg, took_ms, now)


def _gives_up(world: World, call_sid: str, how: str, now: float) -> None:
    if world.floor.calls[call_sid].call_status in UNANSWERED:
        world.give_up(call_sid, how, now=now)


def _apply(world: World, leg: Leg, part: dict[str, Any], now: float) -> None:
    world.floor.apply(leg, part, now)


STEPS: dict[str, Callable[..., None]] = {
    "initiated": _initiated,
    "rings": _rings,
    "picks_up": _picks_up,
    "gives_up": _gives_up,
    "detected": _detected,
    "apply": _apply,
}
