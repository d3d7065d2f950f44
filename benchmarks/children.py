"""Child processes, measured: how long they took, and how much memory they had at most."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PEAK_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss


class ChildError(Exception):
    """A measured command ended with an error; the message ends with what it wrote last."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took."""

    seconds: float  # on the wall clock
    peak_mib: float  # largest resident set of the process itself
    processor: float = 0.0  # seconds of processor time, of the process and of those that it waited for


def measure(command: Sequence[str], *, extra_environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end and give its cost.

    The peak that the system reports for a child is never less than what its parent had when it started it:
    whoever measures must itself be small. Raises ChildError if the exit status is not 0.
    """
    environment = {**os.environ, **(extra_environment or {})}
    with TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            last = errors.read()[-2000:].decode(errors="replace")
            raise ChildError(f"{' '.join(command)} ended with status {process.returncode}:\n{last}")
    return Cost(seconds, usage.ru_maxrss * PEAK_UNIT / 2**20, usage.ru_utime + usage.ru_stime)
