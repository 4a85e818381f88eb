"""The server that never looks for changes by itself: its screens show what its own process was told."""

from dataclasses import replace

from console.asgi import application

from console import hub  # isort: skip (needs what the line above has set up)

__all__ = ["application"]

hub.TIMING = replace(hub.TIMING, compare=3600.0, compare_supervised=3600.0)
