"""Column types: exact, sorted, and the same bytes for equal values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from keepwarm.storage.column_types import JsonText, from_microseconds, to_microseconds

SQLITE, POSTGRESQL = sqlite.dialect(), postgresql.dialect()
anytime = st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29), timezones=st.timezones())  # noqa: DTZ001 - hypothesis adds the zone


@given(anytime)
def test_microseconds_lose_nothing(moment: datetime) -> None:
    assert from_microseconds(to_microseconds(moment)) == moment.astimezone(UTC)


@given(anytime, anytime)
def test_microseconds_sort_as_the_times_do(one: datetime, other: datetime) -> None:
    assert (to_microseconds(one) < to_microseconds(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_a_microsecond_is_the_unit() -> None:
    assert to_microseconds(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=-1)) == -1


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="a time without a zone"):
        to_microseconds(datetime(2026, 3, 2))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL], ids=["sqlite", "postgresql"])
def test_equal_documents_are_equal_bytes(dialect: sqlite.dialect | postgresql.dialect) -> None:
    column = JsonText()
    one = column.process_bind_param({"b": [1, "ä"], "a": None}, dialect)
    assert one == column.process_bind_param({"a": None, "b": [1, "ä"]}, dialect) == '{"a":null,"b":[1,"ä"]}'
    assert column.process_result_value(one, dialect) == {"a": None, "b": [1, "ä"]}
    assert column.process_bind_param(None, dialect) is None
