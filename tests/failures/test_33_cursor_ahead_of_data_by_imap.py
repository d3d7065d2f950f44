"""Case 33, from a real IMAP server: reading breaks off anywhere, and what is stored in the end is the same.

The connection is cut in the middle of answers, and the command is killed; a first read that goes backwards must go on
where it was, and mail that comes meanwhile must not be passed over.
"""

from __future__ import annotations

import random
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.imap import BATCH
from keepwarm.storage.database import Database
from keepwarm.storage.schema import upgrade
from tests.contract.sources import BROKEN_MAIL, mail
from tests.dump import differences, dump
from tests.letters import ME, Note, weekly_exchange
from tests.reader import Reader, command
from tests.servers.wire import Wire

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

COUNT = BATCH + 250
CUTS, KILLS = 12, 6
AS_OF = datetime(2026, 11, 16, 7, tzinfo=UTC)


def url_in(folder: Path, name: str) -> str:
    return f"sqlite:///{folder / name}.db"


def reader_in(folder: Path, name: str, account: MailAccount) -> Reader:
    database = Database(url_in(folder, name))
    upgrade(database)
    return Reader(database, account)


def test_a_connection_that_is_cut_anywhere_loses_nothing_and_repeats_nothing(
    tmp_path: Path, mail_account: MailAccount
) -> None:
    mail_account.deliver(*map(mail, range(COUNT)), BROKEN_MAIL)
    mail_account.deliver(*map(mail, range(COUNT, COUNT + 20)), folder="Sent")
    torn, chance, total = reader_in(tmp_path, "torn", mail_account), random.Random(33), 0
    for cut in range(CUTS):
        with Wire(mail_account.server.port, cut_after=chance.randrange(400, 60_000)) as wire:
            outcome = torn.read(wire=wire)
        total += outcome.messages
        assert outcome.problems
        mail_account.deliver(mail(5_000 + cut))
    outcome = torn.read()
    assert outcome.problems == []
    assert total + outcome.messages == COUNT + 20 + CUTS
    whole = reader_in(tmp_path, "whole", mail_account)
    whole.read()
    torn.store.database.close()
    whole.store.database.close()
    found, expected = dump(url_in(tmp_path, "torn")), dump(url_in(tmp_path, "whole"))
    for dumped in (found, expected):
        for row in dumped["stream"]:
            row["generation"] = 0
    assert differences(found, expected) == []


@pytest.mark.timeout(300)
def test_a_command_that_is_killed_at_any_moment_ends_in_what_an_undisturbed_one_stores(
    tmp_path: Path, mail_account: MailAccount
) -> None:
    notes = [
        note
        for number in range(12)
        for note in weekly_exchange(f"Mia <mia@{number}.test>", AS_OF - timedelta(weeks=70, hours=number), 60)
    ]
    for folder, author in (("INBOX", False), ("Sent", True)):
        mine = sorted((one for one in notes if (one.author == ME) is author), key=lambda one: one.at)
        deliver(mail_account, folder, mine)
    calm, killed = (command(tmp_path / name, mail_account, AS_OF) for name in ("calm", "killed"))
    began = time.monotonic()
    calm.run("sync")
    whole, chance, kills = time.monotonic() - began, random.Random(33), 0
    while kills < KILLS:
        process = killed.start("sync")
        try:
            process.communicate(timeout=chance.uniform(0.2, 1.0) * whole)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
        else:
            for file in (tmp_path / "killed").glob("keepwarm.db*"):
                file.unlink()
            whole *= 0.9
    killed.run("sync")
    found, expected = (dump(url_in(tmp_path / name, "keepwarm")) for name in ("killed", "calm"))
    assert differences(found, expected) == []
    assert len(expected["message"]) == len(notes)
    assert len(expected["feed_entry"]) > 20
    assert killed.json("replay", "--check")["differ"] == []


def deliver(account: MailAccount, folder: str, notes: list[Note]) -> None:
    for note in notes:
        account.deliver(note.raw, folder=folder, at=note.at)
