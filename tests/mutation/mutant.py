"""What a deliberate break is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """`old` stands once in `path` and becomes `new`; then one of `tests` (below tests/) has to fail."""

    path: str
    old: str
    new: str
    tests: str
    why: str


def of(path: str, file: str, *rows: tuple[str, str, str, str]) -> list[Mutant]:
    """Rows of (old, new, test in `file`, why)."""
    return [Mutant(path, old, new, f"{file}::test_{test}", why) for old, new, test, why in rows]
