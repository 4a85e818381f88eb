"""Callback bodies: as recorded, then bent where a parser may break."""

from __future__ import annotations

import random
from collections.abc import Callable
from urllib.parse import quote_plus, urlencode

from hypothesis import strategies as st

from tests.participants.callbacks.posting import fresh
from tests.participants.wire import DIALECTS, Wire, recordings

Pairs = list[tuple[str, str]]

ODD = [
    *("", " ", "\t", "\n", "\r\nSet-Cookie: a=b", "\x00", "\x1b[31m", "\ufeff", "\u202eevil", "\u200b"),
    *("true", "TRUE", "1", "yes", "null", "None", "undefined", "[]", "{}", "[[]]", "a" * 255, "a" * 256),
    *("<script>alert(1)</script>", "'; DROP TABLE x; --", "=1+1", "../../etc/passwd", "%00", "%", "%zz"),
    *("machine_start", "machine_end_beep", "human", "absent", "paused", "stopped", "Conference", "DialVerb"),
    *("participant-join", "participant-leave", "conference-end", "completed", "in-progress", "queued"),
    *("+442079460999", "client:maria", "sip:a@b", "client:" + "x" * 300, "é" * 200, "📞" * 20, "x" * 4000),
]
NUMBERS = [
    *("0", "-1", "+1", "1.0", "1e9", "0x10", "NaN", "Infinity", "٢", "9" * 9, "9" * 10, "9" * 30, "9" * 5000),
    *(str(2**31), str(2**63), str(2**64), "-" + str(2**63), " 1", "1 ", "1_000", "²"),
]
TIMES = [
    *("0", "-1", "99999999999999", "yesterday", "2026-11-21", "2026-W47-6", "２０２６-11-21T10:15:04Z"),
    *("Sat, 21 Nov 2026 10:15:04 +0000", "Sat, 99 Nov 2026 10:15:04 +0000", "Sat, 21 Nov 2026 25:61:61 GMT"),
    *("Thu, 01 Jan 1970 00:00:00 +0000", "Mon, 01 Jan 1000 00:00:00 +0000", "Sun, 00 Xyz 2026 ::::::: GMT"),
    *("2026-11-21T10:15:04Z", "1000-01-01T00:00:00Z", "2999-12-31T23:59:59.999999999Z"),
    *("2026-02-30T00:00:00Z", "2026-11-21T25:61:61Z", "2026-11-21T10:15:04+00:00"),
]
KINDS = ["conference", "call", "recording", "amd"]
CONTENT_TYPES = ["application/json", "text/plain", "multipart/form-data; boundary=x", "x", ""]
QUERIES = ["leg=earshot-1", "leg=%00", "a", "&&", "leg=" + "x" * 3000, "%ff"]
UNKNOWN = ["Zodiac", "", "a[b][c]", "__proto__", "é", "\x00", "AccountSid ", "accountsid", "x" * 500]


def sids(provider: str) -> dict[str, list[str]]:
    """Of a few other rooms and legs, so that bodies meet one another's; and of the other provider."""
    dialect = DIALECTS[provider]
    others = [name for name in DIALECTS if name != provider]
    rooms = {
        "twilio": [f"CF{n:032x}" for n in range(5)],
        "telnyx": [f"00000000-0000-4000-8000-{n:012d}" for n in range(5)],
    }
    calls = {name: [DIALECTS[name].call_sid(n) for n in range(8)] for name in DIALECTS}
    strange = [value for name in others for value in (*rooms[name], *calls[name])]
    return {
        "ConferenceSid": [*rooms[provider] * 6, *strange],
        "CallSid": [*calls[provider] * 4, *strange],
        "CallSidToCoach": [*calls[provider] * 4, *strange],
        "AccountSid": [*[dialect.account_sid] * 8, dialect.foreign_sid, "", "AC"],
    }


def _values(name: str, provider: str) -> st.SearchStrategy[str]:
    """Values for this parameter: mostly what it may hold in part, sometimes anything."""
    text = st.text(st.characters(codec="utf-8"), max_size=60)
    near = {"SequenceNumber": NUMBERS, "Timestamp": TIMES, **sids(provider)}.get(name, ODD)
    small = st.integers(0, 30).map(str) if name == "SequenceNumber" else st.sampled_from(near)
    return st.one_of(small, st.sampled_from(near), st.sampled_from(ODD), text)


@st.composite
def forms(draw: st.DrawFn, wire: Wire) -> tuple[str, Pairs]:
    """A recorded callback as if it came now, bent in up to four ways."""
    recorded = recordings(wire.name)
    about_legs = [event for event in recorded if event.startswith("participant-")]
    kind, form = fresh(wire, draw(st.sampled_from(recorded + about_legs * 4)))
    pairs = list(form.items())
    for name in ("ConferenceSid", "CallSid"):
        # Another room, or another leg: else all of them would be about one.
        if name in form and draw(st.booleans()):
            pairs = [(n, draw(_values(n, wire.name)) if n == name else v) for n, v in pairs]
    for bend in draw(st.lists(st.sampled_from(BENDS), max_size=4)):
        pairs = bend(draw, wire.name, pairs)
    return draw(st.sampled_from([kind] * 9 + KINDS)), pairs


def _change(draw: st.DrawFn, provider: str, pairs: Pairs) -> Pairs:
    name = draw(st.sampled_from([name for name, _ in pairs] or ["CallSid"]))
    value = draw(_values(name, provider))
    return [(n, value if n == name else v) for n, v in pairs]


def _number(draw: st.DrawFn, provider: str, pairs: Pairs) -> Pairs:
    number = draw(_values("SequenceNumber", provider))
    return [(n, number if n == "SequenceNumber" else v) for n, v in pairs]


def _time(draw: st.DrawFn, _provider: str, pairs: Pairs) -> Pairs:
    """Most of them look like a date: what a pattern lets through, something else has to refuse."""
    time = draw(st.sampled_from(TIMES))
    return [(n, time if n == "Timestamp" else v) for n, v in pairs]


def _drop(draw: st.DrawFn, _provider: str, pairs: Pairs) -> Pairs:
    gone = draw(st.integers(0, max(len(pairs) - 1, 0)))
    return [*pairs[:gone], *pairs[gone + 1 :]]


def _double(draw: st.DrawFn, provider: str, pairs: Pairs) -> Pairs:
    name, value = draw(st.sampled_from(pairs or [("CallSid", "")]))
    return [*pairs, (name, value if draw(st.booleans()) else draw(_values(name, provider)))]


def _add(draw: st.DrawFn, _provider: str, pairs: Pairs) -> Pairs:
    return [*pairs, (draw(st.sampled_from(UNKNOWN)), draw(st.sampled_from(ODD)))]


def _swell(draw: st.DrawFn, _provider: str, pairs: Pairs) -> Pairs:
    """About 64 kB, a little below or above."""
    name = draw(st.sampled_from(["Zodiac", *(name for name, _ in pairs)]))
    size = 64 * 1024 - len(urlencode(pairs)) - draw(st.integers(-20, 60))
    return [*((n, v) for n, v in pairs if n != name), (name, "x" * max(size, 0))]


def _crowd(draw: st.DrawFn, _provider: str, pairs: Pairs) -> Pairs:
    return [*pairs, *((f"Extra{n}", "") for n in range(draw(st.sampled_from([100, 480, 500, 2000]))))]


def _shuffle(draw: st.DrawFn, _provider: str, pairs: Pairs) -> Pairs:
    return draw(st.permutations(pairs))


BENDS: list[Callable[[st.DrawFn, str, Pairs], Pairs]] = [
    *(_change, _change, _change, _number, _time, _drop, _double, _add, _swell, _crowd, _shuffle)
]


@st.composite
def encoded(draw: st.DrawFn, pairs: Pairs) -> bytes:
    """Mostly as a browser would; sometimes in another encoding, cut off, or half quoted."""
    right = urlencode(pairs).encode()
    how = draw(
        st.sampled_from(["right"] * 12 + ["latin", "utf-16", "raw", "cut", "bom", "semicolons", "flip"])
    )
    if how == "latin":
        return urlencode(pairs, encoding="latin-1", errors="replace").encode()
    if how == "utf-16":
        return "&".join(f"{n}={quote_plus(v, encoding='utf-16')}" for n, v in pairs).encode()
    if how == "raw":
        return "&".join(f"{n}={v}" for n, v in pairs).encode()
    if how == "cut":
        return right[: draw(st.integers(0, len(right)))]
    if how == "bom":
        return b"\xef\xbb\xbf" + right
    if how == "semicolons":
        return right.replace(b"&", b";")
    return flipped(right, draw(st.integers(0, 1 << 30))) if how == "flip" else right


def flipped(body: bytes, seed: int) -> bytes:
    """A few bytes are others."""
    story, bent = random.Random(seed), bytearray(body)
    for _ in range(story.randint(1, 4)):
        if bent:
            bent[story.randrange(len(bent))] = story.randrange(256)
    return bytes(bent)
