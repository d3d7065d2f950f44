"""Who could not be judged: set aside until something new is known of them, or they are judged by other rules.

Only the kind of the error is kept: its words may quote what somebody wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from keepwarm.storage import settings
from keepwarm.storage.tables import contact, setting

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

CONTACT, ORGANISATION, PRACTICE = "contact", "organisation", "practice"
_PREFIX = "unjudged:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A contact, an organisation or the practice whose judging failed."""

    scope: str
    about: str  # the contact's id, the organisation's domain; "" for the practice
    name: str
    why: str  # the kind of the error: "ZeroDivisionError"


def note(connection: Connection, scope: str, about: str, why: str) -> bool:
    """Set somebody aside; True if that is news. What was found of them before stays."""
    if scope == CONTACT:
        at_rest = {"dirty": False, "next_evaluation": None, "waiting": None}
        connection.execute(update(contact).where(contact.c.id == about).values(at_rest))
    return settings.put(connection, _key(scope, about), why)


def forget(connection: Connection, scope: str, judged: Collection[str]) -> None:
    """Note that these could be judged."""
    known = select(setting.c.key).where(setting.c.key.startswith(f"{_PREFIX}{scope}:", autoescape=True))
    over = set(connection.execute(known).scalars()) & {_key(scope, one) for one in judged}
    if over:
        connection.execute(delete(setting).where(setting.c.key.in_(over)))


def all_of_them(connection: Connection) -> Sequence[Unjudged]:
    """Give those who are set aside; contacts who are none any more are not."""
    noted = select(setting.c.key, setting.c.value).where(setting.c.key.startswith(_PREFIX, autoescape=True))
    found = []
    for row in connection.execute(noted.order_by(setting.c.key)).all():
        _, scope, about = row.key.split(":", 2)
        name = about or "the practice as a whole"
        if scope == CONTACT:
            name = connection.execute(select(contact.c.name).where(contact.c.id == about)).scalar()
            if name is None:
                continue
        found.append(Unjudged(scope=scope, about=about, name=name, why=row.value))
    return found


def _key(scope: str, about: str) -> str:
    return f"{_PREFIX}{scope}:{about}"
