"""The form for dialling somebody in, as data: which parameter stands where, and what it is called.

Every parameter of a provider's `participant.create` is told here or left out with its reason (a test holds
that); one that is in neither still stands in the form, under "More". What it can hold, its unit, its bounds
and its default are the provider's own words: see `participants.capabilities`.
"""

from typing import NamedTuple


class Told(NamedTuple):
    """`otherwise`: what holds when nothing is given and the provider states no default that can be given."""

    group: str
    label: str
    sentence: str = ""
    otherwise: str = ""


COMMON = "common"
MORE = "more"
# In the order of the form.
GROUPS = {
    COMMON: "",
    "joining": "How they join",
    "ringing": "Ringing and length",
    "shown": "What their phone shows",
    "machine": "Answering machines",
    "recording": "Recording in detail",
    "room": "The whole call",
    "network": "SIP and network",
    MORE: "More",
}

TOLD = {
    # common: whom, as whom, and what is asked most often
    "to": Told(
        COMMON, "Whom", "A number with its country code, client:…, sip:…, or a name of the address book."
    ),
    "from": Told(COMMON, "As whom", "The caller id that they see.", "the account’s own number"),
    "label": Told(COMMON, "Label", "A short name for this phone, once on a call.", "made by Earshot"),
    "role": Told(
        COMMON,
        "Who they are",
        "Only a known agent can be whispered to.",
        "Default: as known, else another phone",
    ),
    "record": Told(COMMON, "Record this phone", "What they say and hear is recorded."),
    "machine_detection": Told(
        COMMON,
        "Answering machine",
        "Whether Earshot is told that a machine picked up. Waiting for its message to end takes longer.",
        "not looked for",
    ),
    "announcement": Told(
        COMMON, "Said to them first", "Spoken by a voice as soon as they answer; they alone hear it."
    ),
    # joining
    "muted": Told("joining", "Join muted", "They hear the call, and nobody hears them."),
    "beep": Told(
        "joining", "Beep", "What the others hear when this phone joins or leaves.", "as the account has it"
    ),
    "start_conference_on_enter": Told(
        "joining", "Starts the call", "No: they wait with music until somebody joins who starts it."
    ),
    "end_conference_on_exit": Told(
        "joining", "Ends the call", "Yes: when they leave, the call ends for everyone."
    ),
    "early_media": Told(
        "joining", "Let everyone hear it ring", "Also what a far network says before they answer."
    ),
    "wait_url": Told(
        "joining",
        "Music while they wait",
        "Address of a sound or a document. The word silence: none.",
        "the provider’s music",
    ),
    "wait_method": Told("joining", "Fetched with", "How that address is asked for; GET can be cached."),
    # ringing
    "timeout": Told("ringing", "Ring for", "After that it counts as not answered."),
    "time_limit": Told(
        "ringing", "Hang up after", "Their phone is taken off the call then.", "the account’s limit"
    ),
    # shown
    "caller_id": Told(
        "shown", "Shown as", "What their phone shows in the place of the caller id.", "the caller id"
    ),
    "caller_display_name": Told("shown", "Name shown", "Beside the number, on SIP phones.", "none"),
    "call_reason": Told("shown", "Reason shown", "Where the network shows why somebody calls.", "none"),
    "call_token": Told(
        "shown", "Call token", "Proves that a forwarded call may keep the number it came from.", "none"
    ),
    "client_notification_url": Told(
        "shown", "Push address", "Wakes an app that is being called (client:…).", "none"
    ),
    # machine
    "machine_detection_timeout": Told(
        "machine", "Decide within", "After that the result is: not known.", "not stated"
    ),
    "machine_detection_speech_threshold": Told(
        "machine", "Longest greeting of a person", "Who speaks longer than this is taken for a machine."
    ),
    "machine_detection_speech_end_threshold": Told(
        "machine", "Silence that ends a greeting", "Shorter decides sooner, and errs more often."
    ),
    "machine_detection_silence_timeout": Told(
        "machine", "Longest silence at the start", "How long nobody may speak before that is a result too."
    ),
    "machine_detection_beep_profile": Told(
        "machine", "How a beep is recognised", "By its pitch alone, or by its pitch and length.", "not stated"
    ),
    "cancel_playback_on_machine_detection": Told(
        "machine", "Stop playing when a machine answers", "What is being played to them ends then."
    ),
    "cancel_playback_on_detect_message_end": Told(
        "machine", "Stop playing at the end of its message", "What is being played to them ends then."
    ),
    # recording
    "recording_channels": Told("recording", "Channels", "Dual keeps what they say and what they hear apart."),
    "recording_track": Told(
        "recording", "What is recorded", "What they say (inbound), what they hear (outbound)."
    ),
    "trim": Told("recording", "Silence at both ends", "Cut away, or kept."),
    # room
    "conference_record": Told(
        "room",
        "Record the whole call",
        "Counts for a call that begins with this phone, not for a running one.",
    ),
    "conference_trim": Told("room", "Silence in that recording", "At both ends: cut away, or kept."),
    "conference_recording_timeout": Told("room", "Stop it after silence of", "0 is never."),
    "max_participants": Told("room", "Most people on the call", "Of the whole call, not of this phone."),
    "region": Told(
        "room", "Where the sound is mixed", "Counts for a call that begins with this phone.", "the account’s"
    ),
    # network
    "sip_auth_username": Told("network", "SIP user name", "Where the far side asks who calls.", "none"),
    "sip_auth_password": Told("network", "SIP password", "Sent to the provider, and kept nowhere.", "none"),
    "custom_headers": Told("network", "SIP headers", "One a line: name, colon, value.", "none"),
    "preferred_codecs": Told(
        "network", "Codecs", "By preference, with commas between them.", "the provider’s"
    ),
    "jitter_buffer_size": Told("network", "Buffer against jitter", "Larger is smoother and later."),
    "byoc": Told("network", "Own trunk", "The id of a trunk of your own, for numbers.", "none"),
}

# No parameter of a provider's, but where the dial goes when no call says it.
CALL_NAME = Told(
    COMMON,
    "Name of the call",
    "1 to 128 characters, without a slash, and not shaped like a provider’s id. Nothing about a person: "
    "providers show and keep it. The live call of this name is joined; where none lives, it begins with "
    "this phone.",
)

# What the form does not offer, and why. By the API a program can still give what is not Earshot's alone.
LEFT_OUT = {
    **dict.fromkeys(("coaching", "call_sid_to_coach"), "Earshot’s alone: it decides who hears whom."),
    "application_sid": "The account’s own.",
    **{
        f"{kind}{part}": "Earshot’s own: without it nobody would know what became of the call."
        for kind in (
            "status_callback",
            "conference_status_callback",
            "recording_status_callback",
            "conference_recording_status_callback",
        )
        for part in ("", "_method", "_event")
    },
    **dict.fromkeys(
        ("amd_status_callback", "amd_status_callback_method"),
        "Earshot’s own: it shows who picked up.",
    ),
}

UNITS = {"s": "seconds", "ms": "milliseconds"}
# The provider's words as a person reads them; a word that is not here stands as it is.
WORDS: dict[str, dict[str, str]] = {
    "": {"true": "Yes", "false": "No"},
    "beep": {
        "true": "When they join and leave",
        "false": "Never",
        "onEnter": "When they join",
        "onExit": "When they leave",
    },
    "machine_detection": {
        "Enable": "Say who picked up",
        "DetectMessageEnd": "Wait for the end of its message",
    },
    "conference_record": {"record-from-start": "From the start", "do-not-record": "Not at all"},
    "trim": {"trim-silence": "Cut away", "do-not-trim": "Kept"},
    "recording_channels": {"mono": "One", "dual": "Two"},
    "recording_track": {"inbound": "What they say", "outbound": "What they hear", "both": "Both"},
    "machine_detection_beep_profile": {"both": "Pitch and length", "freq_only": "Pitch alone"},
    "jitter_buffer_size": {"off": "None", "small": "Small", "medium": "Medium", "large": "Large"},
    "region": {
        "us1": "United States",
        "us2": "United States, west",
        "ie1": "Ireland",
        "de1": "Germany",
        "sg1": "Singapore",
        "br1": "Brazil",
        "au1": "Australia",
        "jp1": "Japan",
    },
}
WORDS["conference_trim"] = WORDS["trim"]


def told(name: str) -> Told:
    """Of a parameter that nobody has put anywhere: its name in words, under "More"."""
    return TOLD.get(name) or Told(MORE, name.replace("_", " ").capitalize())


def word(name: str, value: str) -> str:
    return WORDS.get(name, {}).get(value) or WORDS[""].get(value, value)
