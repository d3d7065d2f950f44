"""A daemon's turn in a process of its own, to be killed in the middle: it reads, judges, and sends what is due."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

_TURN = """\
import sys
from datetime import datetime
from pathlib import Path
from keepwarm.daemon.configuration import load
from keepwarm.daemon.full_pass import run_pass
from keepwarm.daemon.letters import deliver_due
from keepwarm.daemon.workshop import Workshop

class Nobody:
    reading = stored = judged = wait = lambda *_: None

now = datetime.fromisoformat(sys.argv[2])
settings = load(Path(sys.argv[1]))
workshop = Workshop(settings)
run_pass(workshop, settings.accounts, lambda: now, Nobody())
print("read", flush=True)
deliver_due(workshop, now)
"""


def turn(config: Path, now: datetime) -> subprocess.Popen[str]:
    """Begin a turn; it says "read" on stdout before it sends."""
    command = [sys.executable, "-c", _TURN, str(config), now.isoformat()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
