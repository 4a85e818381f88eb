"""Runs first in each process of the product that a test of faults starts; the product knows nothing of it.

It can kill the process at a marked point (`tests/faults/points.py`) and set its clock wrong. Both are told
by files in the folder EARSHOT_FAULTS, so that a running process obeys them.
"""

import functools
import importlib.machinery
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ["EARSHOT_FAULTS"])
ARMED, CLOCK = FOLDER / "armed", FOLDER / "clock"
POINTS = json.loads((FOLDER / "points.json").read_text())
running = threading.local()  # the marked functions that this thread is in


def killed_at(name: str) -> None:
    """Dies when this point is the armed one; only the first process that comes by does."""
    if not ARMED.exists() or ARMED.read_text() != name:
        return
    try:
        ARMED.rename(FOLDER / "struck")
    except FileNotFoundError:  # another process was quicker
        return
    os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(10)  # until the signal has come


def marked(where: str, function: Any) -> Any:
    """The function, with the points that stand before and after it."""
    here = [point for point in POINTS if point["where"] == where]

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        inside = running.__dict__.setdefault("inside", [])
        strikes = [point for point in here if not point["inside"] or point["inside"] in inside]
        for point in strikes:
            if point["when"] == "before":
                killed_at(point["name"])
        inside.append(where)
        try:
            return function(*arguments, **named)
        finally:
            inside.remove(where)
            for point in strikes:
                if point["when"] == "after":
                    killed_at(point["name"])

    return call


def mark(module: Any) -> None:
    named = {point["where"] for point in POINTS} | {point["inside"] for point in POINTS if point["inside"]}
    for where in named:
        name, _, path = where.partition(":")
        if name == module.__name__:
            *owners, last = path.split(".")
            owner = functools.reduce(getattr, owners, module)
            setattr(owner, last, marked(where, getattr(owner, last)))


class Marker:
    """Marks a module's functions as soon as the module has run, before anybody takes them from it."""

    modules = {
        text.partition(":")[0] for point in POINTS for text in (point["where"], point["inside"]) if text
    }

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:
        if name not in cls.modules:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_mark(module: Any) -> None:
                run(module)
                mark(module)

            spec.loader.exec_module = run_and_mark  # type: ignore[method-assign]
        return spec


def set_clock() -> None:
    """`time.time()` and Django's `now()` go wrong by the seconds that the file says, from when it says so."""
    from datetime import UTC, datetime

    from django.utils import timezone

    real = time.time
    told = CLOCK.open()

    def wrong() -> float:
        return real() + float(os.pread(told.fileno(), 16, 0))

    time.time = wrong
    timezone.now = lambda: datetime.fromtimestamp(wrong(), UTC)


sys.meta_path.insert(0, Marker)  # type: ignore[arg-type]
set_clock()
