"""A real Radicale on a free loopback port."""

from __future__ import annotations

import sys

from tests.servers.calendars import CalendarServer, CalendarUser, client

USERS = 300


class Radicale(CalendarServer):
    """The running server; each user has the password "secret-N"."""

    def __init__(self) -> None:
        super().__init__("radicale")
        self._given = 0
        users = self.folder / "users"
        users.write_text("".join(f"user{number}:secret-{number}\n" for number in range(USERS)))
        options = {
            "server-hosts": f"127.0.0.1:{self.port}",
            "auth-type": "htpasswd",
            "auth-htpasswd-filename": str(users),
            "auth-htpasswd-encryption": "plain",
            "auth-delay": "0",
            "storage-filesystem-folder": str(self.folder / "collections"),
        }
        given = [f"--{name}={value}" for name, value in options.items()]
        self.start([sys.executable, "-m", "radicale", "--config", "", *given])

    def add_user(self) -> CalendarUser:
        """Give a user with an empty home."""
        number, self._given = self._given, self._given + 1
        user, password = f"user{number}", f"secret-{number}"
        client(user, password).request("PROPFIND", f"{self.url}/{user}/", timeout=30)  # makes the home
        path = f"/{user}/"
        return CalendarUser(server=self, user=user, password=password, principal=path, home=path, invalid_token=403)
