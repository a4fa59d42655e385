"""Person names: whether two names may be one person's, and which of the two says more."""

from __future__ import annotations

import re
import unicodedata

MASK = "•••"
LONGEST_NAME = 400  # characters that are compared
MOST_WORDS = 12  # of a name: whatever follows is no name any more

NAMELESS = frozenset(
    tuple(words.split())
    for words in (
        "anonymous", "anon", "anonimo", "anonima", "n a", "none", "no name", "nameless", "unknown",
        "not given", "withheld", "private", "prefer not to say", "rather not say", "sin nombre",
        "ninguno", "desconocido", "desconocida", "prefiero no decir", "prefiero no decirlo",
    )
)  # fmt: skip
"""What people write where they give no name."""

TITLES = frozenset(
    {
        "dr", "dra", "doctor", "doctora", "mr", "mister", "mrs", "ms", "miss", "mx", "prof",
        "profesor", "profesora", "rev", "hon", "sir", "madam", "sra", "srta", "sr", "lic",
        "licda", "ing", "arq", "capt", "sgt", "cpl", "pvt", "lt", "col", "jr", "ii", "iii", "iv",
        "md", "phd", "rn", "lpn", "esq", "dds", "dmd", "lcsw", "lmft", "lmsw", "msw", "mba",
        "cpa", "psyd", "edd", "usmc", "ret",
    }
)  # fmt: skip
"""What stands before or behind a name and is nobody's: no word of it is a first name, too."""
OPPOSED = {
    frozenset().union(*groups): groups
    for groups in (
        (
            frozenset({"mr", "mister", "sr", "sir"}),
            frozenset({"mrs", "ms", "miss", "sra", "srta", "madam"}),
        ),
        tuple(frozenset({one}) for one in ("sr", "jr", "ii", "iii", "iv")),
    )
}
"""Titles of which a person has one kind only."""
DEGREE = re.compile(r"(?<=[\s,(])(?:[^\W\d_]{1,2}\.){2,}(?=\W*$)")  # "Ph.D." at the end


def masked_name(name: str) -> str:
    """Return a name by its first word and the first letters of the others."""
    first, *others = name.split() or [""]
    return " ".join([first, *(other[0] + MASK for other in others)])


def read_surname(name: str) -> str:
    """Return the last word of a name, without case and accents; empty where there is one alone."""
    words = _name_words(name)
    return words[-1] if len(words) > 1 and len(words[-1]) > 1 else ""


def is_same_person(name: str, other: str) -> bool:
    """Whether two names, given with one phone number, are taken for one person's.

    They are where each word of the shorter name is a word of the longer one, or an initial of it;
    case, accents, titles and the order of words do not count. No name at all is anybody's.
    """
    if _have_opposed_titles(name, other):
        return False
    fewer, more = sorted((_name_words(name), _name_words(other)), key=len)
    partners: dict[int, int] = {}
    return all(_find_partner(at, fewer, more, partners, set()) for at in range(len(fewer)))


def fuller_name(name: str, other: str) -> str:
    """Return the name that says more of the same person; the first where neither does."""
    return max(name.strip(), other.strip(), key=_fullness_of_name)


def _have_opposed_titles(name: str, other: str) -> bool:
    """Whether titles tell two people of a family apart: Mr. and Mrs., father and son."""
    mine, theirs = plain_name_words(name), plain_name_words(other)
    return any(
        (said := kinds.intersection(mine))
        and (besides := kinds.intersection(theirs))
        and not any(said & alike and besides & alike for alike in OPPOSED[kinds])
        for kinds in OPPOSED
    )


def _fullness_of_name(name: str) -> tuple[int, int]:
    words = _name_words(name)
    return len(words), sum(map(len, words))


def _name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name without case, accents, signs and titles.

    An apostrophe parts none, and what has no other word than a title is called so.
    "Anonymous" is no name.
    """
    words = plain_name_words(name)
    untitled = tuple(word for word in words if word not in TITLES)
    return () if words in NAMELESS else untitled or words


def plain_name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, titles among them, without case, accents and signs."""
    whole = DEGREE.sub(lambda degree: degree[0].replace(".", ""), name[:LONGEST_NAME])
    plain = unicodedata.normalize("NFKD", whole).casefold()
    letters = "".join(
        one if one.isalnum() else " "
        for one in plain
        if not unicodedata.combining(one) and one not in "'’ʼ`´"  # noqa: RUF001 - apostrophes
    )
    return tuple(letters.split()[:MOST_WORDS])


def _find_partner(
    at: int,
    fewer: tuple[str, ...],
    more: tuple[str, ...],
    partners: dict[int, int],
    tried: set[int],
) -> bool:
    """Give a word of the shorter name a word of the longer one that no other word needs.

    `partners`: by word of the longer name, who has it. A word gives its partner up where it finds
    another one: the usual way to a largest matching.
    """
    for candidate, word in enumerate(more):
        if candidate in tried or not _may_be_same_word(fewer[at], word):
            continue
        tried.add(candidate)
        holder = partners.get(candidate)
        if holder is None or _find_partner(holder, fewer, more, partners, tried):
            partners[candidate] = at
            return True
    return False


def _may_be_same_word(word: str, other: str) -> bool:
    is_initial = min(len(word), len(other)) == 1
    return word == other or (is_initial and word[0] == other[0])
