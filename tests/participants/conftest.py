"""A floor at the sandbox for the tests of services."""

from collections.abc import Iterator

import pytest

from tests.participants.floor import Floor, standing_floor
from tests.sandbox.process import Sandbox


@pytest.fixture
def floor(
    provider: str, sandbox: Sandbox, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Floor]:
    yield from standing_floor(provider, sandbox, monkeypatch)
