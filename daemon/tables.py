"""Tables for people and for programs: the same rows on a terminal, as plain text in a pipe, or as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from keepwarm.outputs.safe_text import one_line

Row = Mapping[str, Any]

_LONGEST_CELL = 200
_GAP = "  "
_BEYOND_ASCII = re.compile(r"[^\x20-\x7e\n]")


def plain(value: object) -> str:
    """Give a value as a cell shows it: nothing for None, lists with commas, moments to the minute in UTC."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.1f}"
        case datetime():
            return f"{_utc(value):%Y-%m-%d %H:%MZ}"
        case list() | tuple():
            return ", ".join(plain(each) for each in value)
        case _:
            return str(value)


def day(value: object) -> str:
    """Give the day of a moment that is text already, as JSON views have it; nothing for None."""
    return str(value)[:10] if value else ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which value of a row it shows, under which heading, and how."""

    key: str
    heading: str
    right: bool = False  # numbers
    text: Callable[[Any], str] = plain

    def cell(self, row: Row) -> str:
        """Give the text of this column in ``row``, on one line and harmless to a terminal."""
        return one_line(self.text(row.get(self.key)), _LONGEST_CELL)


def show(rows: Sequence[Row], columns: Sequence[Column], as_json: bool, *, empty: str = "") -> None:
    """Print ``rows`` on stdout: all of them whole as one JSON list, or a table of ``columns``.

    ``empty`` is the sentence that stands for a table without rows.
    """
    if as_json:
        show_json(rows)
    elif not rows:
        click.echo(empty, nl=bool(empty))
    elif sys.stdout.isatty():
        _show_rich(rows, columns)
    else:
        click.echo("\n".join(_aligned(rows, columns)))


def show_json(document: object) -> None:
    """Print one JSON document on stdout; moments are RFC 3339 in UTC.

    What a terminal would obey, or not show, is written as a JSON escape: nothing is lost, nothing does harm.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False, default=as_json)
    encoding = sys.stdout.encoding.lower().replace("-", "")
    click.echo(_BEYOND_ASCII.sub(_escaped_unless_printable if encoding == "utf8" else _escaped, text))


def _show_rich(rows: Sequence[Row], columns: Sequence[Column]) -> None:
    # Only needed on a terminal.
    from rich.box import SIMPLE  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=SIMPLE, pad_edge=False)
    for column in columns:
        table.add_column(column.heading, justify="right" if column.right else "left", overflow="fold")
    for row in rows:
        # As Text, not str: square brackets in a name are no markup.
        table.add_row(*(Text(column.cell(row)) for column in columns))
    Console().print(table)


def _aligned(rows: Sequence[Row], columns: Sequence[Column]) -> list[str]:
    from rich.cells import cell_len, set_cell_size  # noqa: PLC0415 - not for --help to load

    lines = [
        [column.heading for column in columns],
        *([column.cell(row) for column in columns] for row in rows),
    ]
    widths = [max(cell_len(line[i]) for line in lines) for i in range(len(columns))]

    def padded(text: str, column: Column, width: int) -> str:
        return " " * (width - cell_len(text)) + text if column.right else set_cell_size(text, width)

    return [_GAP.join(map(padded, line, columns, widths)).rstrip() for line in lines]


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def as_json(value: object) -> object:
    """Give what JSON has for what it has not, moments as RFC 3339 in UTC. Raises TypeError for what cannot be shown."""
    match value:
        case datetime():
            return _utc(value).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Path():
            return str(value)
        case Mapping():
            return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be shown as JSON")


def _escaped_unless_printable(found: re.Match[str]) -> str:
    return found[0] if found[0].isprintable() else _escaped(found)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
