"""The site: what the routes of the page and of the API work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.daemon.settings import Configuration
    from keepwarm.daemon.web.news import News
    from keepwarm.daemon.web.seal import Seal
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One for each server.

    ``workshop`` is one of the server's own: its tools are for one thread, so a route takes from it only what is asked
    for under its lock; ``database`` is for any thread.
    """

    workshop: Workshop
    clock: Callable[[], datetime]  # aware, UTC
    seal: Seal
    news: News
    origin: str  # "http://127.0.0.1:8642"
    instance: str  # another for each run

    @property
    def database(self) -> Database:
        """The database; open ``reading()`` or ``writing()`` once a request."""
        return self.workshop.database

    @property
    def configuration(self) -> Configuration:
        """The settings."""
        return self.workshop.configuration
