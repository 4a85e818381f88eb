"""I10: what each process of the product holds, and that it does not grow."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.site import Site


@dataclass(frozen=True)
class Size:
    """`memory` in bytes."""

    memory: int
    files: int
    threads: int


def sizes(site: Site) -> dict[str, Size]:
    """What each process of the product holds now."""
    return {name: _size(Path(f"/proc/{process.pid}")) for name, process in site.processes.running}


def _size(process: Path) -> Size:
    status = (process / "status").read_text()
    numbers = {key: int(re.search(rf"{key}:\s+(\d+)", status)[1]) for key in ("VmRSS", "Threads")}  # type: ignore[index]
    return Size(numbers["VmRSS"] * 1024, len(list((process / "fd").iterdir())), numbers["Threads"])


def bounded(before: dict[str, Size], after: dict[str, Size], *, most: float = 0.1) -> None:
    """I10: within this part of the start again, and ten files or threads more at most."""
    for name, was in before.items():
        now = after[name]
        assert now.memory <= was.memory * (1 + most), f"{name}: {was} -> {now}"
        assert now.files <= was.files * (1 + most) + 10, f"{name}: {was} -> {now}"
        assert now.threads <= was.threads * (1 + most) + 10, f"{name}: {was} -> {now}"
