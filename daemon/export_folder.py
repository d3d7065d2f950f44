"""The export folder: all files for other tools, written after each evaluation if ``[export] dir`` is set.

A failure is noted, told in the log when it begins and when it is over, and stops nothing else.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

import structlog

from keepwarm.daemon import exporting
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.files import write_pieces
from keepwarm.storage import feed, privacy, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from keepwarm.daemon.settings import Configuration
    from keepwarm.daemon.workshop import Workshop

log = structlog.get_logger()

_TROUBLE = "export_trouble"
_REWRITTEN = privacy.FEED_REWRITTEN
_CURE = "Make room, or set dir in [export] to a folder of your own; it is written again after the next evaluation."
_LONGEST_LINE = 1 << 20  # bytes of the feed's last line that are looked at
_LEFT_BEHIND = 3600.0  # seconds: a file half written by a process that was killed is that old when it is cleared away


def refresh(workshop: Workshop, as_of: datetime, between: Callable[[], None] = lambda: None) -> bool:
    """Write the folder, if one is set; True if that went well, or there is none.

    ``between`` is called between pieces, and may raise to end it: each file is then as it was, or new. Raises
    DatabaseError.
    """
    folder = workshop.configuration.export.dir
    trouble = None
    if folder is not None:
        try:
            with workshop.database.reading() as connection:
                rewritten = settings.get(connection, _REWRITTEN)
                _write(connection, workshop, folder, as_of, between)
            if rewritten:
                with workshop.database.writing() as connection:
                    settings.put(connection, _REWRITTEN, False)
        except Failure as failure:
            trouble = {"problem": str(failure), "what_to_do": _CURE, "since": as_of.isoformat()}
    _note(workshop, trouble)
    return trouble is None


def state(connection: Connection, configuration: Configuration) -> dict[str, Any] | None:
    """Tell how the folder stands: ``{dir, problem, what_to_do, since}``; None if none is set."""
    folder = configuration.export.dir
    if folder is None:
        return None
    trouble = settings.get(connection, _TROUBLE) or {}
    return {
        "dir": str(folder),
        "problem": trouble.get("problem", ""),
        "what_to_do": trouble.get("what_to_do", ""),
        "since": settings.moment(trouble.get("since")),
    }


def lines(state: dict[str, Any] | None) -> Iterator[str]:
    """Say in a line what is wrong; what is well needs no word."""
    if state is not None and state["problem"]:
        yield f"Since {state['since']:%Y-%m-%d %H:%M} UTC: {state['problem']} {state['what_to_do']}"


def _note(workshop: Workshop, trouble: dict[str, Any] | None) -> None:
    with workshop.database.reading() as connection:
        before = settings.get(connection, _TROUBLE)
    if (before or {}).get("problem") == (trouble or {}).get("problem"):
        return
    with workshop.database.writing() as connection:
        settings.put(connection, _TROUBLE, trouble or {})
    if trouble:
        log.warning("the export folder cannot be written", why=trouble["problem"], cure=trouble["what_to_do"])
    elif workshop.configuration.export.dir is not None:
        log.info("the export folder is written again")


def _write(
    connection: Connection, workshop: Workshop, folder: Path, as_of: datetime, between: Callable[[], None]
) -> None:
    _clear_away(folder)
    write_feed(connection, folder / exporting.FEED, between)
    now = exporting.Snapshot(connection, workshop.configuration, as_of)
    for name, make in exporting.SNAPSHOTS.items():
        between()
        write_pieces(folder / name, _interrupted(make(now), between))


def write_feed(connection: Connection, path: Path, between: Callable[[], None] = lambda: None) -> None:
    """Bring the feed's file up to date.

    A file that holds the feed up to some line is copied, and what comes after it is put behind: only new lines are read
    and rendered, and yet whoever reads sees whole lines, as the file is put in place whole. It is written anew if it
    holds anything else, or if a contact was forgotten or subjects were wiped since: then older lines have changed, too.
    Raises Failure.
    """
    held = _held(connection, path)
    newest = feed.last(connection)
    if held and held == newest:
        return
    lines = _interrupted(exporting.feed_lines(connection, held), between)
    write_pieces(path, lines, after=path if held else None)


def _interrupted(pieces: Iterable[str], between: Callable[[], None]) -> Iterator[str]:
    for piece in pieces:
        between()
        yield piece


def _held(connection: Connection, path: Path) -> int:
    """Give the number of the line up to which a file holds the feed as it is now; 0 if it holds anything else."""
    first, last = _ends(path)
    if not last:
        return 0
    try:
        seq = json.loads(last)["seq"]
    except (ValueError, TypeError, KeyError):
        return 0
    if not isinstance(seq, int) or seq < 1 or feed.forgot(connection, seq) or settings.get(connection, _REWRITTEN):
        return 0
    return seq if (first, last) == (_line(connection, 1), _line(connection, seq)) else 0


def _line(connection: Connection, seq: int) -> bytes:
    from keepwarm.outputs.feed import line  # noqa: PLC0415

    return next((f"{line(entry)}\n".encode() for entry in islice(feed.entries(connection, seq - 1), 1)), b"")


def _ends(path: Path) -> tuple[bytes, bytes]:
    """Give the first and the last line of a file; nothing if it is not there, or does not end with a line."""
    try:
        with path.open("rb") as file:
            first = file.readline(_LONGEST_LINE)
            size = file.seek(0, 2)
            file.seek(max(0, size - _LONGEST_LINE))
            end = file.read()
    except OSError:
        return b"", b""
    if not end.endswith(b"\n"):
        return b"", b""
    return first, end[end.rfind(b"\n", 0, -1) + 1 :]


def _clear_away(folder: Path) -> None:
    names = [name for files in exporting.FORMATS.values() for name in files]
    with suppress(OSError):
        for left in (left for name in names for left in folder.glob(f".{name}.*")):
            if time.time() - left.stat().st_mtime > _LEFT_BEHIND:
                left.unlink()
