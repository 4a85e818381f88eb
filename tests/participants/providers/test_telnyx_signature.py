"""Who signed a callback of Telnyx, and when: held against everything near a signature."""

import base64
import string

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from telnyx.lib.webhook_verification import WebhookVerificationError, verify_webhook_signature

from participants.providers import Forged, telnyx_callbacks
from tests.participants.providers.apis import APIS

# The documents' own vector: the private seed is 32 bytes of 0x01.
PUBLIC_KEY = "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
AT = 1795255200
BODY = b"AccountSid=acct&CallSid=v3%3Ainvented&StatusCallbackEvent=participant-join"
SIGNATURE = "FnOcB6gfsB7VPPdYEv3VuI5/sZL+IdItim84ri/4cGJ51q3Qxl2DdQcum0R8a7Ijn+SlmtcJ3W0LUdGyqQbjBg=="
KEY = Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
URL = "https://earshot.example/callbacks/telnyx/conference/"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Our own time, in its one place."""
    now = [float(AT)]
    monkeypatch.setattr(telnyx_callbacks.time, "time", lambda: now[0])
    return now


def is_genuine(
    signature: str = SIGNATURE,
    *,
    timestamp: str = str(AT),
    body: bytes = BODY,
    key: str = PUBLIC_KEY,
    method: str = "POST",
    url: str = URL,
) -> bool:
    provider = APIS["telnyx"].at("", public_key=key)
    headers = {"telnyx-signature-ed25519": signature, "telnyx-timestamp": timestamp}
    verdict: bool = provider.verify(method, url, body, headers)
    return verdict


def sign(body: bytes, *, timestamp: str = str(AT)) -> str:
    return base64.b64encode(KEY.sign(timestamp.encode() + b"|" + body)).decode()


def flipped(data: bytes, bit: int) -> bytes:
    whole = bytearray(data)
    whole[bit // 8] ^= 1 << bit % 8
    return bytes(whole)


def test_it_knows_the_signature_of_the_documents() -> None:
    assert is_genuine()


def test_while_keys_change_either_may_have_signed() -> None:
    other = base64.b64encode(
        Ed25519PrivateKey.from_private_bytes(bytes([2]) * 32).public_key().public_bytes_raw()
    ).decode()
    assert is_genuine(key=f"{other} {PUBLIC_KEY}") and is_genuine(key=f"{PUBLIC_KEY} {other}")
    assert not is_genuine(key=other)


@given(body=st.binary(max_size=300))
def test_it_accepts_whatever_the_key_signed_byte_for_byte(body: bytes) -> None:
    assert is_genuine(sign(body), body=body)


def official(signature: str, timestamp: str, body: bytes) -> bool:
    headers = {"telnyx-signature-ed25519": signature, "telnyx-timestamp": timestamp}
    try:
        verify_webhook_signature(body, headers, PUBLIC_KEY)
    except WebhookVerificationError:
        return False
    return True


@given(body=st.text(), other=st.none() | st.text(), away=st.integers(-400, 400))
def test_it_rules_as_the_provider_s_own_library_does(body: str, other: str | None, away: int) -> None:
    timestamp, posted = str(AT + away), (body if other is None else other).encode("utf-8", "replace")
    signature = sign(body.encode("utf-8", "replace"), timestamp=timestamp)
    try:
        verdict = is_genuine(signature, timestamp=timestamp, body=posted)
    except Forged:
        verdict = False
    assert verdict == official(signature, timestamp, posted)


def test_the_url_is_not_signed() -> None:
    assert is_genuine(url="https://evil.example/?leg=another")


@pytest.mark.parametrize("spell", [str.upper, str.title, str.lower])
def test_headers_are_known_in_any_case(spell: object) -> None:
    assert callable(spell)
    headers = {spell("telnyx-signature-ed25519"): SIGNATURE, spell("telnyx-timestamp"): str(AT)}
    assert APIS["telnyx"].at("", public_key=PUBLIC_KEY).verify("POST", URL, BODY, headers)


# --- every neighbour of a signature -----------------------------------------------------------------------
def test_no_bit_of_a_signature_may_change() -> None:
    raw = base64.b64decode(SIGNATURE)
    accepted = [bit for bit in range(512) if is_genuine(base64.b64encode(flipped(raw, bit)).decode())]
    assert accepted == []


def test_no_bit_of_the_body_may_change() -> None:
    assert [bit for bit in range(8 * len(BODY)) if is_genuine(body=flipped(BODY, bit))] == []


def test_no_bit_of_the_key_may_change() -> None:
    raw = base64.b64decode(PUBLIC_KEY)
    assert [bit for bit in range(256) if is_genuine(key=base64.b64encode(flipped(raw, bit)).decode())] == []


def test_no_bit_of_the_timestamp_may_change() -> None:
    raw = str(AT).encode()
    changed = [flipped(raw, bit).decode("latin-1") for bit in range(8 * len(raw))]
    assert [text for text in changed if is_genuine(timestamp=text)] == []


@given(
    at=st.integers(0, len(SIGNATURE) - 1),
    letter=st.sampled_from(string.ascii_letters + string.digits + "+/=-_ \n"),
)
def test_no_letter_of_a_signature_may_change(at: int, letter: str) -> None:
    changed = SIGNATURE[:at] + letter + SIGNATURE[at + 1 :]
    assert is_genuine(changed) == (changed == SIGNATURE)


@given(st.text(max_size=120))
def test_any_other_text_is_no_signature(text: str) -> None:
    assert not is_genuine(text)


@given(st.binary(max_size=100))
def test_any_other_bytes_are_no_signature(raw: bytes) -> None:
    assert not is_genuine(base64.b64encode(raw).decode())


@pytest.mark.parametrize(
    "signature",
    [
        "",
        SIGNATURE[:-1],
        SIGNATURE.rstrip("="),
        SIGNATURE + "=",
        SIGNATURE + "\n",
        " " + SIGNATURE,
        SIGNATURE + SIGNATURE,
        SIGNATURE.replace("/", "_").replace("+", "-"),
        SIGNATURE[:-3] + "h==",  # the same bytes, with a spare bit set
        base64.b64encode(base64.b64decode(SIGNATURE)[:-1]).decode(),
        base64.b64encode(base64.b64decode(SIGNATURE) + b"\0").decode(),
        base64.b64decode(SIGNATURE).hex(),
        "ä" * 88,
        "\udcff" * 88,
    ],
)
def test_a_signature_has_one_spelling(signature: str) -> None:
    assert not is_genuine(signature)


@pytest.mark.parametrize(
    "timestamp",
    [
        "",
        "0" + str(AT),
        f" {AT}",
        f"{AT} ",
        f"+{AT}",
        f"{AT}.0",
        "1e9",
        "-1",
        "٣",
        "now",
        "9" * 5000,
        "\udcff",
    ],
)
def test_a_timestamp_is_what_was_signed_and_decimal_digits(timestamp: str) -> None:
    assert not is_genuine(timestamp=timestamp)


@pytest.mark.parametrize("timestamp", [f"+{AT}", f"{AT}.0", "٣", ""])
def test_what_is_no_number_of_seconds_is_not_genuine_even_when_signed(timestamp: str) -> None:
    assert not is_genuine(sign(BODY, timestamp=timestamp), timestamp=timestamp)


@pytest.mark.parametrize(
    "key", ["", "x", PUBLIC_KEY[:-1], PUBLIC_KEY + "=", "AAAA", "ä" * 44, "A" * 43 + "="]
)
def test_a_key_that_is_none_opens_nothing(key: str) -> None:
    assert not is_genuine(key=key)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"telnyx-signature-ed25519": SIGNATURE},
        {"telnyx-timestamp": str(AT)},
        {"telnyx-signature-ed25519": str(AT), "telnyx-timestamp": SIGNATURE},
        {"X-Twilio-Signature": SIGNATURE, "telnyx-timestamp": str(AT)},
    ],
)
def test_a_missing_header_or_one_of_the_wrong_kind_is_no_signature(headers: dict[str, str]) -> None:
    assert not APIS["telnyx"].at("", public_key=PUBLIC_KEY).verify("POST", URL, BODY, headers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "post", ""])
def test_only_a_post_has_its_form_signed(method: str) -> None:
    assert not is_genuine(method=method)
    assert not is_genuine(sign(b""), body=b"", method=method)


# --- and when ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("away", [0, 1, 299, 300, -300])
def test_300_s_either_way_are_allowed(clock: list[float], away: int) -> None:
    clock[0] += away
    assert is_genuine()


@pytest.mark.parametrize("away", [301, -301, 412, 86_400, 10**9])
def test_a_right_signature_at_a_wrong_time_is_said_to_be_that(clock: list[float], away: int) -> None:
    clock[0] += away
    sentence = f"telnyx-timestamp is {abs(away)} s away from this server's clock; 300 s are allowed"
    with pytest.raises(Forged, match=sentence):
        is_genuine()


def test_a_wrong_signature_at_a_wrong_time_is_just_wrong(clock: list[float]) -> None:
    clock[0] += 10**6
    assert not is_genuine(body=BODY + b"&Muted=true")
