"""«Я не робот»: five digits drawn for the eye and spoken in Russian for the ear.

A brake for robots, not a wall: it must stay easy for a person of seventy with a small telephone. What was asked, by whom
and how often is the caller's concern.
"""

import random
import re
import wave
from functools import cache
from io import BytesIO
from pathlib import Path

from captcha.image import ImageCaptcha, random_color
from PIL import ImageOps

LENGTH = 5  # digits in a riddle
VOICES = Path(__file__).parent / "voices"
RATE = 8000  # samples a second; a sample is a byte, as the telephone speaks

_LEAD = RATE * 3 // 10
_PAUSE = (RATE * 55 // 100, RATE * 75 // 100)
_SPEED = (0.92, 1.1)  # further off, «семь» and «восемь» begin to sound alike
_LOUDNESS = (0.85, 1.0)
_MURMUR = 9  # how many times quieter than the voice the murmur behind it is


class _Drawing(ImageCaptcha):
    """The library's drawing with smaller turns and overlaps than its own, which people misread."""

    character_rotate = (-22, 22)
    word_offset_dx = 0.12
    word_space_probability = 0.8


_drawing = _Drawing(width=220, height=80, font_sizes=(50, 56, 60))


def picture(digits: str) -> bytes:
    """A PNG of 220×80, dark on light, about 3 KB; drawn differently each time. Raises ValueError unless `digits` are five."""
    _check(digits)
    # The library takes a digit's brightness for its opacity: drawn light on dark and turned over, a dark digit is solid.
    negative = _drawing.generate_image(digits, bg_color=random_color(0, 17), fg_color=random_color(165, 255))
    png = BytesIO()
    ImageOps.invert(negative).quantize(16).save(png, "PNG", optimize=True)
    return png.getvalue()


def speech(digits: str, seed: int | str | bytes) -> bytes:
    """A WAV (8 kHz, mono, 8 bit, 4 to 7 seconds, at most 60 KB) that says the digits one by one over a quiet murmur.

    The same digits and seed sound the same, so that whoever listens twice does not get a second recording to compare.
    Raises ValueError unless `digits` are five.
    """
    _check(digits)
    dice = random.Random(seed)  # noqa: S311 - it varies a voice and guards nothing
    spoken = [_twisted(dice.choice(_takes()[digit]), dice) for digit in digits]
    pauses = [dice.randint(*_PAUSE) for _ in digits]
    track = _murmur(_LEAD + sum(map(len, spoken)) + sum(pauses), dice)
    start = _LEAD
    for voice, pause in zip(spoken, pauses, strict=True):
        for place, sample in enumerate(voice, start):
            track[place] += sample
        start += len(voice) + pause
    return _wav(track)


def _check(digits: str) -> None:
    if not re.fullmatch(rf"[0-9]{{{LENGTH}}}", digits):
        raise ValueError(f"a riddle is {LENGTH} digits")


@cache
def _takes() -> dict[str, list[list[int]]]:
    """Every recording of every digit, as samples from -128 to 127."""
    return {str(digit): [_samples(path) for path in sorted((VOICES / str(digit)).glob("*.wav"))] for digit in range(10)}


def _samples(path: Path) -> list[int]:
    with wave.open(str(path)) as recording:
        return [byte - 128 for byte in recording.readframes(recording.getnframes())]


def _twisted(voice: list[int], dice: random.Random) -> list[int]:
    """The voice a little faster or slower (and so higher or lower) and quieter, by linear interpolation."""
    speed, loudness = dice.uniform(*_SPEED), dice.uniform(*_LOUDNESS)
    twisted = []
    for number in range(int((len(voice) - 1) / speed)):
        place, part = divmod(number * speed, 1)
        before, after = voice[int(place)], voice[int(place) + 1]
        twisted.append(int(loudness * (before + (after - before) * part)))
    return twisted


def _murmur(length: int, dice: random.Random) -> list[int]:
    """Digits said backwards, far off, and a hiss: it hides where a voice begins and ends from a simple cutter."""
    takes = [take for recordings in _takes().values() for take in recordings]
    far: list[int] = []
    while len(far) < length:
        far += (sample // _MURMUR for sample in reversed(dice.choice(takes)))
    return [sample + (hiss & 7) - 4 for sample, hiss in zip(far, dice.randbytes(length), strict=False)]


def _wav(track: list[int]) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(1)
        recording.setframerate(RATE)
        recording.writeframes(bytes(min(255, max(0, sample + 128)) for sample in track))
    return file.getvalue()
