"""An uploaded sound is taken for what it is, and refused with a sentence where a phone could not play it."""

import pytest

from participants.sounds import BadSound, examine
from tests.participants.tones import mp3, wav


def test_a_wav_is_known_by_its_content() -> None:
    sound = examine(wav(seconds=2), kind="announcement")
    assert (sound.content_type, sound.suffix, sound.seconds) == ("audio/wav", "wav", 2.0)
    assert len(sound.sha256) == 64


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_wav_that_phones_play_has_its_length(rate: int, width: int, channels: int) -> None:
    content = wav(seconds=0.5, rate=rate, width=width, channels=channels)
    assert examine(content, kind="music").seconds == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(("first", "expected"), [(True, 1152 / 44100), (False, 576 / 22050)])
def test_an_mp3_lasts_as_long_as_its_frames(first: bool, expected: float) -> None:
    sound = examine(mp3(frames=50, first=first), kind="announcement")
    assert (sound.content_type, sound.suffix) == ("audio/mpeg", "mp3")
    assert sound.seconds == pytest.approx(50 * expected, abs=0.001)


def test_what_stands_before_and_behind_the_sound_of_an_mp3_is_not_counted() -> None:
    tagged = b"ID3\x04\x00\x00\x00\x00\x02\x00" + b"t" * 256 + mp3(frames=50) + b"TAG" + b"x" * 125
    index = bytearray(mp3(frames=1))
    index[36:40] = b"Xing"
    bare = examine(mp3(frames=50), kind="music").seconds
    assert examine(tagged, kind="music").seconds == bare
    assert examine(bytes(index) + mp3(frames=50), kind="music").seconds == bare


def test_a_last_frame_that_is_cut_off_is_no_damage() -> None:
    assert examine(mp3(frames=50)[:-100], kind="music").seconds == pytest.approx(50 * 1152 / 44100, abs=0.03)


TOO_LONG = mp3(frames=26 * 60 * 22_050 // 576, first=False, slow=True)
BAD = {
    "empty": (b"", "neither a WAV nor an MP3"),
    "a text": (b"<?xml version='1.0'?><Response/>", "neither a WAV nor an MP3"),
    "a page": (b"<!doctype html><script>alert(1)</script>" * 50, "neither a WAV nor an MP3"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 5000, "neither a WAV nor an MP3"),
    "another sound": (b"OggS" + b"\0" * 5000, "neither a WAV nor an MP3"),
    "a video in RIFF": (b"RIFF\x00\x00\x00\x00AVI LIST" + b"\0" * 5000, "neither a WAV nor an MP3"),
    "two bytes that look like a frame": (b"\xff\xfb\x90\x00" + b"x" * 5000, "neither a WAV nor an MP3"),
    "a head alone": (wav(seconds=1)[:30], "cannot be read"),
    "cut off": (wav(seconds=2)[:9000], "cut off"),
    "no sound in it": (wav(seconds=0), "shorter than a fifth"),
    "a click": (wav(seconds=0.1), "shorter than a fifth"),
    "silence": (wav(seconds=2, loudness=0), "silent"),
    "eight bits of silence": (wav(seconds=2, width=1, loudness=0), "silent"),
    "nearly silence": (wav(seconds=2, loudness=0.0005), "silent"),
    "an MP3 of silence": (mp3(frames=50, sound=False), "silent"),
    "too deep": (wav(seconds=1, width=3), "24 bits"),
    "an odd rate": (wav(seconds=1, rate=9000), "9000 Hz"),
    "a damaged MP3": (mp3(frames=20) + b"\x00" * 9000 + mp3(frames=20), "damaged"),
    "too long": (TOO_LONG, "26.0 minutes"),
    "too large": (b"RIFF" + b"\0" * (25 * 1024 * 1024), "more than 25 MB"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_no_phone_can_play_is_refused_with_the_reason(name: str) -> None:
    content, said = BAD[name]
    with pytest.raises(BadSound, match=said):
        examine(content, kind="announcement")


def test_music_may_last_longer_than_an_announcement() -> None:
    assert examine(TOO_LONG, kind="music").seconds == pytest.approx(26 * 60, abs=1)
