"""The morning's brief and the evening's question: sent by a real server, answered in the mailbox, kept once."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.daemon import letters
from keepwarm.daemon.configuration import load
from keepwarm.daemon.full_pass import run_pass
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage import accounts, outbox
from keepwarm.storage.tables import stream
from tests.keepwarm import Keepwarm
from tests.letters import ME, Note, deliver, weekly_exchange, write_maildir
from tests.servers.smtp import MailServer
from tests.turns import turn
from tests.unheeding import Nobody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

ANA, BOB = "ana@acme.test", "bob@blue.test"
MORNING = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)  # a Tuesday
ANAS, BOBS = datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 24, 15, tzinfo=UTC)
EVENING = datetime(2026, 11, 24, 16, 15, tzinfo=UTC)  # a quarter of an hour after the last meeting

SETTINGS = """\
[owner]
addresses = ["{me}"]
[database]
url = "sqlite:///data/keepwarm.db"
{account}
[[account]]
name = "calendar"
kind = "ics"
path = "calendar.ics"
[report]
via = "smtp"
at = "sun 03:00"
to = "{me}"
language = "{language}"
[report.smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
[brief]
at = "07:30"
[reflect]
mail = true
"""
MAILDIR = f'[[account]]\nname = "mail"\nkind = "maildir"\npath = "Maildir"\naddress = "{ME}"'


def event(uid: str, start: datetime, who: str, title: str, more: str = "") -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\n"
        f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}\r\nSUMMARY:{title}\r\nCREATED:20261101T080000Z\r\n"
        f"LAST-MODIFIED:20261101T080000Z\r\nORGANIZER:mailto:{who}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:{who}\r\n"
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}\r\n{more}END:VEVENT\r\n"
    )


@dataclass
class Day:
    """The owner's day: what a daemon does at each moment of it, and what it has sent."""

    config: Path
    server: MailServer

    def turn(self, now: datetime) -> datetime:
        """Read, judge, and send what is due; gives when to ask again."""
        workshop = Workshop(load(self.config))
        try:
            run_pass(workshop, workshop.configuration.accounts, lambda: now, Nobody())
            return letters.deliver_due(workshop, now)
        finally:
            workshop.close()

    def read(self, now: datetime) -> None:
        """Only read and judge."""
        self.tool(now).run("sync")

    def tool(self, now: datetime) -> Keepwarm:
        """Give the command as of a moment."""
        return Keepwarm(self.config, as_of=now.isoformat())

    @property
    def sent(self) -> list[str]:
        """Name the letters that arrived, in their order."""
        return [str(taken.mail["X-Keepwarm"]) for taken in self.server.taken]

    @property
    def question(self) -> EmailMessage:
        """Give the newest letter that asks."""
        return next(one.mail for one in reversed(self.server.taken) if "reflect" in str(one.mail["X-Keepwarm"]))

    def answer(self, at: datetime, text: str, **more: Any) -> bytes:
        """Write an answer to the newest question."""
        asked = str(self.question["Message-ID"]).strip("<>")
        quoted = "\n".join(f"> {line}" for line in text_of(self.question).splitlines())
        body = f"{text}\n\n-- \nSam Carter\n\nOn Tue, 24 Nov 2026 at 17:15, Keepwarm wrote:\n{quoted}\n"
        return Note(**{"at": at, "answers": asked, "subject": "Re: after", "body": body, **more}).raw

    def events(self, *events: str) -> None:
        """Put these into the calendar, and nothing else."""
        text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n"
        (self.config.parent / "calendar.ics").write_text(text, "utf-8", newline="")

    def thoughts(self, now: datetime) -> list[tuple[str, int, str]]:
        """Give what is kept of what the owner thought, by name."""
        kept = self.tool(now).json("reflect", "--list")
        return sorted((one["address"], one["mood"], one["text"]) for one in kept)


BOTH = (event("ana", ANAS, ANA, "Quarterly review"), event("bob", BOBS, BOB, "Kick-off"))


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def made(folder: Path, server: MailServer, account: str = MAILDIR, language: str = "en") -> Day:
    config = folder / "config.toml"
    config.write_text(SETTINGS.format(me=ME, port=server.port, account=account, language=language))
    day = Day(config, server)
    day.events(*BOTH)
    return day


def known() -> list[Note]:
    return [note for who in (ANA, BOB) for note in weekly_exchange(who, MORNING - timedelta(weeks=6), 5)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    """Give a server that puts what it takes into the mailbox that is read."""
    with MailServer(maildir=tmp_path / "Maildir") as running:
        yield running


@pytest.fixture
def day(tmp_path: Path, server: MailServer) -> Day:
    """Give the day of somebody who has read their mail before."""
    write_maildir(tmp_path / "Maildir", known())
    one = made(tmp_path, server)
    one.turn(MORNING - timedelta(days=1))
    assert one.sent == []
    return one


def test_the_brief_comes_once_in_the_morning_of_a_day_with_meetings_and_the_question_once_after_them(day: Day) -> None:
    assert day.turn(MORNING - timedelta(minutes=20)) == MORNING
    assert day.sent == []
    for minutes in (0, 5, 200):
        day.turn(MORNING + timedelta(minutes=minutes))
    assert day.sent == ["brief 2026-11-24"]
    brief = day.server.taken[0].mail
    assert [part.get_content_type() for part in brief.iter_parts()] == ["text/plain", "text/html"]
    assert "Quarterly review" in text_of(brief)
    assert text_of(brief) == day.tool(MORNING).run("brief").out
    assert day.turn(BOBS) == EVENING
    for minutes in (0, 5, 400):
        day.turn(EVENING + timedelta(minutes=minutes))
    assert day.sent == ["brief 2026-11-24", "reflect 2026-11-24"]
    assert str(day.question["Message-ID"]).startswith("<keepwarm.reflect.2026-11-24.")
    assert [line.strip()[:2] for line in text_of(day.question).splitlines() if "@" in line] == ["1:", "2:"]
    day.turn(MORNING + timedelta(days=1))
    assert len(day.sent) == 2


def test_what_was_slept_through_is_sent_on_waking_while_it_is_of_use(day: Day) -> None:
    day.turn(BOBS + timedelta(minutes=30))  # the last meeting goes on
    assert day.sent == ["brief 2026-11-24"]
    day.turn(EVENING + timedelta(hours=15))  # the next morning
    assert day.sent == ["brief 2026-11-24", "reflect 2026-11-24"]


def test_what_is_of_no_use_any_more_is_not_sent(day: Day) -> None:
    day.turn(BOBS + timedelta(hours=1))
    day.turn(EVENING + timedelta(hours=18))
    assert day.sent == []


def test_nothing_is_asked_of_meetings_that_were_not_held_or_of_which_it_was_said(day: Day) -> None:
    cancelled = event("bob", BOBS, BOB, "Kick-off", "STATUS:CANCELLED\r\nSEQUENCE:1\r\n")
    day.events(BOTH[0], cancelled.replace("LAST-MODIFIED:20261101", "LAST-MODIFIED:20261124"))
    day.read(ANAS + timedelta(hours=1))
    day.tool(ANAS + timedelta(hours=1, minutes=5)).run("reflect", "--mood", "4")
    day.turn(EVENING)
    assert day.sent == []


def test_an_answer_is_kept_as_what_the_owner_thought_and_is_no_touch(day: Day, tmp_path: Path) -> None:
    day.turn(EVENING)
    before = day.tool(EVENING).json("contacts")
    at = EVENING + timedelta(hours=1)
    deliver(tmp_path / "Maildir", day.answer(at, "1: 4 she wants the offer by Friday\n2: 2"), at)
    day.read(at + timedelta(minutes=5))
    expected = [(ANA, 4, "she wants the offer by Friday"), (BOB, 2, "")]
    assert day.thoughts(at) == expected
    with closing(sqlite3.connect(tmp_path / "data/keepwarm.db")) as database:
        kinds = database.execute("SELECT kind FROM message WHERE outbound ORDER BY id DESC LIMIT 2").fetchall()
        stored = "\n".join(database.iterdump())
    assert kinds == [("automated",), ("automated",)]
    assert "Sam Carter" not in stored
    for old, new in zip(
        before, sorted(day.tool(EVENING).json("contacts"), key=lambda one: -one["warmth"]), strict=True
    ):
        assert (old["last_in"], old["last_out"]) == (new["last_in"], new["last_out"])
    assert day.tool(at).json("status")["reflect"]["unread_answer"] is None
    [mine] = [one for one in day.tool(at).json("reflect", "--list") if one["address"] == ANA]
    day.tool(at).run("reflect", "--edit", str(mine["id"]), "--mood", "5")
    day.read(at + timedelta(minutes=10))
    assert day.thoughts(at)[0] == (ANA, 5, "she wants the offer by Friday")
    day.tool(at).run("reflect", "--remove", str(mine["id"]))
    day.read(at + timedelta(minutes=15))
    assert [who for who, *_ in day.thoughts(at)] == [BOB]


def test_a_later_answer_corrects_an_earlier_one_whichever_is_read_first(day: Day, tmp_path: Path) -> None:
    day.turn(EVENING)
    first, second = EVENING + timedelta(hours=1), EVENING + timedelta(hours=2)
    deliver(tmp_path / "Maildir", day.answer(second, "2: 5 all is well"), second)
    day.read(second)
    deliver(tmp_path / "Maildir", day.answer(first, "1: 3\n2: 1 he was angry"), first)
    day.read(second + timedelta(minutes=5))
    assert day.thoughts(second) == [(ANA, 3, ""), (BOB, 5, "all is well")]


def test_an_answer_that_cannot_be_read_is_told_until_one_can(day: Day, tmp_path: Path) -> None:
    day.turn(EVENING)
    at = EVENING + timedelta(hours=1)
    deliver(tmp_path / "Maildir", day.answer(at, "4 it went well"), at)
    day.read(at)
    assert day.thoughts(at) == []
    unread = day.tool(at).json("status")["reflect"]["unread_answer"]
    assert (unread["day"], unread["at"]) == ("2026-11-24", "2026-11-24T17:15:00Z")
    assert "no line says which one it means" in day.tool(at).run("status").out
    tomorrow = timedelta(days=1)
    day.events(*BOTH, event("again", ANAS + tomorrow, ANA, "A walk"))
    day.turn(ANAS + tomorrow + timedelta(hours=2))
    assert "no line said which one it meant" in text_of(day.question)
    later = at + tomorrow
    deliver(tmp_path / "Maildir", day.answer(later, "4 it went well"), later)
    day.read(later)
    assert day.thoughts(later) == [(ANA, 4, "it went well")]
    assert day.tool(later).json("status")["reflect"]["unread_answer"] is None


@pytest.mark.parametrize("forged", ["stranger", "made up", "of a report", "to others"])
def test_nobody_else_can_say_what_the_owner_thought(day: Day, tmp_path: Path, forged: str) -> None:
    day.turn(EVENING)
    at = EVENING + timedelta(hours=1)
    asked = str(day.question["Message-ID"]).strip("<>")
    local, _, domain = asked.partition("@")
    name = local.rpartition(".")[0]
    more = {
        "stranger": {"author": "eve@evil.test"},
        "made up": {"answers": f"{name}.{'0' * 16}@{domain}"},
        "of a report": {"answers": asked.replace("reflect", "report")},
        "to others": {"to": f"{ME}, {ANA}"},
    }[forged]
    deliver(tmp_path / "Maildir", day.answer(at, "1: 1 I hate her\n2: 1", **more), at)
    day.read(at)
    assert day.thoughts(at) == []
    with closing(sqlite3.connect(tmp_path / "data/keepwarm.db")) as database:
        assert "I hate her" not in "\n".join(database.iterdump())


def test_an_answer_in_the_sent_folder_of_a_real_server_is_found(
    tmp_path: Path, server: MailServer, mail_account: MailAccount
) -> None:
    for note in known():
        mail_account.deliver(note.raw, at=note.at)
    (tmp_path / "secret").write_text(mail_account.password)
    (tmp_path / "secret").chmod(0o600)
    account = (
        f'[[account]]\nname = "mail"\nkind = "imap"\naddress = "{ME}"\nhost = "127.0.0.1"\n'
        f'port = {mail_account.server.tls_port}\nuser = "{mail_account.user}"\n'
        f'ca_file = "{mail_account.server.ca_file}"\npassword = {{ file = "secret" }}'
    )
    day = made(tmp_path, server, account)
    day.turn(MORNING - timedelta(days=1))
    day.turn(EVENING)
    mail_account.deliver(server.taken[-1].raw, at=EVENING)
    at = EVENING + timedelta(hours=1)
    mail_account.deliver(day.answer(at, "1: 4 she wants the offer\n2: 3"), folder="Sent", at=at)
    mail_account.deliver(day.answer(at, "1: 1 no\n2: 1 no", author="eve@evil.test"), at=at)
    day.read(at + timedelta(minutes=5))
    assert day.thoughts(at) == [(ANA, 4, "she wants the offer"), (BOB, 3, "")]


def test_both_are_written_in_the_owners_language(tmp_path: Path, server: MailServer) -> None:
    write_maildir(tmp_path / "Maildir", known())
    day = made(tmp_path, server, language="de")
    day.turn(MORNING - timedelta(days=1))
    day.turn(MORNING)
    day.turn(EVENING)
    brief, question = (taken.mail for taken in server.taken)
    assert "Was brauchen sie von mir" in text_of(brief)
    assert brief["Content-Language"] == question["Content-Language"] == "de"
    assert "Antworten Sie auf diese Mail" in text_of(question)
    at = EVENING + timedelta(hours=1)
    raw = day.answer(at, "1: 4 sie möchte das Angebot\n2: 3").replace(
        b"On Tue, 24 Nov 2026 at 17:15, Keepwarm wrote:", b"Am 24.11.2026 um 17:15 schrieb Keepwarm:"
    )
    deliver(tmp_path / "Maildir", raw, at)
    day.read(at)
    assert day.thoughts(at) == [(ANA, 4, "sie möchte das Angebot"), (BOB, 3, "")]


@pytest.mark.timeout(300)
def test_each_comes_once_whatever_is_killed(day: Day, server: MailServer) -> None:
    server.pause = 0.2
    chance = random.Random(8)
    for begins in (MORNING, EVENING):
        for number in range(5):
            now = begins + timedelta(minutes=70 * number)
            turns = [turn(day.config, now) for _ in range(2)]
            for one in turns:
                assert one.stdout is not None
                one.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.35))
            for one in turns:
                one.kill()
                one.communicate()
        day.turn(begins + timedelta(minutes=350))
    assert day.sent == ["brief 2026-11-24", "reflect 2026-11-24"]


def test_a_letter_in_doubt_is_not_sent_again_while_another_process_reads_the_mailbox(day: Day) -> None:
    day.turn(MORNING - timedelta(days=1))
    later = MORNING + timedelta(hours=2)
    workshop = Workshop(load(day.config))
    with workshop.database.writing() as connection:
        claimed = outbox.claim(connection, "brief", "2026-11-24", "keepwarm.brief@keepwarm.test", MORNING)
        outbox.hand_over(connection, claimed, MORNING + timedelta(hours=1))
        (mail,) = connection.execute(select(stream.c.id).where(stream.c.holds == "mail")).scalars()
        accounts.begin_pull(connection, mail)
    letters.deliver_due(workshop, later)
    workshop.close()
    assert day.sent == []
    day.turn(later)
    assert day.sent == ["brief 2026-11-24"]
