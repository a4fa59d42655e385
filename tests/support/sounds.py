"""Sounds as a telephone records them."""

from __future__ import annotations

import io
import math
import wave
from array import array

RATE = 8000


def a_voice(seconds: float = 5, *, loudness: int = 6000) -> bytes:
    """A tone in place of a voice, as a WAV file."""
    count = round(seconds * RATE)
    wobble = (round(loudness * math.sin(2 * math.pi * 220 * i / RATE)) for i in range(count))
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", wobble).tobytes())
    return content.getvalue()


def silence(seconds: float = 5) -> bytes:
    """An open line on which nobody speaks."""
    return a_voice(seconds, loudness=20)
