from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from participants.sandbox import server


class Command(BaseCommand):
    help = "Their end of the wire: a provider in a box, on 127.0.0.1."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        server.add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        sys.exit(server.run(argparse.Namespace(**options)))
