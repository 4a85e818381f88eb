"""A floor at the sandbox for the tests of services."""

from collections.abc import Iterator

import pytest

from tests.participants.floor import TOKEN, Floor, make_floor, settle
from tests.sandbox.process import Sandbox


@pytest.fixture
def floor(sandbox: Sandbox, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", TOKEN)
    floor = make_floor(sandbox)
    resting = settle()
    next(resting)
    yield floor
    next(resting, None)
