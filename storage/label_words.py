"""Label words: what the owner calls people, besides what the settings' patterns say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from keepwarm.storage.tables import address, label_word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelWord:
    """A label that the owner gave to an address's contact, or took away from it."""

    id: int
    address: str
    address_id: int
    label: str
    given: bool
    at: datetime


def say(connection: Connection, text: str, label: str, at: datetime, *, given: bool) -> None:
    """Keep the owner's word on an address, in place of an earlier one; contacts are to be refreshed."""
    row_id = connection.execute(select(address.c.id).where(address.c.address == text)).scalar_one()
    same = (label_word.c.address_id == row_id) & (label_word.c.label == label)
    connection.execute(delete(label_word).where(same))
    connection.execute(label_word.insert().values(address_id=row_id, label=label, given=given, at=at))
    _look_again(connection, row_id)


def withdraw(connection: Connection, word: LabelWord) -> None:
    """Take a word back, whatever it was; contacts are to be refreshed."""
    connection.execute(delete(label_word).where(label_word.c.id == word.id))
    _look_again(connection, word.address_id)


def listed(connection: Connection) -> list[LabelWord]:
    """Give all that the owner has said, the newest first."""
    return _read(connection)[::-1]


def find(connection: Connection, number: int) -> LabelWord | None:
    """Give the word of this id."""
    return next(iter(_read(connection, label_word.c.id == number)), None)


def of(connection: Connection, address_ids: Sequence[int]) -> dict[int, list[LabelWord]]:
    """Give what was said of each of these addresses, the oldest first; they must fit into one statement."""
    found: dict[int, list[LabelWord]] = {}
    for word in _read(connection, label_word.c.address_id.in_(address_ids)):
        found.setdefault(word.address_id, []).append(word)
    return found


def _look_again(connection: Connection, address_id: int) -> None:
    connection.execute(update(address).where(address.c.id == address_id).values(dirty=True))


def _read(connection: Connection, *which: ColumnElement[bool]) -> list[LabelWord]:
    # By id: the order in which it was said, which ``at`` need not be (--as-of).
    rows = select(label_word, address.c.address).join(address, address.c.id == label_word.c.address_id).where(*which)
    return [
        LabelWord(
            id=row.id,
            address=row.address,
            address_id=row.address_id,
            label=row.label,
            given=row.given,
            at=row.at,
        )
        for row in connection.execute(rows.order_by(label_word.c.id))
    ]
