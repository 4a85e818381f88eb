"""How single values of Telnyx's parameters are read: from the text of a form, or from JSON."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

BAD_URL, NOT_E164, NO_CALL_SID = "10003", "10016", "90015"
WRONG_TYPE, NO_SUCH_WORD, OUT_OF_RANGE = "10026", "10032", "10033"
ENDPOINT = re.compile(r"\+[1-9]\d{6,14}|sips?:[^\s@]+@[^\s@]+|client:[^\s/]{1,256}")
CALL_SID = re.compile(r"v\d+:[A-Za-z0-9_:-]{10,}")
LONGEST_URL = 2000

Reader = Callable[[Any], Any]


class Wrong(ValueError):
    """`code` is Telnyx's number for what is wrong with the value."""

    def __init__(self, code: str, allowed: str) -> None:
        super().__init__(allowed)
        self.code = code


def flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise Wrong(WRONG_TYPE, "true or false")
    return bool(value == "true")


def whole(low: int = 0, high: int | None = None) -> Reader:
    top = "" if high is None else f" to {high}"

    def read(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong(WRONG_TYPE, "a whole number")
        if value < low or (high is not None and value > high):
            raise Wrong(OUT_OF_RANGE, f"a whole number from {low}{top}")
        return value

    return read


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong(WRONG_TYPE, "text")
    return value


def text_of(low: int, high: int) -> Reader:
    def read(value: Any) -> str:
        if not low <= len(text(value)) <= high:
            raise Wrong(OUT_OF_RANGE, f"text of {low} to {high} characters")
        return str(value)

    return read


def one_of(*words: str) -> Reader:
    def read(value: Any) -> str:
        if text(value) not in words:
            raise Wrong(NO_SUCH_WORD, f"one of {', '.join(words)}")
        return str(value)

    return read


def words(*allowed: str) -> Reader:
    """One text with words split by spaces."""

    def read(value: Any) -> frozenset[str]:
        given = frozenset(text(value).split())
        if not given or not given <= set(allowed):
            raise Wrong(NO_SUCH_WORD, f"one or more of {', '.join(allowed)}, split by spaces")
        return given

    return read


def url(value: Any) -> str:
    parts = urlsplit(text(value))
    if parts.scheme not in ("http", "https") or not parts.hostname or len(value) > LONGEST_URL:
        raise Wrong(BAD_URL, f"an absolute http or https URL of at most {LONGEST_URL} characters")
    return str(value)


def endpoint(value: Any) -> str:
    """Documents speak of numbers and show SIP addresses. `client:` is the phones of this sandbox's people,
    who are the same on every provider.
    """
    if not ENDPOINT.fullmatch(text(value)):
        raise Wrong(NOT_E164, "a number in +E.164 format, a SIP address or client:name")
    return str(value)


def call_sid(value: Any) -> str:
    if not CALL_SID.fullmatch(text(value)):
        raise Wrong(NO_CALL_SID, "a call sid, as v3:...")
    return str(value)


def label(value: Any) -> str:
    """128 characters and no slash are Twilio's rule; Telnyx states none, and its URLs have the same shape."""
    if not 1 <= len(text(value)) <= 128 or "/" in value or CALL_SID.fullmatch(value):
        raise Wrong(OUT_OF_RANGE, "at most 128 characters, no slash, not shaped like a call sid")
    return str(value)


def display_name(value: Any) -> str:
    if not re.fullmatch(r"[A-Za-z0-9 \-_~!.+]{0,128}", text(value)):
        raise Wrong(OUT_OF_RANGE, "at most 128 letters, digits, spaces and -_~!.+")
    return str(value)


def headers(value: Any) -> list[dict[str, str]]:
    rows = value if isinstance(value, list) else None
    if rows is None or not all(
        isinstance(row, dict)
        and row.keys() == {"name", "value"}
        and all(isinstance(one, str) for one in row.values())
        for row in rows
    ):
        raise Wrong(WRONG_TYPE, "a list of objects with name and value")
    return rows


def moment(value: Any) -> datetime:
    try:
        read = datetime.fromisoformat(text(value))
    except ValueError:
        raise Wrong(WRONG_TYPE, "a time in ISO 8601") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def days(value: Any) -> tuple[str, Any]:
    """A day with the inequality in the value, as in `>=2023-05-22`: (sign, day)."""
    found = re.fullmatch(r"(>=|<=|>|<|)(\d{4}-\d\d-\d\d)", text(value))
    try:
        return (found[1], datetime.strptime(found[2], "%Y-%m-%d").date()) if found else _no_day()  # noqa: DTZ007
    except ValueError:
        return _no_day()


def _no_day() -> tuple[str, Any]:
    raise Wrong(WRONG_TYPE, "a day, YYYY-MM-DD, after >, >=, <, <= or nothing")
