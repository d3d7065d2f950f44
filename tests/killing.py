"""Killing a reader just before any of its writes, and holding what is stored in the end against an undisturbed run."""

from __future__ import annotations

import os
import random
import shutil
import signal
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from keepwarm.daemon.account_pass import AccountPass
from keepwarm.daemon.accounts import ImapAccount
from keepwarm.daemon.progress import Silent
from keepwarm.storage import schema
from keepwarm.storage.database import Database
from keepwarm.storage.ingest import Ingest
from keepwarm.storage.messages import Keeping
from tests.dump import differences, dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from keepwarm.connectors.contract import Connector

ME = "me@example.com"
POINTS = 6
"""At how many writes of one pass it is killed; all of them would take minutes."""


@dataclass(slots=True)
class Killing:
    """Passes over one account; ``connector`` gives a new one to it, as each process has."""

    folder: Path
    connector: Callable[[], Connector]
    now: datetime
    points: int = POINTS
    _chance: random.Random = field(default_factory=lambda: random.Random(33), init=False)

    def __post_init__(self) -> None:
        database = Database(self._url("calm"))
        schema.upgrade(database)
        database.close()

    def pass_over(self) -> dict[str, list[dict[str, Any]]]:
        """Pass once over what there is now, undisturbed, and killed at any write; give what is stored of it."""
        before = self._copied("calm", "before")
        writes = _counted(Database(self._url("calm")), self._read)
        expected = dump(self._url("calm"))
        assert writes > self.points
        for point in sorted({0, writes - 1, *self._chance.sample(range(writes), self.points - 2)}):
            killed = self._copied(before, "killed")
            assert _killed_before(point, self._url(killed), self._read), f"before write {point} of {writes}"
            database = Database(self._url(killed))
            self._read(database)
            database.close()
            found = differences(dump(self._url(killed)), expected)
            assert found == [], f"killed before write {point} of {writes}"
        return expected

    def _read(self, database: Database) -> None:
        account = ImapAccount.model_validate(
            {"name": "work", "kind": "imap", "address": ME, "host": "localhost", "password": {"command": "true"}}
        )
        ingest = Ingest(database, Keeping(owner=frozenset({ME}), key=b"k" * 32))
        outcome = AccountPass(account, self.connector(), database, ingest, lambda: self.now).run(Silent())
        assert outcome.problems == []

    def _url(self, name: str) -> str:
        return f"sqlite:///{self.folder / name}.db"

    def _copied(self, name: str, copy: str) -> str:
        for file in self.folder.glob(f"{copy}.db*"):
            file.unlink()
        for file in self.folder.glob(f"{name}.db*"):
            shutil.copyfile(file, self.folder / file.name.replace(name, copy, 1))
        return copy


def _counted(database: Database, work: Callable[[Database], None]) -> int:
    """Do the work; give how many writes it took."""
    count = [0]

    def note() -> None:
        count[0] += 1

    _at_each_write(database, note)
    work(database)
    database.close()
    return count[0]


def _killed_before(write: int, url: str, work: Callable[[Database], None]) -> bool:
    """Do the work in a process of its own that is killed before that write; False if it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            database, left = Database(url), [write]

            def count() -> None:
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1

            _at_each_write(database, count)
            work(database)
        except BaseException:  # noqa: BLE001 - nothing of it may go on in a copy of the process that runs the tests
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _at_each_write(database: Database, call: Callable[[], None]) -> None:
    """Call before each statement that writes, and before each commit of one."""
    wrote = [False]

    def statement(connection: Any, cursor: Any, text: str, *_: Any) -> None:
        del connection, cursor
        if text.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            wrote[0] = True
            call()

    def commit(connection: Any) -> None:
        del connection
        if wrote[0]:
            wrote[0] = False
            call()

    event.listen(database.engine, "before_cursor_execute", statement)
    event.listen(database.engine, "commit", commit)
