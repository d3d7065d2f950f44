"""Provenance: how the report knows: which accounts were read, how far, what went wrong, what was left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.outputs.desk import AT_MOST
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from keepwarm.outputs.desk import Desk
    from keepwarm.storage.views import AccountHealth

STALE = timedelta(days=1)
"""Not read for so long, an account is called stale."""


@dataclass(frozen=True, slots=True)
class Source:
    """One account's row."""

    name: str
    kind: str
    read: str  # "last read Sun 22 Nov, 17:55"
    amounts: str  # "12,480 messages, 311 meetings"
    stale: bool
    problem: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """The last section; it is there in a quiet week too, and proves that Keepwarm ran."""

    title: str
    undelivered: str  # why the report before this one did not arrive; "" if it did
    undelivered_cure: str
    ran: str
    sources: tuple[Source, ...]  # those with a problem first
    more: str
    left_out: str
    findings: str


def provenance(desk: Desk) -> Provenance:
    """Account for the week's reading."""
    words, week = desk.words, desk.week
    accounts = sorted(week.accounts, key=lambda account: (not _stale(desk, account), account.name))
    left_out = desk.counted("left_out", week.left_out)
    return Provenance(
        title=words.say("sections.provenance.title"),
        undelivered=_undelivered(desk),
        undelivered_cure=one_line(week.trouble.what_to_do, 300) if week.trouble else "",
        ran=_ran(desk, [account for account in accounts if _stale(desk, account)]),
        sources=tuple(_source(desk, account) for account in accounts[:AT_MOST]),
        more=desk.more(len(accounts), "keepwarm status"),
        left_out=words.say("provenance.left_out", classes=words.join(left_out))
        if left_out
        else words.say("provenance.nothing_left_out"),
        findings=words.say("provenance.findings"),
    )


def _stale(desk: Desk, account: AccountHealth) -> bool:
    success = account.last_success
    return bool(account.problem) or success is None or desk.week.as_of - success > STALE


def _ran(desk: Desk, stale: list[AccountHealth]) -> str:
    words, moment = desk.words, desk.dates.exact(desk.week.as_of)
    if not desk.week.accounts:
        return words.say("provenance.no_accounts", moment=moment)
    accounts = words.count("provenance.accounts", len(desk.week.accounts))
    ran = words.say("provenance.ran", moment=moment, accounts=accounts)
    if not stale:
        return f"{ran} {words.say('provenance.fresh')}"
    named = words.join([_since(desk, account) for account in stale[:AT_MOST]])
    return f"{ran} {words.count('provenance.stale', len(stale), accounts=named)}"


def _undelivered(desk: Desk) -> str:
    trouble = desk.week.trouble
    if trouble is None:
        return ""
    number = trouble.week.rpartition("-W")[2].lstrip("0")
    return desk.words.say("provenance.undelivered", week=number, problem=one_line(trouble.problem, 300))


def _since(desk: Desk, account: AccountHealth) -> str:
    name = one_line(account.name, 40)
    if account.last_success is None:
        return desk.words.say("provenance.stale_never", name=name)
    return desk.words.say("provenance.stale_since", name=name, day=desk.dates.ago(account.last_success))


def _source(desk: Desk, account: AccountHealth) -> Source:
    words = desk.words
    read = words.say("provenance.never")
    if account.last_success is not None:
        read = words.say("provenance.last_success", moment=desk.dates.exact(account.last_success))
    amounts = {"messages": account.messages, "meetings": account.meetings, "rejected": account.rejected}
    return Source(
        name=one_line(account.name, 40),
        kind=one_line(account.kind, 20),
        read=read,
        amounts=", ".join(words.count(f"provenance.{key}", n) for key, n in amounts.items() if n),
        stale=_stale(desk, account),
        problem=one_line(account.problem, 300),
        what_to_do=one_line(account.what_to_do, 300),
    )
