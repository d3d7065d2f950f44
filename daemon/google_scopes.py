"""What Google is asked for: as little as the settings need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.daemon.sending import provider_account

if TYPE_CHECKING:
    from keepwarm.daemon.accounts import GoogleAccount
    from keepwarm.daemon.settings import Configuration

_AUTH = "https://www.googleapis.com/auth/"
METADATA = f"{_AUTH}gmail.metadata"  # headers and labels, no bodies
READONLY = f"{_AUTH}gmail.readonly"  # whole mails
EVENTS = f"{_AUTH}calendar.events.readonly"
CALENDARS = f"{_AUTH}calendar.calendarlist.readonly"  # which calendars there are: events.readonly does not cover it
CALLS = f"{_AUTH}meetings.space.readonly"  # who was in the calls of Google Meet
WHO = "openid"  # the id of the account, by which the owner is known in a call
SEND = f"{_AUTH}gmail.send"


@dataclass(frozen=True, slots=True)
class Scopes:
    """What is asked for, by what it is for: if some of it is not granted, the rest is done all the same."""

    mail: tuple[str, ...]
    calendars: tuple[str, ...]
    calls: tuple[str, ...] = ()
    sending: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Give each scope once."""
        return tuple(dict.fromkeys((*self.mail, *self.calendars, *self.calls, *self.sending)))

    @property
    def purposes(self) -> dict[str, tuple[str, ...]]:
        """Give the scopes that each thing needs, in words for the user."""
        named = {"mail": self.mail, "calendars": self.calendars, "attendance": self.calls, "sending": self.sending}
        return {name: scopes for name, scopes in named.items() if scopes}


def reads_bodies(account: GoogleAccount, settings: Configuration) -> bool:
    """Tell whether some mails are read whole: invitations, or the owner's own for what they promise."""
    return account.invitations or settings.privacy.read_own_sent_bodies


def scopes_for(account: GoogleAccount, settings: Configuration) -> Scopes:
    """Give the scopes to ask for.

    Never both scopes of Gmail: a grant that holds gmail.metadata may read no bodies, whatever else it holds.
    """
    return Scopes(
        mail=(READONLY if reads_bodies(account, settings) else METADATA,),
        calendars=(EVENTS, CALENDARS),
        calls=(CALLS, EVENTS, WHO) if account.attendance else (),
        sending=(SEND,) if _sends(account, settings) else (),
    )


def _sends(account: GoogleAccount, settings: Configuration) -> bool:
    """Tell whether letters go out by this account, and not by another one at Google."""
    sender = provider_account(settings) if settings.report.via == "google" else None
    return sender is not None and sender.name == account.name
