"""Fixtures that many tests share: the real servers, one of each a session and xdist worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import pytest

from keepwarm.storage import schema
from keepwarm.storage.database import Database
from tests.browser import Browser
from tests.microsoft import Microsoft
from tests.practice.world import World, shared_world
from tests.servers.dovecot import Dovecot
from tests.servers.google import Google
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import MissingServerError, find_binary
from tests.servers.radicale import Radicale
from tests.servers.xandikos import Xandikos

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.servers.calendars import CalendarUser
    from tests.servers.dovecot import MailAccount

Server = TypeVar("Server")

os.environ["PYTHON_KEYRING_BACKEND"] = (
    "keyring.backends.null.Keyring"  # no test may reach the keyring of whoever runs it
)

MUST_HAVE = bool(os.environ.get("CI")) or os.environ.get("KEEPWARM_REQUIRE_SERVERS") == "1"
"""Where no test may be left out, a missing server is a failure."""


def _started(make: Callable[[], Server]) -> Server:
    try:
        return make()
    except MissingServerError as missing:
        if MUST_HAVE:
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """Give a running Dovecot."""
    server = _started(Dovecot)
    yield server
    server.remove()


@pytest.fixture(scope="session")
def systemd_analyze() -> Path:
    """Give systemd's own check of units."""
    return _started(lambda: find_binary("systemd-analyze", "systemd"))


@pytest.fixture(scope="session")
def browser() -> Browser:
    """Give a headless browser."""
    return _started(Browser.found)


@pytest.fixture
def google() -> Iterator[Google]:
    """Give a running Google of the tests' own, which takes any token."""
    with Google(open_doors=True) as server:
        yield server


@pytest.fixture
def mail_account(dovecot: Dovecot) -> MailAccount:
    """Give a user with an empty mailbox on a running Dovecot."""
    return dovecot.add_user()


@pytest.fixture(scope="session")
def radicale() -> Iterator[Radicale]:
    """Give a running Radicale."""
    server = Radicale()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def xandikos() -> Iterator[Xandikos]:
    """Give a running Xandikos."""
    server = Xandikos()
    yield server
    server.remove()


@pytest.fixture(params=["radicale", "xandikos"])
def calendar_user(request: pytest.FixtureRequest) -> CalendarUser:
    """Give a user with an empty home for calendars, on each server in turn."""
    server: Radicale | Xandikos = request.getfixturevalue(request.param)
    return server.add_user()


@pytest.fixture
def microsoft() -> Iterator[Microsoft]:
    """Give a Microsoft of the tests' own, with an empty mailbox and calendar."""
    servers = Microsoft()
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Give a running PostgreSQL."""
    server = _started(PostgreSQL)
    yield server
    server.remove()


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database of the test's own."""
    url = postgresql.new_database()
    yield url
    postgresql.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'keepwarm.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a database with the newest schema, of each kind in turn; it is empty."""
    opened = Database(database_url)
    schema.upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def world_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], World]:
    """Give the synced practice of a seed; all xdist workers share one of each."""
    base = tmp_path_factory.getbasetemp()
    shared: Path = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return lambda seed: shared_world(shared / "worlds", seed)


@pytest.fixture(scope="session")
def world(world_of: Callable[[int], World]) -> World:
    """Give one synced practice."""
    return world_of(1)
