"""Addresses: one row each, with the best name that was seen for it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, func, select, update

from keepwarm.storage.rows import among
from keepwarm.storage.tables import address

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

BY_OTHERS, BY_THEMSELVES = 1, 2
"""Whose word a name is: people spell their own name best."""

_CACHED = 20_000


class NameSeen(NamedTuple):  # each mail has several
    """An address as it was seen somewhere, with the name beside it."""

    address: str
    name: str
    rank: int
    at: datetime
    robot: bool = False

    @property
    def weight(self) -> tuple[int, datetime, str]:
        """The heaviest name wins, whatever order they come in."""
        return (self.rank, self.at, self.name)


@dataclass(slots=True)
class _Known:
    id: int
    weight: tuple[int, datetime, str] | None
    robot: bool

    def is_bettered_by(self, one: NameSeen) -> bool:
        heavier = bool(one.name) and (self.weight is None or one.weight > self.weight)
        return heavier or (one.robot and not self.robot)


class AddressBook:
    """Finds and creates address rows inside a writing transaction; remembers the ids it has seen.

    After a transaction was rolled back ``forget`` must be called: the ids given out in it are void.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def forget(self) -> None:
        """Drop what is remembered."""
        self._known.clear()

    def ids(self, connection: Connection, seen: Iterable[NameSeen]) -> dict[str, int]:
        """Give the row id of each address, creating rows and bettering names on the way."""
        heaviest = _heaviest(seen)
        self._look_up(connection, [text for text in heaviest if text not in self._known])
        self._create(connection, [one for text, one in heaviest.items() if text not in self._known])
        self._better_names(connection, heaviest.values())
        ids = {text: self._known[text].id for text in heaviest}
        for text in heaviest:
            self._known.move_to_end(text)
        while len(self._known) > _CACHED:
            self._known.popitem(last=False)
        return ids

    def _look_up(self, connection: Connection, texts: list[str]) -> None:
        for start in range(0, len(texts), 500):
            for row in connection.execute(_FIND, {"texts": texts[start : start + 500]}):
                weight = (row.name_rank, row.name_at, row.name) if row.name else None
                self._known[row.address] = _Known(row.id, weight, row.robot)

    def _create(self, connection: Connection, new: list[NameSeen]) -> None:
        if not new:
            return
        highest = connection.execute(select(func.coalesce(func.max(address.c.id), 0))).scalar_one()
        rows = []
        for number, one in enumerate(new, start=highest + 1):
            named = bool(one.name)
            rows.append(
                {
                    "id": number,
                    "address": one.address,
                    "name": one.name,
                    "name_rank": one.rank if named else 0,
                    "name_at": one.at if named else None,
                    "robot": one.robot,
                    "dirty": True,
                }
            )
            self._known[one.address] = _Known(number, one.weight if named else None, one.robot)
        connection.execute(address.insert(), rows)

    def _better_names(self, connection: Connection, seen: Iterable[NameSeen]) -> None:
        better = [one for one in seen if self._known[one.address].is_bettered_by(one)]
        # What is remembered may be behind what another process has stored since.
        self._look_up(connection, [one.address for one in better])
        rows = []
        for one in better:
            known = self._known[one.address]
            if known.is_bettered_by(one):
                known.robot = known.robot or one.robot
                if one.name and (known.weight is None or one.weight > known.weight):
                    known.weight = one.weight
                rows.append(_row(known))
        if rows:
            connection.execute(_BETTER, rows)


_FIND = select(
    address.c.id, address.c.address, address.c.name, address.c.name_rank, address.c.name_at, address.c.robot
).where(address.c.address.in_(bindparam("texts", expanding=True)))
_BETTER = (
    update(address)
    .where(address.c.id == bindparam("row"))
    .values(
        name=bindparam("new_name"),
        name_rank=bindparam("new_rank"),
        name_at=bindparam("new_at"),
        robot=bindparam("new_robot"),
        dirty=True,  # the contact is to be called by it, whomever the mail was about
    )
)


def _row(known: _Known) -> dict[str, object]:
    rank, at, name = known.weight or (0, None, "")
    return {"row": known.id, "new_name": name, "new_rank": rank, "new_at": at, "new_robot": known.robot}


def _heaviest(seen: Iterable[NameSeen]) -> dict[str, NameSeen]:
    """Give the heaviest name of each address; who is once called a robot is one."""
    heaviest: dict[str, NameSeen] = {}
    for one in seen:
        before = heaviest.get(one.address)
        if before is None:
            heaviest[one.address] = one
            continue
        best = one if one.name and (not before.name or one.weight > before.weight) else before
        heaviest[one.address] = best._replace(robot=True) if before.robot or one.robot else best
    return heaviest


def mark_dirty(connection: Connection, ids: Iterable[int]) -> None:
    """Note that something was seen of these addresses, so that their contacts are looked at again."""
    for _ in among(connection, _MARK, sorted(set(ids))):
        pass


_MARK = "UPDATE address SET dirty = TRUE WHERE NOT dirty AND id IN"
