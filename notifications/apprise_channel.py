"""Alerts by chat and push, through Apprise."""

from __future__ import annotations

from collections.abc import Sequence

from leads.errors import BadConfiguration, TelephonyError
from leads.i18n.messages import Message, MessageKey
from leads.i18n.translatable import Phrase
from notifications.letter import Letter


class AppriseChannel:
    """A chat or push service, of any kind that Apprise knows."""

    def __init__(self, urls: Sequence[str]) -> None:
        # a fifth of a second at the start, for those alone who use it
        import apprise  # noqa: PLC0415

        self._channels = apprise.Apprise()
        known = [self._channels.add(url) for url in urls]
        if not all(known):
            msg = Phrase(
                "ALERT_URLS has an address Apprise does not recognize: compare it with "
                "Apprise's list of services."
            )
            raise BadConfiguration(msg)

    def send(self, letter: Letter) -> None:
        """Post the letter to every channel; those that took it are not asked again."""
        if not self._channels.notify(title=letter.words.subject, body=letter.words.text):
            raise TelephonyError(Message(MessageKey.CHANNEL_REFUSED), unknown=True)
