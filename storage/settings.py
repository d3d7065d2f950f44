"""Settings of the database's own: its secret key, and what the last evaluation was made with."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from keepwarm.storage.tables import setting

if TYPE_CHECKING:
    from sqlalchemy import Connection


def get(connection: Connection, key: str) -> Any:
    """Give a value; None if it was never set."""
    return connection.execute(select(setting.c.value).where(setting.c.key == key)).scalar()


def put(connection: Connection, key: str, value: Any) -> bool:
    """Set a value; True if it is another one than before."""
    before = connection.execute(select(setting.c.value).where(setting.c.key == key)).one_or_none()
    if before is None:
        connection.execute(setting.insert().values(key=key, value=value))
    elif before.value != value:
        connection.execute(update(setting).where(setting.c.key == key).values(value=value))
    return before is None or before.value != value


def moment(value: str | None) -> datetime | None:
    """Give a moment that was put as ISO text."""
    return None if value is None else datetime.fromisoformat(value)


def hash_key(connection: Connection) -> bytes:
    """Give the key with which this database hashes subjects and the forgotten; made on first use."""
    found = get(connection, "hash_key")
    if found is None:
        found = secrets.token_hex(32)
        put(connection, "hash_key", found)
    return bytes.fromhex(found)
