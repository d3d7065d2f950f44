"""A real Radicale on a free loopback port."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.servers.calendars import CalendarServer, CalendarUser, client

if TYPE_CHECKING:
    from collections.abc import Mapping

USERS = 300


class Radicale(CalendarServer):
    """The running server; each user has the password "secret-N"."""

    def __init__(self) -> None:
        super().__init__("radicale")
        self._given = 0
        users = self.folder / "users"
        users.write_text("".join(f"user{number}:secret-{number}\n" for number in range(USERS)))
        settings = self.folder / "config"
        settings.write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n"
            f"[auth]\ntype = htpasswd\nhtpasswd_filename = {users}\nhtpasswd_encryption = plain\ndelay = 0\n"
            f"[storage]\nfilesystem_folder = {self.folder / 'collections'}\n"
        )
        self.start([sys.executable, "-m", "radicale", "--config", str(settings)])

    def fill(self, collection: str, texts: Mapping[str, str]) -> None:
        folder = self.folder / "collections" / "collection-root" / collection.strip("/")
        for name, text in texts.items():
            (folder / name).write_text(text, newline="")

    def add_user(self) -> CalendarUser:
        """Give a user with an empty home."""
        number, self._given = self._given, self._given + 1
        user, password = f"user{number}", f"secret-{number}"
        client(user, password).request("PROPFIND", f"{self.url}/{user}/", timeout=30)  # makes the home
        path = f"/{user}/"
        return CalendarUser(server=self, user=user, password=password, principal=path, home=path, invalid_token=403)
