"""Rows: many at once into one table, or many looked for at once, on both databases, by the shortest way.

What SQLAlchemy does for each row of an ``insert()``, and for each value of an ``in_()``, costs as much as the database
itself; here a table's statement and the conversions of its columns are worked out once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sqlalchemy import Connection, CursorResult, Dialect, Table

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class _Insertion:
    statement: str
    conversions: tuple[tuple[int, Callable[[Any], Any]], ...]  # of the columns whose values need one


def insert(connection: Connection, table: Table, columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows that hold the values of ``columns``, in their order; defaults of other columns are not filled in."""
    insertion = _insertion(connection.dialect, table, columns)
    values = [_converted(row, insertion) for row in rows] if insertion.conversions else list(rows)
    if values:
        connection.exec_driver_sql(insertion.statement, values)


def among(connection: Connection, statement: str, keys: Sequence[int] | Sequence[str]) -> Iterator[CursorResult[Any]]:
    """Execute ``statement``, which ends in ``IN`` and takes numbers or texts, for so many keys at a time.

    Its result is as the database gives it: fit for columns of numbers and texts alone.
    """
    mark = _mark(connection.dialect)
    for start in range(0, len(keys), _CHUNK):
        some = tuple(keys[start : start + _CHUNK])
        yield connection.exec_driver_sql(f"{statement} ({', '.join([mark] * len(some))})", some)


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"


def _converted(row: tuple[Any, ...], insertion: _Insertion) -> tuple[Any, ...]:
    values = list(row)
    for place, convert in insertion.conversions:
        values[place] = convert(values[place])
    return tuple(values)


@lru_cache(maxsize=16)
def _insertion(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> _Insertion:
    mark = _mark(dialect)
    quote = dialect.identifier_preparer.quote
    names, marks = ", ".join(map(quote, columns)), ", ".join([mark] * len(columns))
    converters = (_converter(table, name, dialect) for name in columns)
    return _Insertion(
        f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks})",  # noqa: S608 - names from tables.py alone
        tuple((place, convert) for place, convert in enumerate(converters) if convert is not None),
    )


def _converter(table: Table, name: str, dialect: Dialect) -> Callable[[Any], Any] | None:
    kind = table.c[name].type
    if isinstance(kind, Boolean):
        return None  # both drivers know what to do with one
    return kind.dialect_impl(dialect).bind_processor(dialect)
