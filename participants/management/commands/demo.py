"""`manage.py demo`: a whole Earshot on this machine, with a sandbox instead of a provider."""

import os
import signal
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from participants.management.demo.stage import Programme, Stage
from participants.sandbox.scenes import SCENES


class Command(BaseCommand):
    help = "Starts a sandbox, the worker and the server with demo people and a busy floor. No real calls."
    requires_system_checks = []  # the children check, with the demo's environment

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--sandbox-port", type=int, default=9010)
        parser.add_argument("--scene", choices=list(SCENES), default="busy")
        parser.add_argument("--speed", type=float, default=1.0, help="how fast the story runs")

    def handle(self, *_args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        programme = Programme(
            port=options["port"],
            sandbox_port=options["sandbox_port"],
            scene=options["scene"],
            speed=options["speed"],
            given_sandbox=os.environ.get("SANDBOX_URL", "").rstrip("/"),
        )
        try:
            Stage(programme, stop=stop, say=self._say).run()
        except CommandError as refused:
            sys.exit(str(refused))  # the sentence alone, without Django's prefix

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
