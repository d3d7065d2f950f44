"""Phrases: words looked for in what people write, kept in data files, one for each language.

A phrase is found where all of its words stand side by side as whole words, whatever their case and what is between
them: "catch up" is in "Catch-up: budget", and "tea" is not in "Team".
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_READ = 300  # characters of a text that are looked at
_WORD = re.compile(r"\w+")


def words_of(text: str, limit: int = _READ) -> tuple[str, ...]:
    """Take the first ``limit`` characters of a text apart."""
    return tuple(_WORD.findall(text[:limit].casefold()))


class Phrases:
    """Phrases of any language that mean the same."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._by_first: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        for phrase in phrases:
            first, *rest = words_of(phrase)
            self._by_first[first].append(tuple(rest))
        self._firsts = frozenset(self._by_first)

    def are_in(self, words: Sequence[str]) -> bool:
        """Tell whether one of them is among the words of a text."""
        if self._firsts.isdisjoint(words):
            return False
        return any(
            tuple(words[place : place + len(rest)]) == rest
            for place, word in enumerate(words, 1)
            if word in self._firsts
            for rest in self._by_first[word]
        )


@cache
def phrases_of(package: str) -> Mapping[str, Phrases]:
    """Read the phrases of a package's files, by their key: those of all languages together."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for file in sorted(resources.files(package).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            for key, phrases in tomllib.loads(file.read_text("utf-8")).items():
                found[key] += phrases
    return {key: Phrases(phrases) for key, phrases in found.items()}
