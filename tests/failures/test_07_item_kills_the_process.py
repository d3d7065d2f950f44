"""Case 07: a mail kills the process each time, and with it the reading of all that comes after.

It is set aside when it, alone, has ended three isolated parsers; and only it: neither what was in flight with it, nor
mail that was being read when the process died of something else.
"""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.imap import BATCH
from tests.deadly import ALWAYS, Deadly
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

COUNT, BAD = 30, 11
KILLED, IN_PART = -signal.SIGKILL, 3
HEAD = f'[owner]\ntimezone = "UTC"\naddresses = ["{ME}"]\n[database]\nurl = "sqlite:///data/keepwarm.db"\n'
ACCOUNT = '[[account]]\nname = "work"\naddress = "{me}"\nhistory = "50y"\n'
FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)


def letters(subject: str) -> list[bytes]:
    """Give mails of which one has this subject."""
    notes = (Note(at=FIRST + timedelta(hours=n), author="Mia <mia@kept.test>") for n in range(COUNT))
    return [
        note.raw.replace(b"The offer", subject.encode() if n == BAD else b"Number %d" % n)
        for n, note in enumerate(notes)
    ]


@pytest.fixture(params=["imap", "maildir", "mbox"])
def put(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[list[bytes]], str]:
    """Give a function that puts mails where an account reads; it gives the account's settings."""
    if request.param == "imap":
        account: MailAccount = request.getfixturevalue("mail_account")
        return lambda mails: by_imap(account, tmp_path, mails)
    if request.param == "maildir":
        return lambda mails: by_maildir(tmp_path / "mail", mails)
    return lambda mails: by_mbox(tmp_path / "mail.mbox", mails)


def by_imap(account: MailAccount, folder: Path, mails: list[bytes]) -> str:
    account.deliver(*mails)
    secret = folder / "secret"
    secret.write_text(account.password)
    secret.chmod(0o600)
    server = account.server
    where = f'host = "{server.host}"\nport = {server.tls_port}\nca_file = "{server.ca_file}"\nuser = "{account.user}"\n'
    return f'kind = "imap"\n{where}password = {{ file = "secret" }}\n'


def by_maildir(folder: Path, mails: list[bytes]) -> str:
    for part in ("cur", "new", "tmp"):
        (folder / part).mkdir(parents=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"{1_772_000_000 + number}.M{number}.host").write_bytes(mail)
    return f'kind = "maildir"\npath = "{folder.name}"\n'


def by_mbox(file: Path, mails: list[bytes]) -> str:
    file.write_bytes(b"".join(b"From - Sun Mar  1 09:00:00 2026\n" + mail + b"\n" for mail in mails))
    return f'kind = "mbox"\npath = "{file.name}"\n'


def configured(folder: Path, account: str, deadly: Deadly) -> Keepwarm:
    config = folder / "config.toml"
    config.write_text(HEAD + ACCOUNT.format(me=ME) + account)
    return Keepwarm(config, environment=deadly.environment)


def stored(keepwarm: Keepwarm) -> int:
    return int(keepwarm.json("status")["stored"]["messages"])


def test_what_kills_every_process_is_set_aside_and_all_else_is_read(
    put: Callable[[list[bytes]], str], tmp_path: Path
) -> None:
    deadly = Deadly(tmp_path / "deadly")
    keepwarm = configured(tmp_path, put(letters(deadly.subject(70001))), deadly)
    keepwarm.run("sync", status=KILLED)
    assert stored(keepwarm) == 0
    told = keepwarm.json("sync", status=IN_PART)
    assert (told["accounts"][0]["messages"], told["accounts"][0]["rejected"]) == (COUNT - 1, 1)
    assert ALWAYS - deadly.kills_left(70001) == 1 + 1 + 3  # the command, the child with all, three children alone
    (line,) = (row["what"] for row in keepwarm.json("doctor", status=1) if "could not be read" in row["what"])
    assert "set aside" in line
    if (tmp_path / "secret").exists():
        assert line.startswith(f"could not be read: INBOX, UID {BAD + 1}: It ended 3 processes")


def test_an_invitation_whose_character_set_kills_every_process_is_set_aside(
    put: Callable[[list[bytes]], str], tmp_path: Path
) -> None:
    deadly = Deadly(tmp_path / "deadly")
    deadly.subject(70004)
    head = Note(at=FIRST, author="Mia <mia@kept.test>").raw.partition(b"\n\n")[0]
    kind = b"Content-Type: text/calendar; charset=cp70004; method=REQUEST"
    invitation = b"\n".join((head, kind, b"", b"BEGIN:VCALENDAR", b"END:VCALENDAR", b""))
    innocent = Note(at=FIRST + timedelta(hours=1), author="Mia <mia@kept.test>").raw
    keepwarm = configured(tmp_path, put([invitation, innocent]), deadly)
    keepwarm.run("sync", status=KILLED)
    told = keepwarm.json("sync", status=IN_PART)
    assert told["accounts"][0]["rejected"] == 1
    assert "set aside" in told["accounts"][0]["problems"][0]["why"]
    assert deadly.kills_left(70004) == ALWAYS - 5


def test_what_kills_in_the_history_is_set_aside_though_new_mail_is_read_before_it(
    mail_account: MailAccount, tmp_path: Path
) -> None:
    deadly = Deadly(tmp_path / "deadly")
    later = (Note(at=FIRST + timedelta(days=5, hours=n), author="Mia <mia@kept.test>") for n in range(BATCH))
    mails = [*letters(deadly.subject(70003)), *(note.raw for note in later)]
    keepwarm = configured(tmp_path, by_imap(mail_account, tmp_path, mails), deadly)
    keepwarm.run("sync", status=KILLED)
    assert stored(keepwarm) == BATCH
    mail_account.deliver(Note(at=FIRST + timedelta(days=90), author="Mia <mia@kept.test>").raw)
    told = keepwarm.json("sync", status=IN_PART)
    assert (told["accounts"][0]["messages"], told["accounts"][0]["rejected"]) == (COUNT - 1 + 1, 1)


@pytest.mark.parametrize("kills", [2, 4])
def test_innocent_mail_that_was_in_flight_when_processes_died_is_never_set_aside(
    mail_account: MailAccount, tmp_path: Path, kills: int
) -> None:
    """What ends a process now and then, as a machine short of memory does, has not ended three in a row alone."""
    deadly = Deadly(tmp_path / "deadly")
    mails = letters(deadly.subject(70002, kills=kills))
    keepwarm = configured(tmp_path, by_imap(mail_account, tmp_path, mails), deadly)
    keepwarm.run("sync", status=KILLED)
    told = keepwarm.json("sync")
    assert (told["accounts"][0]["messages"], told["accounts"][0]["rejected"]) == (COUNT, 0)
    assert deadly.kills_left(70002) == 0
