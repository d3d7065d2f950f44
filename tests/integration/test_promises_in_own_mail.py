"""Promises in the owner's own sent mail, through the command: found if they allow it, and no word of the text kept."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, deliver, weekly_exchange, write_maildir, write_mbox

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

ANA, BOB, MIA = "ana@acme.example", "bob@blue.example", "mia@mint.example"
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
BEFORE, AFTER = "2026-11-30T12:00:00+00:00", "2026-12-04T12:00:00+00:00"
SECRETS = ("Zebrafish", "Quagga", "Okapi", "Kudu")
# The same in an HTML part, in base64, and in the Latin alphabet's older encoding.
HTML = base64.b64encode(f"<p>Dear Bob,<br>I will send you the {SECRETS[1]} by Friday.</p>".encode()).decode()


def raw(to: str, content_type: str, body: bytes, *, author: str = ME, encoding: str = "8bit", minute: int = 0) -> bytes:
    head = (
        f"From: {author}\nTo: {to}\nSubject: The offer\nDate: Tue, 24 Nov 2026 09:{minute:02}:00 +0000\n"
        f"Message-ID: <{minute}.{to}@own.test>\nMIME-Version: 1.0\nContent-Type: {content_type}\n"
        f"Content-Transfer-Encoding: {encoding}\n\n"
    )
    return head.encode() + body


def letters() -> list[bytes]:
    """Give the owner's promises to Ana and Bob, and mails of others and to others in which nothing is to be found."""
    plain = (
        f"Dear Ana,\nI will send you the {SECRETS[0]} by Friday.\n\nOn Monday Ana wrote:\n> {SECRETS[3]}?\n".encode()
    )
    inner = "--x\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + HTML + "\n--x--\n"
    theirs = f"Dear me,\nI will send you the {SECRETS[2]} by Friday.\n".encode()
    return [
        raw(ANA, "text/plain; charset=utf-8", plain),
        raw(BOB, 'multipart/alternative; boundary="x"', inner.encode(), minute=1),
        raw(ME, "text/plain", theirs, author=MIA, minute=2),
    ]


def known() -> list[Note]:
    return [note for who in (ANA, BOB, MIA) for note in weekly_exchange(who, TUESDAY - timedelta(weeks=6), 6)]


@pytest.fixture(params=["maildir", "mbox", "imap"])
def account(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the settings of an account that holds all of it, of each kind in turn."""
    if request.param == "imap":
        mailbox: MailAccount = request.getfixturevalue("mail_account")
        for note in known():
            mailbox.deliver(note.raw, at=note.at)
        mailbox.deliver(*letters(), folder="Sent", at=TUESDAY)
        secret = tmp_path / "secret"
        secret.write_text(mailbox.password)
        secret.chmod(0o600)
        return (
            f'kind = "imap"\naddress = "{ME}"\nhost = "127.0.0.1"\nport = {mailbox.server.tls_port}\n'
            f'user = "{mailbox.user}"\nca_file = "{mailbox.server.ca_file}"\npassword = {{ file = "secret" }}'
        )
    if request.param == "maildir":
        write_maildir(tmp_path / "mail", known())
        for number, letter in enumerate(letters()):
            deliver(tmp_path / "mail", letter, TUESDAY + timedelta(minutes=number))
    else:
        write_mbox(tmp_path / "mail", known())
        with (tmp_path / "mail").open("ab") as file:
            for letter in letters():
                file.write(b"From MAILER Tue Nov 24 09:00:00 2026\n" + letter.replace(b"\n> ", b"\n>> ") + b"\n")
    return f'kind = "{request.param}"\naddress = "{ME}"\npath = "mail"'


def keepwarm(folder: Path, account: str, *, allowed: bool) -> Keepwarm:
    config = folder / "config.toml"
    config.write_text(
        f'[owner]\nname = "Me"\ntimezone = "Europe/Berlin"\n[database]\nurl = "sqlite:///{folder / "k.db"}"\n'
        f'[privacy]\nread_own_sent_bodies = {str(allowed).lower()}\n[[account]]\nname = "work"\n{account}\n',
        "utf-8",
    )
    return Keepwarm(config, as_of=AFTER)


def promised(folder: Path) -> dict[str, str]:
    """Give to whom something is promised by when, as it is stored."""
    with closing(sqlite3.connect(folder / "k.db")) as connection:
        return dict(
            connection.execute(
                "SELECT address, promised_due FROM message JOIN message_party ON message_id = message.id"
                " JOIN address ON address.id = address_id WHERE promised_due IS NOT NULL AND role = 'to'"
            ).fetchall()
        )


def stored(folder: Path) -> bytes:
    """Give the bytes of all files in the database's folder but the mails, and the settings."""
    return b"".join(one.read_bytes() for one in folder.iterdir() if one.is_file() and one.name.startswith("k.db"))


def broken(tool: Keepwarm) -> dict[str, Any]:
    return {one["contact"]["addresses"][0]: one for one in tool.json("signals") if one["rule"] == "broken_promise"}


def test_a_promise_is_found_followed_and_forgotten_again_and_its_text_is_nowhere(tmp_path: Path, account: str) -> None:
    tool = keepwarm(tmp_path, account, allowed=True)
    done = tool.at(BEFORE).run("sync")
    assert "your own mail" not in done.err
    assert promised(tmp_path) == {ANA: "2026-11-27", BOB: "2026-11-27"}
    assert broken(tool.at(BEFORE)) == {}
    later = tool.run("sync", "--json")
    found = broken(tool)
    assert found.keys() == {ANA, BOB}
    assert "by 27 November 2026; nothing shows that it was kept." in found[ANA]["sentence"]
    told = (done.out + done.err + later.out + later.err).encode() + stored(tmp_path)
    assert b"Question 1" in told
    assert [word for word in SECRETS if word.encode() in told or word.lower().encode() in told] == []

    forbidden = keepwarm(tmp_path, account, allowed=False)
    forbidden.run("sync")
    assert promised(tmp_path) == {}
    assert broken(forbidden) == {}


def test_nothing_is_read_unless_it_is_allowed_and_later_only_what_comes_then(tmp_path: Path, account: str) -> None:
    tool = keepwarm(tmp_path, account, allowed=False)
    tool.run("sync")
    assert (promised(tmp_path), broken(tool)) == ({}, {})
    allowed = keepwarm(tmp_path, account, allowed=True)
    assert "what was read before is not read again" in allowed.run("sync").err
    assert promised(tmp_path) == {}
    assert "your own mail" not in allowed.run("sync").err
