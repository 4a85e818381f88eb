"""The sandbox as its own process, for tests that speak to it over HTTP."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).resolve().parents[2]
STARTED_WITHIN_S = 15


@dataclass(frozen=True)
class Sandbox:
    url: str

    def get(self, path: str) -> Any:
        return self._checked(requests.get(self.url + path, timeout=5))

    def post(self, path: str, json: Any = None) -> Any:
        return self._checked(requests.post(self.url + path, json={} if json is None else json, timeout=5))

    def _checked(self, answer: requests.Response) -> Any:
        assert answer.ok, f"{answer.url}: {answer.status_code} {answer.text}"
        return answer.json()

    def wait_for(self, condition: Any, *, within_s: float = 3.0) -> Any:
        """The first true value of `condition()`; fails when there is none in time."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = condition()
            if found:
                return found
            time.sleep(0.01)
        raise AssertionError(f"not within {within_s} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
        process.wait(timeout=10)


def _answers(sandbox: Sandbox, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the sandbox ended at its start"
    try:
        return requests.get(f"{sandbox.url}/_sandbox/time", timeout=1).ok
    except requests.ConnectionError:
        return False
