"""What Microsoft is asked for: as little as the settings need."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from keepwarm.daemon.sending import provider_account

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keepwarm.daemon.accounts import MicrosoftAccount
    from keepwarm.daemon.settings import Configuration

_INCLUDED = {"Mail.ReadBasic": "Mail.Read", "Calendars.ReadBasic": "Calendars.Read"}


def scopes_for(account: MicrosoftAccount, settings: Configuration) -> tuple[str, ...]:
    """Give the scopes to ask for, whole: in national clouds the service that they are for has another address."""
    mail = "Mail.Read" if settings.privacy.read_own_sent_bodies else "Mail.ReadBasic"
    sending = ("Mail.Send",) if _sends(account, settings) else ()
    attendance = ("OnlineMeetings.Read", "OnlineMeetingArtifact.Read.All") if account.attendance else ()
    wanted = (mail, "Calendars.ReadBasic", *attendance, *sending)
    parts = urlsplit(account.endpoint)
    return tuple(f"{parts.scheme}://{parts.netloc}/{name}" for name in wanted)


def _sends(account: MicrosoftAccount, settings: Configuration) -> bool:
    sender = provider_account(settings) if settings.report.via == "microsoft" else None
    return sender is not None and sender.name == account.name


def not_granted(wanted: Iterable[str], granted: str) -> list[str]:
    """Give the names of the scopes that are missing from what the token endpoint says it ``granted``."""
    have = {scope.rpartition("/")[2] for scope in granted.split()}
    names = [scope.rpartition("/")[2] for scope in wanted]
    return [name for name in names if name not in have and _INCLUDED.get(name) not in have]
