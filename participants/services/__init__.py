"""What a supervisor can ask: one table, for the API and the plain forms alike."""

from collections.abc import Callable

from ..models import Intervention
from . import conferences, legs, monitoring

VERBS: dict[str, tuple[Callable[..., Intervention], str]] = {
    "listen": (monitoring.listen, "conference"),
    "whisper": (monitoring.whisper, "conference"),
    "barge": (monitoring.barge, "conference"),
    "leave": (monitoring.leave, "conference"),
    "refresh": (conferences.refresh, "conference"),
    "end": (conferences.end, "conference"),
    "mute": (legs.mute, "participant"),
    "unmute": (legs.unmute, "participant"),
    "hold": (legs.hold, "participant"),
    "resume": (legs.resume, "participant"),
    "identify": (legs.identify, "participant"),
    "remove": (legs.remove, "participant"),
}

__all__ = ["VERBS"]
