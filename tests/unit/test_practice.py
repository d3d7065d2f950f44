"""The practice is what the acceptance tests stand on: repeatable, well-formed, and true to its script."""

from __future__ import annotations

import hashlib
import mailbox
import re
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from tests.practice import write_practice
from tests.practice.hours import ZONE, is_christmas
from tests.practice.letters import OWNER, Letter
from tests.practice.people import CAST
from tests.practice.practice import play
from tests.practice.robots import ROBOTS
from tests.practice.scripts import RULES, SCRIPTS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

    from tests.practice import Practice
    from tests.practice.meetings import Meeting
    from tests.practice.stage import Stage

END = date(2026, 11, 20)
# A Friday, the first working day after the Christmas break, a day in it, the Tuesday after Easter, a Sunday.
ENDS = (END, date(2027, 1, 4), date(2026, 12, 29), date(2027, 3, 30), date(2026, 8, 16))


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return write_practice(tmp_path_factory.mktemp("practice"), seed=1, end=END)


@pytest.fixture(scope="module")
def messages(practice: Practice) -> dict[str, Message]:
    """Every message once, by its Message-ID."""
    return {message["Message-ID"]: message for message in map(message_from_bytes, _everything(practice.folder))}


@pytest.fixture(scope="module", params=ENDS, ids=str)
def stage(request: pytest.FixtureRequest) -> Stage:
    return play(seed=7, end=request.param)


def _ids(raw: Iterable[bytes]) -> set[str]:
    return {re.search(rb"^Message-ID: (.*)$", text, re.MULTILINE)[1].decode() for text in raw}  # type: ignore[index]


def _author(message: Message) -> tuple[str, str]:
    name, address = parseaddr(message["From"])
    return str(make_header(decode_header(name))), address


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _maildir(folder: Path) -> list[Path]:
    return [path for path in sorted((folder / "mail").rglob("*")) if path.parent.name in {"cur", "new"}]


def _mbox(folder: Path) -> list[bytes]:
    box = mailbox.mbox(folder / "archive.mbox", create=False)
    return [box.get_bytes(key) for key in box.iterkeys()]


def _everything(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in _maildir(folder)] + _mbox(folder)


def _tree(folder: Path) -> dict[str, tuple[int, str]]:
    """Give each file's time of change, if it is a message, and a digest of its content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            delivered = int(path.stat().st_mtime) if path.parent.name in {"cur", "new"} else 0
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(folder))] = (delivered, digest)
    return found


def _letters(stage: Stage, address: str, *, outgoing: bool) -> list[Letter]:
    """Give what somebody wrote to the owner, or the owner to them, by hand."""
    addresses = next(who.addresses for who in CAST if who.address == address)
    people = (letter for letter in stage.letters if not letter.method and not letter.extra)
    if outgoing:
        return [letter for letter in people if letter.outgoing and letter.to[0].address in addresses]
    return [letter for letter in people if letter.author.address in addresses]


def _playing(script: str) -> list[str]:
    return [who.address for who in CAST if who.script == script]


def _invitations(stage: Stage, address: str, method: str, days: int = 60) -> list[Letter]:
    """Give the invitation mails between the owner and somebody in the last days."""
    since = stage.now - timedelta(days=days)
    return [
        letter
        for letter in stage.letters
        if letter.method == method and letter.at >= since and address in {letter.author.address, letter.to[0].address}
    ]


def _moves(stage: Stage, address: str) -> list[Letter]:
    return [letter for letter in _invitations(stage, address, "REQUEST") if "SEQUENCE:0" not in letter.calendar]


def _meetings(stage: Stage, address: str) -> list[Meeting]:
    return [meeting for meeting in stage.meetings if any(who.address == address for who in meeting.attendees)]


# On disk


def test_the_same_seed_and_end_give_the_same_bytes(practice: Practice, tmp_path: Path) -> None:
    write_practice(tmp_path / "again", seed=1, end=END)
    assert _tree(tmp_path / "again") == _tree(practice.folder)


def test_another_seed_gives_another_year() -> None:
    assert {letter.message_id for letter in play(seed=1, end=END).letters}.isdisjoint(
        letter.message_id for letter in play(seed=2, end=END).letters
    )


def test_the_year_is_as_big_as_a_consultants_year(practice: Practice) -> None:
    assert 4_000 <= practice.messages <= 6_500
    assert 120 <= practice.meetings <= 300
    assert len(practice.cast) >= 45


def test_maildir_and_mbox_overlap_by_some_weeks(practice: Practice, messages: dict[str, Message]) -> None:
    in_maildir = _ids(path.read_bytes() for path in _maildir(practice.folder))
    in_mbox = _ids(_mbox(practice.folder))
    assert len(messages) == practice.messages
    assert in_maildir | in_mbox == set(messages)
    assert 100 < len(in_maildir & in_mbox) < 1_000


def test_a_maildir_file_is_named_and_dated_by_its_delivery(practice: Practice) -> None:
    files = _maildir(practice.folder)
    assert {path.parent.parent.name for path in files} == {"mail", ".Sent", ".Archive"}
    for path in files:
        assert int(path.name.partition(".")[0]) == int(path.stat().st_mtime)
        assert (path.parent.name == "cur") == path.name.endswith(":2,S")


def test_every_message_is_well_formed(messages: dict[str, Message]) -> None:
    for message in messages.values():
        assert all(not part.defects for part in message.walk())
        assert all(message[name] for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version"))
        assert "@" in _author(message)[1]


def test_every_answer_points_to_an_earlier_message(messages: dict[str, Message]) -> None:
    answers = [message for message in messages.values() if message["In-Reply-To"]]
    assert len(answers) > 2_000
    for message in answers:
        answered = messages[message["In-Reply-To"]]
        assert message["References"].split()[-1] == message["In-Reply-To"]
        assert parsedate_to_datetime(answered["Date"]) < parsedate_to_datetime(message["Date"])


def test_only_what_comes_in_was_received(messages: dict[str, Message]) -> None:
    for message in messages.values():
        ours = _author(message)[1] == OWNER.address
        assert len(message.get_all("Received", [])) == (0 if ours else 2)


def test_names_and_subjects_are_not_only_ascii(messages: dict[str, Message]) -> None:
    names = {_author(message)[0] for message in messages.values()}
    assert {"Björn Lindqvist", "Zoë Martin", "Liam O'Sullivan"} <= names
    assert len({message["Subject"] for message in messages.values()}) >= 120


def test_invitation_mails_come_in_both_manners_with_the_method_on_the_part(
    messages: dict[str, Message],
) -> None:
    seen = Counter[tuple[str, bool]]()
    for part in (part for message in messages.values() for part in message.walk()):
        if part.get_content_type() == "text/calendar":
            calendar = Calendar.from_ical(_content(part))
            assert part.get_param("method") == calendar["METHOD"]
            assert len(calendar.walk("VEVENT")) == 1
            seen[str(calendar["METHOD"]), "Google" in str(calendar["PRODID"])] += 1
    methods = {"REQUEST", "REPLY", "CANCEL", "COUNTER"}
    assert {method for method, google in seen if not google} == methods
    assert {method for method, google in seen if google} >= methods - {"COUNTER"}


def test_the_calendar_shows_each_meeting_as_it_is_now(practice: Practice) -> None:
    calendar = Calendar.from_ical((practice.folder / "calendar.ics").read_bytes())
    assert isinstance(calendar, Calendar)
    events = calendar.events
    keys = [(str(event["UID"]), str(event.get("RECURRENCE-ID"))) for event in events]
    assert len(events) == len(set(keys)) == practice.meetings
    assert all(event[name] is not None for event in events for name in ("SEQUENCE", "CREATED", "LAST-MODIFIED"))
    assert any(event["STATUS"] == "CANCELLED" for event in events)
    assert sum("RRULE" in event for event in events) >= 3
    times = [event.DTSTART for event in events if "ATTENDEE" in event]
    assert any(isinstance(start, datetime) and start > practice.as_of for start in times)


def test_the_configuration_names_the_three_accounts_and_the_labels(practice: Practice) -> None:
    settings = tomllib.loads(practice.config.read_text())
    assert [account["kind"] for account in settings["account"]] == ["maildir", "mbox", "ics"]
    assert all((practice.folder / account["path"]).exists() for account in settings["account"])
    assert {label["label"] for label in settings["label"]} == {"client", "prospect"}
    assert settings["database"]["url"] == "sqlite:///keepwarm.db"  # beside the file, wherever that is


def test_a_year_too_short_for_the_scripts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="52 weeks"):
        write_practice(tmp_path, seed=1, end=END, weeks=20)


def test_the_command_refuses_a_folder_that_is_in_use(practice: Practice) -> None:
    command = [sys.executable, "-m", "tests.practice", str(practice.folder), "--end", END.isoformat()]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "choose an empty folder" in done.stderr


# The script


def test_no_rule_is_both_expected_and_wrong(practice: Practice) -> None:
    for rule in RULES:
        assert len(practice.expected[rule]) >= 2
        assert len(practice.innocent[rule]) >= 20
        assert practice.expected[rule].isdisjoint(practice.innocent[rule])


def test_a_robot_is_nobody(practice: Practice) -> None:
    assert len(practice.robots) == len(ROBOTS) == 10
    assert practice.robots.isdisjoint(address for part in practice.cast for address in part.addresses)


def test_every_script_is_played() -> None:
    assert {who.script for who in CAST} == set(SCRIPTS)


def test_nothing_is_written_outside_of_the_play(stage: Stage) -> None:
    assert all(stage.start <= letter.at < stage.now for letter in stage.letters)
    assert all(meeting.modified < stage.now for meeting in stage.meetings)


def test_nobody_works_at_christmas(stage: Stage) -> None:
    by_hand = [letter for letter in stage.letters if letter.references and not letter.extra]
    family = {"helga.carter1951@web.de"}
    days = {
        letter.at.astimezone(ZONE).date()
        for letter in by_hand
        if not family & {letter.author.address, letter.to[0].address}
    }
    assert not [day for day in days if is_christmas(day)]


@pytest.mark.parametrize("address", _playing("goes_quiet"))
def test_who_goes_quiet_is_chased_and_silent(stage: Stage, address: str) -> None:
    heard = [letter.at for letter in _letters(stage, address, outgoing=False)]
    chased = [letter for letter in _letters(stage, address, outgoing=True) if letter.at > max(heard)]
    assert stage.now - max(heard) > timedelta(days=63)
    assert len(chased) >= 4
    assert len(heard) >= 40


@pytest.mark.parametrize("address", _playing("fades"))
def test_who_fades_takes_days_instead_of_hours(stage: Stage, address: str) -> None:
    sent = {letter.message_id: letter.at for letter in _letters(stage, address, outgoing=True)}
    waits = [
        (letter.at, letter.at - sent[letter.references[-1]])
        for letter in _letters(stage, address, outgoing=False)
        if letter.references and letter.references[-1] in sent
    ]
    early = sorted(wait for at, wait in waits if stage.now - at > timedelta(days=180))
    late = sorted(wait for at, wait in waits if stage.now - at < timedelta(days=50))
    assert len(late) >= 5
    assert late[len(late) // 2] > 5 * early[len(early) // 2]


@pytest.mark.parametrize("address", _playing("leaves_it_to_the_owner"))
def test_one_sided_is_five_messages_without_an_answer(stage: Stage, address: str) -> None:
    last = max(letter.at for letter in _letters(stage, address, outgoing=False))
    unanswered = [letter for letter in _letters(stage, address, outgoing=True) if letter.at > last]
    assert len(unanswered) >= 5


@pytest.mark.parametrize("address", _playing("counters_three_times") + _playing("moves_three_times"))
def test_a_meeting_that_is_put_off_moves_three_times_and_is_not_held(stage: Stage, address: str) -> None:
    held = [
        meeting
        for meeting in _meetings(stage, address)
        if meeting.status == "CONFIRMED" and stage.now - timedelta(days=60) < meeting.start < stage.now
    ]
    moved = [meeting for meeting in _meetings(stage, address) if meeting.sequence >= 3]
    assert not held
    assert len(moved) == 1
    assert moved[0].start > stage.now
    assert len(_moves(stage, address)) == 3


@pytest.mark.parametrize("address", _playing("counters_three_times"))
def test_who_counters_asks_before_the_owner_moves(stage: Stage, address: str) -> None:
    asked = _invitations(stage, address, "COUNTER") + [
        letter for letter in _invitations(stage, address, "REPLY") if "PARTSTAT=TENTATIVE" in letter.calendar
    ]
    moves = _moves(stage, address)
    assert len(asked) == len(moves) == 3
    for ask, move in zip(sorted(asked, key=lambda letter: letter.at), moves, strict=True):
        assert timedelta() < move.at - ask.at < timedelta(hours=6)


@pytest.mark.parametrize("address", _playing("cancels_late") + _playing("declines_late"))
def test_who_cancels_does_it_twice_within_a_day_of_the_meeting(stage: Stage, address: str) -> None:
    cancelled = [meeting for meeting in _meetings(stage, address) if meeting.status == "CANCELLED"]
    assert len(cancelled) == 2
    assert all(timedelta() < meeting.start - meeting.modified < timedelta(hours=24) for meeting in cancelled)


@pytest.mark.parametrize("address", _playing("comes_back"))
def test_who_comes_back_was_away_for_eighty_days(stage: Stage, address: str) -> None:
    heard = sorted(letter.at for letter in _letters(stage, address, outgoing=False))
    gaps = [later - earlier for earlier, later in pairwise(heard)]
    assert max(gaps[-3:]) > timedelta(days=75)
    assert stage.now - heard[-1] < timedelta(days=17)


@pytest.mark.parametrize("address", _playing("waits_for_the_owner"))
def test_who_waits_wrote_last_and_six_working_days_ago(stage: Stage, address: str) -> None:
    last = _letters(stage, address, outgoing=False)[-1]
    assert last.at > _letters(stage, address, outgoing=True)[-1].at
    sixth = stage.working_time(owner=True).days_before(stage.end, 6)
    assert last.at.astimezone(ZONE).date() < sixth


@pytest.mark.parametrize("address", _playing("was_forgotten"))
def test_who_was_forgotten_wrote_last_three_months_ago(stage: Stage, address: str) -> None:
    last = _letters(stage, address, outgoing=False)[-1]
    assert last.at > _letters(stage, address, outgoing=True)[-1].at
    assert stage.now - last.at > timedelta(days=90)


@pytest.mark.parametrize("address", _playing("is_put_off_by_the_owner"))
def test_what_the_owner_moves_and_cancels_nobody_asked_for(stage: Stage, address: str) -> None:
    moves, cancels = _moves(stage, address), _invitations(stage, address, "CANCEL")
    assert (len(moves), len(cancels)) == (1, 1)
    assert all(letter.outgoing for letter in moves + cancels)
    asked = _invitations(stage, address, "COUNTER") + _invitations(stage, address, "REPLY")
    for ours in moves + cancels:
        prompting = [
            letter
            for letter in asked
            if timedelta() < ours.at - letter.at < timedelta(hours=72) and "=ACCEPTED" not in letter.calendar
        ]
        assert not prompting


def test_a_meeting_is_arranged_before_it_takes_place_and_changed_before_it_too(stage: Stage) -> None:
    for meeting in stage.meetings:
        assert meeting.created < meeting.start
        moved_or_cancelled = [
            letter
            for letter in stage.letters
            if letter.message_id in meeting.thread and letter.method in {"REQUEST", "CANCEL", "COUNTER"}
        ]
        assert all(letter.at < meeting.start for letter in moved_or_cancelled)


@pytest.mark.parametrize("script", ["weekly", "fortnightly", "monthly", "on_leave", "monthly_with_meeting"])
def test_the_healthy_were_heard_and_answered(stage: Stage, script: str) -> None:
    for address in _playing(script):
        heard = _letters(stage, address, outgoing=False)[-1]
        assert stage.now - heard.at < timedelta(days=45)
        answered = _letters(stage, address, outgoing=True)[-1].at > heard.at
        assert answered or stage.working_time(owner=True).after(heard.at, 9) > stage.now


def test_leave_is_answered_by_a_machine(stage: Stage) -> None:
    machine = [letter for letter in stage.letters if ("Auto-Submitted", "auto-replied") in letter.extra]
    people = [letter for letter in machine if letter.subject.startswith("Automatic reply: ")]
    assert {letter.author.address for letter in people} == set(_playing("on_leave"))


def test_a_colleague_in_copy_never_writes(stage: Stage) -> None:
    (address,) = _playing("in_copy")
    assert not _letters(stage, address, outgoing=False)
    assert [letter for letter in stage.letters if address in {who.address for who in letter.cc}]
