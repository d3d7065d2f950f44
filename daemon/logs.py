"""Logs: on stderr, for a person on a terminal, for the systemd journal with its fields, else as key=value.

Without secrets and control sequences.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TextIO, cast

import structlog

from keepwarm.daemon import journald
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.session import Verbosity
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET_KEY = re.compile(r"passw|passphrase|token|secret|authorization|credential|cookie|api_?key", re.IGNORECASE)
_LONGEST_VALUE = 500


def configure(verbosity: Verbosity, *, foreground: bool = False, journal: str = journald.SOCKET) -> None:
    """Set up structlog for the whole process.

    Warnings and worse are told; ``foreground`` (the daemon) tells what it does, too. ``journal`` is where the
    systemd journal listens.
    """
    level = {
        Verbosity.QUIET: logging.ERROR,
        Verbosity.NORMAL: logging.INFO if foreground else logging.WARNING,
        Verbosity.VERBOSE: logging.DEBUG,
    }[verbosity]
    file = cast("TextIO", _Lenient(sys.stderr))
    to_journal = journald.is_stderr(sys.stderr)
    to_file = structlog.PrintLoggerFactory(file)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,  # the renderer's own shows variables, passwords among them
            redact,
            harmless,
            journald.entry if to_journal else _renderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=partial(journald.JournalLogger, file, journal) if to_journal else to_file,
        cache_logger_on_first_use=False,
    )


class _Lenient:
    """A file that takes what it can: a full disk, or a reader that has gone, ends nobody who only wanted to tell."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._file.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            self._file.flush()


def _renderer() -> Processor:
    if sys.stderr.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put "***" for every value under a key that sounds like a secret, also in tables and lists inside."""
    return {key: _redacted(key, value) for key, value in event.items()}


def _redacted(key: object, value: object) -> Any:
    if isinstance(key, str) and _SECRET_KEY.search(key):
        return "***"
    if isinstance(value, Mapping):
        return {inner: _redacted(inner, each) for inner, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted("", each) for each in value]
    return value


def harmless(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take control sequences and direction marks out of every text; only a traceback keeps its lines."""
    return {key: _harmless(key, value) for key, value in event.items()}


def _harmless(key: str, value: object) -> Any:
    if not isinstance(value, str):
        return value  # a renderer shows its repr, which escapes what cannot be printed
    return harmless_lines(value) if key == "exception" else one_line(value, _LONGEST_VALUE)
