"""A group of twelve old classmates who plan to meet, everybody to everybody, twice a year."""

from __future__ import annotations

import math
from datetime import time
from typing import TYPE_CHECKING

from tests.practice.conversation import Pair
from tests.practice.letters import OWNER, Mailbox
from tests.practice.people import CAST, CLASSMATES

if TYPE_CHECKING:
    from datetime import datetime

    from tests.practice.stage import Stage

HOSTS = ("Ingo Schaller", "Julia Brandt")
PLANNED = ((250, 16, "Class reunion in summer"), (39, 14, "Class reunion: who brings what?"))


def plan_reunions(stage: Stage) -> None:
    """Write the threads of the group."""
    hosts = tuple(who for who in CAST if who.name in HOSTS)
    group = (OWNER, *(who.mailbox for who in hosts), *CLASSMATES)
    for before, messages, subject in PLANNED:
        _discuss(Pair(stage, hosts[0], scene=subject), group, stage.at(before, time(18, 40)), messages, subject)


def _discuss(pair: Pair, group: tuple[Mailbox, ...], at: datetime, messages: int, subject: str) -> None:
    thread = pair.thread()
    thread.subject = subject
    author = pair.who.mailbox
    for _ in range(messages):
        pair.post(thread, author, tuple(who for who in group if who != author), at)
        author = pair.rng.choice([who for who in group if who != author])
        at = pair.stage.working_time(owner=False).after(at, pair.rng.lognormvariate(math.log(2), 0.8))
