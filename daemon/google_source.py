"""The connector of an account at Google, made from its settings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from keepwarm.daemon.google_client import GoogleClient
from keepwarm.daemon.google_grant import Tokens
from keepwarm.daemon.google_scopes import reads_bodies, scopes_for
from keepwarm.daemon.grants import Grants

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.connectors.google import GoogleConnector
    from keepwarm.connectors.google_api import GoogleSettings
    from keepwarm.connectors.google_meet import MeetSettings
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.daemon.accounts import GoogleAccount
    from keepwarm.daemon.settings import Configuration


def tokens_of(account: GoogleAccount, needed: tuple[str, ...] = ()) -> Tokens:
    """Give what hands out the access tokens of an account, for what needs these scopes."""
    return Tokens(Grants.of(account.name), partial(GoogleClient.read, account.client_file), needed)


def settings_of(account: GoogleAccount, needed: tuple[str, ...]) -> GoogleSettings:
    """Say how the account is reached, for what needs these scopes."""
    from keepwarm.connectors.google_api import GoogleSettings  # noqa: PLC0415 - heavy

    return GoogleSettings(token=tokens_of(account, needed).token, endpoint=(account.endpoint or "").rstrip("/"))


def google_connector(
    account: GoogleAccount,
    settings: Configuration,
    *,
    since: datetime,
    window: Callable[[], tuple[datetime, datetime]],
    own_mail: OwnMail | None,
    now: Callable[[], datetime],
) -> GoogleConnector:
    """Make the connector; nothing is opened, and nobody signed in, yet."""
    from keepwarm.connectors.gmail import GmailSettings  # noqa: PLC0415 - heavy
    from keepwarm.connectors.google import GoogleConnector  # noqa: PLC0415
    from keepwarm.connectors.google_calendar import GoogleCalendarSettings  # noqa: PLC0415

    scopes = scopes_for(account, settings)
    return GoogleConnector(
        GmailSettings(
            google=settings_of(account, scopes.mail),
            owner=frozenset(settings.owner_addresses),
            since=since,
            bodies=reads_bodies(account, settings),
            own_mail=own_mail,
            now=now,
        ),
        GoogleCalendarSettings(
            google=settings_of(account, scopes.calendars),
            include=account.folders.include,
            exclude=account.folders.exclude,
            window=window,
            zone=settings.owner.timezone,
        ),
        _calls(account, scopes.calls, now) if scopes.calls else None,
    )


def _calls(account: GoogleAccount, needed: tuple[str, ...], now: Callable[[], datetime]) -> MeetSettings:
    from keepwarm.connectors.google_meet import MeetSettings  # noqa: PLC0415 - heavy

    owner = tokens_of(account, needed)
    return MeetSettings(google=settings_of(account, needed), owner=lambda: owner.grant().user, now=now)
