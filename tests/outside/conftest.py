"""Who drives Earshot from outside: through the contract alone."""

from collections.abc import Callable, Iterator

import pytest

from tests.site import Site, running_site

from .person import Call, Person
from .provider import PROVIDERS, Provider


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of this folder: give your calls names of their own."""
    with running_site(tmp_path_factory.mktemp("outside")) as site:
        yield site


@pytest.fixture(scope="package")
def lead(site: Site) -> Person:
    return Person(site, "lead")


@pytest.fixture(scope="package")
def sam(site: Site) -> Person:
    return Person(site, "supervisor")


@pytest.fixture
def poster(provider: str, site: Site) -> Provider:
    """The provider as one who posts; its account at the site has the key of the provider."""
    return PROVIDERS[provider]


@pytest.fixture
def call(lead: Person, provider: str) -> Iterator[Callable[..., Call]]:
    """Makes calls, and ends them after the test."""
    made: list[Call] = []

    def make(*agents: int, **more: object) -> Call:
        made.append(Call(lead, provider, *agents, **more))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
