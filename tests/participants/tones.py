"""Sounds made on the spot: small, and heard."""

import io
import math
import struct
import wave


def wav(
    *,
    seconds: float = 1.0,
    rate: int = 8000,
    width: int = 2,
    channels: int = 1,
    loudness: float = 0.5,
    pattern: bytes = b"",
) -> bytes:
    """A tone of 400 Hz; `pattern` in its place is repeated as it stands."""
    frames = round(seconds * rate)
    written = io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setparams((channels, width, rate, frames, "NONE", ""))
        if pattern:
            sound.writeframes((pattern * frames)[: frames * width * channels])
        else:
            period = rate // 400
            one = b"".join(_sample(number / period, width, loudness) * channels for number in range(period))
            sound.writeframes((one * (frames // period + 1))[: frames * width * channels])
    return written.getvalue()


def _sample(turn: float, width: int, loudness: float) -> bytes:
    value = math.sin(turn * math.tau) * loudness
    if width == 1:
        return struct.pack("<B", 128 + round(value * 127))
    return struct.pack("<i", round(value * (2 ** (8 * width - 1) - 1)))[:width]


def mp3(*, frames: int, first: bool = True, sound: bool = True, slow: bool = False) -> bytes:
    """Frames of 128 kbit/s at 44.1 kHz, else of 64 (`slow`: 8) at 22.05; what they sound like is nobody's
    business.
    """
    head = b"\xff\xfb\x90\x00" if first else b"\xff\xf3\x10\x00" if slow else b"\xff\xf3\x80\x00"
    size = 144 * 128_000 // 44_100 if first else 72 * (8_000 if slow else 64_000) // 22_050
    filling = b"\x55" if sound else b"\x00"
    return (head + filling * (size - 4)) * frames
