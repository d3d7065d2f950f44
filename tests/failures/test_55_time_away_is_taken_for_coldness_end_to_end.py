"""Failure 55, from what is stored to what is said: each way of being away takes its days out of a silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.storage import schema
from keepwarm.storage.database import Database
from keepwarm.storage.history_reader import histories
from keepwarm.storage.observations import Answer, Attendee, MessageKind, Method
from tests.storage.world import ANA, BOB, DAY, HOUR, NOW, SAM, Store, event, invitation, mail
from tests.unit.history_samples import engine, only

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from keepwarm.rules.finding import Finding
    from keepwarm.storage.observations import MeetingSeen, MessageSeen

LAST = NOW - 100 * DAY
LEAVE = LAST + 5 * DAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Give a database in which Ana has written every five days, up to LAST, and was answered."""
    database = Database(f"sqlite:///{tmp_path / 'keepwarm.db'}")
    schema.upgrade(database)
    store = Store(database)
    for number in range(0, 60, 2):
        at = LAST - number / 2 * 5 * DAY
        store.pull(mail(ANA, SAM, number=number, at=at), mail(SAM, ANA, number=number + 1, at=at + HOUR))
    yield store
    database.close()


def gone_quiet(store: Store) -> Finding:
    who = store.sort()[ANA].id
    with store.database.reading() as connection:
        [history] = histories(connection, [who], store.owner)
    return only(engine().judge(history, NOW), "gone_quiet")


def out(by: str, *attendees: Attendee) -> MeetingSeen:
    leave = event("leave", organizer=by, start=LEAVE, attendees=attendees)
    return replace(leave, end=LEAVE + 14 * DAY, all_day=True, away=True, written_at=LEAVE - DAY)


def automatic(author: str, to: str) -> MessageSeen:
    return mail(author, to, number=900, at=LEAVE, kind=MessageKind.OUT_OF_OFFICE)


def sent(seen: MeetingSeen, number: int, by: str, at: datetime, method: Method = Method.REQUEST) -> MessageSeen:
    carrying = invitation(seen, number, method=method, by=by)
    return replace(carrying, at=at, meetings=tuple(replace(one, written_at=at) for one in carrying.meetings))


def refused() -> tuple[MessageSeen, MessageSeen]:
    offsite = replace(
        event("offsite", organizer=SAM, start=LEAVE, attendees=(Attendee(address=ANA),)), end=LEAVE + 13.5 * DAY
    )
    no = replace(offsite, attendees=(Attendee(address=ANA, answer=Answer.DECLINED),), away=True)
    asked = LAST - 40 * DAY
    return sent(offsite, 901, SAM, asked), sent(no, 902, ANA, asked + DAY, Method.REPLY)


@pytest.mark.parametrize(
    "how", ["own auto-reply", "own calendar", "their auto-reply", "their invitation", "their refusal"]
)
def test_two_weeks_away_put_the_signal_off_by_two_weeks(store: Store, how: str) -> None:
    before = gone_quiet(store).opened
    if how == "own auto-reply":
        store.pull(automatic(SAM, BOB))
    elif how == "own calendar":
        store.pull(out(SAM), stream="calendar")
    elif how == "their auto-reply":
        store.pull(automatic(ANA, SAM))
    elif how == "their invitation":
        store.pull(sent(out(ANA, Attendee(address=SAM)), 903, ANA, LEAVE - DAY))
    else:
        store.pull(*refused())
    later = gone_quiet(store).opened - before
    assert timedelta(days=13) < later < timedelta(days=22)  # from the sixty-first day on it is looked at on Mondays
