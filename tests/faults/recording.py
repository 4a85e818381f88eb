"""What a run found, for `docs/reliability.md`: a line of JSON for each test that a row of the table names."""

import functools
import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from .fault import Fault
from .table import FAULTS

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "var" / "reliability.jsonl"


def faults_of(test: str) -> list[Fault]:
    """The rows that name this test, or the beginning of its id."""
    return [fault for fault in FAULTS if test.startswith(fault.tests)]


def record(report: pytest.TestReport) -> None:
    """Appended as one line: several workers of a run write to the same file."""
    if report.when != "call" and report.passed:
        return
    told = dict(report.user_properties)
    for fault in faults_of(report.nodeid):
        line: dict[str, Any] = {
            "fault": fault.name,
            "test": report.nodeid,
            "result": report.outcome,
            "seeds": told.get("seeds", 1),
            "figures": told.get("figures", {}),
            "seconds": round(report.duration, 1),
            "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
            "commit": commit(),
        }
        RESULTS.parent.mkdir(exist_ok=True)
        with RESULTS.open("a") as lines:
            lines.write(json.dumps(line) + "\n")


@functools.cache
def commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    found = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def newest() -> dict[str, dict[str, Any]]:
    """Test -> what became of it the last time; of several rows about one test all say the same."""
    if not RESULTS.exists():
        return {}
    lines = [json.loads(line) for line in RESULTS.read_text().splitlines()]
    return {line["test"]: line for line in lines}
