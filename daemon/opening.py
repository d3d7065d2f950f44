"""Opening the workshop for a command, and closing it whatever happens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop


@contextmanager
def opened(session: Session, *, read_only: bool = False) -> Iterator[Workshop]:
    """Give the workshop of the session's configuration; ``read_only``: nothing can be written through it.

    Raises ConfigurationError and DatabaseError.
    """
    configuration = session.configuration
    from keepwarm.daemon.workshop import Workshop  # noqa: PLC0415 - SQLAlchemy: after the configuration is known to be good

    workshop = Workshop(configuration, read_only=read_only)
    try:
        yield workshop
    finally:
        workshop.close()
