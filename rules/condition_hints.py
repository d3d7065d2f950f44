"""Hints at what was meant: what people write in a condition by the habit of another language."""

from __future__ import annotations

import re

_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")
_HABITS = (
    (re.compile(r"\band\b", re.IGNORECASE), "write && for and"),
    (re.compile(r"\bor\b", re.IGNORECASE), "write || for or"),
    (re.compile(r"\bnot\b", re.IGNORECASE), "write ! for not"),
    (re.compile(r"=>"), "write >= for at least"),
    (re.compile(r"=<"), "write <= for at most"),
    (re.compile(r"<>"), "write != for another than"),
    (re.compile(r"(?<![=!<>])=(?!=)"), "write == for the same as"),
    (re.compile(r"(?<!&)&(?!&)"), "write && for and"),
    (re.compile(r"(?<!\|)\|(?!\|)"), "write || for or"),
    (re.compile(r"\b(?:True|TRUE|False|FALSE)\b"), "true and false are written small"),
    (re.compile(r"\d\s*%"), "write a share as a fraction: 0.5 for half"),
    (re.compile(r"\d,\d"), "write a point, not a comma, before the fraction"),
    (re.compile(r"\d\s*(?:h|d|w|y|hours?|days?|weeks?|years?)\b"), "write the number alone: each fact has its unit"),
)


def of_syntax(expression: str) -> str:
    """Give a hint for an expression that cannot be read; "" if it is wrong in no way that is known."""
    bare = _TEXT.sub("''", expression)
    return next((hint for habit, hint in _HABITS if habit.search(bare)), "")


def of_types(why: str) -> str:
    """Give a hint for operands that do not go together, from what the checker says of them."""
    if "double" in why and "int" in why:
        return "one side is a fraction: write 3.0 instead of 3, or double(...) around the whole number"
    if "string" in why and ("int" in why or "double" in why or "bool" in why):
        return "a text goes with a text only: quotes around it, none around numbers, true and false"
    return ""
