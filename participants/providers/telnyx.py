"""Telnyx's TeXML API: bearer key, reads of calls that lag, and labels that it never tells."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import requests
from requests.auth import AuthBase

from ..events import LegEvent, Presence
from .capabilities import Reported
from .classic import PROGRESS, ClassicApi
from .connecting import CALLER_ID, ONE_WORD, Connecting, Entry
from .speech import Speech
from .telnyx_callbacks import CALL_SID, CONFERENCE_SID, RECORDING_SID, WORDS, signed

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class _Bearer(AuthBase):
    """An `auth` and no header of the session: that one would give way to a ~/.netrc."""

    def __init__(self, key: str) -> None:
        self._header = f"Bearer {key}"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request


class Telnyx(ClassicApi):
    name = "telnyx"
    title = "Telnyx"
    short = "TX"
    url = "https://api.telnyx.com"
    needs = ("application_sid", "public_key")
    targets = frozenset({"number", "sip"})
    connecting = Connecting(
        steps=(
            "Connect the account at `/connect/`: its sid (the organisation's id, a uuid), an API key, a"
            " caller id, the sid of the TeXML application that carries the calls, the portal's public key,"
            " with which Telnyx signs callbacks. The API key is stored encrypted; it may also come from an"
            " environment variable of its own, named in the admin.",
            "Test the connection there: a read says what was found, or what is wrong.",
            "In your TeXML, give conferences the account's address for conference callbacks, as `/connect/`"
            " shows it, and the events `start end join leave`: Telnyx tells of no more, and Earshot asks for"
            " the rest.",
            "Keep the clock of this machine right: a callback signed more than 300 s from it is refused."
            " Telnyx signs the raw body, so no proxy may change it.",
        ),
        entries={
            "sid": Entry(
                label="Account sid",
                hint="The organisation’s id: a uuid, in the portal’s account settings.",
                pattern=r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
                wrong="The sid is a uuid, as in 00000000-0000-4000-8000-000000000002.",
            ),
            "secret": Entry(
                label="API key",
                hint="Made in the portal under API keys. It begins with KEY.",
                pattern=ONE_WORD,
                wrong="An API key is one word of letters, digits and signs.",
            ),
            "caller_id": CALLER_ID,
            "application_sid": Entry(
                label="TeXML application",
                hint="The id of the TeXML application that dials: digits, in the portal under Voice.",
                pattern=r"[0-9]{6,25}",
                wrong="The application’s id is a long number, as in 1900000000000000001; not its name.",
            ),
            "public_key": Entry(
                label="Public key",
                hint="In the portal under Keys. Two, with a space between, while it changes.",
                pattern=r"[A-Za-z0-9+/]{43}=",
                wrong="The public key cannot be read: it is 44 characters that end in =. Copy it whole.",
                several=True,
            ),
        },
    )
    reports = Reported(
        conference_events=("start", "end", "join", "leave"),
        call_events=PROGRESS,
        flags_on_join=False,
        mute_and_hold=False,
        coaching=False,
        leave_reason=False,
        end_reason=False,
        labels=False,
        announcements=False,
        speakers=False,
        sequence=False,
        queue=False,
    )
    speech = Speech(
        voices={
            "alice": (
                *(
                    "en-GB",
                    "en-US",
                    "en-AU",
                    "en-IN",
                    "en-GB-WLS",
                    "arb",
                    "cmn-CN",
                    "cy-GB",
                    "da-DK",
                    "de-DE",
                ),
                *("es-ES", "es-MX", "es-US", "fr-CA", "fr-FR", "hi-IN", "is-IS", "it-IT", "ja-JP", "ko-KR"),
                *("nb-NO", "nl-NL", "pl-PL", "pt-BR", "pt-PT", "ro-RO", "ru-RU", "sv-SE", "tr-TR"),
            ),
            **dict.fromkeys(("man", "woman"), ("en-US",)),
        },
        named=re.compile(
            r"(AWS\.)?Polly\.[A-Z][A-Za-z]{1,30}(-Neural)?|(Telnyx|Azure)(\.[A-Za-z0-9_-]{1,40}){1,2}"
        ),
        named_example="Polly.Amy-Neural or Telnyx.KokoroTTS.af",
        most=1000,
    )
    refusals = {
        "10009": "credentials_refused",
        "10010": "account_not_allowed",
        "403": "account_not_allowed",
        "10011": "slow_down",
        "10016": "bad_number",
        "90015": "target_refused",
        "90018": "too_late",
        "90019": "too_late",
        "90058": "too_late",
        "90032": "room_full",
        "90033": "wrong_state",
        "90034": "not_answered",
        **dict.fromkeys(("10003", "10004", "10015", "10026", "10028", "10032", "10033"), "bad_request"),
    }
    # Bad call id, call ended, call not answered yet: the only call that a dial names is the coached one.
    refused_for_coaching = frozenset({"90015", "90018", "90034"})
    gone_codes = frozenset({"90018", "90019"})  # the call, the conference has ended

    root = "/v2/texml/Accounts"
    suffix = ""
    conference_sid = CONFERENCE_SID
    call_sid = CALL_SID
    recording_sid = RECORDING_SID
    sound_is_linked = True  # a link that it signs, and that expires
    sound_hosts = re.compile(
        r"([a-z0-9-]+\.)*telnyx\.com|([a-z0-9.-]+\.)?s3([.-][a-z0-9-]+)?\.amazonaws\.com"
    )
    leg_status = {
        "connecting": ("initiated", None),  # it may ring already: nobody says
        "connected": ("in-progress", Presence.IN),
        "completed": (None, Presence.LEFT),  # busy and no-answer too: only the Call resource tells which
    }
    target = "coaching_call_sid"
    words = WORDS
    answered_by = {"machine": "machine_start", "not_sure": "unknown"}
    page_sizes = {"conference.list": 100}  # the most is not documented; participants take no size at all
    calls_lag = True

    def authenticate(self, secret: str) -> None:
        self.session.auth = _Bearer(secret.split(maxsplit=1)[0])

    def refusal(self, body: Any) -> tuple[str, str] | None:
        """A list of errors; on a 404 an entry has nothing but `detail`."""
        errors = body.get("errors") if isinstance(body, dict) else None
        if not isinstance(errors, list) or not errors or not all(isinstance(each, dict) for each in errors):
            return None
        codes = [str(each["code"]) for each in errors if each.get("code")]
        details = [str(each.get("detail") or each.get("title") or "no reason given") for each in errors]
        return codes[0] if codes else "", "; ".join(details)

    def is_sid(self, text: str) -> bool:
        """Any text may be one of theirs, by what is promised; by what is shown it is a uuid."""
        return UUID.fullmatch(text) is not None

    def dials_with(self) -> Mapping[str, object]:
        return {"application_sid": self.account.application_sid}

    def dial(self, conference: str, *, named: bool = False, **values: Any) -> LegEvent:
        """See `Provider`. The documentation shows a `completed` for the call that begins: of an answer to a
        dial the status is not believed.
        """
        leg = super().dial(conference, named=named, **values)
        return replace(leg, call_status="initiated", presence=None)

    def verify(
        self,
        method: str,
        url: str,  # noqa: ARG002 (not signed)
        body: bytes,
        headers: Mapping[str, str],
    ) -> bool:
        """See `Provider`. Of a GET the query would be believed, and it is not signed."""
        keys = self.account.public_key.split()
        return method == "POST" and any(signed(headers, body, public_key=key) for key in keys)
