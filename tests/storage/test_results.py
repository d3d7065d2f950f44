"""Results: held against what is stored, and only what is new is touched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from keepwarm.storage import results, signals
from keepwarm.storage.results import ContactResult, SignalResult, WarmthResult
from keepwarm.storage.tables import contact, evidence, signal, warmth_change
from keepwarm.storage.views import EvidenceView
from tests.storage.world import ANA, BOB, DAY, NOW, SAM, Store, mail

if TYPE_CHECKING:
    from keepwarm.storage.database import Database
    from keepwarm.storage.results import Difference


@pytest.fixture
def store(database: Database) -> Store:
    """Give a database that knows Ana and Bob."""
    store = Store(database)
    store.pull(mail(SAM, ANA, BOB))
    store.sort()
    return store


def step(day: float, after: float, **more: Any) -> WarmthResult:
    fields: dict[str, Any] = {
        "at": NOW + day * DAY,
        "before": after + 0.1,
        "after": after,
        "band": "cool",
        "cause": "time",
        "sentence": "A week has passed.",
        "signal_id": None,
    }
    return WarmthResult(**{**fields, **more})


def finding(name: str = "sig_1", **more: Any) -> SignalResult:
    fields: dict[str, Any] = {
        "id": name,
        "rule": "put_off",
        "family": "not_into_you",
        "finding_key": name,
        "opened": NOW,
        "cleared": None,
        "strength": "strong",
        "sentence": "Ana moved your meeting 3 times.",
        "advice": "Ask.",
        "facts": {"moved": 3, "share": 0.1 + 0.2, "names": ["ä"], "none": None},
        "params": {"moves": 3},
        "conditions": ("moved >= 3",),
        "rule_version": "abc",
        "historical": False,
        "evidence": tuple(
            EvidenceView(kind="message", ref=f"m_{day}", time=NOW + day * DAY, what="they wrote") for day in (2, 1)
        ),
    }
    return SignalResult(**{**fields, **more})


def result(store: Store, who: str = ANA, **more: Any) -> ContactResult:
    fields: dict[str, Any] = {
        "contact_id": store.contacts()[who].id,
        "signals": (finding(), finding("sig_2")),
        "ledger": tuple(step(day, 50 - day / 3) for day in range(5)),
        "ping_interval_days": 14,
        "next_evaluation": NOW + 7 * DAY,
    }
    return ContactResult(**{**fields, **more})


def write(store: Store, found: ContactResult) -> Difference:
    with store.database.writing() as connection:
        return results.write(connection, found, NOW)


def stored(store: Store) -> list[list[tuple[Any, ...]]]:
    return [sorted(store.rows(select(table)), key=repr) for table in (signal, evidence, warmth_change, contact)]


def test_a_result_is_stored_and_the_same_again_is_no_difference(store: Store) -> None:
    first = write(store, result(store))
    assert (len(first.signals_new), first.ledger_same, len(first.ledger_new)) == (2, 0, 5)
    before = stored(store)
    assert write(store, result(store)).is_none
    assert stored(store) == before


def test_what_is_stored_is_what_was_found(store: Store) -> None:
    found = result(store)
    write(store, found)
    with store.database.reading() as connection:
        one, _ = signals.views(connection, NOW)
    assert (one.facts, one.params, one.conditions) == (finding().facts, {"moves": 3}, ("moved >= 3",))
    assert one.contact == store.contacts()[ANA]
    assert [(item.ref, item.time) for item in one.evidence] == [("m_2", NOW + 2 * DAY), ("m_1", NOW + DAY)]
    assert store.rows(select(contact.c.ping_interval_days).where(contact.c.id == found.contact_id)) == [(14,)]


def test_the_ledger_keeps_its_beginning_and_goes_on_from_there(store: Store) -> None:
    write(store, result(store))
    longer = result(store, ledger=(*result(store).ledger, step(6, 12)))
    difference = write(store, longer)
    assert (difference.ledger_same, difference.ledger_stored, difference.ledger_new) == (5, 5, (step(6, 12),))
    other = result(store, ledger=(*longer.ledger[:2], step(2, 77), step(3, 76)))
    difference = write(store, other)
    assert (difference.ledger_same, difference.ledger_stored) == (2, 6)
    lines = store.rows(select(warmth_change.c.seq, warmth_change.c.after).order_by(warmth_change.c.seq))
    assert lines == [(seq, line.after) for seq, line in enumerate(other.ledger, start=1)]


def test_a_ledger_that_got_shorter_loses_its_end(store: Store) -> None:
    write(store, result(store))
    difference = write(store, result(store, ledger=result(store).ledger[:3]))
    assert not difference.is_none
    assert difference.ledger_new == ()
    assert [seq for (seq,) in store.rows(select(warmth_change.c.seq).order_by(warmth_change.c.seq))] == [1, 2, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"cleared": NOW + DAY},
        {"strength": "weak"},
        {"facts": {"moved": 4}},
        {"evidence": finding().evidence[:1]},
        {"evidence": ()},
        {"evidence": (replace(finding().evidence[0], what="you wrote"), finding().evidence[1])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_signal_that_changed_is_written_anew_and_no_other(store: Store, change: dict[str, Any]) -> None:
    write(store, result(store))
    changed = finding(**change)
    difference = write(store, result(store, signals=(changed, finding("sig_2"))))
    assert (difference.signals_new, difference.signals_changed, difference.signals_gone) == ((), (changed,), ())
    assert write(store, result(store, signals=(finding("sig_2"), changed))).is_none
    assert len(store.rows(select(evidence.c.ref))) == 2 + len(changed.evidence)


def test_a_signal_that_never_was_goes_with_its_evidence(store: Store) -> None:
    write(store, result(store))
    assert write(store, result(store, signals=(finding("sig_2"),))).signals_gone == ("sig_1",)
    assert store.rows(select(evidence.c.signal_id).distinct()) == [("sig_2",)]


def test_another_contact_is_left_alone(store: Store) -> None:
    write(store, result(store))
    theirs = (finding("sig_b"),)
    write(store, result(store, BOB, signals=theirs))
    write(store, result(store, signals=(), ledger=()))
    with store.database.reading() as connection:
        assert results.compare(connection, result(store, BOB, signals=theirs)).is_none


def test_a_contact_is_due_when_something_is_new_or_it_is_time(store: Store) -> None:
    ana, bob = store.contacts()[ANA].id, store.contacts()[BOB].id
    write(store, result(store, BOB, signals=(), next_evaluation=None))
    with store.database.reading() as connection:
        assert results.due(connection, NOW + 99 * DAY) == [ana]
    write(store, result(store, signals=()))
    with store.database.reading() as connection:
        assert results.due(connection, NOW + 6 * DAY) == []
        assert results.due(connection, NOW + 7 * DAY) == [ana]
        assert dict(results.everybody(connection)) == {ana: NOW, bob: NOW}
