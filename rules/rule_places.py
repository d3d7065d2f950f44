"""Places: on which line and column of a rule file something stands. TOML's reader does not say."""

from __future__ import annotations

import re

Place = tuple[int, int]
"""Line and column, both counted from 1."""

_HEADER = re.compile(r"\s*\[\[\s*rule\s*\]\]")


class Places:
    """Finds keys and texts in a file, rule by rule; rules are counted from 0."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._headers = [number for number, line in enumerate(self._lines) if _HEADER.match(line)]

    def rule(self, number: int) -> Place:
        """Find a rule's header."""
        return (self._headers[number] + 1, 1) if number < len(self._headers) else (1, 1)

    def key(self, number: int, key: str) -> Place:
        """Find a key of a rule: at the beginning of a line, else within an inline table; the rule if there is none."""
        written = rf"{re.escape(key)}[\"']?\s*="
        for pattern in (rf"\s*[\"']?({written})", rf".*?[{{,]\s*[\"']?({written})"):
            for line in self._block(number):
                if found := re.match(pattern, self._lines[line]):
                    return line + 1, found.start(1) + 1
        return self.rule(number)

    def text(self, number: int, key: str, text: str) -> Place:
        """Find a text in what a key of a rule holds; the key if it is written another way there, with escapes."""
        begin = self.key(number, key)
        first = text.split("\n", 1)[0]
        for line in self._block(number):
            if line + 1 >= begin[0] and (column := self._lines[line].find(first)) >= 0:
                return line + 1, column + 1
        return begin

    def _block(self, number: int) -> range:
        """Give the lines of a rule, from its header to the next."""
        if number >= len(self._headers):
            return range(len(self._lines))
        following = self._headers[number + 1 : number + 2]
        return range(self._headers[number], following[0] if following else len(self._lines))
