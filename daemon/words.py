"""What the owner says of people, as commands keep it, list it, correct it and take it back: one way for all kinds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.people import the_one
from keepwarm.daemon.tables import Column, show, show_json
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage.shelf import Said, Shelf, first_address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop

LONGEST_TEXT = 2_000  # characters
_LONGEST_NAME = 40

R = TypeVar("R", bound="Callable[..., None]")
S = TypeVar("S", bound=Said)


def correctable(run: R) -> R:
    """Give a command the options by which what was said is listed, corrected and taken back."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print it as JSON."),
        click.option("--remove", type=int, metavar="ID", help="Take back what you said."),
        click.option("--edit", type=int, metavar="ID", help="Say it otherwise: give what replaces it, without WHO."),
        click.option("--list", "listing", is_flag=True, help="List what you have said so far, of WHO or of everybody."),
    ):
        run = option(run)
    return run


def only_one(*wanted: bool, of: str) -> None:
    """Refuse a command line that asks for several things at once, or for none. Raises UsageError."""
    if sum(wanted) != 1:
        raise click.UsageError(f"Give one of {of}.")


def written(text: str, *, may_be_empty: bool = False) -> str:
    """Give the owner's text as it is kept: as it was written, within bounds, less what no database takes.

    Raises BadUsage.
    """
    text = text.strip().replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    if not text and not may_be_empty:
        raise BadUsage("There is no text.", "Give it after WHO.")
    if len(text) > LONGEST_TEXT:
        raise BadUsage(
            f"The text has {len(text):,} characters; {LONGEST_TEXT:,} are allowed.",
            "Keep it short here, and the long version where it belongs.",
        )
    return text


@dataclass(frozen=True, slots=True)
class Words(Generic[S]):
    """One kind: the command that says it, where it is kept, and which columns a list of it has."""

    command: str
    shelf: Shelf[S]
    columns: tuple[Column, ...]

    def keep(self, workshop: Workshop, who: str, now: datetime, **values: Any) -> S:
        """Keep a word on somebody, and judge them anew. Raises BadUsage."""
        with workshop.database.writing() as connection:
            number = self.shelf.add(connection, first_address(connection, the_one(connection, who)), **values)
        return self._judged(workshop, number, now)

    def change(self, workshop: Workshop, number: int, now: datetime, **values: Any) -> S:
        """Say it otherwise, and judge them anew. Raises BadUsage."""
        if not values:
            raise click.UsageError("Say what is to be otherwise.")
        with workshop.database.writing() as connection:
            self.find(connection, number)
            self.shelf.change(connection, number, **values)
        return self._judged(workshop, number, now)

    def take_back(self, workshop: Workshop, number: int, now: datetime) -> S:
        """Take it back, and judge them anew; gives what it was. Raises BadUsage."""
        with workshop.database.writing() as connection:
            one = self.find(connection, number)
            self.shelf.remove(connection, number)
        evaluate(workshop, now)
        return one

    def remove(self, workshop: Workshop, number: int, now: datetime, *, as_json: bool) -> None:
        """Take it back, judge them anew, and say so. Raises BadUsage."""
        one = self.take_back(workshop, number, now)
        self.tell([one], f"Taken back, of {one.name}.", as_json=as_json)

    def find(self, connection: Connection, number: int) -> S:
        """Give the one with this id. Raises BadUsage."""
        one = self.shelf.find(connection, number)
        if one is None:
            raise BadUsage(
                f"There is no {number} in what you said.", f"`keepwarm {self.command} --list` shows the ids."
            )
        return one

    def listed(self, workshop: Workshop, who: str, *, as_json: bool) -> None:
        """Print what was said, of one contact, or with "" of everybody. Raises BadUsage."""
        with workshop.database.reading() as connection:
            found = self.shelf.listed(connection, [the_one(connection, who)] if who else None)
        zone = workshop.configuration.owner.timezone
        rows = [asdict(one) for one in found]
        if not as_json:
            rows = [{**row, "day": row["at"].astimezone(zone).date().isoformat()} for row in rows]
        columns = (_ID, _DAY, _NAME, *self.columns)
        show(rows, columns, as_json, empty="You have said nothing of the kind so far.")

    def tell(self, some: Sequence[S], sentence: str, *, as_json: bool) -> None:
        """Print what was done: as JSON the words concerned, as they are now."""
        if as_json:
            show_json([asdict(one) for one in some])
        else:
            click.echo(one_line(sentence, 300))

    def _judged(self, workshop: Workshop, number: int, now: datetime) -> S:
        evaluate(workshop, now)
        with workshop.database.reading() as connection:
            return self.find(connection, number)


def _short_name(name: str) -> str:
    return one_line(name, _LONGEST_NAME)


_ID = Column("id", "ID", right=True)
_DAY = Column("day", "DAY")
_NAME = Column("name", "WHO", text=_short_name)
