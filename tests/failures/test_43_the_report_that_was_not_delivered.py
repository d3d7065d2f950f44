"""43: the mail silently never arrives. It is tried for two days, and then shown: in status, journal and next report."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.daemon.commands.report import _when
from keepwarm.daemon.configuration import load
from keepwarm.daemon.delivery import deliver_due
from keepwarm.daemon.full_pass import run_pass
from keepwarm.daemon.posting import TRIED_FOR
from keepwarm.daemon.report_state import line, of
from keepwarm.daemon.weekly_view import view
from keepwarm.daemon.workshop import Workshop
from keepwarm.outputs.report import render_html, render_text
from tests.letters import ME, weekly_exchange, write_maildir
from tests.servers.smtp import MailServer
from tests.unheeding import Nobody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
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
[report.smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
"""


@pytest.fixture
def server() -> Iterator[MailServer]:
    """Give a server that takes nothing."""
    with MailServer(answer="451 not now") as running:
        yield running


@pytest.fixture
def workshop(tmp_path: Path, server: MailServer) -> Iterator[Workshop]:
    """Give somebody who has read their mail before this Monday."""
    write_maildir(tmp_path / "Maildir", weekly_exchange("ana@acme.test", MONDAY - timedelta(weeks=30), 29))
    file = tmp_path / "config.toml"
    file.write_text(SETTINGS.format(me=ME, port=server.port))
    opened = Workshop(load(file))
    read(opened, MONDAY - timedelta(days=3))
    yield opened
    opened.close()


def read(workshop: Workshop, now: datetime) -> None:
    run_pass(workshop, workshop.configuration.accounts, lambda: now, Nobody())


def told(workshop: Workshop, now: datetime) -> str:
    """Give the line of ``keepwarm status``."""
    with workshop.database.reading() as connection:
        return line(of(connection, workshop.configuration, now), workshop.configuration)


def tries(workshop: Workshop, since: datetime, until: datetime) -> list[datetime]:
    """Ask whenever it wants to be asked; give the times at which something was tried."""
    found, now, before = [], since, -1
    while now < until:
        again = deliver_due(workshop, now)
        with workshop.database.reading() as connection:
            attempts = of(connection, workshop.configuration, now)["attempts"]
        if attempts != before:
            found.append(now)
        before, now = attempts, max(again, now + timedelta(minutes=1))
    return found


def test_it_is_tried_again_later_each_time_for_two_days_and_no_longer(workshop: Workshop) -> None:
    times = tries(workshop, MONDAY, MONDAY + timedelta(days=6))
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (5, 15, 45, 135)]
    assert sorted(waits) == waits
    assert max(waits) == timedelta(hours=6)
    assert timedelta(hours=36) < times[-1] - MONDAY <= TRIED_FOR


def test_a_server_that_comes_back_gets_it_once(workshop: Workshop, server: MailServer) -> None:
    tries(workshop, MONDAY, MONDAY + timedelta(hours=3))
    server.answer = "250 OK"
    tries(workshop, MONDAY + timedelta(hours=3), MONDAY + timedelta(days=6))
    assert len(server.taken) == 1
    assert "was sent on Mon 2026-11-23" in told(workshop, MONDAY + timedelta(days=6))


def test_while_it_is_tried_status_says_so_with_the_cure(workshop: Workshop) -> None:
    deliver_due(workshop, MONDAY)
    said = told(workshop, MONDAY)
    assert "The report of 2026-W47 could not be sent, and is tried again at Mon 2026-11-23 08:05" in said
    assert "451 not now" in said


def test_the_next_report_says_that_the_one_before_did_not_arrive(workshop: Workshop, server: MailServer) -> None:
    tries(workshop, MONDAY, MONDAY + timedelta(days=6))
    assert "not tried again by itself" in told(workshop, MONDAY + timedelta(days=6))
    server.answer = "250 OK"
    read(workshop, MONDAY + timedelta(days=7))
    deliver_due(workshop, MONDAY + timedelta(days=7))
    (taken,) = server.taken
    text, html = (" ".join(part.get_content().split()) for part in taken.mail.iter_parts())
    for page in (text, html):
        assert "The report of week 47 could not be delivered: 127.0.0.1 refused the mail: 451 not now" in page
    read(workshop, MONDAY + timedelta(days=14))
    deliver_due(workshop, MONDAY + timedelta(days=14))
    assert "could not be delivered" not in server.taken[-1].mail.as_string()


def test_what_failed_is_told_of_in_the_journal_and_so_is_what_arrived(
    workshop: Workshop, server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver_due(workshop, MONDAY)
    server.answer = "250 OK"
    deliver_due(workshop, MONDAY + timedelta(minutes=5))
    said = capsys.readouterr().out
    assert "report not sent" in said
    assert "report sent" in said


def test_a_report_on_the_terminal_tells_it_too(workshop: Workshop) -> None:
    tries(workshop, MONDAY, MONDAY + timedelta(days=3))
    now = MONDAY + timedelta(days=3)
    monday, as_of = _when(None, now, UTC)
    with workshop.database.reading() as connection:
        week = view(connection, workshop, monday, as_of)
    assert "could not be delivered" in render_text(week)
    assert "could not be delivered" in render_html(week)
