"""Verdicts: the owner's word on a signal hides it, is kept with its reason, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.storage import verdicts
from keepwarm.storage.verdicts import Judgement, Verdict

if TYPE_CHECKING:
    from tests.storage.world import Store

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def _say(store: Store, judgement: Judgement, at: datetime = NOW, until: datetime | None = None) -> None:
    word = Verdict(signal_id="sig_1", judgement=judgement, at=at, until=until, reason="Because.")
    with store.database.writing() as connection:
        verdicts.say(connection, word)


def _said(store: Store, as_of: datetime) -> Verdict | None:
    with store.database.reading() as connection:
        return verdicts.on(connection, ["sig_1", "sig_2"], as_of).get("sig_1")


def test_a_dismissed_signal_is_hidden_for_good_and_its_reason_kept(store: Store) -> None:
    _say(store, Judgement.DISMISSED)
    said = _said(store, NOW)
    assert said is not None
    assert said.reason == "Because."
    assert said.hides(NOW + 1000 * DAY)


def test_a_snoozed_one_comes_back(store: Store) -> None:
    _say(store, Judgement.SNOOZED, until=NOW + 7 * DAY)
    said = _said(store, NOW)
    assert said is not None
    assert said.hides(NOW + 6 * DAY)
    assert not said.hides(NOW + 7 * DAY)


def test_a_confirmed_one_stays_in_sight(store: Store) -> None:
    _say(store, Judgement.CONFIRMED)
    said = _said(store, NOW)
    assert said is not None
    assert not said.hides(NOW)


def test_before_it_was_said_nothing_was(store: Store) -> None:
    _say(store, Judgement.DISMISSED)
    assert _said(store, NOW - DAY) is None


def test_a_later_word_replaces_a_former_one_and_can_be_taken_back(store: Store) -> None:
    _say(store, Judgement.DISMISSED)
    _say(store, Judgement.CONFIRMED, at=NOW + DAY)
    with store.database.reading() as connection:
        assert [one.judgement for one in verdicts.everything(connection)] == [Judgement.CONFIRMED]
    with store.database.writing() as connection:
        assert verdicts.take_back(connection, "sig_1")
        assert not verdicts.take_back(connection, "sig_1")
    assert _said(store, NOW + 2 * DAY) is None
