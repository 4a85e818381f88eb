"""The words of the strip: code -> headline and second line. Running times are the page's to append."""

NOBODY_HEARS = "Nobody hears you"
CHECKING = "Checking: treat your line as open"
CALL_ENDED = "The call has ended"
TAKEN_OFF = "You were taken off the call"

WORDS: dict[str, tuple[str, str]] = {
    "S0": ("You are not on a call", "Your phone: {phone}. Press L on a call to listen."),
    "S1": ("You cannot listen yet", "Tell Earshot which phone to ring."),
    "S2": ("Calling your phone…", "{agent}’s call. Pick up to listen; nobody will hear you."),
    "S2d": (
        "Not sure that your phone is being called",
        "{provider} did not answer. Earshot is looking for the call and will not dial twice.",
    ),
    "S3": (CHECKING, "You picked up. Waiting for {provider} to say that you are muted."),
    "S4": ("Your phone did not answer", "{why} Nobody heard you."),
    "S5": (NOBODY_HEARS, "Listening to {agent}. Confirmed by {provider}."),
    "S5a": (NOBODY_HEARS, "Listening. Whisper is off: {blocked}"),
    "S5h": (NOBODY_HEARS, "The customer is on hold: you hear {agent} only."),
    "S6p": (
        CHECKING,
        "Asking {provider} to let {agent} hear you… {agent} may hear you already; the customer will not.",
    ),
    "S6": (
        "Only {agent} hears you",
        "Whispering. The customer does not hear you. Confirmed by {provider}.",
    ),
    "S6o": ("{silence}", "{agent} is on hold. You are silenced until you whisper again."),
    "S7p": (CHECKING, "Opening your line to everyone… {hearers} may hear you already."),
    "S7": ("Everyone hears you", "{hearers} hear you. Confirmed by {provider}."),
    "S8": (CHECKING, "Silencing you… {maybe} may still hear you."),
    "S8x": (
        CHECKING,
        "{provider} does not confirm. Taking you off the call. Hang up your phone to be certain.",
    ),
    "S9": ("{silence}", "{agent} left the call. You were silenced at once. The customer is {customer}."),
    "S10": (
        "Assume that you are audible",
        "{provider} did not answer. {maybe} may hear you. Press again to try once more, or leave now.",
    ),
    "S11": (CHECKING, "Not checked for a while. Last known: {last} hears you. Asking {provider} again."),
    "S12": ("{heard}", "Not by you: your line was opened outside Earshot."),
    "S12b": (CHECKING, "{provider} says that {other} hears you, not {agent}. Silencing you."),
    "S13": ("Everyone hears you", "You have this call: the customer hears you. No agent is on it."),
    "S14": (CALL_ENDED, "{ended} Nobody hears you."),
    "S15": ("You dropped off the call", "Your phone hung up at {at}. The call goes on with {others}."),
    "S16": (TAKEN_OFF, "{why}"),
    "S17": ("{heard}", "{why} Nothing is open that you did not ask for."),
    "S18": ("Leaving {agent}’s call…", "{then}"),
}

# Why the phone was not on the call (S4), and why somebody was taken off it (S16).
NOT_ANSWERED = {
    "no_answer": "No answer after 15 s.",
    "busy": "Busy.",
    "failed": "It could not be reached.",
    "refused": "{refusal}",
    "unreachable": "{provider} could not be reached; nothing was sent.",
    "not_found": "{provider} shows no such call. Your phone may still ring.",
    "not_started": "Nobody has picked up the call yet.",
}
WHY_TAKEN_OFF = {
    "right_revoked": "You may no longer listen to this call.",
    "signed_out": "You signed out. The call goes on with {others}.",
    "only_supervisors": "Only supervisors were left on it.",
    "tainted": "{provider} did not say whether you could be heard, so Earshot took you off the call.",
    "not_silenced": "{provider} did not confirm that you are silent, so Earshot took you off the call.",
    "removed": "By {detail}.",
}
# A refusal whose code says nothing to us.
REFUSED_OTHERWISE = "{provider} refused it: “{detail}”."
# Why a wish to whisper or to speak became listening (S17).
REFUSED = {
    "refused": "{refusal}",
    "unreachable": "{provider} could not be reached; nothing was sent.",
    "not_seen": "{provider} accepted it but does not show it.",
    "late": "It did not happen in time.",
    "overridden": "Your line was changed outside Earshot, so you were silenced.",
}
ENDED = {
    "last-participant-left": "Everybody hung up.",
    "last-participant-kicked": "The last one was taken off.",
    "participant-with-end-conference-on-exit-left": "Somebody hung up, which ended it.",
    "participant-with-end-conference-on-exit-kicked": "Somebody was taken off, which ended it.",
    "conference-ended-via-api": "It was ended for everyone.",
    "time-exceeded": "It reached the longest allowed time.",
}
OPENED = " Somebody opened your line outside Earshot: {hearers} may have heard you for a moment."
RECORDING = " Recording is on: your voice may be on it."
# What our joining changed for the others, by mistake of the provider.
CHANGED = " {name} is not as before you joined: look at mute and hold."
