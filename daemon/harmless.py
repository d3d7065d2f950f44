"""Texts of several lines, made fit for a terminal."""

from __future__ import annotations

from keepwarm.outputs.safe_text import one_line

_LONGEST_LINE = 500


def harmless_lines(text: str) -> str:
    """Give ``text`` without control sequences and direction marks, each line cut; the indentation is kept."""
    return "\n".join(_harmless(line) for line in text.split("\n"))


def _harmless(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + one_line(line, _LONGEST_LINE)
