"""Opening the workshop for a command, and closing it whatever happens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.settings import Configuration
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.database import Database


@contextmanager
def opened(session: Session, *, read_only: bool = False) -> Iterator[Workshop]:
    """Give the workshop of the session's configuration; ``read_only``: nothing can be written through it.

    Raises ConfigurationError and DatabaseError.
    """
    configuration = session.configuration
    from keepwarm.daemon.workshop import Workshop  # noqa: PLC0415 - SQLAlchemy: after the configuration is known to be good

    workshop = Workshop(configuration, _only_read(configuration) if read_only else None)
    try:
        yield workshop
    finally:
        workshop.close()


def _only_read(configuration: Configuration) -> Database:
    from keepwarm.storage import schema  # noqa: PLC0415 - as above
    from keepwarm.storage.database import Database  # noqa: PLC0415

    database = Database(configuration.database.url, read_only=True)
    schema.check(database)
    return database
