"""The recordings of a rehearsal: made-up callers leave two soft tones in place of a voice."""

from __future__ import annotations

from notifications.telephony import NamedRecording
from notifications.twilio.sounds import HOLD_SOUND_SECONDS, hold_sound

REHEARSED_SECONDS = HOLD_SOUND_SECONDS


class RehearsalRecordings:
    """Gives the same sound for each recording, and keeps none."""

    def fetch_recording(self, recording_id: str) -> bytes:  # noqa: ARG002 - the protocol's
        """Return a few seconds of sound."""
        return hold_sound()

    def list_recordings(self, provider_call_id: str) -> list[NamedRecording]:  # noqa: ARG002
        """Return nothing: every recording is told of when it is made."""
        return []

    def delete_recording(self, recording_id: str) -> None:
        """Do nothing: none is kept."""
