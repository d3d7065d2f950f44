"""Full names as they are compared, to tell who is likely one person."""

from __future__ import annotations

import pytest

from keepwarm.storage.proposals import full_name


@pytest.mark.parametrize(
    "name",
    [
        "Jürgen Groß",
        "jurgen gross",
        "Groß, Jürgen",
        "GROSS,  JÜRGEN",
        "Dr. Jürgen Groß",
        "Jürgen Groß, PhD",
        "Jürgen Groß (Acme GmbH)",
        "Jürgen Groß | Acme",
        '"Jürgen Groß"',
    ],
)
def test_one_name_in_many_spellings_is_one(name: str) -> None:
    assert full_name(name) == ("jurgen", "gross")


@pytest.mark.parametrize("name", ["Jürgen", "Groß Jürgen", "Jürgen van Groß", "J. Groß", "Anna-Lena Groß"])
def test_another_name_is_another(name: str) -> None:
    assert full_name(name) != ("jurgen", "gross")


@pytest.mark.parametrize("name", ["", "ana@acme.example", "12 34", "(Ana Acme)"])
def test_what_is_no_name_has_no_words(name: str) -> None:
    assert full_name(name) == ()


def test_a_name_without_end_is_cut() -> None:
    assert len(full_name("a " * 100_000)) == 100
