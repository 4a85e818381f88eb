"""What a provider is given to play: the XML that both dialects share, and the words that each allows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from .parameters import BadParameter

# What XML 1.0 can hold; of control characters nothing but tab and line ends.
_WRITABLE = re.compile(r"[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")
DIGITS_A_SECOND, SIGNS_A_SECOND = 2.0, 14.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How texts are spoken. `voices`: each with the languages that it speaks, its own first.

    `named`: voices that say in their name whose they are and which language; they take none.
    """

    voices: Mapping[str, tuple[str, ...]]
    named: re.Pattern[str]
    named_example: str
    most: int  # characters

    def check(self, text: str, voice: str, language: str) -> None:
        """Raises BadParameter with the field. An empty voice or language is the first that there is."""
        if not text.strip():
            raise BadParameter("text", "a text: there is nothing to say")
        if len(text) > self.most:
            raise BadParameter("text", f"a text of at most {self.most} characters")
        if not _WRITABLE.fullmatch(text):
            raise BadParameter("text", "a text without control characters")
        if voice and voice not in self.voices and not self.named.fullmatch(voice):
            raise BadParameter("voice", f"one of: {', '.join(self.voices)}; or as {self.named_example}")
        if language and language not in self.languages(voice):
            spoken = ", ".join(self.languages(voice)) or "none: this voice says its language in its name"
            raise BadParameter("language", f"one of: {spoken}")

    def languages(self, voice: str) -> tuple[str, ...]:
        return self.voices.get(voice or next(iter(self.voices)), ())

    def words(self, voice: str, language: str) -> dict[str, str]:
        """The attributes of what is said, all of them given."""
        voice = voice or next(iter(self.voices))
        spoken = language or next(iter(self.languages(voice)), "")
        return {"voice": voice} | ({"language": spoken} if spoken else {})


# For a provider whose own voices nobody has written down.
PLAIN = Speech(
    voices=dict.fromkeys(("man", "woman"), ("en-US",)),
    named=re.compile(r"(?!)"),
    named_example="no other",
    most=1000,
)


def say(text: str, words: Mapping[str, str]) -> bytes:
    """Spoken once. The text is data, whatever stands in it."""
    return _response("Say", " ".join(text.split()), **words)


def play_again_and_again(url: str) -> bytes:
    """Without a gap: the provider repeats what it has, and does not come back to ask."""
    return _response("Play", url, loop="0")


def silence() -> bytes:
    return _response("Pause", None, length="1")


def seconds_of(text: str) -> float:
    """About how long it takes to say it: digits are read one by one."""
    digits = sum(sign.isdigit() for sign in text)
    return round(max(1.0, digits / DIGITS_A_SECOND + (len(text) - digits) / SIGNS_A_SECOND), 1)


def _response(verb: str, text: str | None, **attributes: str) -> bytes:
    root = ElementTree.Element("Response")
    ElementTree.SubElement(root, verb, attributes).text = text
    written: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written
