"""Answers to the question of the evening, as they are kept, on each database."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage import agenda, outbox, thoughts
from keepwarm.storage.own_letters import message_id
from keepwarm.storage.reflections import REFLECTIONS, met
from keepwarm.storage.tables import meeting, message
from tests.storage.world import ANA, BOB, HOUR, KEY, MEETING, NOW, SAM, Store, event, mail

if TYPE_CHECKING:
    from keepwarm.storage.outbox import Letter

LATER = MEETING + 2 * HOUR


@pytest.fixture
def asked(store: Store) -> Letter:
    """Give a letter that asked of Ana, whom Sam has met."""
    store.pull(event(), mail(SAM, ANA), mail(SAM, BOB, number=2))
    store.sort()
    name = message_id(KEY, thoughts.KIND, "2026-03-22", "carter.example")
    with store.database.writing() as connection:
        claimed = outbox.claim(connection, thoughts.KIND, "2026-03-22", name, LATER)
        [one] = agenda.views(connection, connection.execute(select(meeting.c.id)).scalars())
        letter = thoughts.ask(connection, claimed, [(one, who) for who in met(connection, [ANA])])
        return outbox.arrived(connection, letter, LATER)


def answer(store: Store, letter: Letter, text: str, number: int = 10, **more: Any) -> None:
    at = more.pop("at", LATER + number * timedelta(minutes=1))
    fields = {"references": (letter.message_id,), "answer": text, **more}
    store.pull(mail(SAM, SAM, number=number, at=at, **fields), now=at)


def kept(store: Store) -> list[tuple[datetime, int | None, str]]:
    with store.database.reading() as connection:
        return [(one.at, one.mood, one.text) for one in REFLECTIONS.listed(connection)]


def about(store: Store) -> dict[str, Any]:
    with store.database.reading() as connection:
        [letter] = outbox.newest(connection, thoughts.KIND, 5)
    return letter.about


def test_an_answer_is_kept_once_however_often_it_is_read(store: Store, asked: Letter) -> None:
    for _ in range(2):
        answer(store, asked, "4 she wants\nthe \0offer")
    assert kept(store) == [(LATER + timedelta(minutes=10), 4, "she wants\nthe \ufffdoffer")]
    with store.database.writing() as connection:
        REFLECTIONS.remove(connection, REFLECTIONS.listed(connection)[0].id)
    answer(store, asked, "4 she wants\nthe \0offer")
    assert kept(store) == []


def test_an_answer_is_no_touch_and_its_text_is_nowhere_else(store: Store, asked: Letter) -> None:
    answer(store, asked, "4 Zebrafish")
    [(kind, subject)] = store.rows(select(message.c.kind, message.c.subject).where(message.c.dedupe_key == "key-10"))
    assert (kind, subject) == ("automated", "Subject 10")
    assert "Zebrafish" not in str(about(store))


def test_what_was_said_by_command_since_is_not_overwritten_by_an_older_answer(store: Store, asked: Letter) -> None:
    with store.database.writing() as connection:
        [(where, _)] = [(row[0], row[2]) for row in asked.about["asks"]]
        [who] = met(connection, [ANA])
        REFLECTIONS.add(
            connection, who.address_id, meeting_id=where, at=LATER + timedelta(minutes=30), mood=2, text="by command"
        )
    answer(store, asked, "5")
    assert kept(store) == [(LATER + timedelta(minutes=30), 2, "by command")]
    answer(store, asked, "3 after all", number=40)
    assert [(mood, text) for _, mood, text in kept(store)] == [(3, "after all")]


@pytest.mark.parametrize("named", ["of another key", "never sent", "of another kind"])
def test_only_a_letter_that_was_sent_from_here_and_asked_can_be_answered(
    store: Store, asked: Letter, named: str
) -> None:
    key = b"another" if named == "of another key" else KEY
    kind = "report" if named == "of another kind" else thoughts.KIND
    day = "2026-03-23" if named == "never sent" else "2026-03-22"
    answer(store, asked, "4", references=(message_id(key, kind, day, "carter.example"),))
    assert kept(store) == []
    assert about(store)["unread"] is None


def test_an_answer_in_the_thread_of_an_earlier_answer_counts(store: Store, asked: Letter) -> None:
    answer(store, asked, "4")
    answer(store, asked, "2", number=20, references=(asked.message_id, "10@mail.example"))
    assert [mood for _, mood, _ in kept(store)] == [2]


def test_what_cannot_be_read_is_noted_until_something_can(store: Store, asked: Letter) -> None:
    answer(store, asked, "fine")
    with store.database.reading() as connection:
        unread = thoughts.unread_answer(connection)
    assert unread == ("2026-03-22", (LATER + timedelta(minutes=10)).isoformat(), "not_numbered")
    answer(store, asked, "4", number=20)
    with store.database.reading() as connection:
        assert thoughts.unread_answer(connection) is None


def test_whom_a_letter_asks_about_stays_as_it_was_first_written(store: Store, asked: Letter) -> None:
    with store.database.writing() as connection:
        [one] = agenda.views(connection, connection.execute(select(meeting.c.id)).scalars())
        again = thoughts.ask(connection, asked, [(one, who) for who in met(connection, [BOB, ANA])])
        assert again.about == asked.about
        assert [(one.name, one.start) for one in thoughts.people_asked(connection, again)] == [(ANA, MEETING)]
        failed = outbox.claim(connection, thoughts.KIND, "2026-03-23", "x@y.example", NOW)
        assert failed.about == {}


def test_a_row_that_is_another_meetings_now_is_left_alone(store: Store, asked: Letter) -> None:
    with store.database.writing() as connection:
        connection.execute(meeting.update().values(ical_uid="another"))
    answer(store, asked, "4")
    assert kept(store) == []
