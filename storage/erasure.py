"""Erasure: what somebody was called is taken out of every text of every table, whoever's row it stands in.

Rows that were theirs are gone by then. What is left are other people's: a subject that names them, evidence that quotes
it, a note on a colleague. Names of things (identifiers, and what the settings call accounts) are not rewritten, or they
would not be found again; where they hold the words is told.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, select, type_coerce, update
from sqlalchemy.types import String

from keepwarm.storage.column_types import JsonText
from keepwarm.storage.tables import account, meeting, meeting_copy, meeting_sighting, metadata, setting, stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Column, Connection, Table

ERASED = "[forgotten]"
"""Stands where their name or address was."""

_CHUNK = 1_000
_NAMES_OF_THINGS = frozenset(
    {
        account.c.name,
        stream.c.name,
        meeting.c.ical_uid,
        meeting_copy.c.source_key,
        meeting_sighting.c.source_key,
        setting.c.key,
        setting.c.value,
    }
)


class Words:
    """What is to be found nowhere any more: addresses and names, in any letters, large or small."""

    def __init__(self, words: Iterable[str]) -> None:
        known = sorted({word for word in words if word}, key=lambda word: (-len(word), word))
        # Also as JSON escapes them, to tell a text without them at a glance.
        spelt = dict.fromkeys(one for word in known for one in (word, json.dumps(word, ensure_ascii=False)[1:-1]))
        # An address must not be found within a longer one, nor a name within a longer word.
        self._found = re.compile(
            "|".join(rf"(?<![\w.+-]){re.escape(word)}(?![\w-]|\.\w)" for word in spelt) or r"(?!)", re.IGNORECASE
        )

    def are_in(self, text: str) -> bool:
        """Tell a text that holds one of them."""
        return self._found.search(text) is not None

    def erased(self, value: Any) -> Any:
        """Give a value, JSON at most, without them; of a list of texts one that was nothing else is left out."""
        match value:
            case str():
                return self._found.sub(ERASED, value)
            case list():
                return [left for one in value if (left := self.erased(one)) != ERASED or left == one]
            case dict():
                return {self.erased(key): self.erased(one) for key, one in value.items()}
            case _:
                return value


def erase(connection: Connection, words: Words) -> Counter[str]:
    """Take the words out of every text; give how many rows, by column, still hold them: ``{"meeting.ical_uid": 1}``."""
    left: Counter[str] = Counter()
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, (String, JsonText)):
                _erase(connection, table, column, words, left)
    return left


def _erase(connection: Connection, table: Table, column: Column[Any], words: Words, left: Counter[str]) -> None:
    keys = list(table.primary_key.columns)
    found = [row for row in _rows(connection, keys, column) if words.are_in(row[-1])]
    if not found:
        return
    if column is stream.c.cursor:  # how far it was read: what names them there is read from the beginning
        found_ids = [row[0] for row in found]
        connection.execute(update(stream).where(stream.c.id.in_(found_ids)).values(cursor=None))
        return
    if column in _NAMES_OF_THINGS or column.primary_key:
        left[f"{table.name}.{column.name}"] += len(found)
        return
    is_json = isinstance(column.type, JsonText)
    changed = [{**_named(row[:-1]), "new": words.erased(json.loads(row[-1]) if is_json else row[-1])} for row in found]
    this = update(table).values({column: bindparam("new")})
    for number, key in enumerate(keys):
        this = this.where(key == bindparam(f"key_{number}"))
    connection.execute(this, changed)


def _rows(connection: Connection, keys: Sequence[Column[Any]], column: Column[Any]) -> Iterator[Any]:
    """Give key and text of every row that has one."""
    wanted = select(*keys, type_coerce(column, Text).label("its_text")).where(column.is_not(None))
    yield from connection.execute(wanted, execution_options={"yield_per": _CHUNK})


def _named(key: Sequence[Any]) -> dict[str, Any]:
    return {f"key_{number}": value for number, value in enumerate(key)}
