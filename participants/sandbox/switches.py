"""What the providers' documents leave open: one switch each, with the values it may take."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

ANY_COUNT = range(1_000_000)

ALLOWED: dict[str, tuple[Any, ...] | range] = {
    "label_errors": (400, 409),
    "coach_without_target_status": (400, 422),
    "create_into_completed": (404, 400),
    "noop_event": (False, True),
    "end_before_leaves": (False, True),
    "sequence_start": (0, 1),
    "start_threshold": (1, 2),
    "page_size_over": ("clamp", "refuse"),
    "telnyx_tries": range(1, 11),
    "telnyx_bad_dial": (422, 400),
    "coach_without_target": ("nobody", "everyone"),
    "late_2xx_ms": ANY_COUNT,
    "split_requests": (False, True),
    "calls_per_second": range(1001),
    "announcement_unfetched": ("nothing", "fail"),
}


@dataclass(slots=True)
class Switches:
    label_errors: int = 400
    coach_without_target_status: int = 400
    create_into_completed: int = 404
    noop_event: bool = False
    end_before_leaves: bool = True
    sequence_start: int = 1
    start_threshold: int = 2
    page_size_over: str = "clamp"
    telnyx_tries: int = 3
    telnyx_bad_dial: int = 422
    coach_without_target: str = "nobody"
    late_2xx_ms: int = 0
    split_requests: bool = False
    calls_per_second: int = 1  # 0: as many as one likes
    announcement_unfetched: str = "nothing"

    def set(self, wanted: dict[str, Any]) -> None:
        """Change some switches, all or none. Raises ValueError with a sentence naming the first wrong one."""
        types = {field.name: type(getattr(self, field.name)) for field in fields(self)}
        for name, value in wanted.items():
            if name not in ALLOWED:
                raise ValueError(f"unknown switch {name!r}; allowed: {', '.join(sorted(ALLOWED))}")
            if type(value) is not types[name] or value not in ALLOWED[name]:
                raise ValueError(f"switch {name}: {value!r} is not allowed; allowed: {_shown(ALLOWED[name])}")
        for name, value in wanted.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _shown(allowed: tuple[Any, ...] | range) -> str:
    if isinstance(allowed, range):
        return f"a whole number from {allowed.start} to {allowed.stop - 1}"
    return ", ".join(repr(value) for value in allowed)
