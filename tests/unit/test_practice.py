"""The practice on disk is what the acceptance tests stand on: repeatable, well-formed, as big as a year."""

from __future__ import annotations

import hashlib
import mailbox
import re
import subprocess
import sys
import tomllib
from collections import Counter
from datetime import date, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from tests.practice import write_practice
from tests.practice.letters import OWNER
from tests.practice.practice import play

if TYPE_CHECKING:
    from collections.abc import Iterable
    from email.message import Message

    from tests.practice import Practice

END = date(2026, 11, 20)


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    return write_practice(tmp_path_factory.mktemp("practice"), seed=1, end=END)


@pytest.fixture(scope="module")
def messages(practice: Practice) -> dict[str, Message]:
    """Every message once, by its Message-ID."""
    return {message["Message-ID"]: message for message in map(message_from_bytes, _everything(practice.folder))}


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


def test_the_same_seed_and_end_give_the_same_bytes(practice: Practice, tmp_path: Path) -> None:
    write_practice(tmp_path / "again", seed=1, end=END)
    assert _tree(tmp_path / "again") == _tree(practice.folder)


def test_another_seed_gives_another_year() -> None:
    assert {letter.message_id for letter in play(seed=1, end=END).letters}.isdisjoint(
        letter.message_id for letter in play(seed=2, end=END).letters
    )


def test_the_year_is_as_big_as_a_consultants_year(practice: Practice) -> None:
    assert 4_000 <= practice.messages <= 7_500
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
