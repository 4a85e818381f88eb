"""What a supervisor can ask: one table, for the API and the plain forms alike."""

from collections.abc import Callable
from typing import Literal

from ..models import Intervention
from . import announcing, conferences, legs, monitoring, recording

Kind = Literal["conference", "participant", "either"]
VERBS: dict[str, tuple[Callable[..., Intervention], Kind]] = {
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
    "recording/start": (recording.start, "participant"),
    "recording/pause": (recording.pause, "either"),
    "recording/resume": (recording.resume, "either"),
    "recording/stop": (recording.stop, "either"),
    "announce": (announcing.announce, "either"),
    "cue": (announcing.cue, "participant"),
}


def verbs_at(kind: Literal["conference", "participant"]) -> list[str]:
    """What can be asked of a whole call, or of somebody on it."""
    return [verb for verb, (_, of) in VERBS.items() if of in (kind, "either")]


__all__ = ["VERBS", "verbs_at"]
