"""Strengths: when a finding that stands would be told more strongly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keepwarm.rules.rule import Strength

if TYPE_CHECKING:
    from keepwarm.rules.conditions import Condition

_EITHER = re.compile(r"""([^?]+)\?\s*["'](\w+)["']\s*:\s*["'](\w+)["']\s*""", re.DOTALL)
_ORDER = tuple(Strength)


def worse(strength: Condition) -> dict[str, Condition]:
    """Give, by the strength that a finding has, the condition under which a rule's ``strength`` gives a greater one.

    ``x ? "strong" : "medium"`` is taken for the plain ``x``, by which a rule can sleep.
    """
    if not strength.names:
        return {}
    if either := _EITHER.fullmatch(strength.text):
        more, less = (_ORDER.index(Strength(either[number])) for number in (2, 3))
        return {_ORDER[less].value: strength.part(either[1].strip(), bool)} if more > less else {}
    return {
        Strength.WEAK.value: strength.part(f'({strength.text}) != "weak"', bool),
        Strength.MEDIUM.value: strength.part(f'({strength.text}) == "strong"', bool),
    }
