"""Opening the workshop for a command, and closing it whatever happens."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.workshop import Workshop


@contextmanager
def opened(session: Session) -> Iterator[Workshop]:
    """Give the workshop of the session's configuration.

    Raises ConfigurationError and DatabaseError.
    """
    configuration = session.configuration
    from keepwarm.daemon.workshop import Workshop  # noqa: PLC0415 - SQLAlchemy: after the configuration is known to be good

    workshop = Workshop(configuration)
    try:
        yield workshop
    finally:
        workshop.close()
