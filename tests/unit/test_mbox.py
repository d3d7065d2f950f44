from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepwarm.connectors.contract import CursorLost, Refused
from keepwarm.connectors.mbox import BATCH, MboxConnector
from keepwarm.connectors.mbox_spans import BLOCK
from keepwarm.storage.observations import MessageSeen, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from keepwarm.storage.observations import Batch, Cursor


def mail(name: object, body: bytes = b"body\n", *, header: bytes = b"") -> bytes:
    return (
        b"From ana@acme.example Mon Mar  2 12:00:00 2026\n"
        + header
        + f"From: ana@acme.example\nSubject: {name}\nDate: Mon, 2 Mar 2026 12:00:00 +0000\n".encode()
        + f"Message-ID: <{name}@acme.example>\n\n".encode()
        + body
        + b"\n"
    )


def pull(path: Path, cursor: Cursor | None = None) -> list[Batch]:
    connector = MboxConnector(path)
    (stream,) = connector.streams()
    return list(connector.pull(stream, cursor))


def messages(batches: Iterable[Batch]) -> list[MessageSeen]:
    return [message for batch in batches for message in batch.seen if isinstance(message, MessageSeen)]


def subjects(batches: Iterable[Batch]) -> list[str]:
    return [message.subject for message in messages(batches)]


@pytest.fixture
def mbox(tmp_path: Path) -> Path:
    path = tmp_path / "mail.mbox"
    path.write_bytes(mail("a") + mail("b") + mail("c"))
    return path


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_the_stream_is_named_after_the_file(mbox: Path) -> None:
    assert [stream.name for stream in MboxConnector(mbox).streams()] == ["mail.mbox"]


def test_all_mails_are_read_once(mbox: Path) -> None:
    (batch,) = pull(mbox)
    assert subjects([batch]) == ["a", "b", "c"]
    assert [seen.source_key for seen in batch.seen][:2] == ["0", str(len(mail("a")))]
    assert pull(mbox, batch.cursor) == []


def test_windows_line_ends_are_read(mbox: Path) -> None:
    mbox.write_bytes(mbox.read_bytes().replace(b"\n", b"\r\n"))
    assert subjects(pull(mbox)) == ["a", "b", "c"]


def test_from_in_a_body_begins_no_mail(mbox: Path) -> None:
    body = (
        b"text\nFrom here Mon Mar  2 12:00:00 2026\n\n>From quoted Mon Mar  2 12:00:00 2026\n"
        b"\nFrom my point of view\nit is: fine\n\nFromage\n"
    )
    mbox.write_bytes(mail("a", body) + mail("b"))
    assert subjects(pull(mbox)) == ["a", "b"]


@pytest.mark.parametrize("line", [b"From ", b"From x\n", b"From - Mon Mar  2 12:00:00 2026\n"])
def test_from_lines_of_all_kinds_begin_a_mail(mbox: Path, line: bytes) -> None:
    one = line.rstrip() + b" \n" + mail("z").split(b"\n", 1)[1]
    mbox.write_bytes(one + one.replace(b"z", b"y"))
    assert subjects(pull(mbox)) == ["z", "y"]


def test_what_is_appended_is_read_alone(mbox: Path) -> None:
    (batch,) = pull(mbox)
    append(mbox, mail("d") + mail("e"))
    found = pull(mbox, batch.cursor)
    assert subjects(found) == ["d", "e"]
    assert pull(mbox, found[-1].cursor) == []


def test_appending_without_the_last_blank_line_is_fine(mbox: Path) -> None:
    mbox.write_bytes(mbox.read_bytes().rstrip(b"\n"))
    (batch,) = pull(mbox)
    append(mbox, b"\n\n")
    assert pull(mbox, batch.cursor) == []
    append(mbox, mail("d"))
    assert subjects(pull(mbox, batch.cursor)) == ["d"]


def test_a_mail_cut_off_in_mid_write_is_read_again_when_it_is_whole(mbox: Path) -> None:
    whole = mail("d", b"first\n\nsecond\n")
    append(mbox, whole[:-10])
    (batch,) = pull(mbox)
    assert subjects([batch]) == ["a", "b", "c", "d"]
    append(mbox, whole[-10:] + mail("e"))
    assert subjects(pull(mbox, batch.cursor)) == ["d", "e"]


@pytest.mark.parametrize("cut", range(1, len(mail("d")), 13))
def test_a_file_that_grows_at_any_byte_loses_nothing(mbox: Path, cut: int) -> None:
    append(mbox, mail("d")[:cut])
    first = pull(mbox)
    append(mbox, mail("d")[cut:] + mail("e"))
    second = pull(mbox, first[-1].cursor)
    whole = MboxConnector(mbox).pull(Stream("mail.mbox"), None)
    assert {seen.dedupe_key for seen in messages(first + second)} == {seen.dedupe_key for seen in messages(whole)}
    assert set(subjects(second)) >= {"d", "e"}


@pytest.mark.parametrize("change", ["shorter", "other head", "other tail", "emptied"])
def test_a_rewritten_file_loses_the_cursor(mbox: Path, change: str) -> None:
    (batch,) = pull(mbox)
    old = mbox.read_bytes()
    mbox.write_bytes(
        {
            "shorter": old[:-40],
            "other head": b"From x" + old[6:],
            "other tail": old[:-5] + b"tail\n",
            "emptied": b"",
        }[change]
    )
    with pytest.raises(CursorLost, match=r"mail\.mbox"):
        pull(mbox, batch.cursor)


@pytest.mark.parametrize("cursor", [{}, {"v": 1, "offset": "x", "last": 0, "head": "", "tail": ""}])
def test_a_cursor_of_something_else_is_lost(mbox: Path, cursor: Cursor) -> None:
    with pytest.raises(CursorLost):
        pull(mbox, cursor)


def test_any_batch_can_be_gone_on_from(mbox: Path) -> None:
    mbox.write_bytes(b"".join(mail(number) for number in range(BATCH * 2 + 3)))
    batches = pull(mbox)
    assert [batch.looked_at for batch in batches] == [BATCH, BATCH, 3]
    for done, batch in enumerate(batches, start=1):
        assert subjects(pull(mbox, batch.cursor)) == subjects(batches[done:])


@pytest.mark.parametrize("distance", [*range(-60, 8, 3), -2047, -2048, -2049])
def test_a_mail_at_the_edge_of_a_block_is_found_once(mbox: Path, distance: int) -> None:
    frame = len(mail("a", b""))
    mbox.write_bytes(mail("a", b"x" * (BLOCK + distance - frame - 1) + b"\n") + mail("b"))
    assert subjects(pull(mbox)) == ["a", "b"]


@settings(deadline=None)
@given(sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=12))
def test_the_mails_cover_the_file_without_a_gap(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    path = tmp_path_factory.mktemp("mbox") / "mail.mbox"
    path.write_bytes(b"".join(mail(number, b"x\n" * size) for number, size in enumerate(sizes)))
    (batch,) = pull(path)
    assert subjects([batch]) == [str(number) for number in range(len(sizes))]
    assert sum(message.size for message in messages([batch])) == path.stat().st_size


def test_a_mail_of_fifty_megabytes_is_never_whole_in_memory(mbox: Path) -> None:
    kind = b"Content-Type: multipart/mixed; boundary=b\n"
    with mbox.open("wb") as file:
        file.write(mail("big", b"", header=kind))
        file.writelines(b"QUFB" * 2500 + b"\n" for _ in range(5000))
        file.write(b"\n" + mail("after"))
    tracemalloc.start()
    try:
        assert subjects(pull(mbox)) == ["big", "after"]
        assert tracemalloc.get_traced_memory()[1] < 40_000_000
    finally:
        tracemalloc.stop()


def test_spam_trash_and_drafts_of_a_takeout_are_left_out(mbox: Path) -> None:
    labels = ["Inbox,Important", "Spam", "Trash,Unread", "=?UTF-8?Q?Entw=C3=BCrfe?=", "Chat"]
    mbox.write_bytes(b"".join(mail(n, header=f"X-Gmail-Labels: {label}\n".encode()) for n, label in enumerate(labels)))
    (batch,) = pull(mbox)
    assert (subjects([batch]), batch.looked_at) == (["0"], 5)


def test_since_leaves_out_older_mails(mbox: Path) -> None:
    connector = MboxConnector(mbox, since=datetime(2027, 1, 1, tzinfo=UTC))
    (batch,) = connector.pull(connector.streams()[0], None)
    assert (batch.seen, batch.looked_at) == ((), 3)


def test_the_from_line_gives_the_time_where_the_date_is_missing(mbox: Path) -> None:
    mbox.write_bytes(b"From a@b.example Mon Mar  2 12:00:00 2026\nFrom: a@b.example\n\n")
    (batch,) = pull(mbox)
    assert [seen.at for seen in messages([batch])] == [datetime(2026, 3, 2, 12, tzinfo=UTC)]


def test_a_broken_mail_is_rejected_with_its_place(mbox: Path) -> None:
    mbox.write_bytes(mail("a") + b"From x Mon Mar  2 12:00:00 2026\n\nno header\n\n" + mail("b"))
    (batch,) = pull(mbox)
    assert subjects([batch]) == ["a", "b"]
    assert [rejected.where for rejected in batch.rejected] == [f"mail.mbox, byte {len(mail('a'))}"]


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_an_empty_file_has_no_mails(mbox: Path, data: bytes) -> None:
    mbox.write_bytes(data)
    assert pull(mbox) == []


@pytest.mark.parametrize(
    ("data", "cure"),
    [
        (b"To: x\n\nFrom: y\n" * 5000, "maildir"),
        (b"\x1f\x8b\x08" + bytes(99), "unpack"),
        (b"PK\x03\x04x", "unpack"),
    ],
)
def test_a_file_without_from_lines_is_refused_with_the_cure(mbox: Path, data: bytes, cure: str) -> None:
    mbox.write_bytes(data)
    with pytest.raises(Refused, match="is no mbox") as refused:
        pull(mbox)
    assert cure in refused.value.what_to_do


def test_a_missing_file_or_a_folder_is_refused_with_the_cure(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.mbox", tmp_path):
        with pytest.raises(Refused) as refused:
            MboxConnector(path).streams()
        assert str(path) in str(refused.value)
        assert refused.value.what_to_do


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    circle = tmp_path / "circle.mbox"  # not even the superuser can read it
    circle.symlink_to(circle)
    with pytest.raises(Refused) as refused:
        pull(circle)
    assert str(circle) in str(refused.value)
    assert refused.value.what_to_do
