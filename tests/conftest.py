"""Fixtures that many tests share: the real servers, one of each a session and xdist worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.servers.dovecot import Dovecot
from tests.servers.postgresql import PostgreSQL
from tests.servers.processes import MissingServerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.servers.dovecot import MailAccount

Server = TypeVar("Server")

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


@pytest.fixture
def mail_account(dovecot: Dovecot) -> MailAccount:
    """Give a user with an empty mailbox on a running Dovecot."""
    return dovecot.add_user()


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
