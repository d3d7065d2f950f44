"""The connector of an account at Microsoft, made from its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon.grants import Grants
from keepwarm.daemon.microsoft_grant import MicrosoftTokens
from keepwarm.daemon.microsoft_scopes import scopes_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.connectors.graph import GraphConnector
    from keepwarm.connectors.graph_client import GraphClient
    from keepwarm.connectors.own_mail import OwnMail
    from keepwarm.daemon.accounts import MicrosoftAccount
    from keepwarm.daemon.settings import Configuration


def client_of(account: MicrosoftAccount, settings: Configuration) -> GraphClient:
    """Give what asks the account's Graph; nothing is opened, and nobody signed in, yet."""
    from keepwarm.connectors.graph_client import GraphClient  # noqa: PLC0415 - heavy

    tokens = MicrosoftTokens(Grants.of(account.name), account, scopes_for(account, settings))
    return GraphClient(account.endpoint, tokens.token, account.name, account.ca_file)


def microsoft_connector(
    account: MicrosoftAccount,
    settings: Configuration,
    *,
    since: datetime,
    window: Callable[[], tuple[datetime, datetime]],
    now: Callable[[], datetime],
    own_mail: OwnMail | None,
) -> GraphConnector:
    """Make the connector; its streams share one client, which asks one thing at a time."""
    from keepwarm.connectors.graph import GraphConnector  # noqa: PLC0415 - heavy
    from keepwarm.connectors.graph_calendars import CalendarSettings, GraphCalendars  # noqa: PLC0415
    from keepwarm.connectors.graph_mail import GraphMail, MailSettings  # noqa: PLC0415

    client, folders = client_of(account, settings), account.folders
    owner = frozenset(settings.owner_addresses)
    mail = MailSettings(include=folders.include, exclude=folders.exclude, since=since, owner=owner, own_mail=own_mail)
    calendars = CalendarSettings(
        window=window,
        zone=settings.owner.timezone,
        include=folders.include,
        exclude=folders.exclude,
        owner=owner,
    )
    attendance = None
    if account.attendance:
        from keepwarm.connectors.graph_attendance import AttendanceSettings, GraphAttendance  # noqa: PLC0415

        reports = AttendanceSettings(now=now, zone=settings.owner.timezone, owner=owner)
        attendance = GraphAttendance(client, reports)
    return GraphConnector(GraphMail(client, mail), GraphCalendars(client, calendars), attendance)
