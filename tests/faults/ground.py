"""One Earshot for many stories, with somebody on the wire to its providers."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.outside.person import Person
from tests.site import Site, running_site

from .between import Between, between
from .screen import Screen
from .sizes import Size
from .times import SCALE


@dataclass
class Ground:
    """One Earshot for all stories of a module, with somebody on the wire to its providers."""

    site: Site
    between: Between
    lead: Person
    screen: Screen
    other: Screen  # that of another team
    stories: int = 0  # that were told here
    warm: dict[str, Size] | None = None  # what the processes held after the first of them


@contextlib.contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    with running_site(folder, time_scale=SCALE) as site, between(site.sandbox.url) as wire:
        _change(site, "UPDATE participants_account SET api_url = ?", wire.url)
        # Who has no agent yet is nobody's of those two teams.
        team = "(SELECT id FROM participants_team WHERE name = ?)"
        _change(site, f"UPDATE participants_account SET default_team_id = {team}", "Technical")
        lead = Person(site, "lead")
        screens = [Screen(lead), Screen(Person(site, "supervisor"))]
        try:
            yield Ground(site, wire, lead, *screens)
        finally:
            for screen in screens:
                screen.close()


def _change(site: Site, query: str, *values: Any) -> None:
    path = site.processes.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute(query, values)
