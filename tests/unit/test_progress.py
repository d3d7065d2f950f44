"""Progress of a read: a bar on a terminal with rate and time left, and lines in the log of the daemon."""

from __future__ import annotations

import io
from typing import Any

import structlog
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from structlog.testing import capture_logs

from keepwarm.daemon.journal import EVERY, Journal
from keepwarm.daemon.progress import Bar
from keepwarm.daemon.rate import RateColumn
from keepwarm.storage.observations import Batch


def test_a_long_read_tells_the_log_how_far_it_is_how_fast_and_how_long_it_will_take() -> None:
    now = 0.0
    structlog.reset_defaults()  # another test may have set up logs that tell warnings only
    journal = Journal(lambda: now)
    with capture_logs() as logs:
        journal.begin()
        journal.reading("work", "INBOX")
        for now in (1.0, EVERY - 1, EVERY, EVERY + 1, 2 * EVERY):  # noqa: B007 - the clock sees it
            journal.stored(Batch(total=10_000, looked_at=600))
        journal.reading("work", "Sent")
        journal.stored(Batch(total=3, looked_at=3))
    expected: dict[str, Any] = {"event": "reading", "account": "work", "stream": "INBOX", "of": 10_000}
    assert [line | expected for line in logs] == logs
    assert [(line["done"], line["per_second"], line["seconds_left"]) for line in logs] == [
        (1_800, 60, round((10_000 - 1_800) / (1_800 / EVERY))),
        (3_000, 50, round((10_000 - 3_000) / 50)),
    ]


def test_the_bar_of_a_stream_goes_on_where_it_was_when_the_stream_is_gone_on_with() -> None:
    now = 0.0
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), RateColumn(), TimeRemainingColumn())
    shown = io.StringIO()
    with Progress(*columns, console=Console(file=shown, width=100), get_time=lambda: now, auto_refresh=False) as rich:
        bar = Bar(rich)
        bar.reading("work", "INBOX")
        bar.stored(Batch(total=2_000, looked_at=500))
        bar.reading("work", "Sent")
        bar.stored(Batch(total=100, looked_at=100))
        bar.reading("work", "INBOX")
        for now in (1.0, 2.0):  # noqa: B007 - the clock sees it
            bar.stored(Batch(total=1_500, looked_at=500))
    inbox, sent = shown.getvalue().splitlines()[-2:]
    assert inbox.split() == ["work:", "INBOX", "1500/2000", "500/s", "0:00:01"]
    assert sent.split()[:3] == ["work:", "Sent", "100/100"]


def test_a_wait_that_a_source_has_asked_for_has_a_bar_of_its_own_that_says_why() -> None:
    shown = io.StringIO()
    console = Console(file=shown, width=100, force_terminal=True)
    with Progress(TextColumn("{task.description}"), console=console, auto_refresh=False) as rich:
        bar = Bar(rich)
        bar.reading("work", "INBOX")
        bar.wait("work", 0.01, "The quota of a minute is used up.")
        assert [task.description for task in rich.tasks] == ["work: INBOX"]
    assert "work waits: The quota of a minute is used up." in shown.getvalue()
