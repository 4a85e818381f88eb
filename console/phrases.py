"""The words of the screen, once: templates print them, and each page brings them to its scripts.

A place in braces is filled from the call. Reasons why something cannot be done are in `participants.words`.
"""

from typing import NamedTuple

from participants.serializers import provider_names
from participants.words import ALREADY, RIGHTS


class Chip(NamedTuple):
    """How a state of a call looks: its word, the colour of its chip, its icon."""

    word: str
    colour: str
    icon: str


CHIPS = {
    "unverified": Chip("Not checked", "wait", "circle-question-mark"),
    "ended": Chip("Ended", "wrap", "check"),
    "held": Chip("On hold", "hold", "pause"),
    "agent_held": Chip("Agent on hold", "hold", "pause"),
    "waiting": Chip("Waiting", "wait", "timer"),
    "ringing": Chip("Ringing", "ring", "bell-ring"),
    "dialling": Chip("Calling the customer", "ring", "phone-call"),
    "alone": Chip("Agent alone", "wrap", "user-round"),
    "supervised": Chip("Taken over", "late", "megaphone"),
    "talking": Chip("Talking", "talk", "mic"),
    "starting": Chip("Starting", "wrap", "circle-dashed"),
}

VERBS = {
    "listen": "Listen",
    "whisper": "Whisper",
    "barge": "Barge",
    "leave": "Leave",
    "mute": "Mute",
    "unmute": "Unmute",
    "hold": "Hold",
    "resume": "Resume",
    "remove": "Take off the call",
    "disconnect": "Disconnect",
    "identify": "Say who this is…",
    "dial": "Dial somebody in…",
    "announce": "Announce…",
    "announce_all": "Announce to everyone…",
    "announce_now": "Announce",
    "cue": "Cue…",
    "recording/start": "Record",
    "recording/pause": "Pause recording",
    "recording/resume": "Go on recording",
    "recording/stop": "Stop recording…",
    "recording/delete": "Delete recording…",
    "refresh": "Ask {provider} now",
    "end": "End call for everyone",
    "speak": "Speak to everyone",
    "cancel": "Cancel",
}

ROLES = {
    "agent": "Agent",
    "customer": "Customer",
    "supervisor": "Supervisor",
    "other": "Another phone",
    "unknown": "Not identified yet",
}

STATUSES = {
    "queued": "In line to be dialled",
    "connecting": "Dialling",
    "ringing": "Ringing",
    "connected": "On the call",
    "held": "On hold",
    "complete": "Left",
    "failed": "Could not be reached",
}

# What the toast says when a command was asked for; the strip and the list say when it is true.
DOING = {
    "listen": "Listening to {call}",
    "whisper": "Asking to whisper to {agent}",
    "leave": "Leaving {call}",
    "mute": "Muting {who}",
    "unmute": "Unmuting {who}",
    "hold": "Putting {who} on hold",
    "resume": "Taking {who} off hold",
    "refresh": "Asking about {call}",
    "recording/start": "Recording {who}",
    "recording/pause": "Pausing the recording",
    "recording/resume": "Going on with the recording",
    "recording/stop": "Stopping the recording",
}

ALSO_HERE = {
    "also.joining": "{who} is joining",
    "also.listen": "{who} is listening",
    "also.whisper": "{who} whispers to {agent}",
    "also.barge": "{who} speaks to everyone",
    "also.me.joining": "You, joining",
    "also.me.listen": "You, listening",
    "also.me.whisper": "You, whispering",
    "also.me.barge": "You, speaking to everyone",
    "also.muted": "{who} is muted",
}

HEARS = {
    "speaks": "Speaks",
    "hears.yes": "{listener} hears {speaker}",
    "hears.no": "{listener} does not hear {speaker}",
    "hears.unknown": "{listener} may hear {speaker}",
    "hears.yes.you_speak": "{listener} hears you",
    "hears.no.you_speak": "{listener} does not hear you",
    "hears.unknown.you_speak": "{listener} may hear you",
    "hears.yes.you_listen": "You hear {speaker}",
    "hears.no.you_listen": "You do not hear {speaker}",
    "hears.unknown.you_listen": "You may hear {speaker}",
    "heard_by": "{speaker}: heard by {listeners}.",
    "heard_by_nobody": "{speaker}: heard by nobody.",
    "heard_perhaps": "Not known: {listeners}.",
    "everyone": "everyone",
    "nobody_here": "Nobody is on this call now.",
    "chip.yes": "hears you",
    "chip.no": "does not",
    "chip.maybe": "may hear you",
}

SENTENCES = {
    "you": "You",
    "no_agent": "–",
    "no_customer": "–",
    "no_team": "No team",
    "not_said": "Not said",
    "muted": "Muted",
    "answered_by_machine": "Answered by a machine",
    "more": "More",
    "more_for": "More for {who}",
    "in_state": "{time} in this state",
    "ago": "{time} ago",
    "seconds_ago": "{seconds} s ago.",
    "checked": "checked {age} ago",
    "never_checked": "not checked yet",
    "aged": "{age} old",
    "down_since": "{text} since {since}",
    "stale": "Not checked for {age}. {why}",
    "stale_never": "Not checked yet. {why}",
    "not_checked": "not checked for {age}",
    "raw": "Raw",
    "raw_of": "Raw form of: {text}",
    "raw_failed": "The raw form could not be read.",
    "live": "Live",
    "not_live": "Not live since {since}",
    "modes": "Who should hear you",
    "speak_title": "Speak to everyone?",
    "not_on_call": "You are not on a call",
    "already_silent": "You are already silent.",
    "listen_first": "Listen to this call first.",
    "choose_first": "Choose a call first.",
    "on_other_call": "You are on {own}’s call. Press L to move to {other} first.",
    "this_call": "another",
    "left": "You left. The call goes on with {agent} and {customer}.",
    "leave_title": "Leave this call?",
    "leave_anyway": "Leave anyway",
    "stay": "Stay",
    "unmute_title": "Unmute {who}?",
    "somebody_else": "Somebody else",
    "unreachable": "Earshot could not be reached. Your phone, if you are on a call, still is on it.",
    "unreadable": "Earshot answered in a way that this page cannot read. Reload it.",
    "blocked": "This is not possible now.",
    "lost.open": "Checking: treat your line as open",
    "lost.off_call": "Not live",
    "lost.text": "Not live since {since}. Last known: {last}. Trying again in {seconds} s.",
    "lost.nobody": "nobody hears you",
    "lost.agent": "only the agent hears you",
    "lost.everyone": "everyone hears you",
    "empty.title": "No live calls",
    "empty.text": "A call appears here by itself as soon as it starts.",
    "empty.search": "No call matches",
    "empty.search_text": "Nobody on a live call has this name or number.",
}


RECORDING = {
    "recording.mark.in-progress": "Recording",
    "recording.mark.paused": "Recording paused",
    "recording.call": "The whole call",
    "recording.phone": "One phone",
    "recording.in-progress": "Recording",
    "recording.paused": "Paused",
    "recording.stopped": "Stopped",
    "recording.processing": "Being prepared",
    "recording.completed": "Recorded",
    "recording.absent": "Nothing was recorded",
    "recording.do.pause": "Pause",
    "recording.do.resume": "Go on",
    "recording.do.stop": "Stop",
    "recording.do.delete": "Delete",
    "recording.keep": "Keep",
    "recording.play": "Recording of {who}",
}

DIALLING = {
    "identified": "Saved: who this is",
    "dial.asked": "Dialling {who}",
    "dial.again": "Dialling again",
    "dial.ended.no_answer": "{who} did not answer within {seconds} s. The call goes on without.",
    "dial.ended.busy": "{who} is busy. The call goes on without.",
    "dial.ended.failed": "{who} could not be reached. The call goes on without.",
    "dial.cancel": "Not dialling any more",
    "cue.left": "{left} left.",
    "cue.choose": "Cue to",
    "cue.held": "{card}: {time} on hold.",
    "cued": "Cue to {who}: “{text}”",
    "announce.about": "About {seconds} s.",
    "announce.ask": "Announce to everyone?",
    "announce.all": "Everyone hears: “{text}”, about {seconds} s.",
    "announced.all": "Announcing to everyone",
    "announced.one": "Announcing to {who}",
    "hears.everyone": "Everyone",
}

# Why a call's facts are in doubt (`stale_reason`), and where a fact about a person comes from.
DOUBTS = {
    "unverified": "{provider} has said nothing about this call: what is shown may be old.",
    "doubt": "{provider} has said two things that do not fit together: the less safe one is shown.",
    "callback": "{provider} has sent something about this call that cannot be right, and is being asked.",
    "other": "What is shown may be old.",
}
SOURCES = {
    "callback": "told by {provider} {age} ago",
    "read": "asked {age} ago",
    "answer": "{provider}’s answer to a command, {age} ago",
}


def phrases() -> dict[str, str]:
    """Every phrase by its key."""
    return {
        **SENTENCES,
        **DIALLING,
        **RECORDING,
        **HEARS,
        **ALSO_HERE,
        **{f"verb.{verb}": word for verb, word in VERBS.items()},
        **{f"role.{role}": word for role, word in ROLES.items()},
        **{f"status.{status}": word for status, word in STATUSES.items()},
        **{f"doing.{verb}": word for verb, word in DOING.items()},
        **{f"doubt.{reason}": sentence for reason, sentence in DOUBTS.items()},
        **{f"source.{source}": words for source, words in SOURCES.items()},
        **{f"already.{verb}": word for verb, word in ALREADY.items()},
        **{f"right.{verb}": button for verb, (button, _) in RIGHTS.items()},
        **{f"provider.{name}": told.title for name, told in provider_names().items()},
        **{f"mark.{name}": told.short for name, told in provider_names().items()},
        **{f"may.{verb}": doing for verb, (_, doing) in RIGHTS.items()},
    }


class Key(NamedTuple):
    keys: tuple[str, ...]
    does: str


KEY_SHEET = [
    Key(("J", "K", "↓", "↑"), "Move through the list; Home and End go to its ends"),
    Key(("Enter",), "Open the call"),
    Key(("L",), "Listen to the focused call, else back to listening on yours"),
    Key(("W",), "Whisper: only the agent hears you"),
    Key(("B",), "Hold for 0.7 s: everyone on your call hears you. A tap asks first"),
    Key(("M",), "Silence me, always"),
    Key(("Esc",), "Close what is open; else leave. While everyone hears you: silence first"),
    Key(("C",), "Cue: a few words that only the agent hears, spoken by a voice"),
    Key(("R",), "Ask the provider now"),
    Key(("/", "Ctrl K"), "Search"),
    Key(("?",), "This sheet"),
]
