"""Case 39, from a real IMAP server: two processes that read one mailbox at the same time store each mail once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.connectors.imap import BATCH
from tests.contract.sources import mail
from tests.reader import command

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.dovecot import MailAccount

COUNT = 2 * BATCH


def test_two_syncs_at_the_same_time_store_each_mail_once(tmp_path: Path, mail_account: MailAccount) -> None:
    mail_account.deliver(*map(mail, range(COUNT)))
    keepwarm = command(tmp_path / "both", mail_account)
    running = [keepwarm.start("sync") for _ in range(2)]
    for process in running:
        _, errors = process.communicate(timeout=120)
        assert process.returncode in (0, 3), errors
        assert "locked" not in errors
        assert (process.returncode == 3) == ("another Keepwarm process is reading it" in errors)
    assert keepwarm.json("sync")["accounts"][0]["problems"] == []  # whoever was overtaken left the rest to the other
    assert keepwarm.json("status")["stored"]["messages"] == COUNT
