"""A shelf: what the owner said of people, one kind of it.

Each word belongs to an address, not to a contact: who is one is derived, and may be derived anew. A contact's words are
those of all its addresses; where an address is nobody's at present, its words are kept and listed all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import delete, select, update

from keepwarm.storage.addresses import mark_dirty
from keepwarm.storage.identity import content_id
from keepwarm.storage.tables import address, contact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that the owner said of somebody."""

    id: int
    address: str
    contact: str | None  # contact id; None: the address is nobody's at present
    name: str  # of the contact, else the address
    at: datetime  # when it was said, or when it took place

    def ref(self, kind: str) -> str:
        """Give what evidence names it by: the row id alone may be given out again once it was taken back."""
        return content_id(kind, self.address, self.at.isoformat(), str(self.id))


S = TypeVar("S", bound=Said)


class Shelf(Generic[S]):
    """The words in one table. Whatever is changed has the people concerned judged anew."""

    def __init__(
        self, table: Table, make: Callable[[dict[str, Any], Row[Any]], S], beside: Table | None = None
    ) -> None:
        """``make`` is given the fields of ``Said`` and the row, with the columns of ``beside``, its other parent."""
        self._table = table
        self._make = make
        self._beside = beside

    def add(self, connection: Connection, address_id: int, **values: Any) -> int:
        """Keep a word; give its id."""
        added = connection.execute(self._table.insert().values(address_id=address_id, **values))
        mark_dirty(connection, [address_id])
        number: int = added.inserted_primary_key[0]  # type: ignore[index] # every table here has one
        return number

    def change(self, connection: Connection, number: int, **values: Any) -> None:
        """Say it otherwise."""
        connection.execute(update(self._table).where(self._table.c.id == number).values(**values))
        mark_dirty(connection, self._addresses(connection, number))

    def remove(self, connection: Connection, number: int) -> None:
        """Take it back."""
        mark_dirty(connection, self._addresses(connection, number))
        connection.execute(delete(self._table).where(self._table.c.id == number))

    def find(self, connection: Connection, number: int) -> S | None:
        """Give the one with this id; None if there is none."""
        return next(self._read(connection, self._table.c.id == number), None)

    def listed(self, connection: Connection, contact_ids: Sequence[str] | None = None) -> list[S]:
        """Give all, or those on these contacts, which are not too many for one statement; the newest first."""
        of_them = None if contact_ids is None else address.c.contact_id.in_(contact_ids)
        return list(self._read(connection, of_them))

    def _addresses(self, connection: Connection, number: int) -> list[int]:
        return list(connection.execute(select(self._table.c.address_id).where(self._table.c.id == number)).scalars())

    def _read(self, connection: Connection, which: ColumnElement[bool] | None) -> Iterator[S]:
        wanted: list[Any] = [
            self._table,
            address.c.address,
            contact.c.id.label("contact_id"),
            contact.c.name.label("called"),
        ]
        joined = self._table.join(address, address.c.id == self._table.c.address_id)
        if self._beside is not None:
            wanted += [column for column in self._beside.c if column.name not in self._table.c]
            joined = joined.join(self._beside)
        rows = select(*wanted).select_from(joined.outerjoin(contact, contact.c.id == address.c.contact_id))
        if which is not None:
            rows = rows.where(which)
        for row in connection.execute(rows.order_by(self._table.c.at.desc(), self._table.c.id.desc())):
            said = {
                "id": row.id,
                "address": row.address,
                "contact": row.contact_id,
                "name": row.called or row.address,
                "at": row.at,
            }
            yield self._make(said, row)


def first_address(connection: Connection, contact_id: str) -> int:
    """Give the row id of the address under which what is said of a contact is kept."""
    mine = select(address.c.id).where(address.c.contact_id == contact_id)
    found: int = connection.execute(mine.order_by(address.c.address).limit(1)).scalar_one()
    return found
