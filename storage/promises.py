"""Promises: what the owner has promised somebody, or they the owner, and by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from keepwarm.storage.histories import By, PromiseFact
from keepwarm.storage.shelf import Said, Shelf
from keepwarm.storage.tables import promise

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Said):
    """A promise as it is stored."""

    by: By  # OWNER or THEM
    due: date
    text: str
    kept_at: datetime | None

    @property
    def fact(self) -> PromiseFact:
        """What the rules read of it."""
        return PromiseFact(
            ref=self.ref("promise"), at=self.at, by=self.by, due=self.due, text=self.text, kept_at=self.kept_at
        )


def _promise(said: dict[str, Any], row: Row[Any]) -> Promise:
    by = By.OWNER if row.by_owner else By.THEM
    return Promise(**said, by=by, due=date.fromisoformat(row.due), text=row.text, kept_at=row.kept_at)


PROMISES = Shelf(promise, _promise)
