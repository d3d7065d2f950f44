"""The week whole, as the database gives it: lines of warmth, what is cited of whom, and cards by the owner's day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from keepwarm.storage import cards, contacts, since
from keepwarm.storage.logged_touches import LOGGED_TOUCHES
from keepwarm.storage.notes import NOTES
from keepwarm.storage.observations import Answer, Attendee, MeetingStatus
from keepwarm.storage.tables import address, evidence, signal, warmth_change
from keepwarm.storage.weeks import WEEKS_SHOWN, warmth_lines, week
from tests.storage.world import ANA, BOB, DAY, MEETING, NOW, SAM, event, mail

if TYPE_CHECKING:
    from collections.abc import Collection

    from keepwarm.storage.views import WeekView
    from tests.storage.world import Store

STEP = tuple[datetime, float]


def ledger(store: Store, contact: str, steps: list[STEP]) -> None:
    rows = [
        {
            "contact_id": contact,
            "seq": seq,
            "at": at,
            "before": 0.0,
            "after": after,
            "band": "cool",
            "cause": "heard",
            "sentence": "They wrote.",
        }
        for seq, (at, after) in enumerate(steps, start=1)
    ]
    with store.database.writing() as connection:
        connection.execute(warmth_change.insert(), rows)


def straightforward(steps: list[STEP], as_of: datetime) -> tuple[float, ...]:
    ends = [as_of - timedelta(weeks=weeks) for weeks in reversed(range(WEEKS_SHOWN))]
    known = ([after for at, after in steps if at <= end] for end in ends)
    return tuple(values[-1] for values in known if values)


@pytest.mark.parametrize("number", range(8))
def test_a_line_has_the_warmth_at_the_end_of_each_week(store: Store, number: int) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(SAM, BOB, number=2))
    people = store.sort()
    rng = Random(number)
    spans = (7 * DAY, DAY, timedelta(microseconds=1))  # at a week's very end, too, and hardly before it

    def steps_of(many: int) -> list[STEP]:
        return sorted((NOW - rng.choice(spans) * rng.randint(0, 70), rng.random()) for _ in range(many))

    told = {people[ANA].id: steps_of(60), people[BOB].id: steps_of(3)}
    for who, steps in told.items():
        ledger(store, who, steps)
    with store.database.reading() as connection:
        views = contacts.views(connection, NOW)
        assert warmth_lines(connection, views, NOW) == {who: straightforward(one, NOW) for who, one in told.items()}


def test_who_has_no_line_of_the_ledger_yet_has_none_to_draw(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1))
    people = store.sort()
    ledger(store, people[ANA].id, [(NOW + DAY, 50.0)])
    with store.database.reading() as connection:
        assert warmth_lines(connection, contacts.views(connection, NOW), NOW) == {people[ANA].id: ()}


def found(store: Store, contact: str) -> None:
    row = {
        "id": f"sig_{contact}",
        "rule": "put_off",
        "contact_id": contact,
        "finding_key": "1",
        "family": "not_into_you",
        "opened": NOW - DAY,
        "strength": "weak",
        "sentence": "",
        "advice": "",
        "facts": {},
        "params": {},
        "conditions": [],
        "rule_version": "1",
        "historical": False,
    }
    with store.database.writing() as connection:
        connection.execute(signal.insert(), [row])
        cited = {"signal_id": row["id"], "kind": "message", "ref": "m_1", "at": NOW - DAY, "what": "they wrote"}
        connection.execute(evidence.insert(), [cited])


def test_evidence_and_subjects_are_read_of_those_who_are_told_of(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), mail(SAM, BOB, number=2))
    people = store.sort()
    asked: list[WeekView] = []
    for who in (ANA, BOB):
        found(store, people[who].id)

    def told(view: WeekView) -> Collection[str]:
        asked.append(view)
        return {people[ANA].id}

    with store.database.reading() as connection:
        common = {"owner_name": "Sam", "zone": ZoneInfo("UTC"), "configured": ["work"]}
        whole = week(connection, date(2026, 3, 2), NOW, **common)
        part = week(connection, date(2026, 3, 2), NOW, told=told, **common)
    cited = {one.contact.id: [item.ref for item in one.evidence] for one in part.signals}
    assert cited == {people[ANA].id: ["m_1"], people[BOB].id: []}
    assert part.last_subjects == {people[ANA].id: "Subject 1"}
    assert [len(one.evidence) for one in whole.signals] == [1, 1]
    assert whole.last_subjects == {people[ANA].id: "Subject 1", people[BOB].id: "Subject 2"}
    assert len(asked[0].signals) == 2  # who is told of is chosen from all


@pytest.mark.parametrize(
    ("zone", "on_the_card"), [("America/Los_Angeles", True), ("UTC", False), ("Pacific/Auckland", False)]
)
def test_a_note_is_due_until_the_owners_day_is_over(store: Store, zone: str, on_the_card: bool) -> None:
    store.pull(mail(SAM, ANA, number=1), event())
    people = store.sort()
    evening = datetime(2026, 3, 11, 1, tzinfo=UTC)  # in Los Angeles the tenth, at six in the afternoon
    with store.database.writing() as connection:
        row = connection.execute(select(address.c.id).where(address.c.address == ANA)).scalar_one()
        NOTES.add(connection, row, at=NOW, on_date="2026-03-10", text="her birthday")
    with store.database.reading() as connection:
        met = contacts.views(connection, evening)
        assert met[0].next_meeting == MEETING
        card = cards.of(connection, met, evening, ZoneInfo(zone))[people[ANA].id]
    assert [note.text for note in card.notes] == (["her birthday"] if on_the_card else [])


def test_each_meeting_of_the_coming_week_is_on_the_card_unless_it_was_declined_or_called_off(store: Store) -> None:
    declined = (Attendee(address=ANA, answer=Answer.DECLINED), Attendee(address=SAM))
    store.pull(
        mail(SAM, ANA, number=1),
        event("first", start=NOW + DAY),
        event("second", start=NOW + 3 * DAY),
        event("third", start=NOW + 4 * DAY, attendees=declined, organizer=SAM),
        event("fourth", start=NOW + 5 * DAY, status=MeetingStatus.CANCELLED),
        event("next week's", start=NOW + 8 * DAY),
        event("Bob's", start=NOW + 2 * DAY, organizer=BOB, attendees=(Attendee(address=BOB), Attendee(address=SAM))),
    )
    people = store.sort()
    with store.database.reading() as connection:
        card = cards.of(connection, contacts.views(connection, NOW), NOW)[people[ANA].id]
    assert (card.title, card.again) == ("Meeting first", (NOW + 3 * DAY,))


def test_a_call_that_was_logged_since_the_last_meeting_is_told_with_it(store: Store) -> None:
    store.pull(mail(SAM, ANA, number=1), event(start=NOW + DAY))
    store.sort()
    later = NOW + 9 * DAY
    with store.database.writing() as connection:
        row = connection.execute(select(address.c.id).where(address.c.address == ANA)).scalar_one()
        for day, kind in ((0, "lunch"), (3, "call"), (5, "coffee"), (12, "walk")):
            LOGGED_TOUCHES.add(connection, row, at=NOW + day * DAY, kind=kind, text="")
    with store.database.reading() as connection:
        came = since.last_met(connection, [ANA], frozenset({SAM}), later, later)
    assert came is not None
    assert [one.kind for one in came.logged] == ["coffee", "call"]
