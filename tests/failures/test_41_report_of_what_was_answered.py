"""41: a reminder that ignores that you have just been in touch. A report tells what is true when it is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.daemon.configuration import load
from keepwarm.daemon.delivery import deliver_due
from keepwarm.daemon.full_pass import run_pass
from keepwarm.daemon.workshop import Workshop
from tests.letters import ME, Note, weekly_exchange, write_maildir
from tests.unheeding import Nobody

if TYPE_CHECKING:
    from pathlib import Path

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
ANA = "ana@acme.test"
SETTINGS = f"""\
[owner]
addresses = ["{ME}"]
[database]
url = "sqlite:///data/keepwarm.db"
[[account]]
name = "mail"
kind = "maildir"
path = "Maildir"
address = "{ME}"
[report]
via = "file"
path = "reports"
"""


def turn(workshop: Workshop, now: datetime) -> None:
    """Do what a daemon does in one turn."""
    run_pass(workshop, workshop.configuration.accounts, lambda: now, Nobody())
    deliver_due(workshop, now)


@pytest.mark.parametrize(("wakes", "owes"), [(timedelta(0), True), (timedelta(days=2), False)])
def test_what_was_answered_while_the_machine_slept_is_no_longer_told(
    tmp_path: Path, wakes: timedelta, owes: bool
) -> None:
    asked = Note(at=MONDAY - timedelta(days=5), author=ANA, subject="One question")
    answered = Note(at=MONDAY + timedelta(days=1), to=ANA, subject="Re: One question", answers=asked.key)
    write_maildir(tmp_path / "Maildir", [*weekly_exchange(ANA, MONDAY - timedelta(weeks=30), 29), asked])
    (tmp_path / "config.toml").write_text(SETTINGS)
    workshop = Workshop(load(tmp_path / "config.toml"))
    turn(workshop, MONDAY - timedelta(days=4))
    assert not (tmp_path / "reports").exists()
    if wakes:
        (tmp_path / "Maildir" / "new" / "answer").write_bytes(answered.raw)
    turn(workshop, MONDAY + wakes)
    text = (tmp_path / "reports" / "report-2026-W47.txt").read_text()
    html = (tmp_path / "reports" / "report-2026-W47.html").read_text()
    assert ("You owe ana" in " ".join(text.split())) is owes
    assert ("You owe ana" in html) is owes
    assert (tmp_path / "reports" / "report-2026-W47.html").stat().st_mode & 0o077 == 0
