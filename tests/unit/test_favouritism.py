"""``favouritism``: small clients who wait longer for the owner than big ones; at most three at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from keepwarm.rules.picture import first_mondays, pictures
from tests.unit.group_samples import client, judged_practice, month, practice
from tests.unit.history_samples import BERLIN

if TYPE_CHECKING:
    from keepwarm.storage.standings import PracticeHistory
    from tests.unit.group_samples import Client

SPRING = [f"2024-{number:02}" for number in range(1, 7)]
JULY, AUGUST = datetime(2024, 7, 2, tzinfo=UTC), datetime(2024, 8, 6, tzinfo=UTC)
FAR_AHEAD = datetime(2025, 6, 30, tzinfo=UTC)


def big(name: str, hours: float = 2.0, months: list[str] | None = None, **more: object) -> Client:
    return client(name, *(month(one, replies=[hours] * 6, meetings=20) for one in months or SPRING), **more)  # type: ignore[arg-type]


def small(name: str, hours: float, months: list[str] | None = None, replies: int = 2, **more: object) -> Client:
    return client(name, *(month(one, replies=[hours] * replies) for one in months or SPRING), **more)  # type: ignore[arg-type]


def office(*others: Client) -> PracticeHistory:
    return practice(big("Big"), big("Grand", 3.0), small("Tiny", 2.0), small("Wee", 3.0), *others)


def named(history: PracticeHistory, as_of: datetime = JULY) -> list[str]:
    return [who for who, _ in judged_practice(history, as_of)]


def test_a_small_client_who_waits_twice_as_long_and_a_working_day_is_named_with_both_waits() -> None:
    ((who, found),) = judged_practice(office(small("Sam", 10.0)), JULY)
    assert (who, found.strength, found.cleared) == ("c_sam", "strong", None)
    assert found.sentence == (
        "Sam waits longer for you than your big clients do: half of your answers took 10 working hours or more, "
        "theirs 2 working hours (the six months before 1 April 2024)."
    )
    assert found.opened == datetime(2024, 4, 1, 3, tzinfo=UTC)  # a Monday, at five in Berlin
    assert {one.what for one in found.evidence} == {"you answered after 10 working hours"}


@pytest.mark.parametrize(
    "history",
    [
        office(small("Sam", 8.9)),
        practice(big("Big", 6.0), big("Grand", 6.0), small("Tiny", 2.0), small("Wee", 3.0), small("Sam", 11.0)),
        office(client("Sam", *(month(one, replies=[30.0]) for one in SPRING[2:]))),
        practice(big("Big"), small("Tiny", 2.0), small("Sam", 30.0)),
        office(big("Sam", 30.0)),
        practice(
            big("Big", labels=("client",)), big("Grand", labels=("client",)), small("Tiny", 2.0, labels=("client",)),
            small("Wee", 3.0, labels=("client",)), small("Sam", 30.0),
        ),
    ],
    ids=[
        "less than a working day",
        "not twice as long",
        "four replies",
        "three clients in all",
        "one of the big ones",
        "no client",
    ],
)  # fmt: skip
def test_the_near_misses_are_left_alone(history: PracticeHistory) -> None:
    assert named(history) == []


def test_at_most_three_are_named_at_a_time_the_ones_who_wait_longest() -> None:
    others = [small(name, hours) for name, hours in (("A", 12.0), ("B", 40.0), ("C", 20.0), ("D", 30.0), ("E", 25.0))]
    assert sorted(named(office(*others))) == ["c_b", "c_d", "c_e"]


def test_it_is_over_when_they_wait_no_longer_than_the_others_and_when_there_is_too_little_to_tell() -> None:
    autumn = [f"2024-{number:02}" for number in range(7, 13)]
    year = [*SPRING, *autumn]
    others = (big("Big", months=year), big("Grand", months=year), small("Tiny", 2.0, year), small("Wee", 2.0, year))
    better = client(
        "Sam", *(month(one, replies=[12.0] * 2) for one in SPRING), *(month(one, replies=[2.0] * 3) for one in autumn)
    )
    ((_, found),) = judged_practice(practice(*others, better), FAR_AHEAD)
    assert found.cleared is not None
    assert found.cleared.date() == date(2024, 10, 7)
    ((_, found),) = judged_practice(practice(*others, small("Sam", 12.0)), FAR_AHEAD)
    assert found.cleared is not None
    assert found.cleared.date() == date(2024, 11, 4)  # four replies are left


def test_a_month_that_is_not_over_changes_no_picture() -> None:
    history = office(small("Sam", 10.0, months=["2024-07"], replies=9))
    assert named(history, datetime(2024, 7, 31, tzinfo=UTC)) == []
    assert named(history, AUGUST) == ["c_sam"]


def test_who_becomes_a_client_later_changes_no_picture_of_before() -> None:
    before = office(small("Sam", 10.0))
    labelled = [small(name, 2.0, months=["2024-09"], labels=("client",)) for name in ("New", "Newer")]
    after = office(small("Sam", 10.0), *labelled)
    as_of = datetime(2024, 9, 20, tzinfo=UTC)
    first, again = (judged_practice(one, as_of) for one in (before, after))
    assert [(who, one.id, one.cleared) for who, one in first] == [(who, one.id, one.cleared) for who, one in again]


def test_what_is_found_as_of_a_day_is_the_beginning_of_what_is_found_later() -> None:
    year = [f"2024-{number:02}" for number in range(1, 13)]
    mixed = client("Mo", *(month(one, replies=[20.0 * (at % 4 < 2) + 2.0] * 5) for at, one in enumerate(year)))
    history = practice(
        big("Big", months=year), big("Grand", months=year), small("Tiny", 2.0, year), small("Wee", 2.0, year),
        small("Sam", 12.0), small("Kit", 15.0, year[4:9]), mixed,
    )  # fmt: skip
    whole = judged_practice(history, FAR_AHEAD)
    assert len(whole) >= 3
    for number in range(1, 18):
        as_of = datetime(2024 + number // 12, number % 12 + 1, 20, tzinfo=UTC)
        found = judged_practice(history, as_of)
        assert [(who, one.id) for who, one in found] == [(who, one.id) for who, one in whole if one.opened <= as_of]
        for (_, early), (_, late) in zip(found, whole, strict=False):
            assert early.cleared == (late.cleared if late.cleared is not None and late.cleared <= as_of else None)


def test_the_big_ones_are_the_few_who_take_four_fifths() -> None:
    history = practice(*(client(f"C{hours}", month("2024-03", meetings=hours)) for hours in (50, 31, 10, 9)))
    (picture,) = pictures(history, datetime(2024, 4, 20, tzinfo=UTC), BERLIN)
    assert [(one.who.name, one.share, one.big) for one in picture.shares] == [
        ("C50", 0.5, True),
        ("C31", 0.31, True),
        ("C10", 0.1, False),
        ("C9", 0.09, False),
    ]


def test_pictures_are_drawn_on_first_mondays_at_five_of_the_owners_clock() -> None:
    looks = [look for look, _ in first_mondays(date(2023, 11, 5), datetime(2024, 4, 20, tzinfo=UTC), BERLIN)]
    assert [f"{look:%m-%d %H}" for look in looks] == ["12-04 04", "01-01 04", "02-05 04", "03-04 04", "04-01 03"]
