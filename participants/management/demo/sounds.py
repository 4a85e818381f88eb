"""The demo's library: sounds made on the spot, short, and nobody's."""

import io
import math
import struct
import wave
from collections.abc import Iterable

from participants import library
from participants.models import Asset

RATE = 8000
LOUDNESS = 0.25
Note = tuple[float, float]  # hertz (0: a rest), seconds
CHIME: tuple[Note, ...] = ((659.3, 0.35), (523.3, 0.35), (0.0, 0.1), (392.0, 0.7))
ATTENTION: tuple[Note, ...] = ((880.0, 0.15), (0.0, 0.1)) * 3
WALTZ: tuple[Note, ...] = tuple(
    (note, 0.3)
    for note in (261.6, 329.6, 392.0, 349.2, 440.0, 523.3, 392.0, 329.6, 293.7, 261.6, 196.0, 261.6)
)
SOUNDS = (
    ("Closing in ten minutes (chime)", Asset.Kind.ANNOUNCEMENT, CHIME),
    ("Attention, please (three tones)", Asset.Kind.ANNOUNCEMENT, ATTENTION),
    ("Waltz", Asset.Kind.MUSIC, WALTZ),
)


def make() -> None:
    """What is missing; what is there stays."""
    for name, kind, notes in SOUNDS:
        if not Asset.objects.filter(name=name).exists():
            library.add(name, sound(notes), kind=kind)


def sound(notes: Iterable[Note]) -> bytes:
    samples = [sample for hertz, seconds in notes for sample in _note(hertz, seconds)]
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 2, RATE, len(samples), "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return written.getvalue()


def _note(hertz: float, seconds: float) -> Iterable[int]:
    """Louder in its middle, so that nothing clicks."""
    length = round(seconds * RATE)
    for at in range(length):
        swell = math.sin(math.pi * at / length)
        yield round(32767 * LOUDNESS * swell * math.sin(math.tau * hertz * at / RATE))
