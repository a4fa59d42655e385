"""Sounds that a call makes while nobody speaks: ringing for an advisor, quiet tones on hold.

No word and no melody: whoever listens in hears nothing of what the call is about.
"""

from __future__ import annotations

import functools
import io
import math
import wave
from array import array
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from notifications.twilio.twiml import HOLD_SOUND_PATH, RINGING_SOUND_PATH

SAMPLES_A_SECOND = 8000  # what a telephone carries
LOUDEST = 4000  # of 32767: a quiet sound
FADE_SECONDS = 0.25
HOLD_SOUND_SECONDS = 5  # of two tones with their rests
CACHED_FOR = "public, max-age=86400"


def sound_routes() -> list[Route]:
    """Return the routes of the sounds, which hold no secret.

    Twilio asks for them by POST: by GET it would write into the address who is on the phone.
    """
    sounds = {RINGING_SOUND_PATH: ringing_sound, HOLD_SOUND_PATH: hold_sound}
    return [
        Route(path, functools.partial(_serve_sound, make=make), methods=["GET", "POST"])
        for path, make in sounds.items()
    ]


@functools.cache
def ringing_sound() -> bytes:
    """Return the sound of a phone that rings far away: two seconds of tone, then a short rest."""
    return _as_wave([(440.0, 480.0)], tone_seconds=2.0, rest_seconds=1.5)


@functools.cache
def hold_sound() -> bytes:
    """Return two soft tones in turn, with rests shorter than somebody would take for silence."""
    return _as_wave([(261.6,), (329.6,)], tone_seconds=1.5, rest_seconds=1.0)


def _as_wave(
    chords: Sequence[Sequence[float]], *, tone_seconds: float, rest_seconds: float
) -> bytes:
    samples = array("h")
    for chord in chords:
        samples.extend(_sound_of_chord(chord, tone_seconds))
        samples.extend([0] * round(rest_seconds * SAMPLES_A_SECOND))
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_A_SECOND)
        file.writeframes(samples.tobytes())
    return content.getvalue()


def _sound_of_chord(chord: Sequence[float], seconds: float) -> list[int]:
    count = round(seconds * SAMPLES_A_SECOND)
    return [
        round(_loudness_of_sample(i, count) * _height_of_wave(chord, i) / len(chord))
        for i in range(count)
    ]


def _height_of_wave(chord: Sequence[float], i: int) -> float:
    return sum(math.sin(2 * math.pi * hertz * i / SAMPLES_A_SECOND) for hertz in chord)


def _loudness_of_sample(i: int, count: int) -> float:
    """Return how loud a sample is: a tone swells and fades, so that nothing clicks."""
    fade = FADE_SECONDS * SAMPLES_A_SECOND
    return LOUDEST * min(1.0, i / fade, (count - i) / fade)


async def _serve_sound(_request: Request, make: Callable[[], bytes]) -> Response:
    return Response(make(), media_type="audio/wav", headers={"Cache-Control": CACHED_FOR})
