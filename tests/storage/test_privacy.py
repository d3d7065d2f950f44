"""Privacy: once subjects may not be kept, no subject or title is left, not even in the bytes of the files."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, select

from keepwarm.rules import sources
from keepwarm.storage import feed, privacy, results
from keepwarm.storage.history_reader import histories
from keepwarm.storage.results import ContactResult, SignalResult
from keepwarm.storage.tables import address, feed_entry, feed_pending, meeting, message, metadata
from keepwarm.storage.views import EvidenceView
from tests.storage.world import ANA, DAY, MEETING, NOW, SAM, Store, invitation, mail
from tests.storage.world import event as calendar_event

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.histories import History

SECRET = "Zebra"
SUBJECTS = (f"{SECRET} one", f"Re: “{SECRET}” two: “quoted”", f"{SECRET}\n three ”", f"“{SECRET} four")


@pytest.fixture
def store(database: Database) -> Store:
    """Give a database with subjects and titles wherever they get to."""
    privacy.adopt(database, subjects=True)
    store = Store(database)
    mails = [mail(SAM if number % 2 else ANA, ANA, number=number, subject=text) for number, text in enumerate(SUBJECTS)]
    store.pull(*mails, *(mail(SAM, ANA, number=number, subject=f"{SECRET} {number}") for number in range(100, 900)))
    titled = [calendar_event(f"uid {number}", summary=text) for number, text in enumerate(SUBJECTS)]
    store.pull(*titled, stream="calendar")
    store.pull(invitation(calendar_event("mailed", summary=SECRET), 50))
    store.sort()
    judge(store)
    stage(store, "sig_1")
    with database.writing() as connection:
        feed.publish(connection)
    stage(store, "sig_2")
    return store


def history_of(store: Store) -> History:
    """Give what is known of Ana."""
    with store.database.reading() as connection:
        [found] = histories(connection, [store.contacts()[ANA].id], store.owner)
    return found


def evidence_of(store: Store) -> tuple[EvidenceView, ...]:
    """Give all of Ana's history as the rules tell evidence."""
    known = history_of(store)
    told = [sources.of_message(one) for one in known.messages]
    told += [sources.of_revision(one, change) for one in known.meetings for change in one.revisions]
    return tuple(EvidenceView(kind=one.kind, ref=one.ref, time=one.at, what=one.what) for one in told)


def result_of(store: Store) -> ContactResult:
    """Judge that everything is wrong with Ana."""
    found = SignalResult(
        id="sig_1", rule="put_off", family="not_into_you", finding_key="1", opened=NOW, cleared=None, strength="weak",
        sentence="s", advice="a", facts={}, params={}, conditions=(), rule_version="1", historical=False,
        evidence=evidence_of(store),
    )  # fmt: skip
    who = store.contacts()[ANA].id
    return ContactResult(contact_id=who, signals=(found,), ledger=(), ping_interval_days=None, next_evaluation=None)


def stage(store: Store, name: str) -> None:
    """Stage a line that quotes everything."""
    cited = [{**asdict(one), "time": one.time.isoformat()} for one in evidence_of(store)]
    line = {"id": name, "type": "signal.opened", "time": NOW + DAY, "data": {"rule": "put_off", "evidence": cited}}
    who = store.contacts()[ANA].id
    with store.database.writing() as connection:
        feed.stage(connection, who, [{**line, "contact_id": who}])


def judge(store: Store) -> None:
    with store.database.writing() as connection:
        results.write(connection, result_of(store), NOW)


def everything(store: Store) -> str:
    """Give all rows of all tables as text."""
    return repr([store.rows(select(table)) for table in metadata.sorted_tables])


def files(store: Store) -> bytes:
    """Give the bytes of the database's folder; none of PostgreSQL's."""
    path = store.database.path
    return b"".join(one.read_bytes() for one in path.parent.iterdir() if one.is_file()) if path else b""


def lines(store: Store) -> list[tuple[Any, ...]]:
    return store.rows(select(feed_entry.c.seq, feed_entry.c.id, feed_entry.c.type, feed_entry.c.time))


def test_no_subject_or_title_is_left_anywhere(store: Store) -> None:
    assert everything(store).count(SECRET) > 3000
    told = lines(store)
    privacy.adopt(store.database, subjects=False)
    assert SECRET not in everything(store)
    assert "quoted" not in everything(store)
    assert SECRET.encode() not in files(store)
    assert lines(store) == told


def test_what_is_left_of_evidence_is_what_the_rules_tell_without_subjects(store: Store) -> None:
    privacy.adopt(store.database, subjects=False)
    with store.database.reading() as connection:
        assert results.compare(connection, result_of(store)).is_none
    texts = {one.what for one in evidence_of(store)}
    for table in (feed_entry, feed_pending):
        [(data,)] = store.rows(select(table.c.data).where(table.c.type == "signal.opened"))
        assert {one["what"] for one in data["evidence"]} == texts
    assert {"they wrote", "you wrote"} <= texts
    assert {address for (address,) in store.rows(select(address.c.address).where(address.c.dirty))} >= {ANA}


def test_keeping_subjects_again_brings_none_back_and_stores_new_ones(store: Store) -> None:
    privacy.adopt(store.database, subjects=False)
    private = Store(store.database, subjects=False)
    private.pull(mail(ANA, SAM, number=60, subject=SECRET), calendar_event("private", summary=SECRET))
    privacy.adopt(store.database, subjects=True)
    assert SECRET not in everything(store)
    store.pull(mail(ANA, SAM, number=61, subject="Open"), calendar_event("open", summary="Open"))
    assert store.rows(select(message.c.subject).where(message.c.subject.is_not(None))) == [("Open",)]
    assert store.rows(select(meeting.c.summary).where(meeting.c.summary.is_not(None))) == [("Open",)]
    privacy.adopt(store.database, subjects=True)
    assert store.rows(select(meeting.c.summary).where(meeting.c.summary.is_not(None))) == [("Open",)]


def test_a_meeting_of_which_more_is_seen_later_keeps_its_life_and_no_title(store: Store) -> None:
    privacy.adopt(store.database, subjects=False)
    private = Store(store.database, subjects=False)
    seen = calendar_event("uid 0", summary=SUBJECTS[0])
    private.pull(seen, stream="calendar")
    assert private.life("uid 0") == ["created"]
    private.pull(replace(seen, start=MEETING + DAY, end=MEETING + 2 * DAY, sequence=1), stream="calendar")
    assert private.life("uid 0") == ["created", "rescheduled"]
    assert SECRET not in everything(store)


def test_a_wiping_that_was_killed_before_the_file_was_written_anew_is_ended_by_the_next(other_store: Store) -> None:
    privacy.adopt(other_store.database, subjects=True)
    other_store.pull(*(mail(SAM, ANA, number=number, subject=SECRET * 2000) for number in range(50)))

    def die(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement == "VACUUM":
            raise KeyboardInterrupt

    # While somebody has the database open, SQLite does not tidy up by itself.
    with other_store.database.engine.connect() as idle:
        idle.exec_driver_sql("SELECT 1 FROM message")
        event.listen(other_store.database.engine, "before_cursor_execute", die)
        with pytest.raises(KeyboardInterrupt):
            privacy.adopt(other_store.database, subjects=False)
        event.remove(other_store.database.engine, "before_cursor_execute", die)
        assert SECRET not in everything(other_store)
        assert SECRET.encode() in files(other_store)
        privacy.adopt(other_store.database, subjects=False)
        assert SECRET.encode() not in files(other_store)


def test_what_was_found_in_the_owners_own_mail_is_wiped_once_that_may_not_be_read(store: Store) -> None:
    due = date(2031, 7, 13)
    assert not privacy.adopt_own_mail(store.database, may_be_read=False)
    assert privacy.adopt_own_mail(store.database, may_be_read=True)  # there is mail that was read without
    assert not privacy.adopt_own_mail(store.database, may_be_read=True)
    store.pull(replace(mail(ANA, SAM, number=2000), promised_due=due))
    store.sort()
    assert [one.promised_due for one in history_of(store).messages if one.promised_due] == [due]
    assert not privacy.adopt_own_mail(store.database, may_be_read=False)
    assert not [one for one in history_of(store).messages if one.promised_due]
    assert due.isoformat() not in everything(store)
    assert {address for (address,) in store.rows(select(address.c.address).where(address.c.dirty))} >= {ANA}
