"""Sources: the connector of each kind of account, made from its settings."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import Refused
from keepwarm.daemon.accounts import (
    CaldavAccount,
    GoogleAccount,
    IcsAccount,
    ImapAccount,
    MaildirAccount,
    MboxAccount,
    MicrosoftAccount,
)
from keepwarm.daemon.secret import resolve

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.connectors.contract import Connector
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.settings import Configuration

    Asked = Callable[[str], bool]

AHEAD = timedelta(days=120)
"""How far ahead calendars are read."""


class Sources:
    """The connectors of one process; those that remember what they found are kept from pass to pass."""

    def __init__(self, settings: Configuration, asked: Asked | None = None) -> None:
        """``asked`` tells the Message-IDs of the letters that the owner may answer; None: there are none."""
        self._settings = settings
        self._asked = asked
        self._kept: dict[str, Connector] = {}

    def of(self, account: Account, now: Callable[[], datetime]) -> Connector:
        """Give the connector of an account. Raises Refused for a kind that this version cannot read."""
        kept = self._kept.get(account.name)
        if kept is not None:
            return kept
        made = connector_for(account, self._settings, now, self._asked)
        if isinstance(account, CaldavAccount | GoogleAccount | MicrosoftAccount):
            self._kept[account.name] = made
        return made


def connector_for(
    account: Account, settings: Configuration, now: Callable[[], datetime], asked: Asked | None = None
) -> Connector:
    """Make the connector of an account; nothing is opened yet. Connectors are imported only where they are needed.

    Raises Refused for a kind that this version cannot read.
    """
    since = now() - account.history
    match account:
        case MaildirAccount():
            from keepwarm.connectors.maildir import MaildirConnector  # noqa: PLC0415

            return MaildirConnector(account.path, since, _own_mail(settings, asked))
        case MboxAccount():
            from keepwarm.connectors.mbox import MboxConnector  # noqa: PLC0415

            return MboxConnector(account.path, since, _own_mail(settings, asked))
        case IcsAccount():
            return _ics(account, settings, lambda: (now() - account.history, now() + AHEAD))
        case CaldavAccount():
            return _caldav(account, settings, now)
        case ImapAccount():
            return _imap(account, since, settings, asked)
        case GoogleAccount():
            from keepwarm.daemon.google_scopes import reads_bodies  # noqa: PLC0415
            from keepwarm.daemon.google_source import google_connector  # noqa: PLC0415

            window = partial(_window, account, now)
            # A text may be read only if the sign-in reaches the texts of all mail: that is the owner's to allow.
            own_mail = _own_mail(settings, asked) if reads_bodies(account, settings) else None
            return google_connector(account, settings, since=since, window=window, own_mail=own_mail, now=now)
        case MicrosoftAccount():
            from keepwarm.daemon.microsoft_source import microsoft_connector  # noqa: PLC0415

            window = partial(_window, account, now)
            own_mail = _own_mail(settings, asked) if settings.privacy.read_own_sent_bodies else None
            return microsoft_connector(account, settings, since=since, window=window, now=now, own_mail=own_mail)
    raise Refused(
        f'This version of Keepwarm cannot read accounts of kind "{account.kind}" yet.',
        "Read the same mailbox by IMAP, or its calendar as an .ics file, for now.",
    )


def _ics(account: IcsAccount, settings: Configuration, window: Callable[[], tuple[datetime, datetime]]) -> Connector:
    if account.path is not None:
        from keepwarm.connectors.ics import IcsConnector  # noqa: PLC0415

        return IcsConnector(account.path, window, settings.owner.timezone)
    from keepwarm.connectors.ics_feed import FeedConnector, FeedSettings  # noqa: PLC0415

    feed = FeedSettings(url=account.url or "", private=account.allow_private, ca_file=account.ca_file)
    return FeedConnector(feed, window, settings.owner.timezone)


def _window(account: Account, now: Callable[[], datetime]) -> tuple[datetime, datetime]:
    return now() - account.history, now() + AHEAD


def _own_mail(settings: Configuration, asked: Asked | None) -> OwnMail | None:
    """Say whose mail may be read, and for what; None if nothing of it may."""
    promises = settings.privacy.read_own_sent_bodies
    if not promises and asked is None:
        return None
    from keepwarm.connectors.own_mail import OwnMail  # noqa: PLC0415

    return OwnMail(frozenset(settings.owner_addresses), settings.owner.timezone, promises, asked)


def _imap(account: ImapAccount, since: datetime, settings: Configuration, asked: Asked | None) -> Connector:
    from keepwarm.connectors.imap import ImapConnector, ImapSettings  # noqa: PLC0415

    return ImapConnector(
        ImapSettings(
            host=account.host,
            port=account.port,
            tls=account.tls,
            ca_file=account.ca_file,
            user=account.user,
            password=partial(resolve, account.password),
            auth=account.auth,
            include=account.folders.include,
            exclude=account.folders.exclude,
            since=since.date(),
            own_mail=_own_mail(settings, asked),
        )
    )


def _caldav(account: CaldavAccount, settings: Configuration, now: Callable[[], datetime]) -> Connector:
    from keepwarm.connectors.caldav import CaldavConnector, CaldavSettings  # noqa: PLC0415

    return CaldavConnector(
        CaldavSettings(
            url=account.url,
            user=account.user,
            password=partial(resolve, account.password),
            auth=account.auth,
            ca_file=account.ca_file,
            include=account.folders.include,
            exclude=account.folders.exclude,
            window=lambda: (now() - account.history, now() + AHEAD),
            zone=settings.owner.timezone,
        )
    )
