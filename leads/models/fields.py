"""The kinds of columns that tables are made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar, cast

from sqlalchemy import JSON, Column, Dialect, Index, String, false, literal_column, text, true
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field

from leads.database.sealed_columns import (
    PHONE_NUMBER,
    MatchedText,
    SealedBytes,
    SealedJson,
    SealedText,
)
from leads.database.utc_datetime import UtcDateTime
from leads.i18n.messages import dump_message, load_message

Word = TypeVar("Word", bound=StrEnum)


class EnumText(TypeDecorator[StrEnum]):
    """An enumeration stored as its own words in a text column.

    `unknown`: what a stored word is read as that is not in the list, because another version of us
    wrote it; it stays in the row as it is. Without `unknown`, such a word is refused.
    """

    impl = String
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[StrEnum]):
        """Compares a column with words as constants of the statement.

        A parameter may be any word: PostgreSQL would plan the statement again for each, and neither
        database would use the indexes that only rows with certain words are in.
        """

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            """Spell out the words that the column is compared with."""
            words = cast(EnumText, self.type).words
            spelled_out = (_spell_out(compared, words) for compared in other)
            return super().operate(op, *spelled_out, **kwargs)

    comparator_factory = Comparator

    def __init__(self, words: type[StrEnum], unknown: StrEnum | None = None) -> None:
        super().__init__()
        self.words, self.unknown = words, unknown
        self._words_by_text = {str(word): word for word in words}

    # SQLAlchemy's signature
    def process_bind_param(
        self,
        value: StrEnum | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> str | None:
        """Return a word's text; raises ValueError for a word that is not in the list."""
        return None if value is None else self.words(value).value

    # SQLAlchemy's signature
    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> StrEnum | None:
        """Return the member of the enumeration that a text is."""
        if value is None:
            return None
        word = self._words_by_text.get(value, self.unknown)
        return self.words(value) if word is None else word


def _spell_out(compared: Any, words: type[StrEnum]) -> Any:
    """Return a word, or several, as they stand in a statement; anything else as it is."""
    if isinstance(compared, StrEnum):
        return literal_column(f"'{words(compared).value}'", String)
    if isinstance(compared, list | tuple | set | frozenset):
        return [_spell_out(one, words) for one in compared]
    return compared


class MessageText(TypeDecorator[str]):
    """A sentence stored by its key and values, as JSON in a text column; read as a `Message`."""

    impl = String
    cache_ok = True

    # SQLAlchemy's signature
    def process_bind_param(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> str | None:
        """Refuse a sentence without a key."""
        return None if value is None else dump_message(value)

    # SQLAlchemy's signature
    def process_result_value(
        self,
        value: str | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> str | None:
        """Return the sentence, empty for none."""
        return None if value is None else load_message(value)


class SealedMessageText(SealedText):
    """A sentence with a person's own words in it: as a `MessageText`, and sealed."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Refuse a sentence without a key."""
        told = None if value is None else dump_message(value)
        return super().process_bind_param(told, dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the sentence, empty for none."""
        told = super().process_result_value(value, dialect)
        return None if told is None else load_message(told)


def word_or_unknown(word: str, unknown: Word) -> Word:
    """Return the member of an enumeration that a stored word is, or else its member `unknown`."""
    return {str(one): one for one in type(unknown)}.get(word, unknown)


def enum_column(
    words: type[Word],
    default: Word | None = None,
    *,
    optional: bool = False,
    unknown: Word | None = None,
) -> Any:
    """Return a column of words; a stored one that is not in the list is read as `unknown`.

    What only labels or explains a record has one, so that no page fails of it. What decides who may
    move a record has none, states above all, and an order to the outside has none either.
    """
    column: Column[Any] = Column(EnumText(words, unknown), nullable=optional)
    return (
        Field(default=default, sa_column=column)
        if default is not None or optional
        else Field(sa_column=column)
    )


def instant_column(*, optional: bool = False, index: bool = False) -> Any:
    """Return a column of instants, in UTC."""
    column = Column(UtcDateTime, nullable=optional, index=index)
    return Field(default=None, sa_column=column) if optional else Field(sa_column=column)


def message_column() -> Any:
    """Return a column of a sentence, empty at first."""
    return Field(default="", sa_column=Column(MessageText, nullable=False, default=""))


def sealed_column(
    place: str, *, optional: bool = True, has_default: bool = False, is_secret: bool = False
) -> Any:
    """Return a column of a person's own words or data, sealed as those of `place`.

    `place`: the names of the table and of the column. `optional`: empty at first. `has_default`: in
    the database as well. `is_secret`: nothing shows it that shows its record.
    """
    column: Column[Any] = Column(
        SealedText(place),
        nullable=False,
        default="" if optional else None,
        server_default="" if has_default else None,
    )
    if optional:
        return Field(default="", sa_column=column, repr=not is_secret)
    return Field(sa_column=column)


def phone_column(
    *,
    optional: bool = False,
    is_nullable: bool = False,
    has_default: bool = False,
    unique: bool | None = None,
    index: bool | None = None,
) -> Any:
    """Return a column of a phone number, which the database can compare with others alone.

    `optional`: empty at first. `is_nullable`: NULL at first. `has_default`: in the database as
    well.
    """
    column: Column[Any] = Column(
        PHONE_NUMBER,
        nullable=is_nullable,
        default="" if optional else None,
        server_default="" if has_default else None,
        unique=unique,
        index=index,
    )
    if is_nullable:
        return Field(default=None, sa_column=column)
    return Field(default="", sa_column=column) if optional else Field(sa_column=column)


def matched_column(purpose: str, *, unique: bool | None = None) -> Any:
    """Return a column of a text, of which the database can only tell whether it is the same."""
    return Field(sa_column=Column(MatchedText(purpose), nullable=False, unique=unique))


def sealed_bytes_column(place: str) -> Any:
    """Return a column of bytes, sealed as those of `place`."""
    return Field(sa_column=Column(SealedBytes(place), nullable=False))


def sealed_json_column(
    place: str,
    default: type[dict[str, Any] | list[Any]],
    *,
    in_clear: tuple[str, ...] = (),
    once_in_clear: tuple[str, ...] = (),
) -> Any:
    """Return a column of JSON, empty at first, sealed but for its keys `in_clear`."""
    kind = SealedJson(place, in_clear, once_in_clear)
    return Field(default_factory=default, sa_column=Column(kind, nullable=False))


def sealed_message_column(place: str) -> Any:
    """Return a column of a sentence with a person's own words in it, empty at first."""
    return Field(default="", sa_column=Column(SealedMessageText(place), nullable=False, default=""))


def number_column(default: int) -> Any:
    """Return a column of a whole number, with its default in the database as well."""
    return Field(default=default, sa_column_kwargs={"server_default": str(default)})


def yes_no_column(*, default: bool) -> Any:
    """Return a column of yes or no."""
    return Field(
        default=default, sa_column_kwargs={"server_default": true() if default else false()}
    )


def json_column(default: type[dict[str, Any] | list[Any]]) -> Any:
    """Return a column of JSON, empty at first."""
    return Field(default_factory=default, sa_column=Column(JSON, nullable=False))


def words_column() -> Any:
    """Return a column of a list of words, empty where nobody wrote any."""
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]"))


def optional_json_column() -> Any:
    """Return a column of JSON, or of NULL."""
    return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


def column_is_one_of(column: str, words: tuple[StrEnum, ...]) -> Any:
    """Return the condition that a column has one of the words."""
    listed = ", ".join(f"'{one}'" for one in words)
    return text(f"{column} IN ({listed})")


def unique_while_state_in(name: str, *columns: str, words: tuple[StrEnum, ...]) -> Index:
    """Return an index that keeps columns unique together among records in one of these states."""
    condition = column_is_one_of("state", words)
    return Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)
