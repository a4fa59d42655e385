"""Concepts: the words of a text, in English or Spanish, by what they mean. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from leads.free_text import normalization

CLAUSE_END = "|"
MARKS = frozenset({".", "?", ","})
LONGEST_PHRASE = 7  # words
SHORTEST_SLIP = 5  # letters of a word that is known with a slip of the finger

ASKING = {
    "ar": "ar ando a e en es ad aran ara",
    "er": "er iendo e a an as ieran iera",
    "ir": "ir iendo e a an as ieran iera",
}
"""The endings of Spanish verbs that ask or forbid; the others tell of what happened."""
TELLING = {
    "ar": "o as amos an aron aste aba abas aban ado ada ados adas",
    "er": "o es emos en io ieron iste ia ian ido ida idos idas",
    "ir": "o es imos en io ieron iste ia ian ido ida idos idas",
}
"""Endings of what is told of: no slip of those that ask, though one letter away."""
BEFORE_E = {"c": "qu", "g": "gu", "z": "c"}
TO_US = ("me", "nos", "melo", "mela", "noslo", "nosla")
TO_OTHERS = ("le", "les", "lo", "la", "los", "las", "se", "selo")

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class ConceptTable:
    """What phrases of one to several words mean, and which words are found with a slip."""

    concepts_by_phrase: Mapping[Phrase, tuple[str, ...]]
    first_words: frozenset[str]
    slips: normalization.Vocabulary

    def concepts_of(self, words: Iterable[str]) -> list[str]:
        """Return the meaning of a text, clause by clause; an unknown word stands for itself."""
        meant, clause = [CLAUSE_END], list[str]()
        for word in [*words, "."]:
            if word not in MARKS:
                clause.append(word)
                continue
            if clause:
                meant += [*self._concepts_of_clause(clause), CLAUSE_END]
            if word == "?":
                meant += [word, CLAUSE_END]
            clause = []
        return meant

    def _concepts_of_clause(self, clause: list[str]) -> Iterator[str]:
        start = 0
        while start < len(clause):
            length, concepts = self._longest_phrase_at(clause, start)
            yield from concepts
            start += length

    def _longest_phrase_at(self, clause: list[str], start: int) -> tuple[int, tuple[str, ...]]:
        if clause[start] in self.first_words:
            for length in range(min(LONGEST_PHRASE, len(clause) - start), 0, -1):
                concepts = self.concepts_by_phrase.get(tuple(clause[start : start + length]))
                if concepts is not None:
                    return length, concepts
        meant = self.slips.correct_slip(clause[start])
        return 1, self.concepts_by_phrase.get((meant,), (clause[start],))


def build_concept_table(concepts: Mapping[str, str], known: Iterable[str]) -> ConceptTable:
    """Return the table of phrases listed by concept; other known words are no slips of them.

    A concept's name may be several: "I WANT". Raises ValueError for a phrase listed twice.
    """
    told: set[str] = set()
    listed: dict[Phrase, tuple[str, ...]] = {}
    inflected: dict[Phrase, tuple[str, ...]] = {}
    for name, entries in concepts.items():
        for entry in split_entries(entries):
            if "-" in entry:
                told.update(_told_forms(entry))
                for phrase, more in _verb_forms(entry):
                    inflected.setdefault(phrase, (*name.split(), *more))
            elif listed.setdefault(canonical_phrase(entry), tuple(name.split())) != tuple(
                name.split()
            ):
                msg = f"{entry!r} is listed twice"
                raise ValueError(msg)
    table = inflected | listed
    words = [phrase[0] for phrase in table if len(phrase) == 1]
    vocabulary = normalization.build_vocabulary(
        (word for word in words if word.isalpha() and len(word) >= SHORTEST_SLIP),
        [*known, *words, *told],
    )
    return ConceptTable(table, frozenset(phrase[0] for phrase in table if phrase), vocabulary)


def split_entries(listed: str) -> list[str]:
    """Return what is listed with commas between."""
    return [entry.strip() for entry in listed.split(",") if entry.strip()]


def canonical_phrase(entry: str) -> Phrase:
    """Return an entry's words as the words of a text are spelled."""
    return tuple(word for word in normalization.canonical_words(entry) if word not in MARKS)


def _told_forms(entry: str) -> Iterator[str]:
    """Yield the forms of an entry's verb that tell of what happened: "borraron"."""
    for word in entry.split():
        stem, hyphen, ending = word.partition("-")
        if hyphen:
            yield from (_stem_before(stem, end) + end for end in TELLING[ending].split())


def _stem_before(stem: str, end: str) -> str:
    """Return a stem as it is written before the end of a form: "marqu-e" of "marc-ar"."""
    if end[0] != "e" or stem[-1] not in BEFORE_E:
        return stem
    return stem[:-1] + BEFORE_E[stem[-1]]


def _verb_forms(entry: str) -> Iterator[tuple[Phrase, tuple[str, ...]]]:
    """Yield the forms of an entry with a Spanish verb in it, "dej-ar de", and what more they say.

    To whom something is done may be said by the end of the verb: "llamenme".
    """
    words = entry.split()
    at = next(place for place, word in enumerate(words) if "-" in word)
    stem, _, ending = words[at].partition("-")
    for end in ASKING[ending].split():
        form = _stem_before(stem, end) if ending == "ar" else stem
        for clitic in ("", *TO_US, *TO_OTHERS):
            more = ("ME",) if clitic in TO_US else ()
            yield (*words[:at], form + end + clitic, *words[at + 1 :]), more
