"""The site: what the routes of the page and of the API work with."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from keepwarm.daemon.settings import Configuration
    from keepwarm.daemon.web.news import News
    from keepwarm.daemon.web.seal import Seal
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One for each server; a route runs in a thread of a pool."""

    workshop: Workshop  # the server's own: take it by ``tools``
    clock: Callable[[], datetime]  # aware, UTC
    seal: Seal
    news: News
    origin: str  # "http://127.0.0.1:8642"
    instance: str  # another for each run
    _lock: Lock = field(default_factory=Lock)

    @property
    def database(self) -> Database:
        """The database: open ``reading()`` or ``writing()`` once a request."""
        return self.workshop.database

    @property
    def configuration(self) -> Configuration:
        """The settings."""
        return self.workshop.configuration

    @contextmanager
    def tools(self) -> Iterator[Workshop]:
        """Give the workshop, whose tools are for one thread at a time."""
        with self._lock:
            yield self.workshop
