"""A real Xandikos on a free loopback port. It knows one user, and asks nobody for a password."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from dulwich import porcelain  # what Xandikos stores with

from tests.servers.calendars import CalendarServer, CalendarUser, client

if TYPE_CHECKING:
    from collections.abc import Mapping

PRINCIPAL = "/jo/"
HOME = "/jo/calendars/"


class Xandikos(CalendarServer):
    """The running server."""

    def __init__(self) -> None:
        super().__init__("xandikos")
        options = ["-d", str(self.folder / "collections"), "-l", "127.0.0.1", "-p", str(self.port)]
        more = ["--autocreate", "--current-user-principal", PRINCIPAL, "--state-dir", str(self.folder / "state")]
        self.start([sys.executable, "-m", "xandikos", "serve", "--no-detect-systemd", *options, *more])

    def fill(self, collection: str, texts: Mapping[str, str]) -> None:
        folder = self.folder / "collections" / collection.strip("/")
        for name, text in texts.items():
            (folder / name).write_text(text, newline="")
        porcelain.add(folder, [str(folder / name) for name in texts])
        porcelain.commit(folder, message=b"Many", author=b"test <test@test>", committer=b"test <test@test>")

    def add_user(self) -> CalendarUser:
        """Give the user, whose home is emptied: there is only one, for one test at a time."""
        session = client()
        listed = session.request("PROPFIND", self.url + HOME, headers={"Depth": "1"}, timeout=30)
        for path in set(re.findall(rf"{HOME}[^/<]+/", listed.text)):
            session.delete(self.url + path, timeout=30)
        return CalendarUser(
            server=self, user="jo", password="secret", principal=PRINCIPAL, home=HOME, invalid_token=412
        )
