"""Links: what the owner wants at hand on an organisation before they meet its people: its news, its register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from keepwarm.storage.tables import link

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as it is stored."""

    id: int
    organisation: str  # its mail domain
    url: str  # http or https
    title: str  # "" if it has none


def add(connection: Connection, organisation: str, url: str, title: str) -> int:
    """Keep a link; give its id. The same address is kept once, with the newest title."""
    same = (link.c.organisation == organisation) & (link.c.url == url)
    known: int | None = connection.execute(select(link.c.id).where(same)).scalar()
    if known is not None:
        change(connection, known, url, title)
        return known
    added = connection.execute(link.insert().values(organisation=organisation, url=url, title=title))
    number: int = added.inserted_primary_key[0]  # type: ignore[index] # the table has one
    return number


def change(connection: Connection, number: int, url: str, title: str) -> None:
    """Let a link lead elsewhere, or be called otherwise."""
    connection.execute(update(link).where(link.c.id == number).values(url=url, title=title))


def remove(connection: Connection, number: int) -> None:
    """Take a link back."""
    connection.execute(delete(link).where(link.c.id == number))


def find(connection: Connection, number: int) -> Link | None:
    """Give the one with this id; None if there is none."""
    return next((one for one in listed(connection) if one.id == number), None)


def listed(connection: Connection, organisations: Collection[str] | None = None) -> list[Link]:
    """Give all links, or those of these organisations, in the order in which they were kept."""
    wanted = select(link)
    if organisations is not None:
        wanted = wanted.where(link.c.organisation.in_(sorted(organisations)))
    return [
        Link(id=row.id, organisation=row.organisation, url=row.url, title=row.title)
        for row in connection.execute(wanted.order_by(link.c.organisation, link.c.id))
    ]
