"""`make run`, from its first refusal to its last program: what a newcomer meets."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.sync.client import connect

from participants.management.demo.director import Visitor
from participants.sandbox.scenes import BUSY
from tests.patience import ANSWER_S, patient, wait_for
from tests.sandbox.process import free_port

ROOT = Path(__file__).resolve().parents[1]
STARTS_WITHIN_S = 60
SPEED = 4
SCREEN = """
Earshot is running: http://127.0.0.1:{port}   (demo floor, no real calls)

  Start here   lead        earshot   all teams, every button
  Then try     supervisor  earshot   team Billing only
               agent       earshot   Ann Okafor: who was on my calls, raise a hand
               auditor     earshot   reads everything, touches nothing
               admin       earshot   set-up and audit at /admin/

The other end of the line (what customers and agents hear): http://127.0.0.1:{sandbox_port}
Stop with Ctrl-C.
"""


@dataclass
class Demo:
    database: Path
    port: int
    sandbox_port: int
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **environment: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "demo", "--port", str(self.port), "--speed", str(SPEED)]
        return subprocess.Popen(
            [*command, "--sandbox-port", str(self.sandbox_port)],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": f"sqlite:///{self.database}",
                "EARSHOT_TIME_SCALE": "1",
                **environment,
            },
            stdout=self.output.open("wb"),
            stderr=subprocess.STDOUT,
        )

    def refusal(self, **environment: str) -> str:
        process = self.start(**environment)
        assert process.wait(timeout=patient(30)) == 1
        return self.output.read_text().strip()


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    return Demo(tmp_path / "demo.sqlite3", free_port(), free_port(), tmp_path / "output")


def ready(demo: Demo, process: subprocess.Popen[bytes]) -> None:
    def runs() -> None:
        assert process.poll() is None, demo.output.read_text()

    wait_for(lambda: "Stop with Ctrl-C." in demo.output.read_text(), within_s=STARTS_WITHIN_S, meanwhile=runs)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, subprocess.Popen[bytes]]]:
    folder = tmp_path_factory.mktemp("demo")
    demo = Demo(folder / "demo.sqlite3", free_port(), free_port(), folder / "output")
    process = demo.start()
    try:
        ready(demo, process)
        yield demo, process
    finally:
        process.terminate()
        process.wait(timeout=patient(30))


def signed_in(demo: Demo, username: str) -> Visitor:
    visitor = Visitor(demo.url, username)
    visitor.sign_in()
    return visitor


def floor(visitor: Visitor) -> dict[str, dict[str, Any]]:
    """The live calls by their names."""
    answer = visitor.http.get(f"{visitor.url}/api/v1/conferences/?page_size=100", timeout=ANSWER_S)
    return {row["friendly_name"]: row for row in answer.json()["results"]}


def listening(call: dict[str, Any]) -> bool:
    return any(stay["confirmed"] == "listen" for stay in call["supervisions"])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_database_that_is_not_the_demos_is_left_alone(demo: Demo) -> None:
    with sqlite3.connect(demo.database) as database:
        database.execute("CREATE TABLE precious (thing text)")
    assert f"The database {demo.database} is not the demo's, which leaves it alone." in demo.refusal()
    with sqlite3.connect(demo.database) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == [("precious",)]


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_one_sentence(demo: Demo, name: str) -> None:
    port = demo.port if name == "PORT" else demo.sandbox_port
    with socket.create_server(("127.0.0.1", port)):
        assert demo.refusal() == (
            f"Port {port} is in use by another program. Start with another: {name}={port + 1} make run"
        )
    assert not demo.database.exists()


def test_a_sandbox_that_does_not_answer_is_one_sentence(demo: Demo) -> None:
    url = f"http://127.0.0.1:{demo.sandbox_port}"
    assert demo.refusal(SANDBOX_URL=url) == (
        f"The demo could not read the sandbox's public key at {url}/_sandbox/telnyx-public-key. "
        "SANDBOX_URL has to be the address of a running sandbox of this version."
    )
    assert not demo.database.exists()


def test_the_screen_says_where_to_go(running: tuple[Demo, subprocess.Popen[bytes]]) -> None:
    demo, _ = running
    screen = SCREEN.format(port=demo.port, sandbox_port=demo.sandbox_port)
    assert demo.output.read_text().endswith(screen)
    assert requests.get(f"{demo.url}/readyz", timeout=ANSWER_S).status_code == 200


def test_the_floor_is_whole_and_its_story_begins_when_somebody_looks(
    running: tuple[Demo, subprocess.Popen[bytes]],
) -> None:
    demo, _ = running
    opening = {position.name for position in BUSY.positions}
    lead = signed_in(demo, "lead")
    billing = floor(signed_in(demo, "supervisor"))
    assert set(billing) == {name for name in opening if name.startswith("billing-")}
    everything = floor(lead)
    assert (len(everything), len(billing)) == (20, 8)
    providers = {position.name: position.provider for position in BUSY.positions}
    assert {name: call["provider"] for name, call in everything.items()} == providers
    assert Counter(providers.values()) == {"twilio": 13, "telnyx": 7}
    for call in everything.values():
        assert None not in {leg["role"] for leg in call["participants"]}, call["friendly_name"]
    cookie = {"Cookie": f"sessionid={lead.http.cookies['sessionid']}"}
    assert "No callback from" not in lead.http.get(demo.url, timeout=ANSWER_S).text
    address = demo.url.replace("http", "ws") + "/ws/board/"
    began = time.monotonic()
    with connect(address, origin=demo.url, additional_headers=cookie, max_size=None) as board:
        snapshot = json.loads(board.recv(timeout=ANSWER_S))
        assert {row["friendly_name"] for row in snapshot["conferences"]} - {"returns-2016"} == opening
        said = str(snapshot)
        while "returns-2016" not in said:
            said = str(board.recv(timeout=ANSWER_S))
    assert time.monotonic() - began >= 6 / SPEED


def test_calls_of_both_providers_can_be_listened_to(
    running: tuple[Demo, subprocess.Popen[bytes]],
) -> None:
    demo, _ = running
    lead = signed_in(demo, "lead")
    for name, provider in (("technical-3007", "telnyx"), ("returns-2011", "twilio")):
        call = floor(lead)[name]
        assert (call["account"], call["provider"]) == (provider, provider)
        assert lead.command(call["id"], "listen")
        wait_for(lambda name=name: listening(floor(lead)[name]), within_s=10, every_s=0.2)


@pytest.mark.nightly
def test_the_second_level_is_dialled_in_and_nobody_picks_up(
    running: tuple[Demo, subprocess.Popen[bytes]],
) -> None:
    demo, _ = running
    lead = signed_in(demo, "lead")

    def dialled() -> list[dict[str, Any]]:
        call = floor(lead)["technical-3007"]
        return list(
            lead.http.get(f"{lead.url}/api/v1/conferences/{call['id']}/dials/", timeout=ANSWER_S).json()
        )

    wait_for(dialled, within_s=60, every_s=0.5)
    seen = set()

    def over() -> bool:
        [dial] = dialled()
        seen.add(dial["text"])
        return bool(dial["ended_how"])

    wait_for(over, within_s=60, every_s=0.2)
    [dial] = dialled()
    assert (dial["name"], dial["ended_how"], dial["text"]) == (
        "Second level",
        "no_answer",
        "No answer after 15 s",
    )
    assert dial["can_again"] is True
    assert seen & {"Dialling…", "Ringing…"}


def test_nothing_is_left_running(running: tuple[Demo, subprocess.Popen[bytes]]) -> None:
    demo, process = running
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=patient(20)) == 0
    assert not answers(demo.port) and not answers(demo.sandbox_port)
    assert demo.output.read_text().endswith("Stopped.\n")


@pytest.mark.nightly
def test_a_second_start_shows_a_full_floor_again(demo: Demo) -> None:
    for _ in range(2):
        process = demo.start()
        try:
            ready(demo, process)
            assert len(floor(signed_in(demo, "lead"))) == 20
        finally:
            process.terminate()
            process.wait(timeout=patient(20))
