"""Two names are one person's where one of them only says more; no name is anybody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.person_names import fuller_name, is_same_person

WORDS = st.text("abcéñoß", min_size=2, max_size=6)  # no title is spelled with these
NAMES = st.lists(WORDS, min_size=1, max_size=4, unique_by=str.casefold).map(" ".join)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ann", "Ann Lee"),
        ("Ann Lee", "Ann M. Lee"),
        ("Ann M. Lee", "Ann Mary Lee"),
        ("Lee, Ann", "ann lee"),
        ("A. Lee", "Ann Lee"),
        ("José Núñez", "JOSE NUNEZ"),
        ("O'Brien", "O\u2019Brien, Pat"),
        ("María-José Ruiz", "Maria Jose"),
        ("Ann", ""),
        ("", ""),
        ("???", "Ann"),
        ("Anonymous", "Ann"),
        ("N/A", "Ann Lee"),
        ("Prefiero no decir", "Ana"),
        ("Ann A.", "Alice Ann"),
        ("Dr. Ann Lee", "ann m. lee"),
        ("Prof. Dr. Ann Lee", "Ann Lee, R.N."),
        ("Lee, Ann (Ph.D.)", "Mrs Ann M. Lee"),
        ("Sra. Ana López", "ana lopez garcia"),
        ("John Lee Jr.", "JOHN LEE"),
        ("Mrs. Lee", "Ms. Ann Lee"),
    ],
)
def test_a_fuller_form_of_a_name_is_the_same_person(name: str, other: str) -> None:
    assert is_same_person(name, other)
    assert is_same_person(other, name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Mary", "John"),
        ("Mary Lee", "John Lee"),
        ("Ann Lee", "Ann Ray"),
        ("Mr Lee", "Mrs Lee"),
        ("Ann", "Anna"),
        ("Ann Ann", "Ann Lee"),
        ("John Lee Jr.", "John Lee III"),
        ("Dr. Ann Lee", "Dr. Bob Lee"),
        ("Dr. Ann", "Dr. Bob"),
        ("J.R. Lee", "Ann Lee"),
    ],
)
def test_another_name_is_somebody_else(name: str, other: str) -> None:
    assert not is_same_person(name, other)
    assert not is_same_person(other, name)


@given(st.text(max_size=40), st.text(max_size=40))
def test_it_does_not_matter_which_name_was_said_first(name: str, other: str) -> None:
    assert is_same_person(name, other) == is_same_person(other, name)
    assert is_same_person(name, name)


@given(NAMES, st.data())
def test_some_words_of_a_name_in_any_order_and_case_are_the_same_person(
    name: str, data: st.DataObject
) -> None:
    words = data.draw(st.permutations(name.split()))
    some = words[: data.draw(st.integers(1, len(words)))]
    written = data.draw(st.sampled_from([str.upper, str.title, str.lower]))(" ".join(some))
    assert is_same_person(name, written)
    assert fuller_name(name, written) == name or len(some) == len(words)


@given(NAMES, st.lists(st.text("xyz", min_size=2, max_size=5), min_size=1, max_size=3))
def test_a_name_with_a_word_of_its_own_is_somebody_else(name: str, own: list[str]) -> None:
    stranger = " ".join([*own, *name.split()[1:]])
    assert not is_same_person(name, stranger)


def test_a_long_name_takes_no_long_time() -> None:
    assert is_same_person("a " * 100_000, "a")


TITLED = st.sampled_from(
    ["Dr. {}", "Mrs. {}", "{}, Jr.", "{}, Ph.D.", "{} MD", "Prof. Dr. {}", "Sra. {}"]
)


@given(WORDS, WORDS, st.sampled_from("abc"), TITLED)
def test_a_title_a_suffix_or_a_middle_initial_never_makes_another_person(
    first: str, last: str, initial: str, titled: str
) -> None:
    name = f"{first} {last}"
    assert is_same_person(name, titled.format(name))
    assert is_same_person(titled.format(name), f"{first} {initial}. {last}".upper())
    assert is_same_person(f"{last}, {first}", titled.format(f"{first} {initial} {last}"))


@given(st.lists(WORDS, min_size=3, max_size=3, unique_by=str.casefold), TITLED, TITLED)
def test_two_first_names_are_two_people_whatever_titles_they_have(
    names: list[str], titled: str, other_titled: str
) -> None:
    first, other, last = names
    mine, theirs = titled.format(f"{first} {last}"), other_titled.format(f"{other} {last}")
    assert not is_same_person(mine, theirs)
