"""The words of a call's story: what callbacks say, what was found by asking, what people did."""

from participants.models import Outcome

State = Outcome.State

# Words of a callback -> ours.
EVENTS = {
    "conference-start": "The call began",
    "conference-end": "The call ended",
    "participant-join": "{person} joined",
    "participant-leave": "{person} left",
    "participant-mute": "{person} was muted",
    "participant-unmute": "{person} was unmuted",
    "participant-hold": "{person} was put on hold",
    "participant-unhold": "{person} was taken off hold",
    "participant-modify": "{person}’s line was changed",
    "announcement-end": "An announcement was over",
    "announcement-fail": "An announcement could not be played",
    "initiated": "{person} is being called",
    "ringing": "{person}’s phone rings",
    "answered": "{person} answered",
    "in-progress": "{person} answered",
    "completed": "{person}’s phone hung up",
    "busy": "{person}’s phone was busy",
    "no-answer": "{person} did not answer",
    "failed": "{person} could not be reached",
    "canceled": "The call to {person} was cancelled",
    "answered-by-human": "A person answered {person}’s phone",
    "answered-by-machine_start": "A machine answered {person}’s phone",
    "answered-by-machine_end_beep": "A machine answered {person}’s phone, and its greeting ended with a beep",
    "answered-by-machine_end_silence": "A machine answered {person}’s phone, and its greeting is over",
    "answered-by-machine_end_other": "A machine answered {person}’s phone, and its greeting is over",
    "answered-by-fax": "A fax machine answered {person}’s phone",
    "answered-by-unknown": "Who answered {person}’s phone could not be told",
    "recording-started": "Recording began",
    "recording-in-progress": "Recording is on",
    "recording-paused": "Recording was paused",
    "recording-resumed": "Recording went on",
    "recording-stopped": "Recording was stopped",
    "recording-processing": "Recording is over and being made ready",
    "recording-completed": "The recording is ready",
    "recording-absent": "Nothing was recorded",
    "recording-failed": "The recording failed",
}
ANSWERED = {
    "human": "a person",
    "machine_start": "a machine",
    "machine_end_beep": "a machine",
    "machine_end_silence": "a machine",
    "machine_end_other": "a machine",
    "fax": "a fax machine",
    "unknown": "somebody or something, it could not be told",
}
# What the word itself says; whatever else a callback changed is told beside it.
SAYS = {
    "participant-mute": {"muted"},
    "participant-unmute": {"muted"},
    "participant-hold": {"hold"},
    "participant-unhold": {"hold"},
    **{f"answered-by-{word}": {"answered_by"} for word in ANSWERED},
}
ONE_LEG = ", of {person} alone"
WITHOUT_A_WORD = "{provider} sent “{event}”"
# Many in a minute, and none of them changes a fact.
NOT_TOLD = ("participant-speech-start", "participant-speech-stop")

NOTHING_NEW = " (already known)"
NOTHING_CHANGED = " (changed nothing)"
LATE = " (arrived late, changed nothing)"
TWICE = " (came twice, changed nothing)"
REJECTED = "Not believed: {provider} sent something that cannot be right. {detail}"

# (column, value) -> what a person is. What begins with a verb of its own stands in DID.
IS = {
    ("status", "queued"): "in line to be dialled",
    ("status", "connecting"): "being called",
    ("status", "ringing"): "being rung",
    ("status", "connected"): "on the call",
    ("muted", True): "muted",
    ("muted", False): "not muted",
    ("hold", True): "on hold",
    ("hold", False): "not on hold",
    ("coaching", True): "set to whisper to {target}",
    ("coaching", False): "not set to whisper",
    ("start_conference_on_enter", True): "set to start the call by joining",
    ("start_conference_on_enter", False): "not set to start the call by joining",
    ("end_conference_on_exit", True): "set to end the call by leaving",
    ("end_conference_on_exit", False): "not set to end the call by leaving",
}
DID = {
    ("status", "complete"): "has left",
    ("status", "failed"): "could not be reached",
}
# What is so of nearly everybody from the start is not told when it is first heard of.
USUAL = {("muted", False), ("hold", False), ("coaching", False)}
UNUSUAL_ONLY_LATER = {"start_conference_on_enter", "end_conference_on_exit"}
SOMEBODY_UNKNOWN = "somebody, it is not said whom"
CALL = {"in-progress": "has begun", "completed": "has ended"}
# What its recording has become.
RECORDING = {
    "in-progress": "is recorded",
    "paused": "has its recording paused",
    "stopped": "is no longer recorded",
    "processing": "is no longer recorded",
    "completed": "has a recording that is ready",
    "absent": "has nothing recorded",
}
REASONS = {
    "last-participant-left": "everybody hung up",
    "last-participant-kicked": "the last one was taken off",
    "participant-with-end-conference-on-exit-left": "somebody hung up, which ended it",
    "participant-with-end-conference-on-exit-kicked": "somebody was taken off, which ended it",
    "conference-ended-via-api": "it was ended by a command",
    "time-exceeded": "it reached the longest allowed time",
}

# How it became known -> the sentence; `what` is "is on hold", `who` may be empty in a correction.
FOUND = {
    "read": "{who} {what} (seen by asking)",
    "answer": "{who} {what} ({provider}’s answer to a command)",
    "callback": "{who} {what} (told by {provider})",
}
CORRECTED = "Corrected: {provider} says that {who} {what} (no callback came)"
# The customer needs no name: there is one, and it is the one whom the call is about.
CORRECTED_CUSTOMER = "Corrected: {provider} says {what} (no callback came)"

SILENCED = ". {supervisor} was muted {seconds:.1f} s later"
NOT_HEARD = ". The customer did not hear {supervisor}"
PERHAPS_HEARD = ". The customer may have heard {supervisor}"

# verb -> what somebody asks to do, and did.
DEEDS = {
    "listen": ("listen", "began to listen"),
    "whisper": ("whisper to {person}", "began to whisper to {person}"),
    "barge": ("speak to everyone", "began to speak to everyone"),
    "leave": ("leave", "left the call"),
    "mute": ("mute {person}", "muted {person}"),
    "unmute": ("unmute {person}", "unmuted {person}"),
    "hold": ("put {person} on hold", "put {person} on hold"),
    "resume": ("take {person} off hold", "took {person} off hold"),
    "remove": ("take {person} off the call", "took {person} off the call"),
    "end": ("end the call for everyone", "ended the call for everyone"),
    "identify": ("say who {person} is", "said who {person} is"),
    "refresh": ("check the call with {provider}", "asked {provider} about the call"),
    "recording/start": ("record {person}", "began to record {person}"),
    "recording/pause": ("pause the recording", "paused the recording"),
    "recording/resume": ("go on recording", "went on recording"),
    "recording/stop": ("stop the recording", "stopped the recording"),
    "recording/delete": ("delete a recording", "deleted a recording"),
    "recording/play": ("hear a recording", "heard a recording"),
    "dial": ("dial {person} in", "dialled {person} in"),
    "cancel": ("cancel the dial to {person}", "cancelled the dial to {person}"),
    "announce": ("announce to {person}: {said}", "Announcement to {person}: {said} played"),
    "cue": ("send a cue to {person}: {said}", "Cue to {person}: {said} played"),
    "update": ("change {person}: {said}", "changed {person}: {said}"),
}
# Whom somebody had dialled the record says: they may never have been on the call.
DIALS = {"dial", "cancel"}
STOP = "silence, which ends what is being played"
# Who it is where nobody is named.
WHOLE = {"announce": "everyone", "update": "the call"}
OUTCOMES = {
    State.REQUESTED: "{by} asked to {asked}",
    State.ACCEPTED: "{provider} accepted it, not confirmed yet: {by} asked to {asked}",
    State.CONFIRMED: "{by} {did}",
    State.CONTRADICTED: "{provider} says otherwise: {by} asked to {asked}",
    State.FAILED: "Not done: {by} asked to {asked}",
    State.UNKNOWN: "Not sure yet: {by} asked to {asked}",
    State.REFUSED: "Refused: {by} asked to {asked}",
}
# What was accepted, and nobody tells when it is over.
UNREPORTED = "{by} asked to {asked}. {provider} accepted it, and does not tell when it is over"
# Of what plays it is told that it did, and not who did it: that stands beside it.
PLAYED = {"announce", "cue"}
WHY = {
    "not_fetched": " (it could not be fetched)",
    "replaced": " (a newer wish took its place)",
    "lapsed": " (it did not happen in time)",
    "dropped": " (the phone dropped off the call)",
    "busy": " (the phone was busy)",
    "no_answer": " (the phone did not answer)",
    "failed": " (the phone could not be reached)",
    "cancelled": " (it was cancelled)",
    "not_found": " (the call never appeared)",
    "unreachable": " (nothing was sent)",
    "dial_number": " (the account’s dial policy does not allow it)",
    "dial_limit": " (too many dials)",
    "not_allowed": " (without the right to)",
    "auditor": " (auditors do not act)",
    "conference_ended": " (the call had ended)",
}
