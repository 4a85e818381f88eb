"""What an uploaded sound is, by its content and never by its name: its type, its length, what is wrong."""

import hashlib
import io
import struct
import sys
import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

MOST_BYTES = 25 * 1024 * 1024
SHORTEST = 0.2  # seconds
# An announcement of 25 minutes begins up to 15 s late, and one of 30 fails; music is played over and over.
LONGEST = {"announcement": 25 * 60, "music": 60 * 60}
RATES = (8000, 11025, 16000, 22050, 32000, 44100, 48000)
QUIET = 0.001  # of the loudest that there can be: below it nobody hears anything
MOST_LOST = 4096  # bytes between two frames of an MP3 that a player skips without being heard to


class BadSound(Exception):
    """What is wrong with a sound, as a sentence for whoever uploaded it."""


@dataclass(frozen=True, slots=True)
class Sound:
    content_type: str
    suffix: str
    seconds: float
    sha256: str


def examine(content: bytes, *, kind: str) -> Sound:
    """A WAV (PCM) or an MP3 that a phone can play. Raises BadSound. `kind`: announcement or music."""
    if len(content) > MOST_BYTES:
        raise BadSound(f"The file has more than {MOST_BYTES // 1024 // 1024} MB.")
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        content_type, suffix, (seconds, silent) = "audio/wav", "wav", _wav(content)
    elif content[:3] == b"ID3" or _is_frame(content, 0):
        content_type, suffix, (seconds, silent) = "audio/mpeg", "mp3", _mp3(content)
    else:
        raise BadSound("The file is neither a WAV nor an MP3, whatever its name says.")
    if seconds < SHORTEST:
        raise BadSound("There is nothing to hear: the sound is shorter than a fifth of a second.")
    if seconds > LONGEST[kind]:
        raise BadSound(
            f"The sound lasts {seconds / 60:.1f} minutes; {kind} may last at most {LONGEST[kind] // 60}."
        )
    if silent:
        raise BadSound("The sound is silent from its beginning to its end.")
    return Sound(content_type, suffix, round(seconds, 3), hashlib.sha256(content).hexdigest())


# --- WAV --------------------------------------------------------------------------------------------------
def _wav(content: bytes) -> tuple[float, bool]:
    """Its seconds, and whether all of them are silent."""
    try:
        with wave.open(io.BytesIO(content)) as sound:
            channels, width, rate, frames = sound.getparams()[:4]
            samples = sound.readframes(frames)
    except (wave.Error, EOFError, struct.error) as wrong:
        raise BadSound(f"The WAV cannot be read: {str(wrong) or 'it ends too early'}.") from wrong
    if width not in (1, 2) or channels not in (1, 2) or rate not in RATES:
        raise BadSound(
            f"The WAV has {width * 8} bits, {channels} channels and {rate} Hz; phones play 8 or 16 bits,"
            f" 1 or 2 channels and {RATES[0]} to {RATES[-1]} Hz."
        )
    if len(samples) < frames * channels * width:
        raise BadSound("The WAV is cut off: it says that it is longer than it is.")
    return frames / rate, _loudest(samples, width) < QUIET


def _loudest(samples: bytes, width: int) -> float:
    """0 to 1. Eight bits are counted from 128 on, sixteen have a sign."""
    if not samples:
        return 0.0
    if width == 1:
        high, low = max(samples) - 128, 128 - min(samples)
        return max(high, low) / 128
    numbers = array("h", samples)
    if sys.byteorder == "big":
        numbers.byteswap()
    high, low = max(numbers), -min(numbers)
    return max(high, low) / 32768


# --- MP3 --------------------------------------------------------------------------------------------------
KBITS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # by version bits


@dataclass(frozen=True, slots=True)
class Frame:
    size: int
    seconds: float
    silent: bool


def _mp3(content: bytes) -> tuple[float, bool]:
    frames = list(_frames(content))
    if len(frames) < 3:
        raise BadSound("The MP3 cannot be read: no three frames of sound follow one another.")
    return sum(frame.seconds for frame in frames), all(frame.silent for frame in frames)


def _frames(content: bytes) -> Iterator[Frame]:
    """Every frame of sound, tags left out. Raises BadSound where something else stands between them."""
    at = _after_id3(content)
    while at < len(content) and content[at : at + 3] not in (b"TAG", b"APE"):
        frame = _frame(content, at)
        if frame is None:
            at = _next_frame(content, at)
            continue
        if not _is_index(content, at):
            yield frame
        at += frame.size


def _next_frame(content: bytes, at: int) -> int:
    """Where the sound goes on after something that is none; the end, where that is near."""
    until = at + MOST_LOST
    found = next((here for here in range(at + 1, min(until, len(content))) if _is_frame(content, here)), None)
    if found is not None:
        return found
    if until < len(content):
        raise BadSound("The MP3 is damaged: there is something in it that is no sound.")
    return len(content)


def _after_id3(content: bytes) -> int:
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if content[5] & 0x10 else 0)


def _is_frame(content: bytes, at: int) -> bool:
    """A frame with another one behind it: two bytes alone that look like one are found in any file."""
    frame = _frame(content, at)
    if frame is None:
        return False
    behind = at + frame.size
    return behind >= len(content) or _frame(content, behind) is not None or content[behind:][:3] == b"TAG"


def _frame(content: bytes, at: int) -> Frame | None:
    """The frame of MPEG audio layer III that begins here."""
    head = content[at : at + 4]
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # eleven bits of sync, layer III
        return None
    version, bitrate, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or bitrate in (0, 15) or rate == 3:
        return None
    first = version == 3
    hertz = HERTZ[version][rate]
    kbits = KBITS[1 if first else 2][bitrate]
    size = (144 if first else 72) * kbits * 1000 // hertz + (head[2] >> 1 & 1)
    return Frame(size, (1152 if first else 576) / hertz, _says_nothing(content[at : at + size], first=first))


def _says_nothing(frame: bytes, *, first: bool) -> bool:
    """Whether every granule of the frame has no sound data at all (`part2_3_length` is 0)."""
    mono = frame[3] >> 6 == 3
    start = 4 if frame[1] & 1 else 6  # without protection no checksum stands there
    channels, granules = (1 if mono else 2), (2 if first else 1)
    bits = int.from_bytes(frame[start : start + 32].ljust(32, b"\0"))
    begins = (18 if mono else 20) if first else (9 if mono else 10)
    each = 59 if first else 63
    places = [begins + each * number for number in range(channels * granules)]
    return all(bits >> (256 - place - 12) & 0xFFF == 0 for place in places)


def _is_index(content: bytes, at: int) -> bool:
    """The first frame of many files tells the length to players and holds no sound."""
    return any(mark in content[at : at + 64] for mark in (b"Xing", b"Info", b"VBRI"))
