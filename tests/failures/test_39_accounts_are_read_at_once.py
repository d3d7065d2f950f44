"""Case 39, inside one process: accounts that are read at the same time end as if they were read one after the other.

So they do if the daemon is killed while it reads several; and what arrives while others are judged is not passed over.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from keepwarm.connectors.maildir import MaildirConnector
from keepwarm.daemon.account_pass import AccountPass
from keepwarm.daemon.configuration import load
from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.progress import Silent
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage.ingest import Ingest
from keepwarm.storage.tables import feed_entry
from tests.daemon import count
from tests.dump import differences, dump
from tests.letters import ME, Note, weekly_exchange, write_maildir
from tests.serving import serve_once, sync_once, until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AS_OF = datetime(2026, 11, 16, 7, tzinfo=UTC)
NAMES = ("work", "home", "old")
KILLS = 4
ROOT = Path(__file__).parents[2]


def notes(account: int) -> Iterator[Note]:
    """Give years of letters; each account has people of its own, people of others, and some of the others' mails."""
    for person in range(9):
        who = f"Person{person} <person{person}@firm{person % 4}.test>"
        if person % 3 in (account, 0):
            exchange = list(weekly_exchange(who, AS_OF - timedelta(weeks=70, hours=person), 30 + 2 * person))
            yield from exchange[8 * account : 40 + 8 * account]
    yield from weekly_exchange("Everywhere <everywhere@all.test>", AS_OF - timedelta(weeks=40), 20)


@pytest.fixture(scope="module")
def mailboxes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mail")
    for number, name in enumerate(NAMES):
        write_maildir(folder / name, notes(number))
    return folder


def configured(folder: Path, mailboxes: Path, names: Iterable[str] = NAMES, url: str = "sqlite:///keepwarm.db") -> Path:
    folder.mkdir(exist_ok=True)
    config = folder / "config.toml"
    parts = [
        f'[[account]]\nname = "{n}"\nkind = "maildir"\npath = "{mailboxes / n}"\naddress = "{ME}"\n' for n in names
    ]
    config.write_text(f'[owner]\ntimezone = "UTC"\naddresses = ["{ME}"]\n[database]\nurl = "{url}"\n' + "".join(parts))
    return config


def dumped(config: Path) -> dict[str, list[dict[str, object]]]:
    return dump(load(config).database.url)


@pytest.fixture(scope="module")
def one_after_another(mailboxes: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, object]]]:
    config = configured(tmp_path_factory.mktemp("one"), mailboxes)
    sync_once(config, AS_OF)
    found = dumped(config)
    assert len(found["feed_entry"]) > 100
    return found


def test_accounts_that_are_read_at_once_end_as_if_read_one_after_another(
    tmp_path: Path, database_url: str, mailboxes: Path, one_after_another: dict[str, list[dict[str, object]]]
) -> None:
    config = configured(tmp_path, mailboxes, url=database_url)
    serve_once(config, AS_OF)
    assert differences(dumped(config), one_after_another) == []


def test_killed_while_several_are_read_it_ends_the_same(
    tmp_path: Path, mailboxes: Path, one_after_another: dict[str, list[dict[str, object]]]
) -> None:
    config, chance = configured(tmp_path, mailboxes), random.Random(39)
    database, total = config.with_name("keepwarm.db"), len(one_after_another["message"])
    for kill in range(KILLS):
        command = [sys.executable, "-m", "tests.serving", str(config), AS_OF.isoformat()]
        child = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            before = count(database, "message")
            until(lambda before=before: count(database, "message") > before or before == total)  # type: ignore[misc]
            time.sleep(chance.random() * 0.3 * kill)
            assert child.poll() is None
        finally:
            child.kill()
            child.wait()
    serve_once(config, AS_OF)
    assert differences(dumped(config), one_after_another) == []


# What arrives while others are judged


@dataclass
class Disturbed:
    """Has mail arrive when so many contacts are judged."""

    workshop: Workshop
    mailboxes: Path
    at: int
    has_come: bool = False

    def judged(self, done: int, _of: int) -> None:
        if done >= self.at and not self.has_come:
            self.has_come = True
            self.read("home")

    def read(self, name: str) -> None:
        account = next(one for one in self.workshop.configuration.accounts if one.name == name)
        source = MaildirConnector(self.mailboxes / name, AS_OF - timedelta(days=3650), None)
        ingest = Ingest(self.workshop.database, self.workshop.keeping)
        assert AccountPass(account, source, self.workshop.database, ingest, lambda: AS_OF).run(Silent()).problems == []


@pytest.fixture
def workshop(tmp_path: Path, mailboxes: Path) -> Iterator[Workshop]:
    opened = Workshop(load(configured(tmp_path, mailboxes, ("work", "home"))))
    yield opened
    opened.close()


@pytest.mark.parametrize("at", [0, 1], ids=["before the first is judged", "when all are"])
def test_mail_that_comes_while_others_are_judged_is_judged_next_and_not_told_before(
    workshop: Workshop, mailboxes: Path, tmp_path: Path, at: int
) -> None:
    disturbed = Disturbed(workshop, mailboxes, at)
    disturbed.read("work")
    evaluate(workshop, AS_OF, disturbed.judged)
    assert disturbed.has_come
    with workshop.database.reading() as connection:  # the first read is over, but not all of it is judged
        assert connection.execute(select(feed_entry)).all() == []
    evaluate(workshop, AS_OF)
    other = configured(tmp_path / "undisturbed", mailboxes, ("work", "home"))
    sync_once(other, AS_OF)
    assert differences(dumped(tmp_path / "config.toml"), dumped(other)) == []
