"""A real Xandikos on a free loopback port. It knows one user, and asks nobody for a password."""

from __future__ import annotations

import re
import sys

from tests.servers.calendars import CalendarServer, CalendarUser, client

PRINCIPAL = "/jo/"
HOME = "/jo/calendars/"


class Xandikos(CalendarServer):
    """The running server."""

    def __init__(self) -> None:
        super().__init__("xandikos")
        options = ["-d", str(self.folder / "collections"), "-l", "127.0.0.1", "-p", str(self.port)]
        more = ["--autocreate", "--current-user-principal", PRINCIPAL, "--state-dir", str(self.folder / "state")]
        self.start([sys.executable, "-m", "xandikos", "serve", "--no-detect-systemd", *options, *more])

    def only_user(self) -> CalendarUser:
        """Give the user, with an empty home."""
        session = client()
        listed = session.request("PROPFIND", self.url + HOME, headers={"Depth": "1"}, timeout=30)
        for path in set(re.findall(rf"{HOME}[^/<]+/", listed.text)):
            session.delete(self.url + path, timeout=30)
        return CalendarUser(
            server=self, user="jo", password="secret", principal=PRINCIPAL, home=HOME, invalid_token=412
        )
