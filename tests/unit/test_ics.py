"""Calendar files and folders as a connector."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from keepwarm.connectors.contract import Connector, Refused
from keepwarm.connectors.edition import BATCH
from keepwarm.connectors.ics import IcsConnector
from keepwarm.storage.observations import Batch, Cursor, MeetingSeen, Scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
GOOD = "DTSTART:20260302T090000Z\nDTEND:20260302T100000Z"


def event(uid: str, *lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", *(lines or (GOOD,)), "END:VEVENT"])


def calendar(*events: str) -> str:
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""])


def write(path: Path, *events: str) -> Path:
    path.write_text(calendar(*events))
    return path


def connector(path: Path, *, days: int = 0) -> IcsConnector:
    shift = timedelta(days=days)
    return IcsConnector(path, lambda: (SINCE + shift, UNTIL + shift), ZoneInfo("Europe/Berlin"))


def pull(path: Path, cursor: Cursor | None = None, *, days: int = 0) -> list[Batch]:
    source = connector(path, days=days)
    (stream,) = source.streams()
    return list(source.pull(stream, cursor))


def seen(batches: list[Batch]) -> list[MeetingSeen]:
    return [item for batch in batches for item in batch.seen if isinstance(item, MeetingSeen)]


def test_it_is_a_connector(tmp_path: Path) -> None:
    source: Connector = connector(write(tmp_path / "work.ics", event("a")))
    (stream,) = source.streams()
    assert (stream.name, stream.holds, source.wait(stream, 60)) == ("work.ics", "calendar", False)
    source.close()


def test_a_file_is_read_whole_and_proves_it(tmp_path: Path) -> None:
    (batch,) = pull(write(tmp_path / "work.ics", event("a"), event("b")))
    assert [item.source_key for item in batch.seen] == ["a/", "b/"]
    assert batch.complete == (Scope(since=SINCE, until=UNTIL),)
    assert (batch.total, batch.looked_at) == (2, 2)


def test_an_unchanged_file_gives_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "work.ics", event("a"))
    assert pull(path, pull(path)[-1].cursor) == []
    assert pull(path, pull(path)[-1].cursor, days=1) == []


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "work.ics", event("a"))
    cursor = pull(path)[-1].cursor
    write(path, event("a"), event("b"))
    assert len(seen(pull(path, cursor))) == 2


def test_a_new_day_reads_a_calendar_with_series_again(tmp_path: Path) -> None:
    path = write(tmp_path / "work.ics", event("a", GOOD, "RRULE:FREQ=DAILY"))
    cursor = pull(path)[-1].cursor
    assert pull(path, cursor) == []
    assert pull(path, cursor, days=1) != []


def test_a_folder_is_one_stream_read_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path / "a.ics", event("a"))
    write(tmp_path / "sub" / "b.ICS", event("b"))
    (tmp_path / "notes.txt").write_text("no calendar")
    assert [item.ical_uid for item in seen(pull(tmp_path))] == ["a", "b"]


def test_a_file_moved_into_the_folder_is_noticed(tmp_path: Path) -> None:
    write(tmp_path / "a.ics", event("a"))
    cursor = pull(tmp_path)[-1].cursor
    write(tmp_path / "b.ics", event("b"))
    assert len(seen(pull(tmp_path, cursor))) == 2


def test_an_exception_in_another_file_belongs_to_its_series(tmp_path: Path) -> None:
    write(tmp_path / "a.ics", event("a", GOOD, "RRULE:FREQ=WEEKLY;COUNT=2"))
    write(tmp_path / "b.ics", event("a", "RECURRENCE-ID:20260309T090000Z", "DTSTART:20260310T090000Z"))
    assert [item.start.day for item in seen(pull(tmp_path))] == [2, 2, 10]


def test_one_bad_event_is_rejected_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "work.ics", event("a"), event("bad", "DTSTART:never"), event("b"))
    (batch,) = pull(path)
    assert [item.source_key for item in batch.seen] == ["a/", "b/"]
    (rejected,) = batch.rejected
    assert (rejected.source_key, rejected.where) == ("bad/", "work.ics, line 8")
    assert batch.complete


@pytest.mark.parametrize("text", ["", "<html>sign in</html>", "\0" * 1000, "BEGIN:VCARD\nEND:VCARD"])
def test_a_file_that_is_no_calendar_is_rejected_and_absence_proves_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path / "a.ics", event("a"))
    (tmp_path / "b.ics").write_text(text)
    (batch,) = pull(tmp_path)
    assert [item.source_key for item in batch.seen] == ["a/"]
    assert batch.complete == ()
    assert "export" in batch.rejected[0].reason


def test_a_file_that_ends_in_the_middle_proves_no_absence(tmp_path: Path) -> None:
    path = tmp_path / "work.ics"
    path.write_text(calendar(event("a"), event("b"))[:-40])
    (batch,) = pull(path)
    assert [item.source_key for item in batch.seen] == ["a/"]
    assert (batch.complete, len(batch.rejected)) == ((), 2)


def test_a_rejected_file_is_not_read_again_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "work.ics"
    path.write_text("no calendar")
    assert pull(path, pull(path)[-1].cursor) == []


def test_an_empty_calendar_proves_that_nothing_is_there(tmp_path: Path) -> None:
    (batch,) = pull(write(tmp_path / "work.ics"))
    assert (batch.seen, len(batch.complete)) == ((), 1)


def test_a_missing_path_is_refused_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        connector(tmp_path / "gone.ics").streams()
    assert "path" in caught.value.what_to_do


@pytest.mark.timeout(10)
@pytest.mark.parametrize("make", [lambda path: path.symlink_to("nowhere"), os.mkfifo], ids=["dangling", "pipe"])
def test_an_unreadable_file_is_rejected_and_others_are_read(tmp_path: Path, make: Callable[[Path], None]) -> None:
    write(tmp_path / "a.ics", event("a"))
    make(tmp_path / "b.ics")
    (batch,) = pull(tmp_path)
    assert (len(batch.seen), len(batch.rejected), batch.complete) == (1, 1, ())


def test_of_doubled_uids_the_newest_wins_whatever_the_order(tmp_path: Path) -> None:
    old = event("a", GOOD, "SUMMARY:old")
    changed = event("a", GOOD, "SUMMARY:changed", "LAST-MODIFIED:20260101T000000Z")
    newest = event("a", GOOD, "SUMMARY:newest", "SEQUENCE:1")
    for number, order in enumerate([(old, changed, newest), (newest, old, changed)]):
        (winner,) = seen(pull(write(tmp_path / f"{number}.ics", *order)))
        assert (winner.summary, winner.flaws) == ("newest", ("duplicated-uid",))
    (winner,) = seen(pull(write(tmp_path / "last.ics", changed, old)))
    assert winner.summary == "changed"


def test_meetings_of_long_ago_are_left_out_and_later_ones_kept(tmp_path: Path) -> None:
    long_ago = event("a", "DTSTART:20100302T090000Z", "DTEND:20100302T100000Z")
    later = event("b", "DTSTART:20300302T090000Z", "DTEND:20300302T100000Z")
    (batch,) = pull(write(tmp_path / "work.ics", long_ago, later))
    assert [item.source_key for item in batch.seen] == ["b/"]
    assert (batch.total, batch.looked_at) == (2, 2)


def test_a_large_calendar_comes_in_batches_and_only_the_last_moves_the_cursor(tmp_path: Path) -> None:
    path = write(tmp_path / "work.ics", *(event(f"e{number}") for number in range(BATCH + 1)))
    first, last = pull(path)
    assert (len(first.seen), len(last.seen)) == (BATCH, 1)
    assert (first.complete, first.cursor) == ((), {"v": 1})
    assert first.looked_at + last.looked_at == last.total == BATCH + 1
    assert pull(path, last.cursor) == []


def test_a_rule_that_cannot_be_worked_out_is_rejected_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "work.ics", event("a"), event("s", GOOD, "RRULE:FREQ=WEEKLY;BYDAY=XX"))
    (batch,) = pull(path)
    assert [item.source_key for item in batch.seen] == ["a/"]
    assert [rejected.source_key for rejected in batch.rejected] == ["s/"]


def test_a_cursor_holds_no_clock(tmp_path: Path) -> None:
    path = write(tmp_path / "work.ics", event("a", GOOD, "RRULE:FREQ=DAILY"))
    one, other = pull(path)[-1].cursor, pull(path)[-1].cursor
    assert one == other
    assert one["day"] == "2026-07-01"
