"""What a provider may do with recordings: each where its table of parameters has the operation."""

# ruff: noqa: ARG002 (an operation that a provider does not have looks at none of its arguments)

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from ..events import RecordingEvent
from .capabilities import Operations
from .errors import Unsupported
from .sound import Sound

# What is done, and whether to the recording of one leg alone -> the operations that do it, best first.
OPERATIONS: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("list", False): ("conference_recording.list",),
    ("fetch", False): ("conference_recording.fetch", "recording.fetch"),
    ("fetch", True): ("recording.fetch",),
    ("update", False): ("conference_recording.update",),
    ("update", True): ("call_recording.update",),
    ("delete", False): ("conference_recording.delete", "recording.delete"),
    ("delete", True): ("recording.delete",),
    ("start", True): ("call_recording.start",),
}


@dataclass(frozen=True, slots=True)
class RecordingKey:
    """Which recording: `call_sid` is None where it is of the whole conference."""

    sid: str
    conference_sid: str
    call_sid: str | None = None

    @property
    def of_leg(self) -> bool:
        return self.call_sid is not None


class Recordings:
    """See `Provider`, whose part this is."""

    # What stands for the one that is running in the place of a sid; empty: nothing does.
    current_recording: ClassVar[str] = ""

    @classmethod
    def operations(cls) -> Operations:
        raise NotImplementedError

    def unsupported(self, what: str) -> Unsupported:
        raise NotImplementedError

    @classmethod
    def recording_operation(cls, act: str, *, of_leg: bool) -> str:
        """The operation that lists, fetches, updates, deletes or starts one; empty: it has none."""
        return next((name for name in OPERATIONS.get((act, of_leg), ()) if name in cls.operations()), "")

    def list_recordings(self, conference_sid: str) -> list[RecordingEvent]:
        """Those of a conference, every page."""
        raise self.unsupported("list recordings")

    def fetch_recording(self, key: RecordingKey) -> RecordingEvent:
        """Gone when there is none, or no longer."""
        raise self.unsupported("fetch a recording")

    def update_recording(self, key: RecordingKey, *, status: str, **values: object) -> RecordingEvent:
        """`paused`, `in-progress` or `stopped`; `values`: the operation's other parameters."""
        raise self.unsupported("change a recording")

    def start_recording(self, call_sid: str, **values: object) -> RecordingEvent:
        """Of one leg, with every parameter of `call_recording.start` that is given."""
        raise self.unsupported("start a recording")

    def delete_recording(self, key: RecordingKey) -> None:
        raise self.unsupported("delete a recording")

    def open_sound(self, key: RecordingKey, *, wanted: str = "") -> Sound:
        """Its sound, as it comes. `wanted`: a Range header. Gone where there is none yet, or no longer."""
        raise self.unsupported("play a recording")
