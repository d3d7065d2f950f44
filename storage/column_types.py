"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from keepwarm.storage.observations import aware_utc

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """Give an aware datetime as whole microseconds since 1970, exactly (floats are not exact in year 9999)."""
    return (aware_utc(moment) - EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Give microseconds since 1970 as an aware UTC datetime."""
    return EPOCH + timedelta(microseconds=value)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime: TIMESTAMPTZ on PostgreSQL, microseconds since 1970 on SQLite.

    SQLite has no type for a time and drops the zone of what is given to it; an integer has nothing to drop, sorts as
    it should and takes eight bytes. A naive datetime raises ValueError before it reaches the database.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:  # noqa: D102
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: D102
        if value is None:
            return None
        return aware_utc(value) if dialect.name == "postgresql" else to_microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: D102
        if value is None:
            return None
        return aware_utc(value) if dialect.name == "postgresql" else from_microseconds(value)


def json_text(value: Any) -> str:
    """Give a JSON document as it is stored; for statements that pass text on as it is."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


class JsonText(TypeDecorator[Any]):
    """A JSON document as text with sorted keys: equal values are equal bytes, on both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002, D102
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002, D102
        return None if value is None else json.loads(value)
