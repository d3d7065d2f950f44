"""36: the weekly report arrives sixteen times. It arrives once, whatever is killed and however many send it at once."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.daemon.configuration import load
from keepwarm.daemon.delivery import deliver_due
from keepwarm.daemon.full_pass import run_pass
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage import outbox
from keepwarm.storage.outbox import State
from tests.letters import ME, weekly_exchange, write_maildir
from tests.servers.smtp import MailServer
from tests.turns import turn
from tests.unheeding import Nobody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
KILLS = 20
SEED = 36

SETTINGS = """\
[owner]
addresses = ["{me}"]
[database]
url = "sqlite:///data/keepwarm.db"
[[account]]
name = "mail"
kind = "maildir"
path = "Maildir"
address = "{me}"
[report]
via = "smtp"
to = "{me}"
[report.smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    """Give a server that puts what it takes into the mailbox that is read, and is slow to say so."""
    with MailServer(maildir=tmp_path / "Maildir", pause=0.2) as running:
        yield running


@pytest.fixture
def config(tmp_path: Path, server: MailServer) -> Path:
    """Give the settings of somebody who has read their mail before this Monday."""
    write_maildir(tmp_path / "Maildir", weekly_exchange("ana@acme.test", MONDAY - timedelta(weeks=30), 29))
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS.format(me=ME, port=server.port))
    workshop = Workshop(load(file))
    run_pass(workshop, workshop.configuration.accounts, lambda: MONDAY - timedelta(days=3), Nobody())
    workshop.close()
    return file


def ids(server: MailServer) -> list[str]:
    """Give the Message-IDs of what arrived."""
    return [str(taken.mail["Message-ID"]) for taken in server.taken]


@pytest.mark.timeout(900)
def test_each_week_arrives_once_under_twenty_kills_with_two_daemons_at_once(config: Path, server: MailServer) -> None:
    chance = random.Random(SEED)
    workshop = Workshop(load(config))
    for week in range(KILLS):
        now, before = MONDAY + timedelta(weeks=week), len(server.taken)
        daemons = [turn(config, now + timedelta(minutes=1)) for _ in range(2)]
        for daemon in daemons:
            assert daemon.stdout is not None
            daemon.stdout.readline()  # "read": from here on it sends
        if week % 2:  # while the server has the mail, and has not said so
            while len(server.taken) == before:
                time.sleep(0.005)
            time.sleep(chance.uniform(0.0, 0.15))
        else:
            time.sleep(chance.uniform(0.0, 1.0))
        for daemon in daemons:
            daemon.kill()
            daemon.communicate()
        later = now + timedelta(hours=2)  # what was in doubt has had its hour
        run_pass(workshop, workshop.configuration.accounts, lambda later=later: later, Nobody())
        deliver_due(workshop, later)
    assert len(ids(server)) == len(set(ids(server))) == KILLS


def test_two_daemons_at_once_send_one(config: Path, server: MailServer) -> None:
    daemons = [turn(config, MONDAY + timedelta(minutes=1)) for _ in range(4)]
    for daemon in daemons:
        _, said = daemon.communicate(timeout=120)
        assert daemon.returncode == 0, said
    assert len(ids(server)) == 1


def test_what_nobody_confirmed_and_nobody_finds_is_sent_again_under_its_own_id(
    config: Path, server: MailServer
) -> None:
    server.maildir = None  # it goes to a mailbox that is not read
    daemon = turn(config, MONDAY + timedelta(minutes=1))
    while not server.taken:
        time.sleep(0.01)
    daemon.kill()
    daemon.communicate()
    workshop = Workshop(load(config))
    deliver_due(workshop, MONDAY + timedelta(minutes=30))
    assert len(server.taken) == 1  # still in doubt
    deliver_due(workshop, MONDAY + timedelta(hours=2))
    first, second = ids(server)
    assert first == second


def test_a_whole_week_of_turns_sends_one_and_the_next_week_another(config: Path, server: MailServer) -> None:
    workshop = Workshop(load(config))
    for hours in range(0, 24 * 9, 12):
        deliver_due(workshop, MONDAY + timedelta(hours=hours))
    assert [str(taken.mail["X-Keepwarm"]) for taken in server.taken] == ["report 2026-W47", "report 2026-W48"]


def test_a_machine_that_slept_through_monday_sends_when_it_wakes_and_only_the_last(
    config: Path, server: MailServer
) -> None:
    workshop = Workshop(load(config))
    deliver_due(workshop, MONDAY + timedelta(days=2, weeks=3))
    assert [str(taken.mail["X-Keepwarm"]) for taken in server.taken] == ["report 2026-W50"]


def test_nothing_is_due_for_a_monday_before_anything_was_read(config: Path, server: MailServer) -> None:
    workshop = Workshop(load(config))
    due = deliver_due(workshop, MONDAY - timedelta(days=2))
    assert server.taken == []
    assert due == MONDAY
    deliver_due(workshop, MONDAY - timedelta(seconds=1))
    assert server.taken == []


def test_a_claim_that_was_taken_over_cannot_hand_over(config: Path) -> None:
    workshop = Workshop(load(config))
    with workshop.database.writing() as connection:
        first = outbox.claim(connection, "report", "2026-W47", "id@test", MONDAY)
        second = outbox.claim(connection, "report", "2026-W47", "id@test", MONDAY)
        with pytest.raises(outbox.Superseded):
            outbox.hand_over(connection, first, MONDAY)
        assert outbox.hand_over(connection, second, MONDAY).state is State.HANDED
        with pytest.raises(outbox.Superseded):
            outbox.claim(connection, "report", "2026-W47", "id@test", MONDAY - timedelta(seconds=1))
