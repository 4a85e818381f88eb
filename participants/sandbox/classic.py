"""What both dialects name alike: paths, and the keys of what a participant may be given or changed to."""

from __future__ import annotations

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
