"""Phrases: whole words only, whatever their case, and nothing in the data files that cannot be found."""

from __future__ import annotations

import pytest

from keepwarm.rules.facts.courtship import TOPICS
from keepwarm.rules.phrases import Phrases, phrases_of, words_of

PACKAGES = {
    "keepwarm.rules.touch_words": {"informal", "not_informal", "catch_up", "business", "by_nature"},
    "keepwarm.rules.topic_words": set(TOPICS),
}


@pytest.mark.parametrize("text", ["Tea?", "TEA", "tea-time", "Green tea, please"])
def test_a_word_is_found_whole_in_any_case(text: str) -> None:
    assert Phrases(["tea"]).are_in(words_of(text))


@pytest.mark.parametrize("text", ["Team", "steam", "", "te a"])
def test_a_part_of_a_word_is_not_found(text: str) -> None:
    assert not Phrases(["tea"]).are_in(words_of(text))


def test_the_words_of_a_phrase_stand_side_by_side_and_in_order() -> None:
    catch_up = Phrases(["catch up", "catching up"])
    assert catch_up.are_in(words_of("Quick catch-up, then lunch"))
    assert not catch_up.are_in(words_of("up to catch"))
    assert not catch_up.are_in(words_of("catch me up"))
    assert not catch_up.are_in(words_of("the last word is catch"))


def test_letters_that_fold_are_found() -> None:
    assert Phrases(["Spaß"]).are_in(words_of("SPASS!"))


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert not Phrases(["tea"]).are_in(words_of("x" * 100_000 + " tea"))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_language_has_every_list_and_all_languages_are_read(package: str) -> None:
    known = phrases_of(package)
    assert known.keys() == PACKAGES[package]


def test_english_and_german_words_stand_beside_each_other() -> None:
    informal = phrases_of("keepwarm.rules.touch_words")["informal"]
    assert informal.are_in(words_of("Lunch with Ana"))
    assert informal.are_in(words_of("Mittagessen mit Ana"))
