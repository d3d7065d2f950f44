"""Whatever is read, deleted, missed and cut off in whatever order: what is shown is there, and the rest is gone."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from keepwarm.storage import accounts
from keepwarm.storage.missing import SETTLING
from keepwarm.storage.observations import Batch, Gone, Scope
from keepwarm.storage.tables import meeting, meeting_copy, stream
from tests.storage.world import HOUR, MEETING, NOW, Store, event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keepwarm.storage.observations import MeetingSeen

MEETINGS = 14
FIRST = frozenset(range(7))  # what the first batch of a whole read shows
_worlds = itertools.count()


@dataclass(slots=True)
class World:
    """A calendar that is played to a store, and what the source holds by now."""

    store: Store
    name: str = ""
    minutes: int = 0
    holds: set[int] = field(default_factory=set)
    told: set[int] = field(default_factory=set)  # what the source holds, as far as the store was told
    missed: dict[int, int] = field(default_factory=dict)  # since when the store could know that it is gone

    def __post_init__(self) -> None:
        self.name = f"world-{next(_worlds)}"

    def play(self, wait: int, holds: frozenset[int], how: str) -> None:
        """Let time pass, let the source hold other meetings, and have it read somehow."""
        self.minutes += wait
        self.holds = set(holds)
        lease = self.store.ingest.begin(self.store.stream(self.name))
        now = NOW + self.minutes * HOUR / 60
        if self._is_asked_for_all():
            how = "whole"
        for part in self._parts(how):
            self.store.ingest.store(lease, part, now)
        if how == "killed":
            self.told |= self.holds & FIRST
            self.store.__post_init__()  # a new process
            return
        self.told = set(self.holds)
        self.store.ingest.finish(lease, now)
        self._check()

    def _parts(self, how: str) -> Iterator[Batch]:
        if how in ("whole", "killed"):
            yield Batch(seen=self._seen(self.holds & FIRST))
            if how == "whole":
                yield Batch(seen=self._seen(self.holds - FIRST), complete=(Scope(),))
        elif how == "changes":
            gone = tuple(Gone(f"{self.name}-{one}/") for one in self.told - self.holds)
            yield Batch(gone=(*gone, Gone("unknown/")))
            yield Batch(seen=self._seen(self.holds - self.told))
        elif how == "one by one":
            for one in sorted(self.told ^ self.holds):
                yield Batch(seen=self._seen({one} & self.holds), complete=(Scope(within=f"{self.name}-{one}/"),))
        else:  # nothing new
            self.holds = set(self.told)

    def _is_asked_for_all(self) -> bool:
        with self.store.database.reading() as connection:
            return accounts.cursor_of(connection, self.store.stream(self.name)) is None

    def _seen(self, which: Iterable[int]) -> tuple[MeetingSeen, ...]:
        return tuple(event(f"{self.name}-{one}", start=MEETING + one * HOUR) for one in sorted(which))

    def _check(self) -> None:
        """What is shown is not gone, and what is gone had its time to come back."""
        gone = self.gone()
        assert gone.isdisjoint(self.told)
        for one in range(MEETINGS):
            if one in self.told:
                self.missed.pop(one, None)
            else:
                self.missed.setdefault(one, self.minutes)
        assert all((self.minutes - self.missed[one]) * HOUR / 60 >= SETTLING for one in gone)

    def gone(self) -> set[int]:
        mine = meeting_copy.c.source_key.startswith(f"{self.name}-") & meeting_copy.c.gone
        rows = self.store.rows(select(meeting_copy.c.source_key).where(mine))
        return {int(key.rpartition("-")[2].rstrip("/")) for (key,) in rows}

    def known(self) -> set[int]:
        rows = self.store.rows(select(meeting.c.ical_uid).where(meeting.c.ical_uid.startswith(f"{self.name}-")))
        return {int(uid.rpartition("-")[2]) for (uid,) in rows}

    def held(self) -> int:
        [(number,)] = self.store.rows(select(stream.c.held).where(stream.c.name == self.name))
        return int(number)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 100),
        st.one_of(
            st.frozensets(st.integers(0, MEETINGS - 1)),
            st.sampled_from([frozenset[int](), frozenset(range(MEETINGS)), frozenset(range(3, MEETINGS))]),
        ),
        st.sampled_from(["whole", "changes", "one by one", "nothing new", "killed"]),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, last=st.frozensets(st.integers(0, MEETINGS - 1)))
def test_in_the_end_what_is_shown_is_there_and_the_rest_is_gone(
    other_store: Store, steps: list[tuple[int, frozenset[int], str]], last: frozenset[int]
) -> None:
    world = World(other_store)
    for wait, holds, how in steps:
        world.play(wait, holds, how)
    world.play(1, last, "whole")
    for wait in (61, 1, 61, 1):  # an hour on it may be read whole again, because of what is held
        world.play(wait, last, "nothing new")
    assert world.gone() == world.known() - set(last)
    assert world.held() == 0
    for one in world.known():
        life = other_store.life(f"{world.name}-{one}")
        assert (life[-1] == "cancelled") == (one not in last)
