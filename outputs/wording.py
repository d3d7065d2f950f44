"""Wording: the report's words in one language, read from a catalogue."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Wording:
    """A catalogue of texts; a key is dotted, "row.more" being ``more`` in the table ``[row]``."""

    catalogue: dict[str, Any]

    def get(self, key: str) -> Any:
        """Give what the catalogue has under ``key``; raises KeyError."""
        found: Any = self.catalogue
        for part in key.split("."):
            found = found[part]
        return found

    def say(self, key: str, **values: object) -> str:
        """Give the text of ``key`` with ``values`` filled in; raises KeyError."""
        return str(self.get(key)).format(**values)

    def count(self, key: str, n: int, *, spelt: bool = False, **values: object) -> str:
        """Give the text of ``key`` for ``n`` things, the number in figures or (up to twelve) spelt out."""
        form = "one" if n == 1 else "other"
        return self.say(f"{key}.{form}", n=self.spell(n) if spelt else self.number(n), **values)

    def name_of(self, table: str, key: str) -> str:
        """Give the word for ``key``, or ``key`` itself where there is none, as for an owner's own rule."""
        return str(self.get(table).get(key, key.replace("_", " ")))

    def number(self, n: int) -> str:
        """Give ``n`` in figures, in groups of thousands."""
        return f"{n:,}".replace(",", self.get("numbers.thousands"))

    def spell(self, n: int) -> str:
        """Give ``n`` as a word if the language spells it out in running text."""
        words = self.get("numbers.words")
        return str(words[n]) if n < len(words) else self.number(n)

    def join(self, parts: Sequence[str]) -> str:
        """Make one list of ``parts``: "a", "a and b", "a, b, and c"."""
        if len(parts) < 2:
            return "".join(parts)
        last = self.get("list.last_of_two" if len(parts) == 2 else "list.last_of_many")
        return self.get("list.comma").join(parts[:-1]) + last + parts[-1]  # type: ignore[no-any-return]


@cache
def wording(language: str = "en") -> Wording:
    """Load the catalogue of ``language`` ("en"); raises FileNotFoundError if there is none."""
    text = files("keepwarm.outputs.texts").joinpath(f"{language}.toml").read_text("utf-8")
    return Wording(tomllib.loads(text))
