"""Sending a letter to its owner, by whichever way the settings name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.connectors.contract import ConnectorError, Later
from keepwarm.daemon.accounts import GoogleAccount, MicrosoftAccount
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from keepwarm.daemon.settings import Configuration


class NotSent(Exception):
    """It was not taken; ``what_to_do`` is the cure, for the user."""

    def __init__(self, why: str, what_to_do: str) -> None:
        super().__init__(why)
        self.what_to_do = what_to_do


class Unsure(Exception):
    """It may have been taken or not: nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter as it goes out: as one mail, and its two texts."""

    name: str  # "report-2026-W47"
    mail: bytes
    text: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """From whom to whom; both are the owner."""

    sender: str
    recipient: str


def addresses(settings: Configuration) -> Addresses:
    """Say from which of the owner's addresses to which a letter goes; "" where there is none."""
    own = next(iter(settings.owner_addresses), "")
    recipient = settings.report.to or own
    return Addresses(sender=_sender(settings) or own or recipient, recipient=recipient)


def send(written: Written, settings: Configuration, about_to: Callable[[], None]) -> None:
    """Send a letter. ``about_to`` is called once, before anything leaves.

    Raises NotSent, Unsure, and whatever ``about_to`` raises.
    """
    match settings.report.via:
        case "file":
            about_to()
            _write(written, settings.report.path)
        case "smtp":
            from keepwarm.daemon import smtp_sending  # noqa: PLC0415

            if settings.report.smtp is None:
                raise NotSent("No server to send by is known.", "Set host in [report.smtp].")
            between = addresses(settings)
            smtp_sending.send(settings.report.smtp, between.sender, between.recipient, written.mail, about_to)
        case _:
            about_to()
            _by_provider(written.mail, settings)


def files_of(name: str, folder: Path) -> tuple[Path, Path]:
    """Give the files to which a letter is written: as text, and as HTML."""
    return folder / f"{name}.txt", folder / f"{name}.html"


def _write(written: Written, folder: Path) -> None:
    as_text, as_html = files_of(written.name, folder)
    try:
        write_whole(as_text, written.text)
        write_whole(as_html, written.html)
    except Failure as error:
        raise NotSent(str(error), "Set path in [report] to a folder of your own.") from error


def _sender(settings: Configuration) -> str:
    """Give the address that the way of sending goes with; "" for any of the owner's."""
    report = settings.report
    match report.via:
        case "smtp":
            user = report.smtp.user.lower() if report.smtp else ""
            return user if user in settings.owner_addresses else ""
        case "google" | "microsoft":
            account = provider_account(settings)
            return account.address if account else ""
    return ""


def provider_account(settings: Configuration) -> GoogleAccount | MicrosoftAccount | None:
    """Give the account by whose provider is sent: the one of the recipient, else the first of its kind."""
    wanted = GoogleAccount if settings.report.via == "google" else MicrosoftAccount
    found = [account for account in settings.accounts if isinstance(account, wanted)]
    return next((account for account in found if account.address == settings.report.to), next(iter(found), None))


def _by_provider(mail: bytes, settings: Configuration) -> None:
    account = provider_account(settings)
    try:
        match account:
            case GoogleAccount():
                from keepwarm.daemon import google_sending  # noqa: PLC0415 - heavy

                google_sending.send(account, settings, mail)
            case MicrosoftAccount():
                from keepwarm.daemon import microsoft_sending  # noqa: PLC0415 - heavy

                microsoft_sending.send(account, settings, mail)
            case _:
                raise NotSent(f"There is no account of kind {settings.report.via}.", "Add one, or set report.via.")
    except Later as later:
        raise Unsure(str(later)) from later
    except (ConnectorError, Failure) as error:
        raise NotSent(str(error), getattr(error, "what_to_do", "")) from error
