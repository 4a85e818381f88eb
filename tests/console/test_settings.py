"""Settings run bare on this machine, and in production a wrong value stops the start with a sentence."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "DEBUG": "0",
    "SECRET_KEY": "0123456789" * 6,
    "ALLOWED_HOSTS": "earshot.example.com",
    "PUBLIC_URL": "https://earshot.example.com",
    "DATABASE_URL": "sqlite://:memory:",
}
READERS = re.compile(r"env\.(str|list|int|float)|os\.environ\.get|os\.getenv|_switch|_needed")
# Django's own, and those of the tests.
NOT_OURS = {"DJANGO_SETTINGS_MODULE"}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://:memory:", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_starts_without_any_environment() -> None:
    assert start().returncode == 0


def test_it_starts_in_production_with_everything_said() -> None:
    assert start(**PRODUCTION).returncode == 0


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY is too weak"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is missing"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL is missing"),
        ({"PUBLIC_URL": "earshot.example.com"}, "PUBLIC_URL is 'earshot.example.com'"),
        ({"PUBLIC_URL": "https://earshot.example.com:port"}, "must be a scheme and a host"),
        ({"PUBLIC_URL": "http://earshot.example.com"}, "must begin with https://"),
        ({"DATABASE_URL": "mysql://db/earshot"}, "DATABASE_URL cannot be read"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL cannot be read"),
        ({"REDIS_URL": "redis://127.0.0.1"}, "REDIS_URL is set"),
        ({"EARSHOT_TIME_SCALE": "fast"}, "EARSHOT_TIME_SCALE is 'fast'"),
        ({"EARSHOT_ENCRYPTION_KEYS": "short"}, "EARSHOT_ENCRYPTION_KEYS: key 1 is no key; make one with"),
        ({"EARSHOT_ENCRYPTION_KEYS": "A" * 43 + "=, nonsense"}, "key 2 is no key"),
        ({"EARSHOT_LOGIN_RATE_LIMITS": "maybe"}, "EARSHOT_LOGIN_RATE_LIMITS is 'maybe'"),
        ({"EARSHOT_KEEP_CALLBACKS_DAYS": "0"}, "EARSHOT_KEEP_CALLBACKS_DAYS is '0'; it must be a number"),
        ({"EARSHOT_KEEP_CONFERENCES_DAYS": "never"}, "from 2 to 99999, or the word forever"),
        ({"DEBUG": "perhaps"}, "DEBUG is 'perhaps'"),
        ({"DEBUG": "1"}, "may name this machine only"),
    ],
)
def test_a_wrong_value_stops_the_start_with_a_sentence(change: dict[str, str], sentence: str) -> None:
    stopped = start(**PRODUCTION | change)
    assert stopped.returncode == 1
    assert sentence in stopped.stderr
    assert stopped.stderr.startswith("Earshot cannot start: ")
    assert len(stopped.stderr.splitlines()) == 1


def test_the_server_stops_with_the_same_sentence() -> None:
    server = subprocess.run(
        [sys.executable, "-m", "daphne", "--port", "0", "console.asgi:application"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **PRODUCTION, "SECRET_KEY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert server.returncode == 1
    assert server.stderr.startswith("Earshot cannot start: SECRET_KEY is missing")
    assert len(server.stderr.splitlines()) == 1


def variables_read(path: Path) -> set[str]:
    """The names given to `env.str("X")`, `_switch("X")`, `os.environ.get("X")` or `os.environ["X"]`."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            names.add(node.args[0].value if READERS.fullmatch(ast.unparse(node.func)) else None)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            names.add(node.slice.value if "environ" in ast.unparse(node.value) else None)
    return {name for name in names if isinstance(name, str) and re.fullmatch(r"[A-Z][A-Z_]{4,}", name)}


def test_the_example_lists_every_variable_and_no_other() -> None:
    programs = [path for package in ("console", "participants") for path in (ROOT / package).rglob("*.py")]
    read = set().union(*map(variables_read, programs)) - NOT_OURS
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert listed - {"SANDBOX_URL"} == read - {"SANDBOX_URL"}


def test_every_variable_of_the_example_is_explained() -> None:
    for paragraph in (ROOT / ".env.example").read_text().split("\n\n"):
        assert paragraph.startswith("# ")
