"""The sandbox as its own process, for tests that speak to it over HTTP."""

from __future__ import annotations

import contextlib
import random
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.patience import ANSWER_S, patient, wait_for

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN_S = 15
CHANCE = random.SystemRandom()  # beside other workers, whose seeds are the same


@dataclass(frozen=True)
class Sandbox:
    url: str

    def get(self, path: str) -> Any:
        return self._checked(requests.get(self.url + path, timeout=ANSWER_S))

    def post(self, path: str, json: Any = None) -> Any:
        return self._checked(
            requests.post(self.url + path, json={} if json is None else json, timeout=ANSWER_S)
        )

    def _checked(self, answer: requests.Response) -> Any:
        assert answer.ok, f"{answer.url}: {answer.status_code} {answer.text}"
        return answer.json()

    def wait_for(self, condition: Callable[[], Any], *, within_s: float = 3.0) -> Any:
        """As tests.patience, looking oftener: at this clock a second is twenty."""
        return wait_for(condition, within_s=within_s, every_s=0.01)


def free_port() -> int:
    """Below those that the system gives to connections: else one of them may take it before a server does."""
    while True:
        port = CHANCE.randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def running_sandbox(
    *, callback_url: str | None = None, scene: str = "empty", time_scale: float = 0.05, seed: int = 1
) -> Iterator[Sandbox]:
    """A sandbox on a free port, stopped at the end."""
    sandbox = Sandbox(f"http://127.0.0.1:{free_port()}")
    command = [sys.executable, "-m", "participants.sandbox", "--port", sandbox.url.rpartition(":")[2]]
    command += ["--scene", scene, "--time-scale", str(time_scale), "--seed", str(seed)]
    command += ["--callback-url", callback_url] if callback_url else []
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        sandbox.wait_for(lambda: _answers(sandbox, process), within_s=STARTED_WITHIN_S)
        yield sandbox
    finally:
        process.terminate()
        process.wait(timeout=patient(10))


def _answers(sandbox: Sandbox, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the sandbox ended at its start"
    try:
        return requests.get(f"{sandbox.url}/_sandbox/time", timeout=ANSWER_S).ok
    except requests.RequestException:
        return False
