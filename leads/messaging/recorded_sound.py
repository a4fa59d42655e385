"""Recorded sound: how long it is, and whether anything is to be heard in it at all."""

from __future__ import annotations

import io
import wave
from dataclasses import dataclass

import numpy as np

SHORTEST = 2.0  # seconds: who hangs up at the tone leaves less
WINDOWS_A_SECOND = 10
SAMPLE_BYTES = 2
QUIETEST_VOICE = 120.0  # the loudness of a tenth of a second, of 32767: far below a whisper


@dataclass(frozen=True)
class HeardSound:
    """What can be said of a recording without listening to it."""

    seconds: int
    is_empty: bool


def examine_recording(content: bytes, *, seconds: int) -> HeardSound:
    """Return how long a WAV file is and whether it is empty: too short, or nothing but silence.

    `seconds`: what the network says. What we cannot read is never taken for silence.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            rate, count = file.getframerate(), file.getnframes()
            is_telephone_sound = (file.getsampwidth(), file.getnchannels()) == (SAMPLE_BYTES, 1)
            samples = np.frombuffer(file.readframes(count), "<i2") if is_telephone_sound else None
    except (wave.Error, EOFError, ValueError):
        return HeardSound(seconds, is_empty=seconds < SHORTEST)
    if samples is None or not rate:
        return HeardSound(seconds, is_empty=seconds < SHORTEST)
    length = len(samples) / rate
    is_empty = length < SHORTEST or _loudest_moment(samples, rate) < QUIETEST_VOICE
    return HeardSound(round(length), is_empty=is_empty)


def _loudest_moment(samples: np.ndarray, rate: int) -> float:
    size = max(1, rate // WINDOWS_A_SECOND)
    whole = samples[: len(samples) // size * size].astype(np.float64).reshape(-1, size)
    return float(np.sqrt((whole**2).mean(axis=1)).max(initial=0.0))
