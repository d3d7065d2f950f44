"""Groups: what organisations and the practice are judged from, what is written of them, and who is judged again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select, update

from keepwarm.storage import attention, feed, group_results, groups, organisation_views, results
from keepwarm.storage.group_results import Group, GroupSignal
from keepwarm.storage.results import ContactResult, SignalResult, WarmthResult
from keepwarm.storage.standings import AttentionMonth, Standing
from keepwarm.storage.tables import address, contact, evidence, feed_entry, organisation, signal
from keepwarm.storage.views import EvidenceView
from tests.storage.world import ANA, BOB, CY, DAY, NOW, SAM, Store, mail

if TYPE_CHECKING:
    from keepwarm.storage.database import Database

ACME = Group(scope="organisation", about="acme.example")
PRACTICE = Group(scope="practice")


@pytest.fixture
def store(database: Database) -> Store:
    """Give a database that knows Ana and Bob of Acme, and Cy, who has free mail."""
    store = Store(database)
    store.pull(mail(SAM, ANA, BOB, CY))
    store.sort()
    return store


def month(name: str = "2026-01", **more: Any) -> AttentionMonth:
    fields: dict[str, Any] = {
        "messages": 3,
        "meeting_hours": 1.5,
        "reply_hours": (0.5, 7.25),
        "slowest": "m_key-1",
        "slowest_at": NOW,
        "heard_first": NOW - 50 * DAY,
        "heard_last": NOW - 40 * DAY,
    }
    return AttentionMonth(month=name, **{**fields, **more})


def standing(store: Store, who: str = ANA, **more: Any) -> Standing:
    ref = store.contacts()[who]
    fields: dict[str, Any] = {
        "name": ref.name,
        "organisation": ref.organisation,
        "labels": ref.labels,
        "judged_since": NOW - 60 * DAY,
        "months": (month(), month("2026-02")),
    }
    return Standing(contact_id=ref.id, **{**fields, **more})


def one(name: str = "sig_1", **more: Any) -> SignalResult:
    fields: dict[str, Any] = {
        "id": name,
        "rule": "gone_quiet",
        "family": "not_into_you",
        "finding_key": name,
        "opened": NOW,
        "cleared": None,
        "strength": "medium",
        "sentence": "Ana has gone quiet.",
        "advice": "Call.",
        "facts": {"people": 2},
        "params": {},
        "conditions": ("people >= 2",),
        "rule_version": "abc",
        "historical": False,
        "evidence": tuple(
            EvidenceView(kind="message", ref=ref, time=NOW, what="they wrote") for ref in ("m_key-1", "m_b", "m_a")
        ),
    }
    return SignalResult(**{**fields, **more})


def take(store: Store, found: Standing, *, signals_changed: bool = False) -> None:
    with store.database.writing() as connection:
        attention.take(connection, found, signals_changed=signals_changed)


def judge_all(store: Store) -> None:
    with store.database.writing() as connection:
        for domain in groups.due(connection, NOW):
            groups.was_judged(connection, domain, NOW, None)
        attention.practice_was_drawn(connection, NOW)


def due(store: Store) -> tuple[list[str], bool]:
    with store.database.reading() as connection:
        return groups.due(connection, NOW), attention.practice_is_stale(connection, NOW)


def write(store: Store, group: Group, *found: GroupSignal) -> tuple[int, set[str]]:
    with store.database.writing() as connection:
        return group_results.write(connection, group, found)


def own_result(store: Store, who: str = ANA, *signals: SignalResult, warmth: float = 40.0) -> None:
    line = WarmthResult(
        at=NOW, before=0.0, after=warmth, band="cool", cause="first", sentence="They wrote.", signal_id=None
    )
    result = ContactResult(
        contact_id=store.contacts()[who].id,
        signals=signals,
        ledger=(line,),
        ping_interval_days=None,
        next_evaluation=None,
    )
    with store.database.writing() as connection:
        results.write(connection, result, NOW)


def test_a_standing_is_stored_and_the_same_again_is_no_difference(store: Store) -> None:
    found = standing(store)
    take(store, found)
    with store.database.reading() as connection:
        assert not attention.differs(connection, found)
        stored = list(groups.practice(connection).months)
    unheard = [one._replace(heard_first=None, heard_last=None) for one in found.months]
    assert stored == [(one.month, {found.contact_id: one}) for one in unheard]


@pytest.mark.parametrize(
    "change",
    [
        {"months": (month(),)},
        {"months": (month(), month("2026-02", messages=4))},
        {"months": (month(), month("2026-02"), month("2026-03"))},
        {"judged_since": None},
        {"labels": ("client",)},
        {"name": "Ana Brandt"},
    ],
    ids=["a month less", "a month changed", "a month more", "not judged", "labelled", "renamed"],
)
def test_what_changed_is_a_difference_until_it_is_taken_and_its_organisation_is_due(
    store: Store, change: dict[str, Any]
) -> None:
    take(store, standing(store))
    judge_all(store)
    assert due(store) == ([], False)
    changed = standing(store, **change)
    with store.database.reading() as connection:
        assert attention.differs(connection, changed)
    take(store, changed)
    with store.database.reading() as connection:
        assert not attention.differs(connection, changed)
    assert due(store)[0] == ["acme.example"]


def test_the_practice_is_judged_again_only_for_what_a_picture_was_drawn_from(store: Store) -> None:
    take(store, standing(store))
    judge_all(store)  # on the second of March
    take(store, standing(store, months=(month(), month("2026-02"), month("2026-03"))))
    assert due(store) == (["acme.example"], False)
    take(store, standing(store, months=(month(messages=9), month("2026-02"), month("2026-03"))))
    assert due(store)[1]
    judge_all(store)
    with store.database.reading() as connection:
        assert attention.practice_is_stale(connection, NOW + DAY)  # a later picture


def test_a_contact_whose_signals_changed_has_its_organisation_judged_again(store: Store) -> None:
    take(store, standing(store))
    judge_all(store)
    take(store, standing(store))
    assert due(store) == ([], False)
    take(store, standing(store), signals_changed=True)
    assert due(store) == (["acme.example"], False)


def test_whoever_is_gone_is_let_go_once_and_leaves_their_organisation(store: Store) -> None:
    take(store, standing(store))
    take(store, standing(store, BOB))
    judge_all(store)
    with store.database.writing() as connection:
        gone = store.contacts()[ANA].id
        connection.execute(update(address).where(address.c.contact_id == gone).values(contact_id=None))
        connection.execute(delete(contact).where(contact.c.id == gone))
        attention.let_go(connection)
    assert due(store) == (["acme.example"], True)
    judge_all(store)
    with store.database.writing() as connection:
        attention.let_go(connection)
    assert due(store) == ([], False)


def test_whoever_moves_takes_no_finding_of_their_organisation_along(store: Store) -> None:
    ana = store.contacts()[ANA].id
    write(store, ACME, GroupSignal(contact_id=ana, signal=one()))
    with store.database.writing() as connection:
        connection.execute(organisation.insert().values(domain="other.example"))
        connection.execute(update(contact).where(contact.c.id == ana).values(organisation="other.example"))
        assert attention.let_go(connection) == {ana}
        assert group_results.of_contact(connection, "organisation", ana) == []


def test_an_organisation_is_read_with_its_people_and_what_was_found_of_each(store: Store) -> None:
    take(store, standing(store))
    own_result(store, ANA, one(), one("sig_2", family="mirror"))
    ana = store.contacts()[ANA].id
    write(store, ACME, GroupSignal(contact_id=ana, signal=one("sig_3", rule="going_cold_account")))
    with store.database.reading() as connection:
        (found,) = groups.organisations(connection, ["acme.example"])
    people = {member.name: member for member in found.members}
    assert people.keys() == {ANA, BOB}
    assert [each.id for each in people[ANA].signals] == ["sig_1"]
    assert people[ANA].judged_since == NOW - 60 * DAY
    assert people[ANA].heard == ((NOW - 50 * DAY, NOW - 40 * DAY),) * 2
    assert (people[BOB].signals, people[BOB].heard, people[BOB].judged_since) == ((), (), None)


def test_where_nobody_has_cooled_nobody_is_read(store: Store) -> None:
    take(store, standing(store))
    with store.database.reading() as connection:
        (found,) = groups.organisations(connection, ["acme.example"])
    assert found.members == ()


def test_what_was_found_of_a_group_is_stored_and_no_contact_loses_its_own(store: Store) -> None:
    ana, bob = store.contacts()[ANA].id, store.contacts()[BOB].id
    own_result(store, ANA, one())
    found = [GroupSignal(contact_id=ana, signal=one("sig_2")), GroupSignal(contact_id=bob, signal=one("sig_3"))]
    assert write(store, ACME, *found) == (2, {ana, bob})
    assert write(store, PRACTICE, GroupSignal(contact_id=ana, signal=one("sig_4"))) == (1, {ana})
    assert write(store, ACME, *reversed(found)) == (0, set())
    own_result(store, ANA, one())
    changed = replace(found[0], signal=one("sig_2", cleared=NOW + DAY))
    with store.database.reading() as connection:
        assert not group_results.differs(connection, ACME, found)
        assert group_results.differs(connection, ACME, [changed, found[1]])
        assert group_results.differs(connection, ACME, found[:1])
    assert write(store, ACME, changed) == (0, {ana, bob})
    assert sorted(store.rows(select(signal.c.id))) == [("sig_1",), ("sig_2",), ("sig_4",)]
    assert len(store.rows(select(evidence.c.ref).where(evidence.c.signal_id == "sig_2"))) == 3


def test_each_scope_tells_the_feed_its_own_lines(store: Store) -> None:
    ana = store.contacts()[ANA].id

    def line(name: str) -> dict[str, Any]:
        return {"id": name, "type": "signal.opened", "time": NOW, "contact_id": ana, "data": {"rule": name}}

    with store.database.writing() as connection:
        feed.stage(connection, ana, [line("own")])
        feed.stage(connection, ana, [line("firm")], scope="organisation")
        feed.stage(connection, ana, [line("own")])
        assert feed.publish(connection) == 2
        feed.stage(connection, ana, [line("own")])
        feed.stage(connection, ana, [], scope="organisation")
        assert feed.publish(connection) == 1
    told = store.rows(select(feed_entry.c.type, feed_entry.c.scope).order_by(feed_entry.c.seq))
    assert sorted(told[:2]) == [("signal.opened", "contact"), ("signal.opened", "organisation")]
    assert told[2:] == [("signal.cleared", "organisation")]


def test_what_rests_on_what_had_been_there_before_is_history(store: Store) -> None:
    own_result(store, ANA, one())
    for cited in (EvidenceView(kind="signal", ref="sig_1", time=NOW, what=""), one().evidence[0]):
        with store.database.reading() as connection:
            # What was read in the fixture was read whole at NOW.
            assert groups.is_history(connection, [cited], NOW - DAY)
            assert not groups.is_history(connection, [cited], NOW + DAY)
    with store.database.reading() as connection:
        assert not groups.is_history(connection, [], NOW - DAY)


def test_forgetting_all_results_has_everything_judged_anew(store: Store) -> None:
    take(store, standing(store))
    write(store, ACME, GroupSignal(contact_id=store.contacts()[ANA].id, signal=one()))
    judge_all(store)
    with store.database.writing() as connection:
        results.forget_all(connection)
        assert list(groups.practice(connection).months) == []
        assert groups.judged(connection) == {}
        assert attention.practice_drawn(connection) is None
    assert store.rows(select(signal.c.id)) == []
    assert due(store) == (["acme.example"], True)


def test_an_organisation_is_as_warm_as_the_coldest_who_counts(store: Store) -> None:
    own_result(store, ANA, warmth=60.0)
    own_result(store, BOB, warmth=30.0)
    own_result(store, CY, warmth=1.0)

    def seen(days: float = 1) -> tuple[Any, ...]:
        with store.database.reading() as connection:
            (view,) = organisation_views.views(connection, NOW + days * DAY)
        return view.warmth, view.coldest_name, view.people_who_count, view.people

    assert seen() == (None, None, 0, 2)
    take(store, standing(store))
    assert seen() == (60.0, ANA, 1, 2)
    take(store, standing(store, BOB))
    assert seen() == (30.0, BOB, 2, 2)
    take(store, standing(store, BOB, judged_since=NOW + 5 * DAY))
    assert seen() == (60.0, ANA, 1, 2)
    assert seen(6) == (30.0, BOB, 2, 2)
    assert seen(800) == (None, None, 0, 2)
