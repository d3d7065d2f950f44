"""At most a handful reach the report, ranked by what is at stake and what can still be done; the rest is counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from keepwarm.outputs.desk import desk
from keepwarm.outputs.ranking import HANDFUL, handful, is_new, rank
from keepwarm.outputs.report import render_text
from tests.unit import views_samples as samples

CLIENT = samples.contact(1, "Cleo Client", 60.0, labels=("client",))
STRANGER = samples.contact(2, "Stan Stranger", 8.0)
FRIEND = samples.contact(3, "Fay Friend", 60.0)


def _rank(*signals: samples.SignalView) -> list[float]:
    this = desk(samples.week((CLIENT, STRANGER, FRIEND), signals))
    return [rank(this, one) for one in signals]


def test_more_is_at_stake_with_a_warm_client_than_with_anybody_else() -> None:
    client, friend, stranger = _rank(
        *(samples.signal(who, "gone_quiet", "not_into_you", "Quiet.") for who in (CLIENT, FRIEND, STRANGER))
    )
    assert client > friend > stranger > 0


def test_what_was_lost_counts_not_what_is_left() -> None:
    cooled = replace(CLIENT, warmth=5.0, trend=-50.0)
    week = samples.week((cooled, STRANGER), ())
    week = replace(week, warmth={cooled.id: (80.0, 60.0, 5.0), STRANGER.id: (8.0,)})
    this = desk(week)
    lost, never = (rank(this, samples.signal(who, "gone_quiet", "not_into_you", "Q.")) for who in (cooled, STRANGER))
    assert lost > 2 * never


def test_a_stronger_sign_ranks_higher_and_an_old_one_lower() -> None:
    strong, medium, old = _rank(
        samples.signal(CLIENT, "put_off", "not_into_you", "S.", strength="strong"),
        samples.signal(CLIENT, "cancelled", "not_into_you", "M."),
        samples.signal(CLIENT, "one_sided", "not_into_you", "O.", opened=samples.AS_OF - timedelta(days=40)),
    )
    assert strong > medium > old


def test_what_the_owner_can_mend_today_comes_before_what_the_other_does() -> None:
    mine, theirs, kind = _rank(
        samples.signal(CLIENT, "you_owe_reply", "mirror", "M."),
        samples.signal(CLIENT, "gone_quiet", "not_into_you", "T."),
        samples.signal(CLIENT, "remember", "care", "C."),
    )
    assert mine > theirs > kind


def test_a_crowd_of_signals_leaves_a_handful_in_the_report() -> None:
    week = samples.crowded_week(50)
    assert len(handful(desk(week))) == HANDFUL
    text = render_text(week)
    names = {line.split("  ")[0] for line in text.splitlines() if line.startswith("Person ") and "of the crowd" in line}
    assert "more: keepwarm signals" in text
    assert names


def test_what_the_first_reading_found_is_new_in_that_week_only() -> None:
    past = samples.signal(CLIENT, "gone_quiet", "not_into_you", "Q.", opened=samples.AS_OF - timedelta(days=90))
    before = replace(past, historical=True)
    first = samples.week((CLIENT,), (before,), first_read=samples.AS_OF - timedelta(days=1))
    later = samples.week((CLIENT,), (before,), first_read=samples.AS_OF - timedelta(days=30))
    assert is_new(desk(first), before)
    assert not is_new(desk(later), before)
    assert not is_new(desk(first), past)
