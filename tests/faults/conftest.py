"""One Earshot for all stories, and one machine whose processes may die."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outside.person import Person

from . import invariants
from .ground import Ground, ground
from .machine import Machine, running_machine

PATIENCE_S = 400  # whole servers start, on a machine that may be slow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(PATIENCE_S))


@pytest.fixture(scope="package")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("ground")) as made:
        yield made
        invariants.the_chain_verifies(made.site)


# --- processes --------------------------------------------------------------------------------------------
@pytest.fixture(scope="package")
def one_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with running_machine(tmp_path_factory.mktemp("machine")) as machine:
        yield machine


@pytest.fixture
def machine(one_machine: Machine) -> Machine:
    """Everything of it runs, whatever the test before did."""
    one_machine.start()
    return one_machine


@pytest.fixture
def lead(machine: Machine) -> Person:
    return Person(machine.site, "lead")
