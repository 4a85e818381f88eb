"""The sandbox as a program: its port, its end, and both ways to start it."""

from __future__ import annotations

import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.patience import ANSWER_S
from tests.sandbox.conftest import Call, Http
from tests.sandbox.process import ROOT, Sandbox, free_port

MODULE = [sys.executable, "-m", "participants.sandbox"]


COMMAND = [sys.executable, "manage.py", "sandbox"]


def start(*arguments: str, program: list[str] = MODULE) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*program, *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("program", [MODULE, COMMAND])
def test_a_taken_port_is_one_sentence(sandbox: Sandbox, program: list[str]) -> None:
    port = sandbox.url.rpartition(":")[2]
    process = start("--port", port, program=program)
    _, errors = process.communicate(timeout=ANSWER_S)
    assert process.returncode == 1
    assert errors == f"Port {port} is in use by another program. Start the sandbox with another --port.\n"


def test_sigterm_stops_it_cleanly_even_while_a_request_hangs() -> None:
    port = free_port()
    process = start("--port", str(port), "--scene", "busy")
    assert process.stdout
    assert process.stdout.readline() == f"Sandbox: http://127.0.0.1:{port}\n"
    sandbox = Sandbox(f"http://127.0.0.1:{port}")
    sandbox.post("/_sandbox/faults/next", {"effect": "slow", "after_ms": 600_000})
    http = Http(sandbox)
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(http.get, "/Conferences.json")
        sandbox.wait_for(lambda: sandbox.get("/_sandbox/requests"))
        assert not hanging.done()
        process.terminate()
        _, errors = process.communicate(timeout=ANSWER_S)
        assert isinstance(hanging.exception(timeout=ANSWER_S), requests.ConnectionError)
    assert (process.returncode, errors) == (0, "")


def test_it_listens_on_the_loopback_only(sandbox: Sandbox) -> None:
    port = int(sandbox.url.rpartition(":")[2])
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [(("--scene", "rush"), "choose from"), (("--speed", "-1"), "allowed: 0 and more")],
)
def test_a_wrong_argument_is_refused(arguments: tuple[str, str], allowed: str) -> None:
    process = start(*arguments)
    _, errors = process.communicate(timeout=ANSWER_S)
    assert process.returncode == 2
    assert allowed in errors


def test_a_scene_started_by_the_control_route_replaces_the_one_before(sandbox: Sandbox) -> None:
    other = Call(sandbox, friendly_name="of somebody else")
    sandbox.post("/_sandbox/scene", {"name": "busy", "speed": 2, "seed": 3})
    live = [room for room in sandbox.get("/_sandbox/conferences") if room["status"] != "completed"]
    assert len(live) == 21
    sandbox.post("/_sandbox/scene", {"name": "one"})
    live = [room for room in sandbox.get("/_sandbox/conferences") if room["status"] != "completed"]
    assert {room["friendly_name"] for room in live} == {"of somebody else", "billing-1041"}
    assert other.shown()["status"] == "in-progress"
