"""What the benchmarks stand on: the same corpus each time, honest measuring, and plain figures."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from argparse import Namespace
from datetime import date
from email import message_from_bytes
from typing import TYPE_CHECKING

import pytest
from icalendar import Calendar

from benchmarks import gmail, graph
from benchmarks.children import ChildError, Cost, measure
from benchmarks.corpus import write_corpus
from benchmarks.diary import MEETINGS
from benchmarks.ingest import corpus_in, figures, notmuch_cost, table
from benchmarks.traffic import OWNER

if TYPE_CHECKING:
    from email.message import Message
    from pathlib import Path

MESSAGES = 600
END = date(2026, 11, 1)
CHOSEN = Namespace(messages=MESSAGES, contacts=20, years=2, seed=3, end=END)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "c"
    write_corpus(folder, messages=MESSAGES, contacts=20, years=2, seed=3, end=END)
    return folder


@pytest.fixture(scope="module")
def messages(corpus: Path) -> list[Message]:
    return [message_from_bytes(path.read_bytes()) for path in _files(corpus / "mail")]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in _files(folder)}


def test_the_same_parameters_give_the_same_bytes(corpus: Path, tmp_path: Path) -> None:
    write_corpus(tmp_path / "again", messages=MESSAGES, contacts=20, years=2, seed=3, end=END)
    assert _digests(tmp_path / "again") == _digests(corpus)


def test_it_has_as_many_messages_as_were_asked_for_and_a_third_of_them_are_bulk(
    messages: list[Message],
) -> None:
    assert len({message["Message-ID"] for message in messages}) == len(messages) == MESSAGES
    bulk = sum("List-Id" in message for message in messages)
    assert 0.28 <= bulk / MESSAGES <= 0.35


def test_headers_are_as_heavy_as_real_ones(messages: list[Message]) -> None:
    received = [message for message in messages if OWNER[1] not in message["From"]]
    assert {len(message.get_all("Received", [])) for message in received} == {2, 3}
    assert all("DKIM-Signature" in message for message in received)
    assert any("References" in message for message in messages)
    assert not [message for message in messages if message.defects]


def test_people_write_in_both_directions(messages: list[Message]) -> None:
    ours = sum(OWNER[1] in message["From"] for message in messages)
    assert 0.25 <= ours / MESSAGES <= 0.45


def test_the_calendar_is_valid(corpus: Path) -> None:
    calendar = Calendar.from_ical((corpus / "calendar.ics").read_bytes())
    assert len(calendar.walk("VEVENT")) == MEETINGS


def test_a_corpus_is_reused_until_its_parameters_change(tmp_path: Path) -> None:
    first = corpus_in(tmp_path, CHOSEN)
    (first / "witness").touch()
    assert (corpus_in(tmp_path, CHOSEN) / "witness").exists()
    other = Namespace(**{**vars(CHOSEN), "seed": 4})
    assert not (corpus_in(tmp_path, other) / "witness").exists()


def test_a_corpus_that_was_not_finished_is_written_again(tmp_path: Path) -> None:
    corpus = corpus_in(tmp_path, CHOSEN)
    whole = _digests(corpus)
    (corpus / "corpus.json").unlink()
    (corpus / "calendar.ics").unlink()
    assert _digests(corpus_in(tmp_path, CHOSEN)) == whole


def test_a_child_is_measured_by_its_own_time_and_memory() -> None:
    cost = measure([sys.executable, "-c", "data = b'x' * (200 << 20)"])
    assert cost.peak_mib > 200
    assert 0 < cost.seconds < 60


def test_a_child_that_fails_says_why() -> None:
    with pytest.raises(ChildError, match=r"status 3:\nno such thing"):
        measure([sys.executable, "-c", "import sys; sys.stderr.write('no such thing'); sys.exit(3)"])


def test_without_notmuch_the_table_says_so() -> None:
    document = figures(CHOSEN, Cost(2.0, 60.0), Cost(1.0, 50.0), None)
    assert json.loads(json.dumps(document))["notmuch"] is None
    assert table(document).endswith("notmuch is not installed: nothing to compare with")


def test_the_ratios_compare_like_with_like() -> None:
    document = figures(CHOSEN, Cost(2.0, 60.0), Cost(1.0, 130.0), Cost(20.0, 150.0))
    assert document["sync"]["messages_per_second"] == 300
    assert (document["notmuch_seconds_over_sync"], document["notmuch_peak_over_sync"]) == (10, 2.5)
    assert document["peak_within_aim"] is False
    assert table(document).endswith("notmuch takes 10.0 times as long, and 2.5 times the memory")


@pytest.mark.skipif(shutil.which("notmuch") is None, reason="needs notmuch (Debian's notmuch)")
def test_notmuch_reads_the_mail_and_leaves_it_as_it_was(corpus: Path, tmp_path: Path) -> None:
    before = _digests(corpus)
    cost = notmuch_cost(corpus, tmp_path)
    assert cost is not None
    assert sum(path.stat().st_size for path in _files(tmp_path / "index")) > 100_000
    assert _digests(corpus) == before


def test_a_first_reading_of_gmail_asks_once_for_each_message_and_a_poll_once() -> None:
    figures = gmail.measured(230)
    assert figures["messages"] == 230
    assert figures["metadata_requests_per_message"] <= 1.02
    assert figures["quota_units_per_message"] < 20.1
    assert figures["http_requests"] <= 230 / 99 * 2 + 3
    assert figures["poll_requests"] == 1


def test_a_first_reading_of_graph_asks_by_pages_and_a_poll_once_a_stream() -> None:
    figures = graph.measured(450, 100)
    assert figures["first: messages"] == 450
    assert figures["first: meetings"] >= 90
    assert figures["first: requests"] < 30
    assert figures["poll: requests"] == figures["poll: streams"]
    assert figures["next day: requests"] < 10
