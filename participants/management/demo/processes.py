"""The programs that the demo starts, watches and stops."""

import ctypes
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

HOST = "127.0.0.1"
PATIENCE = 10.0  # seconds for a program to end by itself
PR_SET_PDEATHSIG = 1


def port_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def _end_with_parent() -> None:
    """So that nothing is left behind when the demo itself is killed (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Processes:
    """Started in order, stopped in the reverse order. Each writes to a log of its own."""

    def __init__(self, *, environment: Mapping[str, str], logs: Path) -> None:
        self.environment = dict(environment)
        self.logs = logs
        self.running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, name: str, *command: str) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 (our own programs)
                [sys.executable, *command],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the demo alone, which then stops them in order
                preexec_fn=_end_with_parent,  # noqa: PLW1509 (no threads run yet)
            )
        self.running.append((name, process))

    def run(self, name: str, *command: str) -> None:
        """One program to its end. Raises CommandError when it fails."""
        self.start(name, *command)
        _, process = self.running.pop()
        if process.wait():
            raise CommandError(self._ending(name))

    def kill(self, name: str) -> None:
        process = next(process for known, process in self.running if known == name)
        self.running.remove((name, process))
        process.kill()
        process.wait()

    def check(self) -> None:
        """Raises CommandError when a program has ended by itself."""
        for name, process in self.running:
            if process.poll() is not None:
                raise CommandError(self._ending(name))

    def _ending(self, name: str) -> str:
        path = self.logs / f"{name}.log"
        last = path.read_text(errors="replace").strip().splitlines()[-5:]
        return "\n".join([f"The {name} stopped. Its log {path} ends with:", *last])

    def stop(self) -> None:
        for _, process in reversed(self.running):
            process.terminate()
        deadline = time.monotonic() + PATIENCE
        for _, process in reversed(self.running):
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running = []


def daphne(port: int) -> Sequence[str]:
    """The server's command line: a dead socket is noticed in 10 s, a message over 16 kB closes it."""
    return (
        *("-m", "daphne", "--bind", HOST, "--port", str(port), "--verbosity", "0"),
        *("--ping-interval", "5", "--ping-timeout", "5"),
        *("--websocket-max-message-size", str(16 * 1024), "--websocket-max-frame-size", str(16 * 1024)),
        "console.asgi:application",
    )
