"""Whom a dial can be meant for, read from one text: a number, `client:…`, `sip:…` or `app:…`. Pure.

A text is read strictly, because two programs read it after us: whatever could mean two things is refused.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 1024  # characters in all
LONGEST_EXTRA = 800  # of custom parameters or headers together
_VALUE = re.compile(r"(?:[A-Za-z0-9_.~!*'()+-]|%(?:2[0-9A-Fa-f]|[3-9A-Fa-f][0-9A-Fa-f]))*")
_PARAMETER = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_HEADER = re.compile(r"X-[A-Za-z0-9][A-Za-z0-9-]{0,61}|User-to-User", re.IGNORECASE)
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{1,63}"

EXAMPLE = "+44 20 7946 0102"
ALLOWED = (
    "a number with its country code as in +442079460102, client:name, sip:name@host or app:AP…;"
    " custom parameters follow a question mark, percent-encoded"
)


@dataclass(frozen=True, slots=True)
class Target:
    """`address`: who is meant, without what is told to them. `text`: all of it, as it is sent."""

    kind: str  # number, client, sip, app
    address: str
    extra: tuple[tuple[str, str], ...]  # custom parameters of client and app, headers of sip; as written
    text: str


class NoTarget(ValueError):
    """Nobody can be meant by this text; `str` of it is what is possible."""


@dataclass(frozen=True, slots=True)
class _Kind:
    address: re.Pattern[str]
    extra: re.Pattern[str] | None  # how the names of what follows the question mark look


KINDS = {
    "number": _Kind(re.compile(r"\+[1-9][0-9]{6,14}"), None),
    "client": _Kind(re.compile(r"client:[A-Za-z0-9_.@+~%'-]{1,121}"), _PARAMETER),
    "sip": _Kind(
        re.compile(
            rf"sips?:[A-Za-z0-9_.+~!*'()%-]{{1,128}}@{_HOST}(?::[0-9]{{2,5}})?(?:;transport=(?:udp|tcp|tls))?"
        ),
        _HEADER,
    ),
    "app": _Kind(re.compile(r"app:AP[0-9a-fA-F]{32}"), _PARAMETER),
}


def read(text: str) -> Target:
    """Raises NoTarget, whose text never repeats what was given."""
    address, mark, extra = text.partition("?")
    for kind, shape in KINDS.items():
        if len(text) <= LONGEST and shape.address.fullmatch(address):
            return Target(kind, address, _extra(extra, shape.extra) if mark else (), text)
    raise NoTarget(ALLOWED)


def _extra(text: str, names: re.Pattern[str] | None) -> tuple[tuple[str, str], ...]:
    pairs = [part.partition("=") for part in text.split("&")]
    if names is None or len(text) > LONGEST_EXTRA:
        raise NoTarget(ALLOWED)
    if not all(names.fullmatch(name) and sign and _VALUE.fullmatch(value) for name, sign, value in pairs):
        raise NoTarget(ALLOWED)
    if len({name.lower() for name, _, _ in pairs}) < len(pairs):
        raise NoTarget(ALLOWED)
    return tuple((name, value) for name, _, value in pairs)


def matcher(lines: str) -> Callable[[str], bool]:
    """Whether an address is meant by one of these lines, in which `*` is any part of a name."""
    patterns = [re.compile(re.escape(line).replace(r"\*", "[^@]*")) for line in lines.split()]
    return lambda address: any(pattern.fullmatch(address) for pattern in patterns)
