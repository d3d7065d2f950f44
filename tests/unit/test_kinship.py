"""Families: which addresses are one person, and which of them gives the contact its id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from keepwarm.storage.kinship import Families, KinWord, Merging

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(number: int) -> datetime:
    return NOW + timedelta(hours=number)


def families(*pairs: str, same: bool = True) -> Families:
    """Give the families after ``"a b"``, "a is b", was said for each pair in turn."""
    return Families(
        KinWord(id=number, first=pair.split()[0], second=pair.split()[1], same=same, at=at(number))
        for number, pair in enumerate(pairs)
    )


def test_of_whom_nothing_was_said_is_a_family_of_their_own() -> None:
    assert (families().head("a"), list(families().of("a"))) == ("a", ["a"])


def test_all_that_hang_together_are_one_family_and_the_first_named_stays_its_head() -> None:
    known = families("a b", "c d", "b d", "e c")
    assert {known.head(text) for text in "abcde"} == {"e"}
    assert list(known.of("d")) == ["e", "a", "b", "c", "d"]


def test_the_head_stays_as_more_addresses_join() -> None:
    assert [families("a b", "b c").head(text) for text in "abc"] == ["a", "a", "a"]


def test_that_two_are_two_joins_nobody() -> None:
    assert families("a b", same=False).head("b") == "b"


def test_what_became_part_of_a_contact_is_named_with_its_addresses_and_since_when() -> None:
    assert families("b c", "a b").merged() == {
        "a": [
            Merging(gone="b", addresses=("b", "c"), at=at(1)),
            Merging(gone="c", addresses=("c",), at=at(1)),
        ]
    }
