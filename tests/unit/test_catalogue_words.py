"""Every built-in rule can be read by a consultant: what it says, what it rests on, and what to try."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.facts import FACTS, FACTS_OF
from keepwarm.rules.facts.fact import REGISTRY
from keepwarm.rules.rule import Family
from tests.unit.history_samples import CATALOGUE

if TYPE_CHECKING:
    from keepwarm.rules.facts import Value
    from keepwarm.rules.rule import Rule

CITES_NOTHING = inspect.signature(REGISTRY.fact).parameters["cites"].default
SAMPLES: dict[type[Value], Value] = {int: 3, float: 3.0, str: "a word", bool: True}


def sample(rule: Rule, name: str) -> Value:
    fact = FACTS_OF[rule.scope][name]
    return "2026-07-03" if fact.unit == "date" else SAMPLES[fact.type]


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.id)
def test_a_rule_can_be_read_and_says_what_to_try(rule: Rule) -> None:
    values = {name: sample(rule, name) for name in rule.sentence.names if name in FACTS_OF[rule.scope]}
    said = rule.sentence.put({**rule.params, **values, "name": "Ana"})
    assert re.match(r"[A-Z{]", rule.sentence.text)
    assert re.search(r"[.?)]\Z", said)
    assert not re.search(r"[{}]|unknown number|  ", said)
    assert rule.family in tuple(Family)
    assert len(rule.advice) > 20
    assert re.search(r"[.?!\"]\Z", rule.advice)
    assert not re.search(r"[{}]", rule.advice)


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.id)
def test_a_rule_rests_on_a_fact_with_evidence(rule: Rule) -> None:
    facts = FACTS_OF[rule.scope]
    named = {name for condition in rule.when for name in condition.names if name in facts}
    assert any(facts[name].cite is not CITES_NOTHING for name in named)


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.id)
def test_what_a_rule_weighs_and_how_long_it_rests_keeps_to_the_model(rule: Rule) -> None:
    assert abs(rule.warmth) <= 5
    assert not (rule.warmth and rule.family in (Family.MIRROR, Family.CARE))
    assert rule.cooldown.total_seconds() > 0


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_every_fact_has_a_unit_and_a_sentence(fact: object) -> None:
    found = FACTS[fact.name]  # type: ignore[attr-defined]
    assert re.search(r"[.?]\Z", found.meaning), found.meaning
    assert found.unit or found.type in (bool, str)
