from __future__ import annotations
from typing import Any

SCENES = ("empty", "one", "busy")


class Story:
    def __init__(self, name: str, **kw: Any) -> None: ...
    def tick(self, now: float) -> None: ...
    def stop(self, now: float) -> None: ...
