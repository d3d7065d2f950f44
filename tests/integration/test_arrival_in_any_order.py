"""What is judged bit by bit, as it comes in, is what one replay of everything gives, to the last digit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from keepwarm.daemon.configuration import parse
from keepwarm.daemon.evaluation import evaluate
from keepwarm.daemon.replaying import differing, rebuild
from keepwarm.daemon.workshop import Workshop
from keepwarm.storage.observations import Answer, Attendee, MessageKind
from keepwarm.storage.tables import contact, evidence, feed_entry, signal, warmth_change
from tests.storage.world import ANA, BOB, CY, SAM, Store, event, mail

if TYPE_CHECKING:
    from keepwarm.storage.observations import MeetingSeen, MessageSeen

SETTINGS = """
[owner]
timezone = "Europe/Berlin"
holidays = "DE"

[database]
url = "sqlite:///{folder}/keepwarm.db"

[[account]]
name = "work"
kind = "maildir"
path = "{folder}/mail"
address = "{address}"
"""
START = datetime(2025, 1, 6, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONGEST = 420  # days


def opened(folder: Path) -> Workshop:
    """Start anew on the same database."""
    return Workshop(parse(SETTINGS.format(folder=folder, address=SAM), folder / "config.toml"))


def happened(rng: Random) -> list[tuple[datetime, MessageSeen | MeetingSeen]]:
    """Make up what happened to three people, with times."""
    found: list[tuple[datetime, MessageSeen | MeetingSeen]] = []
    for who in (ANA, BOB, CY):
        pace, day, number = rng.choice((2, 9, 30)), 0.0, 1000 * len(found)
        while day < rng.choice((60, 200, LONGEST)):
            number, at = number + 1, START + day * DAY + rng.randint(0, 9) * HOUR
            ends = (SAM, who) if rng.random() < 0.5 or number % 1000 == 1 else (who, SAM)
            away = MessageKind.OUT_OF_OFFICE if rng.random() < 0.05 else MessageKind.HUMAN
            more: dict[str, Any] = {"kind": away, "away_until": at + 6 * DAY if away is not MessageKind.HUMAN else None}
            found.append((at, mail(*ends, number=number, at=at, **more)))
            if rng.random() < 0.1:
                attendees = (
                    Attendee(address=who, answer=Answer.ACCEPTED),
                    Attendee(address=SAM, answer=Answer.ACCEPTED),
                )
                meets = event(f"uid{number}", organizer=SAM, start=at + 5 * DAY, attendees=attendees, written_at=at)
                found.append((at, meets))
            day += rng.expovariate(1 / pace)
    return sorted(found, key=lambda one: one[0])


def results(workshop: Workshop) -> dict[str, list[tuple[Any, ...]]]:
    """Give all that has been found."""
    state = select(contact.c.id, contact.c.ping_interval_days, contact.c.evaluated_to)
    wanted = {"signal": select(signal), "evidence": select(evidence), "ledger": select(warmth_change), "state": state}
    with workshop.database.reading() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(query)), key=repr) for name, query in wanted.items()
        }


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.booleans())
def test_whatever_the_order_of_arrival_results_are_those_of_one_replay(seed: int, late: bool) -> None:
    rng = Random(seed)
    with TemporaryDirectory() as name:
        folder = Path(name)
        workshop, now, judged = opened(folder), START, 0
        coming = happened(rng)
        while coming or judged < 12:
            now += rng.choice((1, 3, 8, 30)) * DAY
            store = Store(workshop.database, owner=workshop.owner)
            ready = [one for one in coming if one[0] <= now]
            held_back = rng.sample(ready, len(ready) // 4) if late and rng.random() < 0.6 else []
            batch = [seen for at, seen in ready if (at, seen) not in held_back]
            rng.shuffle(batch)
            for seen in batch + batch[:1]:
                store.pull(seen, now=now)
            coming = [one for one in coming if one[0] > now or one in held_back]
            evaluate(workshop, now)
            judged += 1
            if rng.random() < 0.2:
                workshop.close()
                workshop = opened(folder)
        assert differing(workshop, lambda _done, _all: None)[1] == []
        evaluate(workshop, now + DAY)
        found = results(workshop)
        assert found["ledger"]
        rebuild(workshop, now + DAY, lambda _done, _all: None)
        whole = results(workshop)
        for name_of, rows in whole.items():
            if name_of != "state":
                assert found[name_of] == rows, name_of
        with workshop.database.reading() as connection:
            told = list(connection.execute(select(feed_entry.c.id)).scalars())
        assert len(told) == len(set(told))
        workshop.close()
