"""Notes: what the owner wants to remember of somebody, perhaps for a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from keepwarm.storage.histories import NoteFact
from keepwarm.storage.shelf import Said, Shelf
from keepwarm.storage.tables import note

if TYPE_CHECKING:
    from sqlalchemy import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Said):
    """A note as it is stored."""

    on: date | None
    text: str

    @property
    def fact(self) -> NoteFact:
        """What the rules read of it."""
        return NoteFact(ref=self.ref("note"), at=self.at, on=self.on, text=self.text)


def _note(said: dict[str, Any], row: Row[Any]) -> Note:
    return Note(**said, on=date.fromisoformat(row.on_date) if row.on_date else None, text=row.text)


NOTES = Shelf(note, _note)
