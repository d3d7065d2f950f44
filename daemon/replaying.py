"""Replaying: every contact judged anew, to rebuild what is stored, or to prove that it is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.daemon.evaluation import evaluate, result_of
from keepwarm.storage import people, results
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
    """Replay everybody as of when they were last judged; give their number, and the ids of those who differ.

    Raises BadUsage and DatabaseError.
    """
    wrong = []
    with workshop.database.reading() as connection:
        judged = {one: as_of for one, as_of in results.everybody(connection) if as_of is not None}
        for done, history in enumerate(histories(connection, list(judged), workshop.owner), start=1):
            outcome = workshop.engine.judge(history, judged[history.contact_id])
            if not results.compare(connection, result_of(outcome)).is_none:
                wrong.append(history.contact_id)
            progress(done, len(judged))
    return len(judged), wrong
