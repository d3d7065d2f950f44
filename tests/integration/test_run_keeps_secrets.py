"""What the running daemon knows is for nobody else: no core dump, no look into its memory, nothing on command lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.daemon import count, end, imap_account, running, until

if TYPE_CHECKING:
    from tests.servers.dovecot import MailAccount


def test_nothing_of_its_memory_gets_out(tmp_path: Path, mail_account: MailAccount) -> None:
    keepwarm = imap_account(tmp_path, mail_account, poll="1s")
    with running(keepwarm) as daemon:
        until(lambda: count(tmp_path / "data" / "keepwarm.db", "stream") > 0, daemon)
        process = Path("/proc", str(daemon.process.pid))
        (limit,) = [line.split() for line in (process / "limits").read_text().splitlines() if "core file" in line]
        assert limit[4:6] == ["0", "0"]
        told = subprocess.run(["ps", "axeww"], capture_output=True, encoding="utf-8", check=True).stdout
        assert mail_account.password not in told
        assert mail_account.password not in (process / "cmdline").read_text()
        assert mail_account.password not in end(daemon)
    for file in (tmp_path / "data").iterdir():
        assert mail_account.password.encode() not in file.read_bytes()


def test_a_process_that_forbids_it_cannot_be_dumped() -> None:
    code = (
        "import ctypes, resource\nfrom keepwarm.daemon.core_dumps import forbid\nforbid()\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True).stdout
    assert said == "0 (0, 0)\n"
