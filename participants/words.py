"""The catalogue of reasons: one sentence per code, for the API's `detail`, a button's description, the audit.

The order is the order in which reasons are looked for: the first that holds is the one that is said.
A name in braces is filled from the call: see `say`.
"""

BLOCKED = {
    "not_signed_in": "Sign in again to do this.",
    "auditor": "Auditors read; they do not act on calls.",
    "not_allowed": "You may not {verb}. Ask an administrator for the right “{right}”.",
    "not_live": "This screen is not live since {since}. Wait until it is, or reload.",
    "gone": "This call ended at {ended}.",
    "provider_down": "{provider} does not answer since {since}. Earshot keeps trying.",
    "credentials_refused": "{provider} rejected Earshot’s password for account “{account}”. Nothing can be "
    "changed on its calls until an administrator enters a new token.",
    "stale": "Not checked for {age}. Press R to ask {provider} first.",
    "no_phone": "Tell Earshot which phone to ring for you.",
    "phone_not_allowed": "Your phone {phone} is not allowed by this account’s dial policy, or it is no whole "
    "number. Write it with its country code, as in +44 20 7946 0102, or an address that begins with client: "
    "or sip:.",
    "on_other_call": "You are on {call}. Press L to move here first.",
    "unresolved": "Your last request to speak was not answered, so this line cannot be trusted. "
    "Leave, and join anew.",
    "use_modes": "Use Listen, Whisper or Barge for a supervisor’s line.",
    "not_on_call": "You are not on this call.",
    "unsupported": "{provider} cannot do this.",
    "no_recording_start": "{provider} cannot start a recording in a running call; it is set when somebody is "
    "dialled in.",
    "no_room_recording": "{provider} cannot {act} a recording of the whole call.",
    "not_recording": "This call is not recorded.",
    "no_agent": "No agent on this call yet.",
    "agent_unknown": "Earshot does not know which leg is the agent. Choose “This is the agent” in the list.",
    "agent_ringing": "{agent}’s phone is still ringing.",
    "agent_on_hold": "{agent} is on hold; {provider} cannot whisper to a held phone.",
    "choose_agent": "Two agents: choose who should hear you.",
    "yourself": "You are the agent on this call.",
    "not_started": "Nobody has picked up yet.",
    "already": "Already {state}.",
    "leg_leaving": "{person} is just leaving.",
    "held_no_announce": "{person} is on hold; {provider} cannot announce to a held phone.",
    "left": "{person} left the call at {left}.",
    "still_recording": "This recording is not finished. Stop it first, or wait for the end of the call.",
    "no_sound": "There is no sound of this recording, or not yet.",
    "last_party": "{person} is the last one: use End call.",
    "own_leg": "That is you: use Leave.",
}

RING = {
    "ring_on_call": "You are on a call with this phone. Leave it first.",
    "ring_goes_on": "Your phone is being called already.",
    "ring_account": "No account is connected that could call your phone.",
    "ring_unreachable": "Account “{account}” cannot be reached now, so it cannot call your phone.",
    "ring_rings": "Your phone is being called: pick up.",
    "ring_answered": "You answered: listening will reach you there.",
    "ring_words": "This is Earshot. Your phone works. You can hang up now.",
}

ANSWERS = {
    "invalid": "This request cannot be read: {fields}.",
    "csrf": "The page is too old to be trusted with this. Reload it, then try again.",
    "not_found": "There is no such call, or it is not yours to see.",
    "no_account": "There is no such account, or it is not yours to see.",
    "method": "{method} is not possible here; possible: {allowed}.",
    "key_reused": "This Idempotency-Key was used for another request. Use a new one.",
    "in_progress": "The same request is still being worked on.",
    "refused": "{provider} refused this. Nothing was changed.",
    "too_many": "Too many requests. Try again in {age}.",
    "unreachable": "{provider} could not be reached; nothing was sent. Try again.",
    "unavailable": "Earshot cannot store anything now, so it changes nothing on calls. "
    "Silencing you and leaving still work.",
    "unrecorded": "It was sent, but Earshot cannot store anything now: nothing of it is recorded or shown.",
    "unrecorded_unknown": "Earshot cannot store anything now, and {provider} did not say whether it worked. "
    "Try again; to be off a call yourself, hang up your phone.",
    "unknown": "{provider} did not say whether it worked. Earshot is checking; do not repeat it.",
    "too_late": "This ended before your request reached {provider}. Nothing was changed.",
    "no_answer": "Your phone did not answer. Nobody heard you. Try again, or change your phone.",
    "busy": "Your phone is busy. Hang up the other call, then try again.",
    "not_called": "Your phone was not called, as far as {provider} shows. Try again if it does not ring.",
    "dropped": "Your phone dropped off the call.",
    "not_silenced": "{provider} did not confirm that you are silent, so Earshot took you off the call.",
    "failed": "This was not done. Try again.",
    "contradicted": "{provider} accepted this but shows the opposite. Try again.",
    "not_fetched": "{provider} could not fetch the announcement from {address}. Nothing was played. "
    "An administrator should run “Test connection”.",
    "not_reported": "{provider} accepted this; when it is over nobody tells.",
    "replaced": "A newer wish took the place of this one.",
    "lapsed": "This did not happen in time, so you are listening.",
}

# What a provider's refusal means: `Provider.refusals` maps its codes to these, or to one above. Its own
# code and words are shown beside the sentence, never in it.
REFUSALS = {
    "account_not_allowed": "{provider} does not allow account “{account}” to do this. Nothing was changed. "
    "Tell an administrator.",
    "slow_down": "{provider} asks us to slow down. Nothing was changed. Try again in a few seconds.",
    "left_first": "{person} left the call at {left}, before this reached {provider}. Nothing was changed.",
    "target_on_hold": "{agent} is on hold, and {provider} cannot whisper to a held phone. "
    "You are listening; whisper again when {agent} is back.",
    "target_absent": "{provider} does not find {agent} on this call. You are silent. "
    "Choose whom to whisper to.",
    "target_refused": "{provider} cannot whisper to {agent} now: on hold, or not on this call. "
    "You are silent. Look who is on the call, then try again.",
    "not_answered": "{provider} says that this phone has not been answered yet. Nothing was changed.",
    "wrong_state": "{provider} cannot do this while the call is as it is. Nothing was changed. "
    "Press R to ask {provider}, then try again.",
    "bad_number": "{phone} is not a full number for {provider}. Write it with its country code, "
    "beginning with +.",
    "number_not_allowed": "Calls to {phone} are not allowed for account “{account}”. "
    "Choose another phone, or tell an administrator.",
    "caller_refused": "{provider} does not let “{caller}” be shown as caller. "
    "An administrator must choose one of the account’s numbers.",
    "room_full": "This call is full. Nobody can be added.",
    "bad_request": "{provider} did not understand what Earshot asked. Nothing was changed. "
    "Tell an administrator.",
}

# Of people who are dialled in. Who may be is told with the code `dial_number`, whichever of these says why.
DIALLING = {
    "dial_limit": "{limit} reached. Again in {age}.",
    "dial_number": "{number} is not allowed: satellite and premium numbers are blocked.",
    "dial_incomplete": "{number} is not a full number. Write it with country code, as in +44 20 7946 0102.",
    "dial_country": "Calls to {country} are not allowed for “{account}”.",
    "dial_address": "{number} is not allowed for “{account}”: neither an agent’s, nor a saved destination, "
    "nor on the account’s list.",
    "dial_kind": "{provider} does not dial addresses like {number}.",
    "label_taken": "This label was used before. Choose another, or none: Earshot then makes one.",
    "not_dialled": "This dial has already ended. Nothing was changed.",
    "no_password": "The password for the phone’s SIP server was not kept. Dial anew.",
    "name_taken": "A call of this name goes on, and it is not yours to see. Choose another name.",
    "person_no_answer": "{person} did not answer. The call goes on without. Dial again?",
    "person_busy": "{person} is busy. The call goes on without. Dial again?",
    "person_failed": "{person} could not be reached. The call goes on without. Dial again?",
    "cancelled": "{person} was not called, or is called no more: it was cancelled.",
    "person_not_found": "{person} was not called, as far as {provider} shows. "
    "Dial again if their phone does not ring.",
}

# Asked by the page alone, before it sends anything.
ASKED = {
    "leave_alone": "If you leave now, {person} is left alone on a silent line.",
    "unmute_other": "{other} muted {person}. Unmute all the same?",
    "stop_recording": "Stop recording? Earshot cannot start it again on this call. Pause instead if you want "
    "to go on later.",
    "stop_leg_recording": "Stop recording? What follows is not recorded; a new recording can be started.",
}

SENTENCES = BLOCKED | RING | ANSWERS | REFUSALS | DIALLING | ASKED

# "You may not {verb}": each right as its button says it, and what one may not do without it.
RIGHTS = {
    "listen": ("Listen", "listen to calls"),
    "whisper": ("Whisper", "whisper"),
    "barge": ("Barge", "speak to everyone on a call"),
    "mute": ("Mute and unmute", "mute or unmute people"),
    "hold": ("Hold and resume", "put people on hold or take them off it"),
    "remove": ("Take somebody off the call", "take somebody off a call"),
    "end": ("End the call for everyone", "end a call for everyone"),
    "identify": ("Say who somebody is", "say who somebody is"),
    "dial": ("Dial somebody in", "dial somebody into a call"),
    "record": ("Record", "record calls, or hear recordings"),
    "announce": ("Announce", "announce to people on a call"),
    "cue": ("Cue", "send a cue to an agent"),
}

ALREADY = {
    "whisper": "whispering",
    "barge": "speaking to everyone",
    "mute": "muted",
    "unmute": "not muted",
    "hold": "on hold",
    "resume": "not on hold",
    "recording/start": "recording",
    "recording/pause": "paused",
    "recording/resume": "recording",
}


def say(code: str, **facts: str) -> str:
    """The sentence of `code`; raises KeyError for an unknown code or a name that `facts` does not hold."""
    return SENTENCES[code].format(**facts)
