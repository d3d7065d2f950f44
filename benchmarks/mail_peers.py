"""The programs by which one gets a mailbox, and counts of who wrote, today: mbsync and notmuch."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.ingest import NOTMUCH_SETTINGS
from benchmarks.traffic import OWNER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import Dovecot, MailAccount

# Without fsync, which favours mbsync.
MBSYNC_SETTINGS = """\
FSync no

IMAPAccount bench
Host {host}
Port {port}
User "{user}"
PassCmd "cat {password}"
SSLType None
AuthMechs PLAIN

IMAPStore far
Account bench

MaildirStore near
Path {maildir}/
Inbox {maildir}/INBOX
SubFolders Verbatim

Channel mail
Far :far:
Near :near:
Patterns *
Create Near
Sync Pull
SyncState *
"""


@dataclass(frozen=True, slots=True)
class Mbsync:
    """mbsync, pulling the whole mailbox into a Maildir."""

    command: list[str]
    maildir: Path

    @classmethod
    def found(cls, server: Dovecot, account: MailAccount, folder: Path, password: Path) -> Mbsync | None:
        """Set it up; None if it is not installed."""
        program = shutil.which("mbsync")
        if program is None:
            return None
        maildir, settings = folder / "pulled", folder / "mbsyncrc"
        settings.write_text(
            MBSYNC_SETTINGS.format(
                host=server.host, port=server.port, user=account.user, password=password, maildir=maildir
            )
        )
        maildir.mkdir()
        return cls([program, "-q", "-c", str(settings), "-a"], maildir)

    def forget(self) -> None:
        """Remove what was pulled."""
        shutil.rmtree(self.maildir)
        self.maildir.mkdir()


@dataclass(frozen=True, slots=True)
class Notmuch:
    """notmuch with a new index each time."""

    program: str
    folder: Path

    @classmethod
    def found(cls, folder: Path) -> Notmuch | None:
        """Set it up; None if it is not installed."""
        program = shutil.which("notmuch")
        return cls(program, folder) if program else None

    @property
    def environment(self) -> dict[str, str]:
        """Say where its settings are."""
        return {"NOTMUCH_CONFIG": str(self.folder / "notmuch-config")}

    def command(self, maildir: Path) -> list[str]:
        """Give the command that indexes a Maildir."""
        index = self.folder / "index"
        shutil.rmtree(index, ignore_errors=True)
        index.mkdir()
        name, address = OWNER
        text = NOTMUCH_SETTINGS.format(index=index, mail=maildir, name=name, address=address)
        (self.folder / "notmuch-config").write_text(text)
        return [self.program, "new", "--quiet"]
