"""The server, for tests that speak to it from outside."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import User
from django.test import Client

from participants.models import Team
from tests.console.server import Screen, Server, signed_in
from tests.factories import make_supervisor, make_team


@pytest.fixture(scope="module")
def server_process(django_db_setup: None, django_db_blocker: object) -> Iterator[Server]:
    """For one file only: a server drives every stay in its database, also those of other tests."""
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(server_process: Server, transactional_db: None) -> Server:
    """The server at time-scale 0.1, on a database that the test fills and that is emptied after it."""
    return server_process


@pytest.fixture
def billing(server: Server) -> Team:
    return make_team("Billing")


@pytest.fixture
def supervisor(billing: Team) -> User:
    return make_supervisor("supervisor", teams=(billing,))


@pytest.fixture
def watch(server: Server) -> Iterator[Callable[..., Screen]]:
    """Opens a screen for a user; its first two frames are there when it returns."""
    opened = ExitStack()

    def open_screen(user: User, *, client: Client | None = None, **options: object) -> Screen:
        screen = opened.enter_context(Screen(server, client or signed_in(user), **options))
        screen.until(lambda screen: len(screen.frames) >= 2)
        return screen

    with opened:
        yield open_screen
