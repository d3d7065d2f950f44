"""What a command ends with when it does not end well, and the exit status that says so."""

from __future__ import annotations

from typing import ClassVar

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it: 128 + SIGINT."""

BROKEN_PIPE = 141
"""Exit status when the reader of stdout has gone, as shells have it: 128 + SIGPIPE."""


class Failure(Exception):
    """The work failed: ``why`` is one sentence for the user, ``what_to_do`` the cure."""

    exit_code: ClassVar[int] = 1

    def __init__(self, why: str, what_to_do: str = "") -> None:
        super().__init__(why)
        self.what_to_do = what_to_do


class BadUsage(Failure):
    """The command line, or a file that it names, cannot be used as it is."""

    exit_code = 2


class DoneInPart(Failure):
    """Some of the work was done; ``why`` says which part was not, and for what reason."""

    exit_code = 3
