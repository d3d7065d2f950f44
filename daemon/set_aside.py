"""Setting aside: whoever cannot be judged costs nobody else their judgement, and is told of, with what to do."""

from __future__ import annotations

from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING

import structlog

from keepwarm.storage import unjudged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from keepwarm.storage.unjudged import Unjudged

log = structlog.get_logger()

CURE = (
    "This is a fault of Keepwarm's: report it, with the line of the log. It is tried again once something new is known "
    "of them, after a change of the settings or rules, and by another version."
)


def set_aside(connection: Connection, scope: str, about: str, error: Exception) -> None:
    """Note that somebody could not be judged; it is logged where, and without the error's words, which may quote."""
    why = type(error).__name__
    if unjudged.note(connection, scope, about, why):
        frames = (
            f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in extract_tb(error.__traceback__)
        )
        log.error("could not be judged", scope=scope, about=about, why=why, at=" > ".join(frames), cure=CURE)


def told(found: Sequence[Unjudged]) -> str:
    """Say in a sentence who could not be judged; "" if everybody was."""
    if not found:
        return ""
    first = found[0]
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{first.name} could not be judged ({first.why}){more}; what was found before stays."
