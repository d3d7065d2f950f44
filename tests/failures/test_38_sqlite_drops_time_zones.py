"""SQLite stores a time without its zone, and what comes back is another time: here it is the same on any database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import StatementError

from keepwarm.storage.database import Database
from keepwarm.storage.tables import forgotten

if TYPE_CHECKING:
    from collections.abc import Iterator

BERLIN = ZoneInfo("Europe/Berlin")
MOMENTS = [
    datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC),
    datetime(2026, 7, 1, 9, tzinfo=BERLIN),
    datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN),  # comes twice that night: this is the first
    datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=BERLIN),
    datetime(2026, 3, 2, 23, 30, tzinfo=timezone(timedelta(hours=-11, minutes=-30))),
    datetime(1601, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
]


@pytest.fixture
def far_away(database: Database) -> Iterator[Database]:
    """Give a database that, where it can, thinks that it is in Auckland."""
    if database.path is None:
        with database.writing() as connection:
            name = connection.execute(text("SELECT current_database()")).scalar_one()
            connection.execute(text(f"ALTER DATABASE {name} SET timezone TO 'Pacific/Auckland'"))
    again = Database(database.url.render_as_string(hide_password=False))
    yield again
    again.close()


def keep(database: Database, *moments: datetime) -> None:
    rows = [{"keyed_hash": f"{number:03}", "at": moment} for number, moment in enumerate(moments)]
    with database.writing() as connection:
        connection.execute(forgotten.insert(), rows)


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_time_comes_back_equal_and_in_utc(far_away: Database, moment: datetime) -> None:
    keep(far_away, moment)
    with far_away.reading() as connection:
        found = connection.execute(select(forgotten.c.at)).scalar_one()
    assert found == moment.astimezone(UTC)
    assert found.utcoffset() == timedelta(0)


def test_times_are_compared_and_sorted_as_times(far_away: Database) -> None:
    keep(far_away, *MOMENTS)
    noon = datetime(2026, 7, 1, 8, tzinfo=BERLIN)
    with far_away.reading() as connection:
        found = connection.execute(select(forgotten.c.at).order_by(forgotten.c.at)).scalars().all()
        later = connection.execute(select(func.count()).where(forgotten.c.at > noon)).scalar_one()
        newest = connection.execute(select(func.max(forgotten.c.at))).scalar_one()
    assert found == sorted(moment.astimezone(UTC) for moment in MOMENTS)
    assert later == sum(moment > noon for moment in MOMENTS)
    assert newest == found[-1]


def test_a_time_without_a_zone_is_refused_and_nothing_is_stored(database: Database) -> None:
    with pytest.raises(StatementError, match="a time without a zone"):
        keep(database, datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 2))  # noqa: DTZ001 - naive on purpose
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(forgotten)).scalar_one() == 0
        with pytest.raises(StatementError, match="a time without a zone"):
            connection.execute(select(forgotten).where(forgotten.c.at < datetime(2026, 3, 2)))  # noqa: DTZ001 - as above
