"""The connector of an account at Google, made from its settings."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from keepwarm.daemon.google_client import GoogleClient
from keepwarm.daemon.google_grant import Tokens
from keepwarm.daemon.google_scopes import scopes_for
from keepwarm.daemon.grants import Grants

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.connectors.google import GoogleConnector
    from keepwarm.connectors.google_api import GoogleSettings
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.daemon.accounts import GoogleAccount
    from keepwarm.daemon.settings import Configuration


def tokens_of(account: GoogleAccount, settings: Configuration) -> Tokens:
    """Give what hands out the access tokens of an account."""
    return Tokens(Grants.of(account.name), partial(GoogleClient.read, account.client_file), scopes_for(settings))


def settings_of(account: GoogleAccount, settings: Configuration) -> GoogleSettings:
    """Say how the account is reached; waiting is done here, where a signal ends it."""
    from keepwarm.connectors.google_api import GoogleSettings  # noqa: PLC0415 - heavy

    tokens = tokens_of(account, settings)
    return GoogleSettings(token=tokens.token, pause=time.sleep, endpoint=(account.endpoint or "").rstrip("/"))


def google_connector(
    account: GoogleAccount,
    settings: Configuration,
    *,
    since: datetime,
    window: Callable[[], tuple[datetime, datetime]],
    own_mail: OwnMail | None,
) -> GoogleConnector:
    """Make the connector; nothing is opened, and nobody signed in, yet."""
    from keepwarm.connectors.gmail import GmailSettings  # noqa: PLC0415 - heavy
    from keepwarm.connectors.google import GoogleConnector  # noqa: PLC0415
    from keepwarm.connectors.google_calendar import GoogleCalendarSettings  # noqa: PLC0415

    google = settings_of(account, settings)
    return GoogleConnector(
        GmailSettings(
            google=google,
            owner=frozenset(settings.owner_addresses),
            since=since,
            bodies=own_mail is not None,
            own_mail=own_mail,
        ),
        GoogleCalendarSettings(
            google=google,
            include=account.folders.include,
            exclude=account.folders.exclude,
            window=window,
            zone=settings.owner.timezone,
        ),
    )
