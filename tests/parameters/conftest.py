"""The floor of a whole file; a file has its own state of the database, and leaves none."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.parameters.standing import Place, places
from tests.sandbox.process import running_sandbox


@pytest.fixture(scope="module")
def transactional_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Emptied after the file, not after each test. By this name pytest-django knows who needs a database."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module")
def standing(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[dict[str, Place]]:
    """At a sandbox of the file's own, whose seconds are as long as the file says in SECOND."""
    second = getattr(request.module, "SECOND", 0.05)
    with running_sandbox(time_scale=second) as sandbox, places(sandbox, wait_s=1.0) as found:
        sandbox.post("/_sandbox/answering", {"mode": "manual"})
        yield found
