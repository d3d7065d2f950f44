from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from keepwarm.connectors.contract import CursorLost, Refused
from keepwarm.connectors.maildir import BATCH, MaildirConnector
from keepwarm.connectors.namesets import NameSet
from keepwarm.storage.observations import MessageKind, MessageSeen, Stream

if TYPE_CHECKING:
    from pathlib import Path

    from keepwarm.storage.observations import Batch, Cursor

INBOX = Stream("INBOX")
FIRST = 1_770_000_000


def mail(number: int) -> bytes:
    return (
        f"From: Ana <ana@acme.example>\nTo: sam@carter.example\nSubject: {number}\n"
        f"Date: Mon, 2 Feb 2026 02:40:00 +0000\nMessage-ID: <{number}@acme.example>\n\nbody\n"
    ).encode()


def deliver(folder: Path, number: int, *, part: str = "cur", at: int | None = None, raw: bytes | None = None) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    at = FIRST + number if at is None else at
    path = folder / part / (f"{at}.M{number}P1.host" + (":2,S" if part == "cur" else ""))
    path.write_bytes(mail(number) if raw is None else raw)
    os.utime(path, (at, at))
    return path


def pull(path: Path, cursor: Cursor | None = None, stream: Stream = INBOX) -> list[Batch]:
    return list(MaildirConnector(path).pull(stream, cursor))


def messages(batches: list[Batch]) -> list[MessageSeen]:
    return [message for batch in batches for message in batch.seen if isinstance(message, MessageSeen)]


def subjects(batches: list[Batch]) -> list[str]:
    return [message.subject for message in messages(batches)]


@pytest.fixture
def box(tmp_path: Path) -> Path:
    for number in range(5):
        deliver(tmp_path, number)
    return tmp_path


def test_all_mails_are_read_in_the_order_of_delivery(box: Path) -> None:
    deliver(box, 5, part="new")
    (batch,) = pull(box)
    assert subjects([batch]) == ["0", "1", "2", "3", "4", "5"]
    assert (batch.total, batch.looked_at) == (6, 6)
    assert batch.seen[0].source_key == f"{FIRST}.M0P1.host"


def test_a_second_pull_finds_nothing(box: Path) -> None:
    (batch,) = pull(box)
    assert pull(box, batch.cursor) == []


def test_a_poll_with_nothing_new_opens_no_file(box: Path) -> None:
    (batch,) = pull(box)
    for path in (box / "cur").iterdir():
        path.write_bytes(b"opening this would give a broken mail")
    assert pull(box, batch.cursor) == []


def test_flags_and_the_move_out_of_new_change_nothing(box: Path) -> None:
    deliver(box, 5, part="new")
    (batch,) = pull(box)
    moved = next((box / "new").iterdir())
    moved.rename(box / "cur" / (moved.name + ":2,"))
    (box / "cur" / f"{FIRST}.M0P1.host:2,S").rename(box / "cur" / f"{FIRST}.M0P1.host,U=7:2,RS")
    assert pull(box, batch.cursor) == []


def test_a_new_mail_is_read_alone(box: Path) -> None:
    (batch,) = pull(box)
    deliver(box, 9, part="new")
    assert subjects(pull(box, batch.cursor)) == ["9"]


def test_a_mail_with_an_older_time_is_found(box: Path) -> None:
    (batch,) = pull(box)
    deliver(box, 8, at=FIRST - 86_400)
    deliver(box, 9)
    found = pull(box, batch.cursor)
    assert subjects(found) == ["8", "9"]
    assert pull(box, found[-1].cursor) == []


def test_a_mail_of_the_same_second_is_found(box: Path) -> None:
    (batch,) = pull(box)
    path = box / "cur" / f"{FIRST + 4}.A1.host:2,S"
    path.write_bytes(mail(77))
    assert subjects(pull(box, batch.cursor)) == ["77"]


def test_names_that_hold_no_time_are_found_too(box: Path) -> None:
    (batch,) = pull(box)
    (box / "cur" / "mail-from-elsewhere").write_bytes(mail(77))
    found = pull(box, batch.cursor)
    assert subjects(found) == ["77"]
    assert pull(box, found[-1].cursor) == []


def test_deleting_mails_reads_nearly_none_again(tmp_path: Path) -> None:
    paths = [deliver(tmp_path, number) for number in range(600)]
    cursor = pull(tmp_path)[-1].cursor
    for path in paths[100:110]:
        path.unlink()
    found = pull(tmp_path, cursor)
    assert len(subjects(found)) < 20
    assert pull(tmp_path, found[-1].cursor) == []


def test_any_batch_can_be_gone_on_from(tmp_path: Path) -> None:
    for number in range(BATCH * 2 + 7):
        deliver(tmp_path, number)
    batches = pull(tmp_path)
    assert [len(batch.seen) for batch in batches] == [BATCH, BATCH, 7]
    for done, batch in enumerate(batches, start=1):
        assert subjects(pull(tmp_path, batch.cursor)) == subjects(batches[done:])


def test_stragglers_are_read_again_until_all_of_them_are_stored(tmp_path: Path) -> None:
    deliver(tmp_path, 5000)
    (batch,) = pull(tmp_path)
    for number in range(BATCH + 1):
        deliver(tmp_path, number)
    first, second = pull(tmp_path, batch.cursor)
    assert first.cursor == batch.cursor
    assert {str(number) for number in range(BATCH + 1)} <= set(subjects(pull(tmp_path, first.cursor)))
    assert pull(tmp_path, second.cursor) == []


def test_the_cursor_is_small_json(tmp_path: Path) -> None:
    for number in range(300):
        deliver(tmp_path, number)
    (batch,) = pull(tmp_path)
    assert len(json.dumps(batch.cursor)) < 4000
    assert pull(tmp_path)[-1].cursor == batch.cursor


@pytest.mark.parametrize("cursor", [{}, {"v": 1, "last": "x", "names": "zz"}, {"v": 1, "last": "x", "names": 3}])
def test_a_cursor_of_something_else_is_lost(box: Path, cursor: Cursor) -> None:
    with pytest.raises(CursorLost):
        pull(box, cursor)


def test_subfolders_of_both_layouts_are_streams_without_junk_trash_and_drafts(box: Path) -> None:
    for name in (
        ".Sent",
        ".Archive.2024",
        ".Junk",
        ".Trash.2024",
        ".Entw&APw-rfe",
        ".Papierkorb",
        "Work/Acme",
    ):
        deliver(box / name, 1)
    (box / ".notmuch" / "xapian").mkdir(parents=True)
    names = [stream.name for stream in MaildirConnector(box).streams()]
    assert names == ["INBOX", ".Archive.2024", ".Sent", "Work/Acme"]
    assert subjects(pull(box, stream=Stream("Work/Acme"))) == ["1"]


def test_since_leaves_out_older_mails_for_good(box: Path) -> None:
    connector = MaildirConnector(box, since=datetime(2026, 3, 1, tzinfo=UTC))
    (batch,) = connector.pull(INBOX, None)
    assert (batch.seen, batch.looked_at) == ((), 5)
    assert list(connector.pull(INBOX, batch.cursor)) == []


def test_the_older_of_name_and_file_time_is_the_delivery(tmp_path: Path) -> None:
    path = deliver(tmp_path, 0, raw=b"From: a@b.example\n\n")
    os.utime(path, (FIRST + 86_400, FIRST + 86_400))
    (batch,) = pull(tmp_path)
    assert [message.at for message in messages([batch])] == [datetime.fromtimestamp(FIRST, UTC)]


def test_a_name_with_other_bytes_than_utf8_can_be_stored(tmp_path: Path) -> None:
    deliver(tmp_path, 0)
    (tmp_path / "cur" / os.fsdecode(b"17\xff.x:2,")).write_bytes(mail(1))
    (batch,) = pull(tmp_path)
    for seen in batch.seen:
        seen.source_key.encode()
    assert len(batch.seen) == 2


def test_an_invitation_behind_a_long_header_and_text_is_found(tmp_path: Path) -> None:
    invitation = (
        mail(1).partition(b"\n\n")[0]
        + b"\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
        + b"long text\n" * 10_000
        + b"--b\nContent-Type: text/calendar; method=REQUEST\n\nno calendar\n--b--\n"
    )
    deliver(tmp_path, 1, raw=invitation)
    (batch,) = pull(tmp_path)
    assert [message.kind for message in messages([batch])] == [MessageKind.INVITATION]
    assert len(batch.rejected) == 1


def test_a_missing_path_is_refused_with_the_cure(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(Refused) as refused:
            MaildirConnector(path).streams()
        assert str(path) in str(refused.value)
        assert refused.value.what_to_do


def test_a_folder_that_went_away_is_refused(box: Path) -> None:
    with pytest.raises(Refused):
        pull(box, stream=Stream(".Gone"))


def test_a_set_of_names_forgets_what_is_taken_out() -> None:
    names, others = NameSet(), NameSet()
    for name in ("a", "b", "c"):
        names.add(name)
    for name in ("c", "a"):
        others.add(name)
    assert names != others
    assert others.may_lack("b", names)
    names.discard("b")
    assert names == others == NameSet.from_text(names.text())
    assert not others.may_lack("a", names)
