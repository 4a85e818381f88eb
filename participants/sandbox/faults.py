"""What goes wrong on purpose: with callbacks on their way, and with requests that a provider gets. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

EFFECTS = (
    "refuse",
    "429",
    "500",
    "close",
    "slow",
    "apply_no_answer",
    "answer_not_apply",
    "apply_late",
    "html_200",
)
CALLBACK_FAULTS = ("drop", "duplicate", "reorder", "delay_ms")
# Rates of requests that fail by themselves, and the effect that each stands for.
REQUEST_RATES = {
    "api_error_rate": "500",
    "api_timeout_rate": "timeout",
    "apply_but_no_answer_rate": "apply_no_answer",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a fault can be aimed at. `conferences`: the sid and the name of the conference concerned."""

    provider: str
    conferences: frozenset[str]
    operation: str = ""
    params: dict[str, str] = field(default_factory=dict)
    call_sids: frozenset[str] = frozenset()


@dataclass(slots=True)
class NextFault:
    """Waits for `times` requests that match everything it names."""

    effect: str
    after_ms: float | None = None
    times: int = 1
    provider: str | None = None
    operation: str | None = None
    conference: str | None = None
    call_sid: str | None = None
    params: dict[str, str] = field(default_factory=dict)

    def matches(self, subject: Subject) -> bool:
        return (
            self.provider in (None, subject.provider)
            and self.operation in (None, subject.operation)
            and (self.conference is None or self.conference in subject.conferences)
            and (self.call_sid is None or self.call_sid in subject.call_sids)
            and self.params.items() <= subject.params.items()
        )


class Faults:
    """Standing faults, aimed at everything, a provider or a conference; and faults for the next requests."""

    def __init__(self) -> None:
        self.rng = random.Random()
        self.forget()

    def forget(self) -> None:
        self._standing: dict[tuple[str | None, str | None], dict[str, float]] = {}
        self._next: list[NextFault] = []

    def set(self, settings: dict[str, float | None], *, provider: str | None, conference: str | None) -> None:
        """Change the standing faults of one aim; None clears one of them."""
        mine = self._standing.setdefault((provider, conference), {})
        for name, value in settings.items():
            if value is None:
                mine.pop(name, None)
            else:
                mine[name] = value

    def standing(self) -> list[dict[str, Any]]:
        return [
            {"provider": provider, "conference": conference, **settings}
            for (provider, conference), settings in self._standing.items()
        ]

    def expect(self, fault: NextFault) -> None:
        self._next.append(fault)

    def value(self, name: str, subject: Subject) -> float:
        """The standing value with the narrowest aim, else 0."""
        for names in (subject.conferences, (None,)):
            for provider in (subject.provider, None):
                for conference in names:
                    found = self._standing.get((provider, conference), {}).get(name)
                    if found is not None:
                        return found
        return 0.0

    def strikes(self, name: str, subject: Subject) -> bool:
        rate = self.value(name, subject)
        return rate > 0 and self.rng.random() < rate

    def for_request(self, subject: Subject) -> NextFault | None:
        """What happens to this request instead of an honest answer."""
        for fault in self._next:
            if fault.matches(subject):
                fault.times -= 1
                if fault.times <= 0:
                    self._next.remove(fault)
                return fault
        for rate, effect in REQUEST_RATES.items():
            if self.strikes(rate, subject):
                return NextFault(effect)
        return None
