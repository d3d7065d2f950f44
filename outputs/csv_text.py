"""CSV text (RFC 4180): rows whose cells no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Cell = str | float | bool | None
"""A text, a number, yes or no, or nothing."""

LONGEST_CELL = 2000
"""Characters of a text; the longest that is told in a sentence is far shorter."""

_AT_ONCE = 200
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """Give a table in pieces of many lines: the names of its columns, then the rows; each line ends in CR LF."""
    held = io.StringIO(newline="")
    writer = csv.writer(held, lineterminator="\r\n")
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([_written(cell) for cell in row])
        if number % _AT_ONCE == 0:
            yield held.getvalue()
            held.seek(0)
            held.truncate()
    yield held.getvalue()


def joined(texts: Iterable[str]) -> str:
    """Give several texts as one cell, with "; " between them."""
    return "; ".join(text.replace(";", ",") for text in texts)


def _written(cell: Cell) -> str | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return harmless(cell) if isinstance(cell, str) else cell


def harmless(text: str) -> str:
    """Give a text on one line, after an apostrophe where a spreadsheet would else run it.

    Such as ``=HYPERLINK(...)``: https://owasp.org/www-community/attacks/CSV_Injection. The full-width forms of these
    characters are taken for formulas in some languages of Excel.
    """
    shown = one_line(text, LONGEST_CELL)
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) else shown
