"""Headline: the week in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.outputs.finding import people_of
from keepwarm.outputs.kinds import KINDS

if TYPE_CHECKING:
    from keepwarm.outputs.desk import Desk

_ORDER = ("not_into_you", "mirror", "pings", "warming")


def headline(desk: Desk) -> str:
    """Say the week in one sentence: how many people are pulling away, wait for the owner, are warming."""
    if not desk.week.contacts:
        return desk.words.say("headline.empty")
    people = {kind: len(people_of(desk, kind)) for kind in KINDS}
    clauses = [desk.words.count(f"headline.{kind}", people[kind], spelt=True) for kind in _ORDER if people[kind]]
    if not clauses:
        return desk.words.say("headline.quiet")
    sentence = desk.words.say("headline.people", clauses=desk.words.join(clauses))
    return sentence[0].upper() + sentence[1:]
