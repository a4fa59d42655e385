"""Stored sentences: each has a key, words, and a way back from its row."""

from __future__ import annotations

import copy
import json
import string
from typing import Any

import pytest
from sqlalchemy.exc import StatementError
from sqlmodel import Session

from leads.forms.vendor_recipes import load_vendor, vendor_kinds
from leads.i18n.former_words import VENDOR_REASONS_BEFORE
from leads.i18n.messages import (
    WORDS,
    Message,
    MessageKey,
    dump_message,
    join_messages,
    load_message,
    own_words,
)
from leads.i18n.translatable import Phrase, translate
from leads.models.requests import Suppression
from tests.conftest import NOW

NUMBER = "+13155550142"


def _values_of(key: MessageKey) -> dict[str, str]:
    names = {name for _, name, _, _ in string.Formatter().parse(WORDS[key].template) if name}
    return dict.fromkeys(names, "7")


@pytest.mark.parametrize("key", MessageKey)
def test_every_key_has_words_and_comes_back_as_it_was_stored(key: MessageKey) -> None:
    message = Message(key, **_values_of(key))
    stored = load_message(dump_message(message))
    assert stored == message
    assert isinstance(stored, Message)
    assert stored.key is key
    assert stored.values == message.values
    assert copy.deepcopy(message).key is key


def test_a_message_within_a_message_is_said_in_spanish_after_it_was_stored() -> None:
    waits = Message(MessageKey.TEST_WOULD_WAIT, reason=Message(MessageKey.SENT_BEFORE, id=7))
    said = translate("es", load_message(dump_message(waits)))
    assert said == (
        "Prueba enviada desde aquí. Un envío real quedaría en revisión: "
        "Ya se había enviado como envío 7."
    )
    both = join_messages(own_words("Ana asked for this."), Message(MessageKey.SOURCE_PAUSED))
    assert translate("es", load_message(dump_message(both))).startswith("Ana asked for this. ")


@pytest.mark.parametrize(("text", "key"), VENDOR_REASONS_BEFORE.items())
def test_what_a_recipe_said_before_it_had_a_key_is_said_in_both_languages(
    text: str, key: str
) -> None:
    words = WORDS[MessageKey(key)]
    stored = json.dumps({"key": "vendor_reason", "values": {"text": text}})
    assert load_message(stored) == words
    assert translate("es", load_message(stored)) == translate("es", words) != words
    assert load_message(dump_message(load_message(stored))) == words


def test_a_recipe_stores_which_of_its_reasons_it_was_and_none_of_its_words() -> None:
    said = [load_vendor(kind) for kind in vendor_kinds()]
    reasons = [reason for one in said for reason in (one.thin_reason, one.other_reason) if reason]
    assert set(map(dump_message, reasons)) == {
        json.dumps({"key": key, "values": {}}) for key in VENDOR_REASONS_BEFORE.values()
    }


def test_a_persons_own_words_stay_as_they_are_and_out_of_the_trail() -> None:
    typed = own_words("merged {with} another")
    assert translate("es", load_message(dump_message(typed))) == "merged {with} another"
    nested = Message(MessageKey.NETWORK_REFUSES, problem=typed)
    assert "another" not in str(nested.as_data(with_own_words=False))


@pytest.mark.parametrize(
    "data",
    [
        {"key": "of_another_version", "values": {"id": 7, "name": "Jordan", "template": "{x}"}},
        {"key": "sent_before", "values": {"number": 7}},
        {"key": "vendor_reason", "values": {}},
        {"key": "sent_before"},
        {"text": "Jordan"},
    ],
)
def test_a_sentence_of_another_version_is_shown_as_such_and_stored_again_as_it_was(
    data: dict[str, Any],
) -> None:
    stored = json.dumps(data)
    message = load_message(stored)
    assert message == "This version cannot show this note."
    assert translate("es", message).startswith("Esta versión no puede mostrar")
    assert json.loads(dump_message(copy.deepcopy(message))) == data
    within = json.dumps({"key": "followed_by", "values": {"first": data, "more": data}})
    both = load_message(within)
    assert both == f"{message} {message}"
    assert json.loads(dump_message(both)) == json.loads(within)
    assert isinstance(both, Message)
    assert "Jordan" not in str(both.as_data(with_own_words=False))


@pytest.mark.parametrize("sentence", ["STOP", Phrase("They said stop.")])
def test_a_sentence_without_a_key_is_refused_by_its_column(session: Session, sentence: str) -> None:
    session.add(Suppression(phone=NUMBER, reason=sentence, actor="network", since=NOW))
    with pytest.raises(StatementError, match="stored by its key"):
        session.flush()
    session.rollback()
