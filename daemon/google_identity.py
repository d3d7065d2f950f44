"""Whose account a grant of Google is for: another one at the next sign-in would mix two people's mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.daemon.google_scopes import CALENDARS, METADATA, READONLY

if TYPE_CHECKING:
    from keepwarm.daemon.accounts import GoogleAccount
    from keepwarm.daemon.google_grant import GoogleGrant
    from keepwarm.daemon.settings import Configuration


def address_of(grant: GoogleGrant, account: GoogleAccount) -> str:
    """Ask Google for the address of the account, in lower case; "" if it does not tell it now."""
    from keepwarm.connectors.contract import ConnectorError  # noqa: PLC0415 - with what follows
    from keepwarm.connectors.google_api import GoogleApi, GoogleSettings, NotFoundError  # noqa: PLC0415 - heavy

    google = GoogleSettings(token=lambda _: grant.access_token, endpoint=(account.endpoint or "").rstrip("/"))
    mail = GoogleApi(google, "gmail", "v1", "Gmail API")
    calendars = GoogleApi(google, "calendar", "v3", "Google Calendar API", "/calendar/v3/")
    ways: list[tuple[bool, GoogleApi, Any, str]] = [
        (
            bool({METADATA, READONLY} & set(grant.scopes)),
            mail,
            lambda: mail.service.users().getProfile(userId="me"),
            "emailAddress",
        ),
        (
            CALENDARS in grant.scopes,
            calendars,
            lambda: calendars.service.calendarList().get(calendarId="primary"),
            "id",  # of the primary calendar, it is the address
        ),
    ]
    for is_granted, api, request, key in ways:
        if not is_granted:
            continue
        try:
            return str(api.ask(request()).get(key, "")).lower()
        except (ConnectorError, NotFoundError):
            continue  # the API is switched off, or out of order: that is told when it is read
        finally:
            api.close()
    return ""


def wrong_account(address: str, account: GoogleAccount, settings: Configuration, before: GoogleGrant | None) -> str:
    """Say what is wrong if ``address`` is not the account that is meant; "" if it may be.

    Meant is the address in the configuration or another one of the owner's, but not that of another account; with
    none in the configuration, whose grant there was before.
    """
    if not address or address == account.address.lower():
        return ""
    others = {other.address.lower(): other.name for other in settings.accounts if other.name != account.name}
    if address in others:
        return f"{address} was signed in, which is the address of the account {others[address]!r}; nothing was kept."
    if account.address:
        if address in {one.lower() for one in settings.owner.addresses}:
            return ""
        return (
            f"{address} was signed in, but the account {account.name!r} is that of {account.address}; nothing was "
            "kept. If both are yours, name the other in owner.addresses."
        )
    if before is not None and before.address and before.address != address:
        return (
            f"{address} was signed in, but {account.name!r} was that of {before.address} so far; nothing was kept. "
            "What was read of the one must not be mixed with the other: give it an account of its own."
        )
    return ""
