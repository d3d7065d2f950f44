"""Progress: a bar on a terminal, a line now and then in a log, nothing in a pipe."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from keepwarm.storage.observations import Batch

log = structlog.get_logger()


class Silent:
    """Shows nothing."""

    def reading(self, account: str, stream: str) -> None:
        """A stream begins."""

    def stored(self, batch: Batch) -> None:
        """A batch is stored."""

    def judged(self, done: int, of: int) -> None:
        """So many contacts are judged."""

    def wait(self, account: str, seconds: float, why: str) -> None:
        """Wait for so long, as the account's source has asked for it."""
        log.info("waiting", account=account, seconds=round(seconds), why=why)
        time.sleep(seconds)


class Bar:
    """Shows a bar for each stream, with messages per second and the time left, and one for the judging."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done: dict[TaskID, int] = {}
        self._streams: dict[tuple[str, str], TaskID] = {}
        self._task: TaskID | None = None
        self._before = 0  # items of the stream that were read when it was begun, or gone on with
        self._judging: TaskID | None = None

    def reading(self, account: str, stream: str) -> None:
        """A stream begins, or is gone on with."""
        task = self._streams.get((account, stream))
        if task is None:
            task = self._progress.add_task(one_line(f"{account}: {stream}"), total=None)
            self._streams[account, stream] = task
        self._task, self._before = task, self._done.setdefault(task, 0)

    def stored(self, batch: Batch) -> None:
        """A batch is stored."""
        if self._task is not None:
            self._done[self._task] += batch.looked_at or len(batch.seen)
            total = None if batch.total is None else self._before + batch.total
            self._progress.update(self._task, completed=self._done[self._task], total=total)

    def judged(self, done: int, of: int) -> None:
        """So many contacts are judged."""
        if self._judging is None:
            self._judging = self._progress.add_task("judging contacts", total=of)
        self._progress.update(self._judging, completed=done, total=of)

    def wait(self, account: str, seconds: float, why: str) -> None:
        """Wait for so long, as the account's source has asked for it."""
        until = time.monotonic() + seconds
        told = self._progress.add_task(one_line(f"{account} waits: {why}"), total=seconds)
        while (left := until - time.monotonic()) > 0:
            self._progress.update(told, completed=seconds - left)
            time.sleep(min(left, 1.0))
        self._progress.remove_task(told)


@contextmanager
def shown(*, quiet: bool) -> Iterator[Silent | Bar]:
    """Show progress on stderr, if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console  # noqa: PLC0415 - only needed on a terminal
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from keepwarm.daemon.rate import RateColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress)
