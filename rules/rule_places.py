"""Places: on which line and column of a rule file something stands. TOML's reader does not say."""

from __future__ import annotations

import re

Place = tuple[int, int]
"""Line and column, both counted from 1."""

_HEADER = re.compile(r"\s*\[\[\s*[\"']?([^\]\"']*?)[\"']?\s*\]\]")


def header(text: str, name: str) -> Place:
    """Find a table or key of that name at the top of a file; the file's beginning if it is written another way."""
    written = re.compile(rf"\s*(\[*\s*[\"']?{re.escape(name)}\b)")
    for number, line in enumerate(text.splitlines(), start=1):
        if found := written.match(line):
            return number, found.start(1) + 1
    return 1, 1


class Places:
    """Finds keys and texts in the tables of one name, as ``[[rule]]`` or ``[[tune]]``, counted from 0."""

    def __init__(self, text: str, name: str = "rule") -> None:
        self._lines = text.splitlines()
        found = [(line, header[1]) for line, written in enumerate(self._lines) if (header := _HEADER.match(written))]
        self._headers = [line for line, named in found if named == name]
        self._ends = [line for line, _ in found] + [len(self._lines)]

    def table(self, number: int) -> Place:
        """Find a table's header."""
        return (self._headers[number] + 1, 1) if number < len(self._headers) else (1, 1)

    def key(self, number: int, key: str) -> Place:
        """Find a key of a table: at the beginning of a line, else in an inline table; the table if there is none."""
        written = rf"{re.escape(key)}[\"']?\s*="
        for pattern in (rf"\s*[\"']?({written})", rf".*?[{{,]\s*[\"']?({written})"):
            for line in self._block(number):
                if found := re.match(pattern, self._lines[line]):
                    return line + 1, found.start(1) + 1
        return self.table(number)

    def text(self, number: int, key: str, text: str) -> Place:
        """Find a text in what a key of a rule holds; the key if it is written another way there, with escapes."""
        begin = self.key(number, key)
        first = text.split("\n", 1)[0]
        for line in self._block(number):
            if line + 1 >= begin[0] and (column := self._lines[line].find(first)) >= 0:
                return line + 1, column + 1
        return begin

    def _block(self, number: int) -> range:
        """Give the lines of a table, from its header to the next."""
        if number >= len(self._headers):
            return range(len(self._lines))
        begin = self._headers[number]
        return range(begin, next(end for end in self._ends if end > begin))
