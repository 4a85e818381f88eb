"""Each deliberate break of the table is caught: made in a copy of the tree, never here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .mutant import Mutant
from .mutants import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
PARTS = ["console", "participants", "static", "templates", "tests"]
FILES = ["manage.py", "pyproject.toml"]
# pytest's own words for how a run ended; anything but failed tests says nothing about the mutant.
TESTS_FAILED = 1


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree without compiled files: a mutant of the same length and second would not be compiled anew."""
    tree = tmp_path_factory.mktemp("mutants") / "tree"
    for part in PARTS:
        shutil.copytree(ROOT / part, tree / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, tree / file)
    return tree


def run(tree: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    # Not our own worker's settings: this is a whole run of its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    named = [f"tests/{test}" for test in tests]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *named],
        cwd=tree,
        env=environment | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=1000,
    )


def test_every_mutant_can_be_made() -> None:
    """Also in every run: who changes a line of the table changes its mutant."""
    stale = [
        (mutant.path, mutant.old)
        for mutant in MUTANTS
        if (ROOT / mutant.path).read_text().count(mutant.old) != 1 or mutant.old == mutant.new
    ]
    assert not stale


@pytest.mark.nightly
@pytest.mark.timeout(1100)
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{Path(mutant.path).stem}: {mutant.why}")
def test_it_is_caught(mutant: Mutant, copy: Path) -> None:
    file = copy / mutant.path
    right = file.read_text()
    file.write_text(right.replace(mutant.old, mutant.new))
    try:
        ran = run(copy, mutant.tests)
    finally:
        file.write_text(right)
    assert ran.returncode == TESTS_FAILED and "failed" in ran.stdout, ran.stdout[-2000:] + ran.stderr[-500:]


@pytest.mark.nightly
@pytest.mark.timeout(1100)
def test_without_a_mutant_the_same_tests_pass(copy: Path) -> None:
    """Else every mutant would be caught by whatever is broken anyway."""
    ran = run(copy, *sorted({mutant.tests for mutant in MUTANTS}))
    assert ran.returncode == 0, ran.stdout[-3000:]
