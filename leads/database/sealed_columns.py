"""Sealed columns: what people said and wrote, unreadable to whoever has the database alone.

The database cannot compare, sort or search what is in them; only whether there is anything.
"""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from sqlalchemy import JSON, Column, Dialect, LargeBinary, String
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

from leads.database.data_keys import data_keys_of

Content = TypeVar("Content")
SAMENESS = (
    *(operators.eq, operators.ne, operators.in_op, operators.not_in_op),
    *(operators.is_, operators.is_not),
)
SEALED = "sealed"  # under it stands what of a JSON document is sealed


class _Sealed(TypeDecorator[Content]):
    """A column whose content is sealed as `place`'s own: the names of its table and of itself."""

    class Comparator(TypeDecorator.Comparator[Any]):
        """Compares with nothing but the empty content: what is sealed is never twice the same."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            """Refuse what the database cannot tell.

            SQLAlchemy itself compares columns when it looks for one in a list.
            """
            if other not in (("",), (b"",)) and not isinstance(other[:1] and other[0], Column):
                msg = "the database cannot compare what is sealed"
                raise TypeError(msg)
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place


class SealedText(_Sealed[str]):
    """A sealed text; an empty one stays empty."""

    impl: TypeEngine[str] = String()
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what to keep of a text."""
        return value and data_keys_of(dialect).seal_text(value, column=self.place)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text."""
        return value and data_keys_of(dialect).open_text(value, column=self.place)


class JoinedSealedText(TypeDecorator[str]):
    """Texts that the database has joined with sealed ones of a place as their parts; read as said.

    A part ends with one of the two characters `ends`, which no other part has in it.
    """

    impl: TypeEngine[str] = String()
    cache_ok = True

    def __init__(self, place: str, ends: str) -> None:
        super().__init__()
        self.place, self.ends = place, ends

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text, with what is sealed of it opened, and without an end of a part in it."""
        keys, parts = data_keys_of(dialect), re.split(f"([{self.ends}])", value or "")
        for at in range(0, len(parts), 2):
            opened = keys.open_text(parts[at], column=self.place)
            if opened is not parts[at]:
                parts[at] = re.sub(f"[{self.ends}]", " ", opened)
        return value and "".join(parts)


class SealedBytes(_Sealed[bytes]):
    """Sealed bytes; none stay none."""

    impl: TypeEngine[bytes] = LargeBinary()
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Return what to keep of bytes."""
        return value and data_keys_of(dialect).seal(value, column=self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Return the bytes."""
        return value and data_keys_of(dialect).open(bytes(value), column=self.place)


class MatchedText(TypeDecorator[str]):
    """A text that is sealed the same way wherever it stands for a purpose; an empty one stays so.

    The database can tell whether two are the same, in whichever columns of the same purpose, and
    keep them unique. It cannot read, sort or search them.
    """

    impl: TypeEngine[str] = String()
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[str]):
        """Compares whether texts are the same, and no more."""

        def operate(self, op: Any, *other: Any, **kwargs: Any) -> Any:
            """Refuse what the database cannot tell."""
            if op not in SAMENESS:
                msg = "the database can tell no more of it than whether it is the same"
                raise TypeError(msg)
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what to keep of a text."""
        return value and data_keys_of(dialect).lookup.seal_text(value, purpose=self.purpose)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text."""
        return value and data_keys_of(dialect).lookup.open_text(value, purpose=self.purpose)


PHONE_NUMBER = MatchedText("phone number")
"""A phone number, whoever's it is: all columns of phone numbers can be compared."""


class SealedJson(TypeDecorator[Any]):
    """A JSON document that is sealed but for the keys `in_clear`, which queries ask for.

    `once_in_clear`: keys that another version of us left so.
    """

    impl = JSON
    cache_ok = True

    def __init__(
        self, place: str, in_clear: tuple[str, ...] = (), once_in_clear: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.place, self.in_clear, self.once_in_clear = place, in_clear, once_in_clear

    def coerce_compared_value(self, op: Any, value: Any) -> Any:
        """Let queries ask for the keys in clear as those of any JSON column."""
        return JSON().coerce_compared_value(op, value)

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return what to keep of a document."""
        keys = data_keys_of(dialect)
        if not value:
            return value
        keys.lookup.require_opened()
        if not keys.beginning:
            return value
        clear = {name: value[name] for name in self.in_clear if name in value}
        told = json.dumps(value, ensure_ascii=False)
        return {**clear, SEALED: keys.seal_text(told, column=self.place)}

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the document."""
        kept = value.get(SEALED) if isinstance(value, dict) else None
        if not isinstance(kept, str):
            return value
        opened = data_keys_of(dialect).open_text(kept, column=self.place)
        return value if opened is kept else json.loads(opened)
