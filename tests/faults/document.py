"""Writes docs/reliability.md: every fault, what is promised under it, its test, and what the last runs found.

`python -m tests.faults.document > docs/reliability.md`, after the tests (`make nightly` does both).
"""

import sys
from typing import Any

from .fault import Fault
from .recording import faults_of, newest
from .table import FAULTS

HEAD = """# What Earshot is held against

Written by `python -m tests.faults.document` from `tests/faults/table.py` and from what the tests found when
they last ran; `make nightly` writes it anew. Each test brings the fault about in a running Earshot (server,
worker, database, a sandbox for both providers), and compares what is true at the provider with the rows, the
requests on the wire, and the frames of a connected screen.

In CI each of F1 to F26 comes once, in one of four stories that meet the faults one after another, two of them
with calls at Telnyx and two at Twilio; the faults of processes come once, with one provider where what a
provider says does not matter. By night each fault has stories of its own, a dozen seeds at both providers,
then come pairs of faults at once, and promises in seconds are asserted. `EARSHOT_FAULT_SEEDS=200` and
`EARSHOT_FAULT_PAIRS=2000` are for machines with more time (CONTRIBUTING.md says how much).

Under every fault holds:

| | |
|---|---|
| I1 | Nobody hears a supervisor by mistake. |
| I2 | No screen is calmer than the truth. What others did shows within 2 s, without callbacks 12 s. |
| I3 | Every callback that was answered 2xx is stored and applied, or kept aside with its reason. |
| I4 | Rows equal the truth 12 s after the fault (supervised calls) or 75 s (others), screens 2 s later. |
| I5 | Nobody is dialled more often than somebody asked. |
| I6 | No leg of ours stays that nobody owns. |
| I7 | Order and number of callbacks change nothing. |
| I8 | Nothing of one team's reaches another. |
| I9 | Every opening has its wish in the audit, and the chain verifies. |
| I10 | Memory, files and threads stay as they were. |

Seconds are of real life; the tests run at a fifth of them, and grant 3 s more to a busy machine. In CI,
where other tests run beside, a wait may last six times as long: there the question is whether, not when.

"""


def document(results: dict[str, dict[str, Any]]) -> str:
    rows = [_row(fault, results) for fault in FAULTS]
    table = ["| | Fault | Promise | Test | Result |", "|---|---|---|---|---|", *rows]
    return HEAD + "\n".join(table) + "\n" + _figures(results)


def stated(fault: Fault) -> tuple[str, str, str, str]:
    """The cells that the table alone decides."""
    tests = "<br>".join(f"`{_short(test)}`" for test in fault.tests) or fault.untested
    promise = f"{fault.promise}. *{fault.limits}*" if fault.limits else fault.promise
    return fault.name, fault.fault, promise, tests


def _short(test: str) -> str:
    return test.removeprefix("tests/").removeprefix("faults/")


def _row(fault: Fault, results: dict[str, dict[str, Any]]) -> str:
    return "| " + " | ".join((*stated(fault), _result(fault, results))) + " |"


def _result(fault: Fault, results: dict[str, dict[str, Any]]) -> str:
    found = [result for test, result in results.items() if fault in faults_of(test)]
    if not found:
        return "not run yet" if fault.tests else ""
    failed = [result for result in found if result["result"] == "failed"]
    runs = sum(result["seeds"] for result in found)
    last = max(found, key=lambda result: result["date"])
    word = f"**{len(failed)} of {len(found)} failed**" if failed else "holds"
    return f"{word}, {runs} run{'s' * (runs != 1)}, {last['date'][:10]}, {last['commit']}"


def _figures(results: dict[str, dict[str, Any]]) -> str:
    lines = [
        f"| {', '.join(fault.name for fault in faults_of(test))} | {name} | {value} |"
        for test, result in sorted(results.items())
        for name, value in result["figures"].items()
    ]
    if not lines:
        return ""
    return (
        "\n## Measured\n\nBy the runs of the last column, on a machine that did other things as well.\n\n"
        + "\n".join(["| Fault | Figure | Value |", "|---|---|---|", *lines, ""])
    )


if __name__ == "__main__":
    sys.stdout.write(document(newest()))
