"""An account at Google that is signed in to, with a configuration that the real command reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.daemon.google_grant import GoogleGrant
from keepwarm.daemon.google_scopes import CALENDARS, CALLS, EVENTS, METADATA, WHO
from keepwarm.daemon.grants import Grants
from tests.google import event, letter
from tests.keepwarm import Keepwarm

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.google import Google

ME, ANA = "me@example.com", "ana@acme.example"
SCOPES = (METADATA, EVENTS, CALENDARS, CALLS, WHO)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A folder with configuration, grant and database."""

    folder: Path
    google: Google

    def keepwarm(self, as_of: datetime) -> Keepwarm:
        """Give the command as of a moment."""
        self.folder.mkdir(exist_ok=True)
        client = self.google.client_file(self.folder / "client.json")
        config = self.folder / "config.toml"
        config.write_text(
            f'[owner]\ntimezone = "UTC"\n[database]\nurl = "sqlite:///keepwarm.db"\n[[account]]\nname = "work"\n'
            f'kind = "google"\naddress = "{ME}"\nclient_file = "{client}"\nendpoint = "{self.google.url}"\n'
        )
        grants = Grants("work", self.folder / "data" / "keepwarm" / "grants")
        grant = GoogleGrant.of(self.google.tokens.grant(*SCOPES), SCOPES, datetime.now(UTC))
        grants.save(grant.text())
        return Keepwarm(config, as_of.isoformat(), {"XDG_DATA_HOME": str(self.folder / "data")})

    @property
    def database(self) -> str:
        return f"sqlite:///{self.folder / 'keepwarm.db'}"


def fill(google: Google, mails: int, meetings: int, first: datetime) -> None:
    """Exchange a mail every twelve hours, from ``first`` on, and meet once a week."""
    google.calendars.add(ME)
    for number in range(mails):
        at = first + number * timedelta(hours=12)
        theirs = number % 2 == 0
        mail = letter(number, sender=ANA if theirs else ME, to=ME if theirs else ANA, at=at)
        google.mail.deliver(mail, int(at.timestamp()), "INBOX" if theirs else "SENT")
    people = {"organizer": {"email": ANA}, "attendees": [{"email": ANA}, {"email": ME, "responseStatus": "accepted"}]}
    for number in range(meetings):
        google.calendars.put(ME, event(f"m{number}", first + number * timedelta(days=7), **people))
