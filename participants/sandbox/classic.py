"""What both dialects name alike: paths, and the keys of what a participant may be given or changed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from participants.sandbox.rooms import Conference, LegSettings, Subscription

COMPLETED = frozenset({"completed"})
SubscriptionOf = Callable[[dict[str, Any], str, frozenset[str]], Subscription | None]

# After /Accounts/<sid>/, with the sids left out: what each method asks for.
ROUTES: dict[tuple[str, ...], dict[str, str]] = {
    ("Conferences",): {"GET": "conference.list"},
    ("Conferences", "*"): {"GET": "conference.fetch", "POST": "conference.update"},
    ("Conferences", "*", "Participants"): {"GET": "participant.list", "POST": "participant.create"},
    ("Conferences", "*", "Participants", "*"): {
        "GET": "participant.fetch",
        "POST": "participant.update",
        "DELETE": "participant.delete",
    },
    ("Conferences", "*", "Recordings"): {"GET": "conference_recording.list"},
    ("Calls",): {"GET": "call.list"},
    ("Calls", "*"): {"GET": "call.fetch", "POST": "call.update"},
}
# Their key -> ours, for what a participant may be given or changed to.
CHANGES = {
    "Muted": "muted",
    "Hold": "hold",
    "Coaching": "coaching",
    "CallSidToCoach": "target",
    "EndConferenceOnExit": "end_on_exit",
    "BeepOnExit": "beep_on_exit",
    "WaitUrl": "wait_url",
    "WaitMethod": "wait_method",
    "HoldUrl": "hold_url",
    "HoldMethod": "hold_method",
}
SETTINGS = {
    "From": "from_address",
    "To": "to_address",
    "Label": "label",
    "Muted": "muted",
    "Coaching": "coaching",
    "CallSidToCoach": "target",
    "StartConferenceOnEnter": "start_on_enter",
    "EndConferenceOnExit": "end_on_exit",
}
RECORDING_SETTINGS = {
    "Record": "record",
    "RecordingTrack": "recording_track",
    "MachineDetection": "detection",
}


def recording_settings(params: dict[str, Any], subscription: SubscriptionOf) -> LegSettings:
    """What a dial says of recording its leg, and of finding out who answers."""
    found = {ours: params[theirs] for theirs, ours in RECORDING_SETTINGS.items() if theirs in params}
    settings: LegSettings = found  # type: ignore[assignment]
    settings["recording_channels"] = 2 if params.get("RecordingChannels") == "dual" else 1
    settings["recording_subscription"] = subscription(params, "RecordingStatusCallback", COMPLETED)
    settings["amd_subscription"] = subscription(params, "AmdStatusCallback", COMPLETED)
    return settings


def record_room(room: Conference, params: dict[str, Any], subscription: SubscriptionOf) -> None:
    """The first leg of a room decides whether it is recorded."""
    room.recording = params.get("ConferenceRecord") in ("true", "record-from-start")
    room.recording_subscription = subscription(params, "ConferenceRecordingStatusCallback", COMPLETED)
