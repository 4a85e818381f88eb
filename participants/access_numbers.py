"""Phone numbers: which may be rung, and how they look to people who may not see them."""

import re
from typing import Any

import phonenumbers

# Ids are not numbers, however many digits they hold; neither are client identities and times.
_NO_NUMBER = (
    r"client:\S+"
    r"|\b[A-Z]{2}[0-9a-f]{32}\b"
    r"|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    r"|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
)
# Seven digits or more, also when signs that people write between digits stand between them.
_NUMBER = r"[+＋]?\d(?:[\s()\[\]./_·•\u00ad\u200b-\u200f\u2010-\u2015\u2060\-]{0,3}\d){6,}"
_TEXT = re.compile(f"(?P<safe>{_NO_NUMBER})|(?P<number>{_NUMBER})")
_SHORT = re.compile(r"[+＋]?\d{1,6}")
_SIP = re.compile(r"sips?:[^\s@:;?<>\"]+@[^\s@;?<>\"]+")
_CLIENT = re.compile(r"client:[^\s<>\"&]+")
# Never a number, and needed as they are to find things by.
IDENTIFIERS = frozenset(
    {"id", "sid", "call_sid", "coaching_call_sid", "account", "conference", "participant", "target"}
    | {"intervention", "evidence"}
)


def phone_allowed(address: str) -> bool:
    """Whether Earshot may ring this: a valid E.164 number, `client:…` or `sip:…`."""
    if address.startswith(("client:", "sip:", "sips:")):
        return bool(_CLIENT.fullmatch(address) or _SIP.fullmatch(address))
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", address):
        return False
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(address))
    except phonenumbers.NumberParseException:
        return False


def mask(address: str) -> str:
    """`+44 ••• •• 02` for a phone's address. Client identities stay; a short number has nothing to show."""
    if address.startswith("client:"):
        return address
    return re.sub(r"\d", "•", address) if _SHORT.fullmatch(address) else mask_text(address)


def mask_text(text: str) -> str:
    """The text with every phone number in it masked, however it is written."""
    return _TEXT.sub(lambda found: found["safe"] or _masked(found["number"]), text)


def masked(value: Any) -> Any:
    """The same JSON with every phone number masked, in whatever field it stands but identifiers."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, dict):
        return {key: _masked_field(key, item) for key, item in value.items()}
    return value


def _masked_field(key: str, item: Any) -> Any:
    if isinstance(item, str):
        if key in IDENTIFIERS:
            return item
        return mask(item) if key == "address" else mask_text(item)
    return masked(item)


def _masked(number: str) -> str:
    digits = "".join(str(int(sign)) for sign in number if sign.isdigit())
    hidden = f"••• •• {digits[-2:]}"
    if number[0] not in "+＋":
        return hidden
    try:
        return f"+{phonenumbers.parse('+' + digits).country_code} {hidden}"
    except phonenumbers.NumberParseException:
        return hidden
