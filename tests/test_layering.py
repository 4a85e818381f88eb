"""The house of CONTRIBUTING.md, held: who may import whom, and how long things may be."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# From the top floor down: a module may import its own floor and those below.
FLOORS = [
    ["participants.management", "console.settings"],
    ["console.urls", "console.asgi"],
    [
        "console.views",
        "console.command_views",
        "console.recording_views",
        "console.connect",
        "console.dial_views",
        "console.ring_views",
        "console.announce_views",
        "console.call_page",
        "console.api",
        "console.consumers",
        "console.health",
        "console.failing",
    ],
    ["console.hub"],
    [
        "console.shell",
        "console.forms",
        "console.sheets",
        "console.address_book",
        "console.dial_form",
        "console.dial_words",
        "console.hearing",
        "console.display",
        "console.phrases",
        "console.reader",
        "console.frames",
        "console.outbox",
        "console.rights",
        "console.account_states",
        "console.background",
        "console.board",
        "console.daphne_socket",
        "console.strip",
        "console.start",
        "console.logs",
        "console.static_files",
    ],
    ["participants.apps"],
    [
        "participants.callbacks",
        "participants.documents",
        "participants.sweep",
        "participants.services",
        "participants.admin",
        "participants.differences",
        "participants.replaying",
        "participants.retention",
    ],
    [
        "participants.wishes",
        "participants.supervising",
        "participants.blind",
        "participants.leg_requests",
        "participants.dial_progress",
        "participants.stay_outcomes",
    ],
    ["participants.reading"],
    ["participants.mirror"],
    ["participants.live"],
    [
        "participants.serializers",
        "participants.access",
        "participants.stay_rows",
        "participants.identity",
        "participants.facts",
        "participants.derive",
        "participants.changed",
        "participants.history",
        "participants.looks",
        "participants.rings",
        "participants.believing",
        "participants.ledger",
        "participants.capabilities",
        "participants.urls_allowed",
        "participants.sounds",
        "participants.library",
        "participants.providers",
        "participants.pools",
        "participants.dial_queue",
        "participants.signatures",
        "participants.checks",
    ],
    ["participants.models", "participants.migrations"],
    [
        "participants.merge",
        "participants.modes",
        "participants.stay",
        "participants.audibility",
        "participants.attention",
        "participants.events",
        "participants.timing",
        "participants.clock",
        "participants.words",
        "participants.gaps",
        "participants.targets",
        "participants.dial_policy",
        "participants.sealing",
    ],
]
BELOW_CONSOLE = {
    f"participants.{name}"
    for name in (
        "services",
        "supervising",
        "access",
        "capabilities",
        "live",
        "serializers",
        "serializers_dials",
        "models",
        "attention",
        "audibility",
        "timing",
        "words",
    )
}
ALSO = {
    "console.settings": {"participants.sealing_keys"},
    "console.urls": {"participants.callbacks", "participants.documents"},
    "console.strip": {"participants.stay", "participants.stay_rows", "participants.modes"},
}
PROVIDER = re.compile(r"twilio|telnyx", re.IGNORECASE)
# The demo's account keys are part of its contract.
NAMES_PROVIDERS = ("participants.providers", "participants.sandbox", "participants.management.demo")
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    name_of(path): path
    for package in ("console", "participants")
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations" not in path.parts
}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def each(*packages: str, but: tuple[str, ...] = ()) -> pytest.MarkDecorator:
    """The test runs for every module of these packages."""
    chosen = [name for name in MODULES if within(name, *packages) and not within(name, *but)]
    return pytest.mark.parametrize("module", chosen)


each_module = each("console", "participants")


def imports(module: str) -> Iterator[str]:
    """Every imported module as a full name, late imports included."""
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = (
                ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            )
            source = ".".join(part for part in (base, node.module) if part)
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                yield whole if whole in MODULES else source


def ours(module: str) -> set[str]:
    return {name for name in imports(module) if name.split(".")[0] in {"console", "participants"}}


def floor(module: str) -> int:
    """The floor of a module; `console.api_errors` stands on the floor of `console.api`."""
    if module in {"console", "participants"}:  # empty packages: anybody may name them
        return len(FLOORS)
    for number, packages in enumerate(FLOORS):
        if any(within(module, package) or module.startswith(f"{package}_") for package in packages):
            return number
    pytest.fail(f"{module} stands on no floor: give it one in tests/test_layering.py")


@each("console", "participants", but=("participants.sandbox",))
def test_imports_go_only_downward(module: str) -> None:
    upward = {
        name
        for name in ours(module)
        if not within(name, "participants.sandbox") and floor(name) < floor(module)
    }
    assert not upward, f"{module} reaches up to {sorted(upward)}"


@each("participants")
def test_the_calls_never_import_the_console(module: str) -> None:
    assert not [name for name in imports(module) if within(name, "console")]


@each("console")
def test_the_console_reaches_only_what_it_may(module: str) -> None:
    allowed = BELOW_CONSOLE.union(*(more for package, more in ALSO.items() if within(module, package)))
    beyond = {name for name in ours(module) if within(name, "participants") and not within(name, *allowed)}
    assert not beyond, f"{module} reaches past its floor to {sorted(beyond)}"


@each("participants.providers")
def test_a_provider_is_handed_an_account_and_knows_no_database(module: str) -> None:
    allowed = (
        "participants.providers",
        "participants.events",
        "participants.timing",
        "participants.sealing",
    )
    assert not [name for name in ours(module) if not within(name, *allowed)]
    assert not [name for name in imports(module) if within(name, "django.db")]


@each("participants.sandbox")
def test_the_sandbox_shares_nothing_with_the_product(module: str) -> None:
    foreign = {
        name
        for name in imports(module)
        if name.split(".")[0]
        not in {*sys.stdlib_module_names, "aiohttp", "yarl", "multidict", "cryptography"}
        and not within(name, "participants.sandbox")
    }
    assert not foreign, f"{module} imports {sorted(foreign)}"


@each("console", "participants", but=("participants.sandbox", "participants.management"))
def test_only_commands_start_the_sandbox(module: str) -> None:
    assert not [name for name in imports(module) if within(name, "participants.sandbox")]


def docstrings(tree: ast.AST) -> set[ast.AST]:
    return {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }


def words(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name and text of the program, without its docstrings."""
    documentation = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation:
            yield node.lineno, node.value
        elif isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr


@each("console", "participants", but=NAMES_PROVIDERS)
def test_no_provider_is_named_outside_its_own_file(module: str) -> None:
    named = [(line, word) for line, word in words(TREES[module]) if PROVIDER.search(word)]
    assert not named, f"{module} names a provider: {named}"


@pytest.mark.parametrize("name, other", [("twilio", "telnyx"), ("telnyx", "twilio")])
def test_no_provider_knows_the_other(name: str, other: str) -> None:
    tree = TREES.get(f"participants.providers.{name}", ast.Module(body=[], type_ignores=[]))
    assert not [word for _, word in words(tree) if other in word.lower()]


def test_the_screens_print_the_provider_that_the_server_says() -> None:
    screens = [
        path
        for pattern in ("templates/**/*.html", "static/js/**/*.js")
        for path in ROOT.glob(pattern)
        if PROVIDER.search(re.sub(r"\{#.*?#\}|/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.DOTALL))
    ]
    assert not screens


@each_module
def test_a_module_stays_below_300_lines(module: str) -> None:
    lines = len(MODULES[module].read_text().splitlines())
    assert lines < 300, f"{module} has {lines}: split it"


@each_module
def test_a_function_stays_within_40_lines(module: str) -> None:
    long = {
        node.name: (node.end_lineno or 0) - node.lineno + 1
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 40
    }
    assert not long, f"{module} has long functions: {long}"


@each_module
def test_a_module_says_what_it_holds(module: str) -> None:
    assert not VAGUE & set(module.split("."))
    assert len(module.split(".")) <= 4, "at most three levels of packages"


def test_nothing_depends_on_a_path_outside_the_project() -> None:
    outside = re.compile(r"(\.\./)+shared|/work/")
    files = [*MODULES.values(), ROOT / "Makefile", *ROOT.glob("docs/*.md"), *ROOT.glob("*.md")]
    assert not [path for path in files if path.exists() and outside.search(path.read_text())]
