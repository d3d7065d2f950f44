"""The webhook under kills: whoever dies while posting, each line arrives, under one id, in order for each contact."""

from __future__ import annotations

import os
import random
import signal as signals
import time
import traceback
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from keepwarm.daemon.configuration import load
from keepwarm.daemon.workshop import Workshop
from tests.webhooks import TAKEN, Posting, Receiver, signal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.web import Page

KILLS = 20
LINES = 60
SEED = 20
PEOPLE = ("ana@acme.test", "bob@acme.test", "cy@acme.test")


def killed_while_posting(posting: Posting, after: float, holder: str) -> None:
    """Post in a process of its own, which is killed after so many seconds."""
    child = os.fork()
    if child == 0:
        try:
            posting.workshop = Workshop(load(posting.config))
            posting.post(holder)
        except BaseException:  # noqa: BLE001 - nothing of it may go on in a copy of the process that runs the tests
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signals.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0


@pytest.mark.timeout(900)
def test_twenty_kills_lose_nothing_and_repeat_only_what_was_under_way(tmp_path: Path) -> None:
    chance = random.Random(SEED)

    def slow(_line: object) -> Page:
        time.sleep(0.03)
        return TAKEN

    receiver = Receiver(slow)
    posting = Posting(tmp_path, receiver.url)
    posting.post()
    for number in range(LINES):
        posting.tell(signal(f"{number:03d}"), who=PEOPLE[number % 3])
    posting.workshop.close()
    for kill in range(KILLS):
        killed_while_posting(posting, chance.uniform(0.1, 0.5), f"process {kill}")
        posting.now += timedelta(minutes=10)
    posting.workshop = Workshop(load(posting.config))
    posting.until_all_is_posted()
    assert receiver.faults == []
    assert set(receiver.ids) == {f"{number:03d}" for number in range(LINES)}
    assert [ids == sorted(ids) for ids in receiver.first_taken.values()] == [True] * 3
    assert sum(times - 1 for times in Counter(receiver.ids).values()) <= KILLS
    by_id = {line["id"]: line for line in receiver.taken}
    assert all(line == by_id[line["id"]] for line in receiver.taken)
    receiver.web.stop()
