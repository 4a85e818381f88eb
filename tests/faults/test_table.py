"""The table of faults, its tests, and the page that is written from both, agree."""

import subprocess
import sys
from pathlib import Path

import pytest

from .document import document, stated
from .recording import ROOT, faults_of
from .table import FAULTS

PAGE = ROOT / "docs" / "reliability.md"


@pytest.fixture(scope="module")
def collected() -> set[str]:
    """The ids of all tests in the files that the table names, nightly ones too."""
    files = sorted({test.partition("::")[0] for fault in FAULTS for test in fault.tests})
    assert [file for file in files if not (ROOT / file).exists()] == []
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-2000:]
    return set(found.stdout.splitlines())


def test_there_are_forty_seven_faults_in_their_order() -> None:
    assert [fault.number for fault in FAULTS] == list(range(1, 48))


def test_every_fault_has_a_test_or_a_stated_reason() -> None:
    silent = [fault.name for fault in FAULTS if not fault.tests and not fault.untested]
    assert silent == []
    said = [fault for fault in FAULTS if fault.untested]
    known = ("not applicable: ", "comes with step 7: ")
    assert [fault.name for fault in said if not fault.untested.startswith(known)] == []


def test_every_test_that_is_named_exists(collected: set[str]) -> None:
    named = {(fault.name, start) for fault in FAULTS for start in fault.tests}
    found = {(fault.name, start) for test in collected for fault in faults_of(test) for start in fault.tests}
    missing = [start for name, start in named if not any(test.startswith(start) for test in collected)]
    assert missing == [] and {name for name, _ in found} == {name for name, _ in named}


def test_the_page_says_what_the_table_says() -> None:
    """Its last column is a run's; the others are the table's."""
    written = Path(PAGE).read_text().splitlines()
    for fault in FAULTS:
        assert any(line.startswith("| " + " | ".join(stated(fault)) + " | ") for line in written), fault.name
    head = document({}).partition("| F1 |")[0]
    assert "\n".join(written).startswith(head.rstrip()), (
        "python -m tests.faults.document > docs/reliability.md"
    )
