"""Sentences say facts as a person would, and name nothing else."""

from __future__ import annotations

import pytest

from keepwarm.rules.sentences import SentenceError, checked

KNOWN = {
    "name": "text",
    "days": "number",
    "hours": "number",
    "moves": "number",
    "share": "number",
    "heard_on": "date",
    "param.least": "number",
}


@pytest.mark.parametrize(
    ("text", "values", "said"),
    [
        ("{name}", {"name": "Ana {days}"}, "Ana {days}"),
        ("{days}", {"days": 3.14159}, "3.1"),
        ("{moves}", {"moves": 1_234_567}, "1234567"),
        ("{days:days}", {"days": 1.2}, "1 day"),
        ("{days:days}", {"days": 41.6}, "42 days"),
        ("{days:days}", {"days": 800.0}, "2 years"),
        ("{hours:hours}", {"hours": 0.4}, "less than an hour"),
        ("{hours:hours}", {"hours": 1.1}, "1 working hour"),
        ("{hours:hours}", {"hours": 18.0}, "2 working days"),
        ("{moves:times}", {"moves": 0}, "never"),
        ("{moves:times}", {"moves": 3}, "three times"),
        ("{moves:times}", {"moves": 6}, "6 times"),
        ("{moves:meetings}, {moves:messages}", {"moves": 1}, "1 meeting, 1 message"),
        ("{share:percent}", {"share": 0.666}, "67%"),
        ("since {heard_on:date}", {"heard_on": "2026-07-03"}, "since 3 July 2026"),
        ("at least {param.least}", {"param.least": 3}, "at least 3"),
        ("{days:days}", {}, "an unknown number"),
    ],
)
def test_facts_are_said_as_a_person_would(text: str, values: dict[str, float], said: str) -> None:
    assert checked(text, KNOWN).put(values) == said


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{nobody}", "names nothing that is known"),
        ("{}", "names nothing that is known"),
        ("{name.__class__}", "names nothing that is known"),
        ("{days!r}", "names nothing that is known"),
        ("{days:weeks}", "the form is one of"),
        ("{days:date}", "a number, and not a date"),
        ("{heard_on:days}", "a date, and not a number"),
        ("{name:percent}", "a text, and not a number"),
        ("since {days:days", "a brace without its partner"),
        ("since days}", "a brace without its partner"),
    ],
)
def test_anything_else_in_braces_is_a_mistake(text: str, why: str) -> None:
    with pytest.raises(SentenceError, match=why):
        checked(text, KNOWN)


def test_the_names_are_told_each_once() -> None:
    assert checked("{name} {days:days} {name}", KNOWN).names == ("name", "days")
