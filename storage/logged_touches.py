"""Logged touches: calls, lunches, letters and the like, which left no trace in mail or calendar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keepwarm.storage.histories import TouchFact
from keepwarm.storage.shelf import Said, Shelf
from keepwarm.storage.tables import logged_touch

if TYPE_CHECKING:
    from sqlalchemy import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedTouch(Said):
    """A touch as it is stored; ``at`` is when it took place."""

    kind: str
    text: str

    @property
    def fact(self) -> TouchFact:
        """What the rules read of it."""
        return TouchFact(ref=self.ref("touch"), at=self.at, kind=self.kind, text=self.text)


def _touch(said: dict[str, Any], row: Row[Any]) -> LoggedTouch:
    return LoggedTouch(**said, kind=row.kind, text=row.text)


LOGGED_TOUCHES = Shelf(logged_touch, _touch)
