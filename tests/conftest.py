"""What every test may use."""

import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from hypothesis import settings as hypothesis

from participants.providers import PROVIDERS
from tests.faults import recording
from tests.sandbox.process import Sandbox, running_sandbox

# On a busy machine an example may take long: how long is never what a test says.
hypothesis.register_profile("earshot", deadline=None)
hypothesis.load_profile("earshot")

WHOLE_SERVERS = {"faults", "fuzz", "journeys", "outside"}


@pytest.fixture(params=sorted(PROVIDERS))
def provider(request: pytest.FixtureRequest) -> str:
    """Whose account a test is about: it runs once for each row of the table of providers.

    What only one of them says is tested with `@pytest.mark.parametrize("provider", [...], indirect=True)`.
    """
    return str(request.param)


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """An empty sandbox at time-scale 0.05 without callback URL; `running_sandbox` makes one that posts."""
    sandbox_process.post("/_sandbox/reset")
    return sandbox_process


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A whole Earshot (tests/site.py) at time-scale 0.2 with the demo's people.

    It stops with its tests: one that nobody asks anything still takes a quarter of a core.
    """
    from tests.site import running_site

    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file of this run, for each worker its own: threads of the product share it as in production."""
    from django.db import connections

    settings = connections["default"].settings_dict
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
    else:
        settings["TEST"]["NAME"] = f"earshot_test_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The tests' database, whose append-only ledger lets the flush between tests pass."""
    from tests.databases import let_flushes_pass

    with django_db_blocker.unblock():
        let_flushes_pass()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By day a test of whole servers that failed runs again, and is told; by night never."""
    for item in items:
        if WHOLE_SERVERS & set(item.path.parts) and item.get_closest_marker("nightly") is None:
            item.add_marker(pytest.mark.flaky(reruns=2))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failure: what should run has to run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("CI") or reporter is None or not reporter.stats.get("skipped"):
        return
    reporter.write_line(f"CI: {len(reporter.stats['skipped'])} tests were skipped; none may be.", red=True)
    session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, Any, Any]:
    """What the tests of faults found is written down for docs/reliability.md."""
    report = yield
    recording.record(report)
    return report
