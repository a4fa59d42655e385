"""What is said of a recording without listening to it."""

from __future__ import annotations

import pytest

from leads.messaging.recorded_sound import HeardSound, examine_recording
from tests.support.sounds import a_voice, silence


@pytest.mark.parametrize(
    ("sound", "heard"),
    [
        (a_voice(5), HeardSound(5, is_empty=False)),
        (a_voice(3, loudness=400), HeardSound(3, is_empty=False)),  # a whisper
        (silence(3) + b"", HeardSound(3, is_empty=True)),
        (a_voice(1.2), HeardSound(1, is_empty=True)),
        (b"", HeardSound(7, is_empty=False)),  # what cannot be read is never taken for silence
        (a_voice(5)[:60], HeardSound(0, is_empty=True)),
    ],
    ids=["a voice", "a whisper", "an open line", "too short", "no sound file", "cut off"],
)
def test_only_what_is_short_or_silent_is_empty(sound: bytes, heard: HeardSound) -> None:
    assert examine_recording(sound, seconds=7) == heard
