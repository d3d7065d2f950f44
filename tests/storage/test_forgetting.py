"""Forgetting: nothing is left of a person, in no table and no byte; they stay out; other people's history is theirs."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event as listening
from sqlalchemy import func, select, update

from keepwarm.storage import feed, forgetting, kinship, outbox, privacy, results, testimony
from keepwarm.storage.identity import contact_id, hash63
from keepwarm.storage.kept_out import SOMEBODY
from keepwarm.storage.observations import Answer, Attendee, Method, Party
from keepwarm.storage.results import ContactResult, SignalResult
from keepwarm.storage.sightings import Testimony, Word
from keepwarm.storage.tables import (
    address,
    forgotten,
    label_word,
    link,
    logged_touch,
    meeting,
    meeting_party,
    meeting_revision,
    meeting_sighting,
    message,
    message_party,
    metadata,
    note,
    organisation,
    ping,
    promise,
    reflection,
    rejected,
    stream,
    verdict,
)
from keepwarm.storage.views import EvidenceView
from tests.storage.world import BOB, DAY, HOUR, KEY, MEETING, NOW, SAM, Store, invitation, mail
from tests.storage.world import event as calendar_event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keepwarm.storage.database import Database
    from keepwarm.storage.forgetting import Forgotten
    from keepwarm.storage.observations import MeetingSeen, MessageSeen

MIA, HOME, TAGGED = "mia.moser@solo.example", "mia@gmail.com", "mia.moser+news@solo.example"
NAME, MARK = "Mía Moser", "Zebra"
_NAMED = message.join(message_party, message_party.c.message_id == message.c.id).join(
    address, address.c.id == message_party.c.address_id
)
TRACES = (MIA, HOME, TAGGED, NAME, NAME.upper(), MARK, "M\\u00eda")


def mails() -> list[MessageSeen]:
    """Give what Mia had part in: alone with Sam, with Bob, and named by Bob."""
    mia = Party(MIA, NAME)
    return [
        mail(SAM, MIA, number=1, subject=f"{MARK} 1"),
        mail(mia, SAM, number=2, subject=f"Re: {MARK} 1", references=("1@mail.example",)),
        mail(SAM, MIA, BOB, number=3, subject=f"{MARK} for both", references=("2@mail.example",)),
        mail(Party(BOB, "Bob Brown"), SAM, number=4, cc=(mia,), subject=f"{MARK} copied"),
        mail(mia, SAM, number=5, cc=(Party(BOB),), subject=f"{MARK} thread"),
        mail(BOB, SAM, number=6, subject=f"Re: {MARK} thread", references=("5@mail.example",)),
        mail(BOB, SAM, number=7, subject=f"Lunch with {NAME.upper()}, or {MIA}?"),
        mail(SAM, HOME, number=8, subject=f"{MARK} at home"),
        mail(SAM, TAGGED, number=9, subject=f"{MARK} tagged"),
        mail(SAM, BOB, number=10, subject="Only us"),
    ]


def with_both(uid: str = "both", **more: Any) -> MeetingSeen:
    """Make a meeting that Mia holds with Bob and Sam."""
    answers = (Attendee(address=BOB), Attendee(address=SAM), Attendee(address=MIA, name=NAME, answer=Answer.ACCEPTED))
    return calendar_event(uid, organizer=Party(MIA, NAME), attendees=answers, **{"summary": f"{MARK} {uid}", **more})


def alone(uid: str = "alone", **more: Any) -> MeetingSeen:
    attendees = (Attendee(address=SAM), Attendee(address=MIA))
    return calendar_event(uid, organizer=SAM, attendees=attendees, **{"summary": f"{MARK} {uid}", **more})


def reply(number: int = 30) -> MessageSeen:
    """Make Mia's answer to a meeting of Sam's with Bob."""
    answered = replace(of_sam(), attendees=(Attendee(address=MIA, answer=Answer.DECLINED),), summary=MARK)
    return invitation(answered, number, method=Method.REPLY, by=MIA)


def of_sam(uid: str = "of sam") -> MeetingSeen:
    attendees = (Attendee(address=BOB, answer=Answer.ACCEPTED), Attendee(address=MIA))
    return calendar_event(uid, organizer=SAM, attendees=attendees, summary=f"{MARK} {uid}")


def attended() -> MeetingSeen:
    """Make a record of who came to a meeting, as Google and Microsoft keep it: Mia did not."""
    seen = calendar_event("of sam", organizer=SAM, method=Method.ATTENDANCE, source_key="record", summary=MARK)
    who = (Attendee(address=BOB, attended=True), Attendee(address=MIA, attended=False))
    return replace(seen, attendees=who, written_at=MEETING + HOUR)


def calendar() -> list[MeetingSeen]:
    return [
        with_both(),
        alone(),
        of_sam(),
        calendar_event("bobs", organizer=BOB, attendees=(Attendee(address=SAM), Attendee(address=BOB))),
    ]


def read(store: Store) -> None:
    """Read every source from its beginning."""
    store.pull(*mails(), reply(), invitation(with_both("mailed"), 31, by=MIA))
    store.pull(*calendar(), stream="calendar")
    store.pull(attended(), stream="records")


@pytest.fixture
def store(database: Database) -> Store:
    """Give a database in which Mia is everywhere."""
    return everywhere(database)


def everywhere(database: Database) -> Store:
    privacy.adopt(database, subjects=True)
    store = Store(database)
    read(store)
    with database.writing() as connection:
        kinship.merge(connection, MIA, HOME, NOW)
    store.sort()
    who, bob = store.contacts()[MIA].id, store.contacts()[BOB].id
    cited = f"“{MARK}” of {NAME} <{MIA}>"
    for one, sentence in ((who, f"{NAME} cools."), (bob, f"Bob met {NAME}.")):
        judge(store, one, sentence, cited)
    with database.writing() as connection:
        rows = {row.address: row.id for row in connection.execute(select(address))}
        held = {row.ical_uid: row.id for row in connection.execute(select(meeting))}
        for of, text in ((MIA, MARK), (BOB, f"knows {NAME}")):
            mine = {"address_id": rows[of], "at": NOW}
            connection.execute(note.insert().values(**mine, text=text))
            connection.execute(promise.insert().values(**mine, due="2026-04-01", text=text))
            connection.execute(reflection.insert().values(**mine, meeting_id=held["both"], text=text))
            connection.execute(logged_touch.insert().values(**mine, kind="call", text=text))
            connection.execute(ping.insert().values(**mine, days=9))
            connection.execute(label_word.insert().values(**mine, label="friend", given=True))
        connection.execute(
            verdict.insert(),
            [
                {"signal_id": f"sig_{one}", "verdict": "dismissed", "at": NOW, "reason": f"{NAME} said"}
                for one in (who, bob)
            ],
        )
        connection.execute(
            link.insert(),
            [
                {"organisation": "solo.example", "url": f"https://x.example/{MARK}", "title": NAME},
                {"organisation": "acme.example", "url": "https://acme.example", "title": f"by {NAME}"},
            ],
        )
        word = Testimony(kind=Word.NO_SHOW, about=MEETING, actor=MIA, at=NOW)
        testimony.say(connection, held["both"], word)
        letter = outbox.claim(connection, "reflect", "k", "id@x", NOW)
        asks = [[held["both"], "mt_1", rows[MIA], hash63(MIA)], [held["both"], "mt_1", rows[BOB], hash63(BOB)]]
        outbox.remember(connection, letter, {"asks": asks, "answers": {}, "unread": None})
        streams = list(connection.execute(select(stream.c.id).order_by(stream.c.id)).scalars())
        connection.execute(
            rejected.insert().values(
                stream_id=streams[0], source_key="1", reason=f"{NAME} wrote nonsense", where="INBOX", first_seen=NOW
            )
        )
        connection.execute(
            update(stream)
            .where(stream.c.id == streams[1])
            .values(cursor={"v": 1, "from": MIA}, problem=f"{MIA} is unknown")
        )
    return store


def judge(store: Store, who: str, sentence: str, cited: str) -> None:
    evidence = EvidenceView(kind="message", ref=f"m_{who}", time=NOW, what=cited)
    found = SignalResult(
        id=f"sig_{who}", rule="put_off", family="not_into_you", finding_key="1", opened=NOW, cleared=None,
        strength="weak", sentence=sentence, advice=sentence, facts={NAME: [MIA]}, params={},
        conditions=({"is": MARK if "cools" in sentence else NAME},), rule_version="1", historical=False,
        evidence=(replace(evidence, what=cited if "cools" in sentence else NAME),),
    )  # fmt: skip
    line = results.WarmthResult(
        at=NOW, before=1.0, after=2.0, band="cold", cause="put_off", sentence=sentence, signal_id=found.id
    )
    result = ContactResult(
        contact_id=who,
        signals=(found,),
        ledger=(line,),
        ping_interval_days=None,
        next_evaluation=None,
        waiting={"of": sentence},
    )
    told = {
        "rule": "put_off",
        "strength": "weak",
        "sentence": sentence,
        "historical": False,
        "facts": {"who": NAME},
        "evidence": [{**asdict(evidence), "what": found.evidence[0].what, "time": NOW.isoformat()}],
    }
    lines = [
        {"id": f"add_{who}", "type": "contact.added", "time": NOW, "contact_id": who, "data": {}},
        {"id": found.id, "type": "signal.opened", "time": NOW, "contact_id": who, "data": told},
        {
            "id": f"clr_{who}",
            "type": "signal.cleared",
            "time": NOW + HOUR,
            "contact_id": who,
            "data": {**told, "signal": found.id},
        },
        {
            "id": f"wrm_{who}",
            "type": "warmth.changed",
            "time": NOW,
            "contact_id": who,
            "data": {"before": 1.0, "after": 2.0, "band": "cold", "cause": "put_off", "signal": found.id},
        },
        {
            "id": f"mtg_{who}",
            "type": "meeting.changed",
            "time": NOW,
            "contact_id": who,
            "data": {"change": "declined", "by": "them", "notice_hours": 3.0},
        },
        {
            "id": f"mrg_{who}",
            "type": "contact.merged",
            "time": NOW,
            "contact_id": who,
            "data": {"merged": "c_gone", "into": who, "addresses": [MIA]},
        },
    ]
    with store.database.writing() as connection:
        results.write(connection, result, NOW)
        feed.stage(connection, who, lines)
        feed.publish(connection)
        more = {**lines[1], "id": f"more_{who}"}
        feed.stage_more(connection, [more])


def forget(store: Store, text: str = MIA) -> Forgotten:
    with store.database.writing() as connection:
        who = forgetting.person(connection, text, store.owner)
        assert who is not None
        gone = forgetting.forget(connection, who, store.owner, KEY, NOW + DAY)
    assert privacy.compact(store.database)
    return gone


def texts(store: Store) -> Iterator[tuple[str, str]]:
    """Give every text of every column of every table, by the database's own list of columns."""
    with store.database.reading() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                for column, value in row.items():
                    yield f"{table.name}.{column}", repr(value)


def files(store: Store) -> bytes:
    path = store.database.path
    return b"".join(one.read_bytes() for one in path.parent.iterdir() if one.is_file()) if path else b""


def where_found(store: Store, traces: Sequence[str] = TRACES) -> set[str]:
    return {column for column, text in texts(store) for trace in traces if trace.casefold() in text.casefold()}


def test_the_world_of_these_tests_has_them_everywhere(store: Store) -> None:
    found = where_found(store)
    assert found >= {
        "message.subject", "meeting.summary", "meeting_sighting.body", "meeting_revision.actor", "address.address",
        "address.name", "contact.name", "note.text", "promise.text", "reflection.text", "logged_touch.text",
        "kinship.one", "link.title", "signal.sentence", "signal.facts", "signal.conditions", "evidence.what",
        "warmth_change.sentence", "feed_entry.contact", "feed_entry.data", "feed_pending.data", "verdict.reason",
        "rejected.reason", "stream.cursor", "stream.problem", "contact.waiting",
    }  # fmt: skip


def test_nothing_of_a_forgotten_person_is_left_in_any_table_or_byte(store: Store) -> None:
    gone = forget(store)
    assert where_found(store) == set()
    held = files(store).decode("utf-8", "replace").casefold()
    assert [trace for trace in TRACES if trace.casefold() in held] == []
    assert gone.left == {}
    assert gone.counts["messages"] == 7
    assert gone.counts["shared_messages"] == 2
    assert (gone.counts["meetings"], gone.counts["shared_meetings"]) == (1, 3)
    assert {gone.counts[one] for one in ("signals", "notes", "promises", "reflections", "touches", "pings")} == {1}


def test_what_other_people_had_part_in_stays_theirs(store: Store) -> None:
    lives = {uid: store.life(uid) for uid in ("both", "of sam", "mailed", "bobs")}
    forget(store)
    assert {uid: store.life(uid) for uid in lives} == lives
    with_bob = select(message.c.dedupe_key, message.c.subject, message.c.recipients).select_from(_NAMED)
    rows = {row[0]: row[1:] for row in store.rows(with_bob.where(address.c.address == BOB))}
    assert rows == {
        "key-3": (None, 2),
        "key-4": (None, 1),
        "key-6": (None, 1),
        "key-7": ("Lunch with [forgotten], or [forgotten]?", 1),
        "key-10": ("Only us", 1),
    }
    assert store.rows(select(note.c.text)) == [("knows [forgotten]",)]
    actors = {actor for (actor,) in store.rows(select(meeting_revision.c.actor))}
    assert SOMEBODY in actors
    assert set(store.contacts()) == {BOB}
    assert store.sort().keys() == {BOB}


def test_everything_read_again_brings_nothing_back(store: Store) -> None:
    forget(store)
    before = dump(store)
    read(store)
    again = Store(store.database)  # another process
    read(again)
    assert dump(store) == before
    assert where_found(store) == set()


def dump(store: Store) -> list[Any]:
    tables = (message, message_party, meeting, meeting_sighting, meeting_revision, meeting_party, address)
    return [store.rows(select(table).order_by(*table.primary_key)) for table in tables]


def test_what_is_new_of_them_is_not_stored_in_any_spelling(store: Store) -> None:
    forget(store)
    messages = store.rows(select(func.count()).select_from(message))
    shouted = Party("mia.moser+x@solo.example", NAME)
    store.pull(
        mail(shouted, SAM, number=50),
        mail(SAM, "m.i.a+y@googlemail.com", number=51),
        invitation(alone("new"), 52, by=MIA),
        replace(reply(53), meetings=()),
    )
    store.pull(alone("newer"), stream="calendar")
    assert store.rows(select(func.count()).select_from(message)) == messages
    assert not store.rows(select(meeting.c.id).where(meeting.c.ical_uid.in_(("new", "newer", "alone"))))
    store.pull(mail(BOB, SAM, number=54, cc=(shouted,), subject=f"{MARK} again"), with_both("later"))
    assert where_found(store) == set()
    [(subject, subject_hash)] = store.rows(
        select(message.c.subject, message.c.subject_hash).where(message.c.dedupe_key == "key-54")
    )
    assert subject is None
    assert subject_hash is not None
    assert store.life("later") == ["created"]


def test_a_meeting_that_goes_on_without_others_is_still_followed(store: Store) -> None:
    forget(store)
    seen = with_both()
    only_mia = tuple(one for one in seen.attendees if one.address != BOB)
    store.pull(replace(seen, attendees=only_mia, sequence=1, written_at=NOW + HOUR), stream="calendar")
    of_both = select(meeting_sighting.c.body).join(meeting).where(meeting.c.ical_uid == "both")
    newest = store.rows(of_both.order_by(meeting_sighting.c.at))[-1][0]
    assert {who for who, _ in newest["answers"]} == {SAM, SOMEBODY}
    assert "cancelled" not in store.life("both")
    assert where_found(store) == set()


def test_a_process_that_remembers_rows_does_not_write_to_those_that_are_gone(store: Store) -> None:
    forget(store)
    with store.database.writing() as connection:
        assert forgetting.allow(connection, TAGGED, KEY)  # the same mailbox as MIA's
        assert not forgetting.allow(connection, MIA, KEY)
    store.pull(mail(SAM, MIA, number=60), mail(SAM, "new@x.example", number=61))
    named = select(address.c.address).select_from(_NAMED)
    assert store.rows(named.where(message.c.dedupe_key == "key-60").where(message_party.c.role == "to")) == [(MIA,)]
    assert store.rows(select(func.count()).select_from(forgotten)) == [(1,)]


def test_killed_half_way_nothing_has_happened(store: Store) -> None:
    before = [store.rows(select(table)) for table in metadata.sorted_tables]

    def die(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("DELETE FROM address"):
            raise KeyboardInterrupt

    listening.listen(store.database.engine, "before_cursor_execute", die)
    with pytest.raises(KeyboardInterrupt):
        forget(store)
    listening.remove(store.database.engine, "before_cursor_execute", die)
    assert [store.rows(select(table)) for table in metadata.sorted_tables] == before


def told(store: Store, since: int = 0) -> list[Any]:
    with store.database.reading() as connection:
        return list(feed.entries(connection, since))


def test_the_feed_tells_once_who_is_forgotten_and_keeps_its_numbers(store: Store) -> None:
    who = store.contacts()[MIA].id
    before = told(store)
    forget(store)
    after = told(store)
    assert [entry.seq for entry in after] == list(range(1, len(before) + 2))
    [last] = told(store, since=before[-1].seq)
    assert (last.type, last.contact.id, last.data) == ("contact.forgotten", who, {})
    theirs = [entry for entry in after if entry.contact.id == who]
    assert {(one.contact.name, one.contact.addresses, one.contact.organisation) for one in theirs} == {("", (), None)}
    others = [entry for entry in before if entry.contact.id != who]
    assert [one.id for one in after if one.contact.id != who] == [one.id for one in others]
    store.sort()
    with store.database.writing() as connection:
        feed.depart(connection, [who])
        for scope in ("contact", "organisation"):
            feed.stage(connection, who, [], scope=scope)
        feed.publish(connection)
    assert who not in {entry.contact.id for entry in told(store, since=last.seq)}


def test_who_comes_back_is_told_of_again_and_may_be_forgotten_again(store: Store) -> None:
    who = contact_id(MIA)
    assert MIA in store.contacts()
    forget(store)
    with store.database.writing() as connection:
        for text in (MIA, HOME):
            forgetting.allow(connection, text, KEY)
    read(store)
    assert MIA in store.sort()
    judge(store, who, f"{NAME} cools.", MARK)
    again = [entry.type for entry in told(store) if entry.contact.id == who and entry.contact.name]
    assert again.count("contact.added") == 1
    assert "signal.opened" in again
    forget(store)
    forget(store, HOME)  # another contact now: the owner's word on the two was forgotten, too
    assert where_found(store) == set()
    last = [entry for entry in told(store) if entry.type == "contact.forgotten" and entry.contact.id == who]
    assert len({one.id for one in last}) == len(last)


def test_a_name_that_somebody_else_bears_stays_theirs(store: Store) -> None:
    other = "mia.moser@other.example"
    store.pull(mail(SAM, other, number=70), mail(Party(other, NAME), SAM, number=71, subject="Mine"))
    store.sort()
    forget(store)
    assert store.contacts()[other].name == NAME


def test_an_address_is_not_found_within_another(store: Store) -> None:
    longer = f"x{MIA}"
    store.pull(mail(SAM, longer, number=72, subject=f"for {longer}"))
    store.sort()
    forget(store)
    assert store.rows(select(message.c.subject).where(message.c.dedupe_key == "key-72")) == [(f"for {longer}",)]


def test_the_organisation_goes_with_the_last_of_its_people(store: Store) -> None:
    assert "solo.example" in {domain for (domain,) in store.rows(select(organisation.c.domain))}
    forget(store)
    assert {domain for (domain,) in store.rows(select(organisation.c.domain))} == {"acme.example"}
    assert [domain for (domain,) in store.rows(select(link.c.organisation))] == ["acme.example"]


def test_a_letter_keeps_the_numbers_of_the_others(store: Store) -> None:
    forget(store)
    with store.database.reading() as connection:
        letter = outbox.find(connection, "reflect", "k")
    assert letter is not None
    assert letter.about["asks"][0] == [0, "", 0, 0]
    assert letter.about["asks"][1][-1] == hash63(BOB)
