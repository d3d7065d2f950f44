"""A real PostgreSQL on a free loopback port, in a temporary folder; gives fresh databases."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from tests.servers.processes import end, find_binary, free_port, give, open_folder, unprivileged, wait_until

if TYPE_CHECKING:
    from typing import Any

PACKAGE = "postgresql"
USER = "keepwarm"
# A test's data need not survive a loss of power.
_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "timezone": "UTC"}


class PostgreSQL:
    """One server, to be removed in the end. Raises MissingServerError if PostgreSQL is not installed."""

    def __init__(self) -> None:
        # Debian keeps one folder a version; the newest one serves.
        places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
        self._bin = find_binary("initdb", PACKAGE, *map(str, places)).parent
        self._identity = unprivileged()
        self._folder = open_folder("keepwarm-postgresql-")
        self._numbers = itertools.count(1)
        self._port = free_port()
        give(self._folder, self._identity)
        self._initialise()
        self._process = self._start()

    def new_database(self, *, language: str = "") -> str:
        """Make an empty database, whose texts are in the order of code points or a language's; gives its URL."""
        name = f"test_{next(self._numbers)}"
        order = sql.SQL("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE {}").format(language) if language else ""
        with self._maintenance() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} {}").format(sql.Identifier(name), order or sql.SQL("")))
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self._port}/{name}"

    def drop_database(self, url: str) -> None:
        """Drop a database of ``new_database``, whoever is still connected to it."""
        name = url.rpartition("/")[2]
        with self._maintenance() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def remove(self) -> None:
        """Stop, and remove all files."""
        end(self._process, signal.SIGINT)  # does not wait for its clients to go
        shutil.rmtree(self._folder, ignore_errors=True)

    def _maintenance(self) -> psycopg.Connection:
        url = f"host=127.0.0.1 port={self._port} user={USER} dbname=postgres connect_timeout=10"
        return psycopg.connect(url, autocommit=True)

    def _initialise(self) -> None:
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8"]
        command += ["--locale=C", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, **self._as_identity())

    def _start(self) -> subprocess.Popen[bytes]:
        log = self._folder / "server.log"
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self._port)]
        command += ["-k", str(self._folder), "-h", "127.0.0.1"]
        command += itertools.chain.from_iterable(("-c", f"{key}={value}") for key, value in _SETTINGS.items())
        with log.open("ab") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, **self._as_identity())
        wait_until(self._answers, process, log)
        return process

    def _answers(self) -> bool:
        try:
            with self._maintenance():
                return True
        except psycopg.OperationalError:
            return False

    def _as_identity(self) -> dict[str, Any]:
        """Give the arguments of a child process that runs as the server's user, where it may be."""
        given: dict[str, Any] = {"cwd": self._folder}
        if os.geteuid() == 0:
            given |= {"user": self._identity.uid, "group": self._identity.gid, "extra_groups": []}
        return given

    @property
    def _data(self) -> Path:
        return self._folder / "data"


def _version(place: Path) -> int:
    name = place.parent.name
    return int(name) if name.isdigit() else 0
