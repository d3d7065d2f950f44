"""A source of each kind that a connector reads, for all that holds of every one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.sources import (
    CaldavSource,
    FeedSource,
    GmailSource,
    GoogleCalendarSource,
    GraphCalendarSource,
    GraphMailSource,
    IcsSource,
    ImapSource,
    MaildirSource,
    MboxSource,
)
from tests.servers.web import Web

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.contract.sources import Source
    from tests.servers.dovecot import MailAccount


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


KINDS = [
    "imap", "maildir", "mbox", "ics", "feed", "radicale", "xandikos", "gmail", "google-calendar", "graph mail",
    "graph calendar",
]  # fmt: skip


@pytest.fixture(params=KINDS)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    match request.param:
        case "imap":
            account: MailAccount = request.getfixturevalue("mail_account")
            return ImapSource(account)
        case "radicale" | "xandikos":
            return CaldavSource(request.getfixturevalue(request.param).add_user())
        case "gmail":
            return GmailSource(request.getfixturevalue("google"))
        case "google-calendar":
            return GoogleCalendarSource(request.getfixturevalue("google"))
        case "maildir":
            return MaildirSource(tmp_path / "Maildir")
        case "mbox":
            return MboxSource(tmp_path / "archive.mbox")
        case "graph mail":
            return GraphMailSource(request.getfixturevalue("microsoft"))
        case "graph calendar":
            return GraphCalendarSource(request.getfixturevalue("microsoft"))
        case "feed":
            return FeedSource(request.getfixturevalue("web"))
        case _:
            return IcsSource(tmp_path / "calendar")
