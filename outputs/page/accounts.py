"""The accounts on the page: how their reading goes, what is wrong, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.outputs.page.frame import NOTHING, html
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.outputs.desk import Desk
    from keepwarm.outputs.page.frame import Frame
    from keepwarm.storage.views import AccountHealth

STALE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """How the reading of a folder, a calendar or a feed goes."""

    account: str
    stream: str
    last_success: datetime | None
    next_poll: datetime | None
    problem: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class StreamRow:
    """The same, ready to be shown."""

    name: str
    read: str
    next: str
    problem: str
    what_to_do: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    """An account."""

    name: str
    kind: str
    state: str  # fine, stale, trouble, never
    state_in_words: str
    read: str
    amounts: str
    problem: str
    what_to_do: str
    streams: tuple[StreamRow, ...]


def accounts_html(
    frame: Frame, configured: Sequence[tuple[str, str]], health: Sequence[AccountHealth], streams: Sequence[StreamState]
) -> str:
    """Set the accounts of the settings: ``configured`` names them and their kinds."""
    known = {one.name: one for one in health}
    rows = [
        _row(frame.desk, name, kind, known.get(name), [one for one in streams if one.account == name])
        for name, kind in configured
    ]
    rows.sort(key=lambda row: (("trouble", "never", "stale", "fine").index(row.state), row.name))
    wrong = sum(row.state != "fine" for row in rows)
    words = frame.words
    headline = words.count("page.accounts.wrong", wrong) if wrong else words.get("page.accounts.fine")
    return html("accounts.html.j2", frame, rows=rows, headline=headline if rows else "")


def _row(desk: Desk, name: str, kind: str, health: AccountHealth | None, streams: Sequence[StreamState]) -> AccountRow:
    words = desk.words
    state = _state(desk, health, streams)
    amounts = {key: getattr(health, key) for key in ("messages", "meetings", "rejected")} if health else {}
    return AccountRow(
        name=one_line(name, 60),
        kind=one_line(kind, 20),
        state=state,
        state_in_words=words.get(f"page.accounts.states.{state}"),
        read=_read(desk, health.last_success if health else None),
        amounts=", ".join(words.count(f"provenance.{key}", n) for key, n in amounts.items() if n),
        problem=one_line(health.problem, 300) if health else "",
        what_to_do=one_line(health.what_to_do, 300) if health else "",
        streams=tuple(
            StreamRow(
                one_line(one.stream, 80),
                desk.dates.exact(one.last_success) if one.last_success else words.get("provenance.never"),
                desk.dates.exact(one.next_poll) if one.next_poll else NOTHING,
                one_line(one.problem, 300),
                one_line(one.what_to_do, 300),
            )
            for one in streams
        ),
    )


def _state(desk: Desk, health: AccountHealth | None, streams: Sequence[StreamState]) -> str:
    if health is None:
        return "never"
    if health.problem or any(one.problem for one in streams):
        return "trouble"
    if health.last_success is None:
        return "never"
    return "stale" if desk.dates.as_of - health.last_success > STALE else "fine"


def _read(desk: Desk, last: datetime | None) -> str:
    if last is None:
        return str(desk.words.get("provenance.never"))
    return desk.words.say("provenance.last_success", moment=desk.dates.exact(last))
