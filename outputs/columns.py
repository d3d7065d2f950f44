"""Columns: how wide a text is in a terminal, and fitting it in."""

from __future__ import annotations

import unicodedata

WIDTH = 76
"""Columns of the text report."""


def width(text: str) -> int:
    """Count the columns that ``text`` takes: two for a wide character (UAX 11), none for a combining one."""
    return len(text) if text.isascii() else sum(map(_width_of, text))


def _width_of(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def clip(text: str, columns: int) -> str:
    """Cut ``text`` to at most ``columns``, ending in "…" if something is missing."""
    return text if width(text) <= columns else _head(text, columns - 1).rstrip() + "…"


def _head(text: str, columns: int) -> str:
    used = 0
    for at, character in enumerate(text):
        used += _width_of(character)
        if used > columns:
            return text[:at]
    return text


def pad(text: str, columns: int) -> str:
    """Fill ``text`` up with blanks on the right, or cut it, to exactly ``columns``."""
    text = clip(text, columns)
    return text + " " * (columns - width(text))


def spread(left: str, right: str, columns: int = WIDTH) -> str:
    """Put two texts on one line, at its two ends; ``left`` is cut if they do not both fit."""
    return pad(left, columns - width(right) - 2) + "  " + right


def wrap(text: str, indent: str = "", hanging: str | None = None, columns: int = WIDTH) -> list[str]:
    """Break ``text`` into lines of up to ``columns``: ``indent`` opens the first, ``hanging`` the rest."""
    hanging = indent if hanging is None else hanging
    lines = [indent]
    fresh = True
    for word in _breakable(text, columns - max(width(indent), width(hanging))):
        gap = "" if fresh else " "
        if not fresh and width(lines[-1]) + 1 + width(word) > columns:
            lines.append(hanging)
            gap = ""
        lines[-1] += gap + word
        fresh = False
    return lines


def _breakable(text: str, columns: int) -> list[str]:
    words = []
    for word in text.split():
        while width(word) > columns:
            words.append(_head(word, columns))
            word = word[len(words[-1]) :]  # noqa: PLW2901 - the rest of an overlong word is the next word
        words.append(word)
    return words
