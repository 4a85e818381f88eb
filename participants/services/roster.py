"""Agents as CSV: read line by line, every mistake named with its line and column; all or nothing."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .. import access
from ..models import Agent, Team

COLUMNS = ("name", "team", "label", "addresses")
BETWEEN = " | "  # addresses in one cell; a semicolon separates them too
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LIMIT = 1024 * 1024  # bytes
MOST_ROWS = 5000
MASK = "•"


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1, the heading's."""

    line: int
    column: str
    text: str


@dataclass(slots=True)
class Row:
    """One agent as the file says it. `agent` is None for a new one; `changes` say what becomes different."""

    line: int
    name: str
    team: Team
    label: str | None
    addresses: list[str]
    agent: Agent | None = None
    changes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Roster:
    rows: list[Row]
    faults: list[Fault]

    @property
    def new(self) -> list[Row]:
        return [row for row in self.rows if row.agent is None]

    @property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if row.agent is not None and row.changes]

    @property
    def same(self) -> int:
        return len(self.rows) - len(self.new) - len(self.changed)


# --- writing ----------------------------------------------------------------------------------------------
def written(agents: Iterable[Agent], *, numbers: bool) -> str:
    """The present agents as a file that can be read again, and that no spreadsheet takes for formulas."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    for agent in agents:
        known = [each.address for each in agent.addresses.all()]
        shown = known if numbers else [access.mask(address) for address in known]
        cells = (agent.name, agent.team.name, agent.label or "", BETWEEN.join(shown))
        writer.writerow([_guarded(cell) for cell in cells])
    return text.getvalue()


def _guarded(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _unguarded(cell: str) -> str:
    bare = cell.strip()
    return bare[1:] if bare.startswith("'") and bare[1:].startswith(FORMULA) else bare


# --- reading ----------------------------------------------------------------------------------------------
def read(raw: bytes) -> Roster:
    """What the file would make of the agents. Nothing is changed by reading it."""
    if len(raw) > LIMIT:
        return Roster([], [Fault(1, "", "The file has more than 1 MB.")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Roster([], [Fault(1, "", "The file is not UTF-8. Save it as “CSV UTF-8”.")])
    faults: list[Fault] = []
    lines = list(_lines(text, faults))
    reader = _Reader(faults)
    rows = [row for line, cells in lines if (row := reader.row(line, cells)) is not None]
    return Roster(
        rows,
        sorted(faults, key=lambda fault: (fault.line, COLUMNS.index(fault.column) if fault.column else -1)),
    )


def _lines(text: str, faults: list[Fault]) -> Iterator[tuple[int, dict[str, str]]]:
    heading = text.partition("\n")[0]
    table = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=";" if heading.count(";") > heading.count(",") else ",",
        strict=True,
    )
    try:
        head = [cell.strip().lower() for cell in next(table, [])]
        if sorted(head) != sorted(COLUMNS):
            faults.append(Fault(1, "", f"The first line must name the columns {', '.join(COLUMNS)}."))
            return
        for number, cells in enumerate(table):
            if number >= MOST_ROWS:
                faults.append(
                    Fault(table.line_num, "", f"More than {MOST_ROWS} agents are too many for one file.")
                )
                return
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                faults.append(Fault(table.line_num, "", f"It has {len(cells)} cells, not {len(head)}."))
                continue
            yield table.line_num, dict(zip(head, map(_unguarded, cells), strict=True))
    except csv.Error as unreadable:
        faults.append(Fault(table.line_num, "", f"It is no CSV: {unreadable}."))


class _Reader:
    """Everything that rows are checked against, fetched once."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        self.teams = {team.name: team for team in Team.objects.all()}
        agents = Agent.objects.select_related("team").prefetch_related("addresses")
        self.agents = list(agents)
        self.named: dict[str, list[Agent]] = {}
        for agent in self.agents:
            self.named.setdefault(agent.name, []).append(agent)
        self.by_label = {agent.label: agent for agent in self.agents if agent.label}
        self.owners = {each.address: each.agent_id for agent in self.agents for each in agent.addresses.all()}
        self.seen: dict[tuple[str, str], int] = {}

    def row(self, line: int, cells: dict[str, str]) -> Row | None:
        before = len(self.faults)
        name, label = cells["name"], cells["label"] or None
        if not name or len(name) > 120:
            self._wrong(line, "name", "A name has 1 to 120 characters.")
        team = self.teams.get(cells["team"])
        if team is None:
            known = ", ".join(self.teams) or "there is none yet"
            self._wrong(line, "team", f"“{cells['team']}” is no team. The teams are: {known}.")
        if label and (len(label) > 128 or "/" in label or not label.isprintable()):
            self._wrong(line, "label", "A label has at most 128 characters, and no slash.")
        agent = self._agent(line, name, label)
        addresses = self._addresses(line, cells["addresses"], agent)
        for column, value in [
            ("label", label),
            ("name", None if label else name),
            *(("addresses", one) for one in addresses),
        ]:
            self._once(line, column, value)
        if len(self.faults) > before or team is None:
            return None
        row = Row(line, name, team, label, addresses, agent)
        row.changes = _changes(row)
        return row

    def _agent(self, line: int, name: str, label: str | None) -> Agent | None:
        """Known by the label; without one by the name, which only one may have then."""
        if label:
            return self.by_label.get(label)
        named = self.named.get(name, [])
        if len(named) > 1:
            self._wrong(line, "name", f"{len(named)} agents are called {name}: give each a label.")
            return None
        return named[0] if named else None

    def _addresses(self, line: int, cell: str, agent: Agent | None) -> list[str]:
        own = [each.address for each in agent.addresses.all()] if agent else []
        found = []
        for word in filter(None, (_unguarded(word) for word in cell.replace(";", "|").split("|"))):
            address = next((one for one in own if MASK in word and access.mask(one) == word), word)
            if not access.phone_allowed(address):
                self._wrong(
                    line, "addresses", f"“{word}” is no phone: write it as +442079460102, client:… or sip:…."
                )
            elif self.owners.get(address) not in {None, agent.pk if agent else None}:
                owner = next(one for one in self.agents if one.pk == self.owners[address])
                self._wrong(line, "addresses", f"“{word}” belongs to {owner.name} already.")
            else:
                found.append(address)
        return found

    def _once(self, line: int, column: str, value: str | None) -> None:
        if not value:
            return
        first = self.seen.setdefault((column, value), line)
        if first != line or (column == "addresses" and self._twice(line, value)):
            self._wrong(line, column, f"“{value}” stands in line {first} already.")

    def _twice(self, line: int, value: str) -> bool:
        count = self.seen.get((f"count {line}", value), 0) + 1
        self.seen[(f"count {line}", value)] = count
        return count > 1

    def _wrong(self, line: int, column: str, text: str) -> None:
        self.faults.append(Fault(line, column, text))


def _changes(row: Row) -> list[str]:
    if row.agent is None:
        return []
    said = []
    for word, before, after in (
        ("name", row.agent.name, row.name),
        ("team", row.agent.team.name, row.team.name),
        ("label", row.agent.label or "none", row.label or "none"),
    ):
        if before != after:
            said.append(f"{word}: {before} → {after}")
    known = {each.address for each in row.agent.addresses.all()}
    more, fewer = len(set(row.addresses) - known), len(known - set(row.addresses))
    if more or fewer:
        said.append(f"addresses: {more} more, {fewer} fewer")
    return said
