"""Chromium against a whole Earshot: what a person sees, and what the other end hears."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.journeys.floor import Floor
from tests.patience import patient
from tests.site import Site, running_site

# Playwright keeps an event loop in the test's thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = patient(10) * 1000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    # As root Chromium has no sandbox of its own to offer.
    return {"executable_path": str(CHROMIUM), "args": ["--no-sandbox", "--disable-background-networking"]}


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """At half the times: a browser beside it needs the other half of the machine."""
    with running_site(tmp_path_factory.mktemp("journeys"), time_scale=0.5) as site:
        yield site


@pytest.fixture
def floor(site: Site) -> Iterator[Floor]:
    """An empty floor but for the calls that the journey makes; they end with it."""
    floor = Floor(site)
    yield floor
    for call in list(floor.calls):
        floor.end(call)


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Signs somebody in. At the end: no error in any script, and nothing that the policy had to stop."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(("Failed to load resource", "WebSocket")):
            wrong.append(message.text)

    def open_as(username: str, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}} | options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        site.login(page, username)
        if options.get("java_script_enabled", True):
            expect(page.locator("#live")).to_have_text("Live")
        return page

    yield open_as
    for context in contexts:
        context.close()
    assert wrong == []
