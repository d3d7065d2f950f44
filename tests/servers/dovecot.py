"""A real Dovecot on free loopback ports, in a temporary folder: IMAP with STARTTLS, IMAPS, Maildir below."""

from __future__ import annotations

import base64
import grp
import hmac
import itertools
import json
import os
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from imapclient import imap_utf7

from tests.servers.processes import (
    end,
    find_binary,
    free_port,
    give,
    greets,
    open_folder,
    unprivileged,
    wait_until,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PACKAGE = "dovecot-imapd"
PASSWORD = 'näive "pass\\word"'
"""Every user's: hostile to clients that do not quote or that speak ASCII only."""

_CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {internal}
listen = 127.0.0.1
protocols = imap
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2 oauthbearer
mail_fsync = never
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  args = password={{PLAIN.B64}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Trash {{
    special_use = \\Trash
  }}
  mailbox Junk {{
    special_use = \\Junk
  }}
  mailbox Drafts {{
    special_use = \\Drafts
  }}
  mailbox Sent {{
    special_use = \\Sent
  }}
  mailbox Everything {{
    special_use = \\All
  }}
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 64
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_TOKENS = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = email
"""
TOKEN_KEY = b"a key that only the tests and their server know"


@dataclass(frozen=True, slots=True)
class MailAccount:
    """One user of the server, with an empty mailbox to begin with."""

    server: Dovecot
    user: str
    password: str = PASSWORD

    def deliver(self, *messages: bytes, folder: str = "INBOX", at: datetime | None = None, flags: str = "") -> None:
        """Put messages into a folder; ``flags`` are Maildir's letters ("S" seen, "D" draft)."""
        self.server.deliver(self.user, messages, folder, at, flags)

    def token(self, *, valid_for: timedelta = timedelta(hours=1), key: bytes = TOKEN_KEY) -> str:
        """Give an access token (a JWT, RFC 7519) for this user; one of another ``key`` is not accepted."""
        expires = int((datetime.now(UTC) + valid_for).timestamp())
        parts = ({"alg": "HS256", "typ": "JWT"}, {"email": self.user, "sub": self.user, "exp": expires})
        signed = b".".join(_base64url(json.dumps(part).encode()) for part in parts)
        return b".".join((signed, _base64url(hmac.digest(key, signed, "sha256")))).decode()

    def make_folder(self, folder: str) -> Path:
        """Make a folder, if it is not there; gives its place on disk."""
        return self.server.make_folder(self.user, folder)

    def remove_folder(self, folder: str) -> None:
        """Remove a folder and all in it."""
        shutil.rmtree(self.server.folder_path(self.user, folder))

    def expunge(self, folder: str = "INBOX", *, count: int) -> None:
        """Remove the oldest messages of a folder."""
        for file in self._paths(folder)[:count]:
            file.unlink()

    def move(self, source: str, target: str) -> None:
        """Move all messages of a folder into another one, where they get new UIDs."""
        place = self.make_folder(target)
        for file in self._paths(source):
            file.rename(place / "cur" / file.name)

    def change_uidvalidity(self, folder: str = "INBOX") -> None:
        """Let the folder's UIDs lose their meaning, as after a repair (RFC 3501, 2.3.1.1)."""
        self.server.change_uidvalidity(self.user, folder)

    def files(self, folder: str = "INBOX") -> list[str]:
        """Give the message files of a folder, with their flags."""
        return sorted(file.name for file in self._paths(folder))

    def _paths(self, folder: str) -> list[Path]:
        place = self.server.folder_path(self.user, folder)
        found = (file for part in ("cur", "new") for file in (place / part).iterdir())
        return sorted(found, key=lambda file: file.name)


class Dovecot:
    """One server, to be removed in the end. Raises MissingServerError if Dovecot is not installed."""

    def __init__(self) -> None:
        self._dovecot = find_binary("dovecot", PACKAGE)
        self._identity = unprivileged()
        self._folder = open_folder("keepwarm-dovecot-")
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self.host = "127.0.0.1"
        self.port = free_port()
        self.tls_port = free_port()
        self.ca_file = self._folder / "authority.pem"
        self._make_certificate()
        self._write_configuration()
        self.start()

    def start(self) -> None:
        """Start, or start again on the same ports."""
        shutil.rmtree(self._folder / "run", ignore_errors=True)  # a stale anvil socket costs five seconds
        log = self._folder / "dovecot.log"
        command = [str(self._dovecot), "-F", "-c", str(self._folder / "dovecot.conf")]
        with log.open("ab") as output:
            self._process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        wait_until(lambda: greets(self.port, b"* OK"), self._process, log)

    def stop(self) -> None:
        """Stop; all connections end."""
        if self._process is not None:
            end(self._process)
            # The processes that serve a client outlive their master.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None

    def remove(self) -> None:
        """Stop, and remove all files."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def add_user(self) -> MailAccount:
        """Add a user whom no other test knows."""
        account = MailAccount(self, f"user{next(self._numbers)}@keepwarm.test")
        account.make_folder("INBOX")
        give(self._folder / "home", self._identity)
        return account

    def folder_path(self, user: str, folder: str) -> Path:
        """Give a folder's place on disk (Maildir++)."""
        maildir = self._folder / "home" / user / "Maildir"
        if folder == "INBOX":
            return maildir
        return maildir / ("." + imap_utf7.encode(folder.replace("/", ".")).decode())

    def make_folder(self, user: str, folder: str) -> Path:
        """Make a folder on disk, if it is not there."""
        place = self.folder_path(user, folder)
        if not place.exists():
            for part in ("tmp", "new", "cur"):
                (place / part).mkdir(parents=True)
            give(place, self._identity)
        return place

    def deliver(self, user: str, messages: Iterable[bytes], folder: str, at: datetime | None, flags: str) -> None:
        """Write messages where a delivery agent would; their INTERNALDATE is ``at``, else now."""
        place = self.make_folder(user, folder)
        stamp = (at or datetime.now(UTC)).timestamp()
        for message in messages:
            number = next(self._numbers)
            # Dovecot gives UIDs in the order of the names' times.
            name = f"{1_700_000_000 + number}.M{number}.test"
            target = place / "cur" / f"{name}:2,{flags}" if flags else place / "new" / name
            file = place / "tmp" / name
            file.write_bytes(message)
            os.utime(file, (stamp, stamp))
            give(file, self._identity)
            file.rename(target)

    def change_uidvalidity(self, user: str, folder: str) -> None:
        """Give a folder another UIDVALIDITY; its UIDs start again from 1."""
        place = self.folder_path(user, folder)
        for index in place.glob("dovecot.index*"):
            index.unlink()
        uids = place / "dovecot-uidlist"
        validity = next(part[1:] for part in uids.read_text().split() if part.startswith("V"))
        uids.write_text(f"3 V{int(validity) + 1} N1\n")
        give(uids, self._identity)

    def _make_certificate(self) -> None:
        """Make a certificate for the loopback host, signed by an authority that nobody else knows."""
        self._make_signed("authority", "/CN=An authority of the tests", "basicConstraints=critical,CA:TRUE")
        authority = ["-CA", str(self.ca_file), "-CAkey", str(self._folder / "authority.key")]
        self._make_signed("server", "/CN=localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1", *authority)

    def _make_signed(self, name: str, subject: str, extension: str, *authority: str) -> None:
        openssl = find_binary("openssl", "openssl")
        command = [str(openssl), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        command += ["-nodes", "-days", "2", "-subj", subject, "-addext", extension, *authority]
        command += ["-keyout", str(self._folder / f"{name}.key"), "-out", str(self._folder / f"{name}.pem")]
        subprocess.run(command, check=True, capture_output=True)

    def _write_configuration(self) -> None:
        home = self._folder / "home"
        home.mkdir()
        give(home, self._identity)
        text = _CONFIGURATION.format(
            folder=self._folder,
            port=self.port,
            tls_port=self.tls_port,
            password=base64.b64encode(PASSWORD.encode()).decode(),
            uid=self._identity.uid,
            gid=self._identity.gid,
            internal=self._identity.name,
            internal_group=grp.getgrgid(self._identity.gid).gr_name,
        )
        (self._folder / "dovecot.conf").write_text(text)
        (self._folder / "oauth2.conf").write_text(_TOKENS.format(folder=self._folder))
        keys = self._folder / "keys" / "default" / "HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_bytes(base64.b64encode(TOKEN_KEY))


def _base64url(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")
