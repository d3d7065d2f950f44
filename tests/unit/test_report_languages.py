"""The catalogues of texts: each language says all that English says, with the same things filled in."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from keepwarm.outputs.columns import width
from keepwarm.outputs.report import render_html, render_text
from keepwarm.outputs.wording import wording
from keepwarm.rules import rule_file
from tests.unit import views_samples as samples

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = sorted(
    file.name.removesuffix(".toml")
    for file in files("keepwarm.outputs.texts").iterdir()
    if file.name.endswith(".toml") and file.name != "en.toml"
)
SLOT = re.compile(r"\{(\w+)\}")


def texts(table: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from texts(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_and_fills_in_nothing_else(language: str) -> None:
    english, other = dict(texts(wording("en").catalogue)), dict(texts(wording(language).catalogue))
    assert other.keys() == english.keys()
    assert other["language"] == language
    for key, text in english.items():
        if isinstance(text, list):
            assert len(other[key]) == len(text), key
        else:
            assert set(SLOT.findall(other[key])) <= set(SLOT.findall(text)), key


def test_a_german_report_has_german_dates_and_numbers() -> None:
    text = render_text(samples.full_week(), "de")
    assert "Woche 47: 16. bis 22. November 2026" in text
    assert "Di, 24. Nov., 10:00" in text
    assert "12.480 Nachrichten" in text
    assert "1.204 Rundbriefe und Listennachrichten" in text
    assert max(map(width, text.splitlines())) <= 76
    assert '<html lang="de"' in render_html(samples.full_week(), "de")


def test_german_leaves_no_english_word_of_the_reports_own() -> None:
    text = render_text(samples.full_week(), "de")
    for word in ("Seen", "What to do", "Week", "people", "Look at", "They promised", "Last:"):
        assert word not in text.replace("keepwarm signals", ""), word


RULES = {rule.id: rule for rule in rule_file.read().everything}
FACTS_IN = re.compile(r"\{(\w+)(?::(\w+))?\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_built_in_rule_speaks_the_language_with_facts_and_units_of_its_own(language: str) -> None:
    text = files("keepwarm.outputs.rule_texts").joinpath(f"{language}.toml").read_text("utf-8")
    written = tomllib.loads(text)["rules"]
    assert written.keys() == RULES.keys()
    for name, words in written.items():
        # What is a phrase in English is said by a phrase.
        plain = {(fact, "" if form in ("said", "list") else form) for fact, form in FACTS_IN.findall(words["sentence"])}
        assert plain <= set(FACTS_IN.findall(RULES[name].sentence.text)), name
        assert words["advice"]
        assert set(re.findall(r"`[^`]+`", words["advice"])) == set(re.findall(r"`[^`]+`", RULES[name].advice)), name


def test_a_german_finding_says_its_facts_in_german_and_one_of_the_owners_own_words_stays() -> None:
    facts = {"their_reply_hours": 27.0, "their_reply_hours_before": 1.2}
    slow = samples.signal(samples.ANA, "slow_fade", "not_into_you", "In English.", facts=facts)
    week = samples.week((samples.ANA,), (slow,))
    said = "Ana Brandt braucht immer länger für Antworten: zuletzt 3 Arbeitstage, davor 1 Arbeitsstunde."
    assert said in " ".join(render_text(week, "de").split())
    assert "In English." in render_text(replace(week, reworded=frozenset({"slow_fade"})), "de")
    assert "In English." in render_text(replace(week, signals=(replace(slow, facts={}),)), "de")
