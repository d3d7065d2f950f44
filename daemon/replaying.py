"""Replaying: every contact judged anew, to rebuild what is stored, or to prove that it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon import groups
from keepwarm.daemon.evaluation import evaluate, result_of, standing_of
from keepwarm.storage import attention, people, results
from keepwarm.storage.history_reader import histories

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from keepwarm.daemon.workshop import Workshop


def rebuild(workshop: Workshop, as_of: datetime, progress: Callable[[int, int], None]) -> int:
    """Forget all results and judge everybody anew; give the number of contacts.

    Raises BadUsage and DatabaseError.
    """
    with workshop.database.writing() as connection:
        results.forget_all(connection)
        people.mark_all_dirty(connection)
    return evaluate(workshop, as_of, progress).contacts


def differing(workshop: Workshop, progress: Callable[[int, int], None]) -> tuple[int, list[str]]:
    """Replay everybody as of when they were last judged; give their number, and who differs.

    Those are ids of contacts, domains of organisations, and "practice".

    Raises BadUsage and DatabaseError.
    """
    wrong = []
    with workshop.database.reading() as connection:
        judged = {one: as_of for one, as_of in results.everybody(connection) if as_of is not None}
        for done, history in enumerate(histories(connection, list(judged), workshop.owner), start=1):
            outcome = workshop.engine.judge(history, judged[history.contact_id])
            same = results.compare(connection, result_of(outcome)).is_none
            if not same or attention.differs(connection, standing_of(outcome, history)):
                wrong.append(history.contact_id)
            progress(done, len(judged))
        wrong += groups.differing(connection, workshop)
    return len(judged), wrong
