"""The riddle «Я не робот»: its picture and its voice."""

import math
import time
import wave
from io import BytesIO

import pytest
from PIL import Image

from mygas.documents import riddle

NOT_DIGITS = ["", "1234", "123456", "12a45", "-1234", "12 45", "1234\n", "12345\n", "١٢٣٤٥", "１２３４５"]
ALL_DIGITS = ["01234", "56789", "77777", "44444", "22222", "11111", "90817"]


def bursts(wav: bytes) -> int:
    """How many times the recording is loud (50 ms windows), with a quarter of a second of quiet before each time."""
    with wave.open(BytesIO(wav)) as recording:
        samples = [byte - 128 for byte in recording.readframes(recording.getnframes())]
    count, quiet = 0, 5
    for start in range(0, len(samples) - 400, 400):
        if math.hypot(*samples[start : start + 400]) / 20 > 14:  # 20 = √400: the root mean square
            count += quiet >= 5
            quiet = 0
        else:
            quiet += 1
    return count


@pytest.mark.parametrize("digits", ALL_DIGITS)
def test_picture_is_a_small_palette_png_that_fits_a_narrow_screen(digits):
    png = riddle.picture(digits)
    image = Image.open(BytesIO(png))
    assert (image.format, image.mode, image.size) == ("PNG", "P", (220, 80))
    assert len(png) <= 6 * 1024


def test_picture_is_dark_on_light():
    tones = sorted(Image.open(BytesIO(riddle.picture("88888"))).convert("L").tobytes())
    assert tones[len(tones) // 2] > 215  # the paper
    assert tones[len(tones) // 50] < 110  # the ink


def test_picture_differs_each_time():
    assert len({riddle.picture("12345") for _ in range(20)}) == 20


def test_picture_takes_less_than_30_ms_of_processor_time():
    riddle.picture("12345")
    begun = time.process_time()
    for _ in range(20):
        riddle.picture("12345")
    assert (time.process_time() - begun) / 20 < 0.030


@pytest.mark.parametrize("digits", ALL_DIGITS)
def test_speech_is_five_bursts_in_a_short_telephone_recording(digits):
    for seed in range(5):
        wav = riddle.speech(digits, seed)
        with wave.open(BytesIO(wav)) as recording:
            assert (recording.getnchannels(), recording.getsampwidth(), recording.getframerate()) == (1, 1, 8000)
            assert 4 <= recording.getnframes() / 8000 <= 7.5
        assert len(wav) <= 60_000
        assert bursts(wav) == 5


def test_speech_depends_on_the_seed_alone():
    assert riddle.speech("12345", "one") == riddle.speech("12345", "one")
    assert len({riddle.speech("12345", seed) for seed in range(10)}) == 10


def test_speech_says_each_digit_in_its_own_way():
    assert len({riddle.speech(str(digit) * 5, b"seed") for digit in range(10)}) == 10


def test_each_digit_has_several_voices():
    for digit in range(10):
        assert len(list((riddle.VOICES / str(digit)).glob("*.wav"))) >= 3


@pytest.mark.parametrize("text", NOT_DIGITS)
def test_only_five_digits_are_drawn_or_said(text):
    with pytest.raises(ValueError, match="5 digits"):
        riddle.picture(text)
    with pytest.raises(ValueError, match="5 digits"):
        riddle.speech(text, 1)
