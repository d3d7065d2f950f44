"""The commented configuration that ``keepwarm init`` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.daemon.secret import SecretSource

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.daemon.secret import Secret

MAIL_ACCOUNT = "mail"
CALENDAR_ACCOUNT = "calendar"

_OWNER = """\
# Keepwarm's configuration. Lines that begin with # are examples of what else can be set.

[owner]
name = {name}
addresses = [{addresses}]  # yours, beside the accounts' own: aliases, old ones
timezone = {timezone}
working_hours = "09:00-18:00"
working_days = ["mon", "tue", "wed", "thu", "fri"]
{holidays}  # those of this country, or of a part of one: "DE-BY"
"""

_HISTORY = """\
history = "5y"  # how far back to read
poll = "5m"
"""

_MORE_OF_GOOGLE = """\
# Each of these asks Google for more; after a change: keepwarm login mail
#invitations = true  # mails that carry an invitation are read whole, for meetings that stand in no calendar
#attendance = true  # who came to calls of Google Meet, to know when you were stood up
"""

_CALENDARS = """\
[account.folders]  # the calendars of the account above, by title; its mail is read in any case
include = ["*"]
exclude = []  # such as ["Football*"]
"""

_FOLDERS = """\
[account.folders]  # of the account above
include = ["*"]
exclude = []  # such as ["Lists/*"]
"""

_REST = """
# Calendars on a CalDAV server; its address, or that of one calendar.
#[[account]]
#name = "calendars"
#kind = "caldav"
#url = "https://cal.example.com/"
#user = "me@example.com"
#password = { keyring = true }

# Who is what; * stands for anything.
#[[label]]
#label = "client"
#match = ["*@acme.example", "jo@bloggs.example"]

[privacy]
subjects = "full"  # kept on this machine only; "none" keeps a keyed hash
# true: mail of yours that is read from then on is searched for promises ("by Friday"); its text is never kept
read_own_sent_bodies = false

# The warmth, from 0 to 100, at which each band begins.
#[bands]
#cool = 20
#happy_medium = 45
#close = 85

# Rule files of your own, added to the built-in rules or replacing some by their id.
#[rules]
#files = ["my-rules.toml"]

#[report]
#language = "en"  # or "de"
#at = "mon 08:00"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What ``init`` was told.

    ``host``, ``user``, ``password`` are for imap, ``client_file`` for google, ``path`` for other kinds.
    """

    name: str
    address: str
    kind: str
    timezone: str
    holidays: str = ""
    host: str = ""
    user: str = ""
    password: Secret | None = None
    client_file: Path | None = None
    path: Path | None = None
    calendar: str = ""  # a path, or the address of a feed


def configuration_text(answers: Answers) -> str:
    """Give the text of a configuration; what the answers say is not checked here."""
    is_calendar = answers.kind == "ics"
    accounts = [_calendar(str(answers.path)) if is_calendar else _mail(answers)]
    if answers.calendar:
        accounts.append(_calendar(answers.calendar))
    return _owner(answers, is_calendar) + "".join(accounts) + _REST


def _owner(answers: Answers, is_calendar: bool) -> str:
    # A mail account has the address itself.
    addresses = _quoted(answers.address) if is_calendar and answers.address else ""
    holidays = f"holidays = {_quoted(answers.holidays)}" if answers.holidays else '#holidays = "DE"'
    return _OWNER.format(
        name=_quoted(answers.name), addresses=addresses, timezone=_quoted(answers.timezone), holidays=holidays
    )


def _mail(answers: Answers) -> str:
    lines = [
        "",
        "[[account]]",
        f"name = {_quoted(MAIL_ACCOUNT)}",
        f"kind = {_quoted(answers.kind)}",
        f"address = {_quoted(answers.address)}",
    ]
    if answers.kind == "google":
        lines.append(f"client_file = {_quoted(str(answers.client_file))}  # your OAuth client, from Google's console")
        return "\n".join(lines) + "\n" + _HISTORY + _MORE_OF_GOOGLE + _CALENDARS
    if answers.kind == "imap":
        lines += _server(answers)
    else:
        lines.append(f"path = {_quoted(str(answers.path))}")
    return "\n".join(lines) + "\n" + _HISTORY + ("" if answers.kind == "mbox" else _FOLDERS)


def _server(answers: Answers) -> list[str]:
    lines = [
        f"host = {_quoted(answers.host)}",
        'tls = "implicit"  # or "starttls"; port and ca_file where they are not the usual ones',
        f"user = {_quoted(answers.user)}",
    ]
    if answers.password is not None:
        lines.append(f"password = {_table(answers.password)}  # or command, env, file, keyring, credential")
    return lines


def _calendar(source: str) -> str:
    where = (
        f"url = {_quoted(source)}" if is_feed(source) else f"path = {_quoted(source)}  # a file, or a folder of them"
    )
    lines = [
        "",
        "[[account]]",
        f"name = {_quoted(CALENDAR_ACCOUNT)}",
        'kind = "ics"',
        where,
    ]
    return "\n".join(lines) + "\n" + _HISTORY


def is_feed(source: str) -> bool:
    """Tell the address of a feed from a path."""
    return "://" in source


def _table(secret: Secret) -> str:
    value = "true" if secret.source is SecretSource.KEYRING else _quoted(secret.name)
    return f"{{ {secret.source} = {value} }}"


def _quoted(text: str) -> str:
    """Give a TOML basic string: JSON's, but DEL has to be escaped, too (TOML 1.0, String)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
