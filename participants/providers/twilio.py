"""Twilio's API (2010-04-01)."""

import re
from collections.abc import Mapping
from typing import Any

from ..events import Presence
from .capabilities import Reported
from .classic import PROGRESS, ClassicApi
from .connecting import CALLER_ID, ONE_WORD, Connecting, Entry
from .speech import Speech
from .twilio_callbacks import CALL_SID, CONFERENCE_SID, RECORDING_SID, SIGNATURE_HEADER, WORDS, signed

ROOM_EVENTS = ("start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement")


class Twilio(ClassicApi):
    name = "twilio"
    title = "Twilio"
    short = "TW"
    url = "https://api.twilio.com"
    targets = frozenset({"number", "client", "sip", "app"})
    calls_per_second = 1.0  # of a new account; more after an approval
    connecting = Connecting(
        steps=(
            "Connect the account at `/connect/`: its sid (`AC…`), its auth token, and a caller id that is one"
            " of its numbers or verified. The token is stored encrypted; it may also come from an environment"
            " variable of its own, named in the admin. The key stands in the callback addresses.",
            "Test the connection there: a read says what was found, or what is wrong.",
            "Where your programs make conferences, give them the account's address for conference callbacks,"
            " as `/connect/` shows it, and all the events that stand beside it. The first participant of a"
            " conference decides for all. Without callbacks Earshot asks, up to a minute late.",
            "Send a test call. A wrong signature means that `PUBLIC_URL` is not the address that"
            " Twilio posts to, or that a proxy changes it: Twilio signs the whole address.",
        ),
        entries={
            "sid": Entry(
                label="Account sid",
                hint="AC and 32 characters, on the first page of the Twilio console.",
                pattern=r"AC[0-9a-fA-F]{32}",
                wrong="An account sid is AC and 32 digits or letters from a to f. One with SK is an"
                " API key, which signs no callbacks.",
            ),
            "secret": Entry(
                label="Auth token",
                hint="Beside the account sid. Not an API key, which signs no callbacks.",
                pattern=ONE_WORD,
                wrong="An auth token is one word of letters and digits.",
            ),
            "caller_id": CALLER_ID,
        },
    )
    reports = Reported(
        conference_events=ROOM_EVENTS,
        call_events=PROGRESS,
        flags_on_join=True,
        mute_and_hold=True,
        coaching=True,
        leave_reason=True,
        end_reason=True,
        labels=True,
        announcements=True,
        speakers=True,
        sequence=True,
        queue=True,
    )
    speech = Speech(
        voices={
            "alice": (
                *("en-GB", "en-US", "en-AU", "en-CA", "en-IN", "ca-ES", "da-DK", "de-DE", "es-ES", "es-MX"),
                *("fi-FI", "fr-CA", "fr-FR", "it-IT", "ja-JP", "ko-KR", "nb-NO", "nl-NL", "pl-PL", "pt-BR"),
                *("pt-PT", "ru-RU", "sv-SE", "zh-CN", "zh-HK", "zh-TW"),
            ),
            **dict.fromkeys(("man", "woman"), ("en-gb", "en", "de", "es", "fr")),
        },
        named=re.compile(
            r"Polly\.[A-Z][A-Za-z]{1,30}(-Neural)?|Google\.[a-z]{2,3}-[A-Z]{2}-[A-Za-z0-9-]{3,40}"
        ),
        named_example="Polly.Amy-Neural or Google.en-GB-Standard-A",
        most=1000,
    )
    refusals = {
        "20003": "credentials_refused",
        "20403": "account_not_allowed",
        "20429": "slow_down",
        "22005": "slow_down",
        "20404": "too_late",
        "16027": "target_on_hold",
        "16028": "target_absent",
        "16099": "wrong_state",
        "21220": "wrong_state",
        "16020": "room_full",
        "16026": "label_taken",
        "21211": "bad_number",
        "21217": "bad_number",
        "21214": "number_not_allowed",
        "21215": "number_not_allowed",
        "21216": "number_not_allowed",
        "21219": "number_not_allowed",
        "21210": "caller_refused",
        "21212": "caller_refused",
        "21213": "caller_refused",
        **dict.fromkeys(("16002", "16003", "20001", "16024", "20004", "21201", "21205"), "bad_request"),
        **dict.fromkeys(("21208", "21209"), "bad_request"),
    }
    refused_for_coaching = frozenset({"16027", "16028"})  # the coached leg is on hold, or not in the room
    # By default Twilio loses an event when we answer 5xx: three tries more, of 2 and 4 seconds.
    callback_fragment = "#rc=3&rp=all&ct=2000&rt=4000"

    root = "/2010-04-01/Accounts"
    suffix = ".json"
    conference_sid = CONFERENCE_SID
    call_sid = CALL_SID
    recording_sid = RECORDING_SID
    current_recording = "Twilio.CURRENT"
    sound_hosts = re.compile(r"([a-z0-9-]+\.)*twilio\.com|media\.twiliocdn\.com")
    leg_status = {
        "queued": ("queued", None),
        "connecting": ("initiated", None),
        "ringing": ("ringing", None),
        "connected": ("in-progress", Presence.IN),
        "complete": ("completed", Presence.LEFT),
        "failed": ("failed", Presence.LEFT),  # busy and no-answer too: only the Call resource tells which
    }
    target = "call_sid_to_coach"
    words = WORDS
    page_sizes = dict.fromkeys(("conference.list", "participant.list", "conference_recording.list"), 1000)

    def authenticate(self, secret: str) -> None:
        tokens = secret.split()
        self.session.auth = (self.account.sid, tokens[0])
        self._tokens = [token.encode() for token in tokens]

    def refusal(self, body: Any) -> tuple[str, str] | None:
        """Twilio's error body: `code` is left out on rare faults."""
        if not isinstance(body, dict) or not isinstance(body.get("message"), str):
            return None
        return str(body.get("code") or ""), body["message"]

    def verify(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        given = headers.get(SIGNATURE_HEADER)
        form = body if method == "POST" else b""
        return given is not None and any(
            signed(given, token=token, url=url, body=form) for token in self._tokens
        )
