"""What a fetched document says, read strictly: XML with known verbs, or a sound. Pure."""

from __future__ import annotations

import io
import math
import re
import wave
from dataclasses import dataclass
from xml.etree import ElementTree

SIGNS_A_SECOND = 15.0
XML_TYPES = {"text/xml", "application/xml"}
SOUND_TYPES = {"audio/mpeg", "audio/mp3", "audio/wav", "audio/wave", "audio/x-wav"}
ATTRIBUTES = {
    "Say": {"voice", "language", "loop"},
    "Play": {"loop"},
    "Pause": {"length"},
    "Redirect": {"method"},
}
# One row per provider: the voices that it knows.
VOICES = {
    "twilio": re.compile(r"man|woman|alice|Polly\.[A-Z][\w-]+|Google\.[\w-]+"),
    "telnyx": re.compile(r"man|woman|alice|(AWS\.)?Polly\.[A-Z][\w-]+|(Telnyx|Azure)\.[\w.-]+"),
}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,3}){0,2}")
MP3_KBITS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
LOW_KBITS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


class Unplayable(Exception):
    """Why nothing of it can be heard."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`times` None: without end."""

    name: str
    text: str
    times: int | None = 1
    seconds: float = 0.0
    method: str = "POST"


def verbs(content: bytes, *, provider: str) -> list[Verb]:
    """Raises Unplayable for what is no such document."""
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 (a document of Earshot, in the sandbox)
    except ElementTree.ParseError as wrong:
        raise Unplayable(f"the document is no XML: {wrong}") from None
    if root.tag != "Response" or root.attrib:
        raise Unplayable(f"the document is a {root.tag} and no Response")
    if (root.text or "").strip() or any((child.tail or "").strip() for child in root):
        raise Unplayable("there is text beside the verbs")
    return [_verb(child, provider) for child in root]


def _verb(node: ElementTree.Element, provider: str) -> Verb:
    allowed = ATTRIBUTES.get(node.tag)
    if allowed is None:
        raise Unplayable(f"{node.tag} cannot be used here")
    if unknown := sorted(set(node.attrib) - allowed):
        raise Unplayable(f"{node.tag} has no attribute {unknown[0]}")
    if len(node):
        raise Unplayable(f"{node.tag} holds {node[0].tag}")
    given = node.attrib
    if "voice" in given and not VOICES[provider].fullmatch(given["voice"]):
        raise Unplayable(f"there is no voice {given['voice']}")
    if "language" in given and not LANGUAGE.fullmatch(given["language"]):
        raise Unplayable(f"there is no language {given['language']}")
    text = node.text or ""
    times = _number(given.get("loop", "1"))
    if node.tag == "Pause":
        return Verb("Pause", "", seconds=_number(given.get("length", "1")))
    if not text.strip():
        raise Unplayable(f"{node.tag} is empty")
    return Verb(
        node.tag,
        text.strip(),
        times=times or None,
        seconds=max(1.0, len(text) / SIGNS_A_SECOND) if node.tag == "Say" else 0.0,
        method=given.get("method", "POST"),
    )


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise Unplayable(f"{text!r} is no number")
    return int(text)


def sound_seconds(content: bytes, content_type: str) -> float:
    """How long a sound lasts. Raises Unplayable for what is none, whatever its type says."""
    if content[:4] == b"RIFF":
        try:
            with wave.open(io.BytesIO(content)) as sound:
                return sound.getnframes() / sound.getframerate()
        except (wave.Error, EOFError, ZeroDivisionError):
            raise Unplayable("the WAV cannot be read") from None
    at = next((here for here in range(min(len(content) - 4, 300_000)) if _is_head(content, here)), None)
    if at is None or "mp" not in content_type:
        raise Unplayable(f"the {content_type} is no sound")
    kbits = (MP3_KBITS if content[at + 1] >> 3 & 3 == 3 else LOW_KBITS)[content[at + 2] >> 4]
    return math.ceil((len(content) - at) * 8 / kbits) / 1000


def _is_head(content: bytes, at: int) -> bool:
    first, second, third = content[at], content[at + 1], content[at + 2]
    return first == 0xFF and second & 0xE6 == 0xE2 and 0 < third >> 4 < 15 and third >> 2 & 3 != 3
