"""The types of the configuration's fields: each hands what the file has to one function of ``values``."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from keepwarm.daemon import values
from keepwarm.daemon.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Callable


class Table(BaseModel):
    """A table of the configuration: immutable, and no key in it is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True)


def _in_folder(read: Callable[[object, Path], Any]) -> BeforeValidator:
    def validate(value: object, info: ValidationInfo) -> Any:
        return read(value, info.context["folder"] if info.context else Path.cwd())

    return BeforeValidator(validate)


def _between(low: str, high: str) -> AfterValidator:
    least, most = values.duration(low), values.duration(high)

    def check(value: timedelta) -> timedelta:
        if least <= value <= most:
            return value
        raise values.NotAllowedError(f'a duration from "{low}" to "{high}"')

    return AfterValidator(check)


Poll = Annotated[timedelta, BeforeValidator(values.duration), _between("1s", "7d")]
History = Annotated[timedelta, BeforeValidator(values.duration), _between("1d", "100y")]
TimeOfDay = Annotated[time, BeforeValidator(values.time_of_day)]
Hours = Annotated[values.WorkingHours, BeforeValidator(values.working_hours)]
Day = Annotated[values.Weekday, BeforeValidator(values.weekday)]
Weekly = Annotated[values.WeeklyTime, BeforeValidator(values.weekly_time)]
Zone = Annotated[ZoneInfo, BeforeValidator(values.timezone)]
Country = Annotated[str, BeforeValidator(values.country)]
Address = Annotated[str, BeforeValidator(values.address)]
Pattern = Annotated[str, BeforeValidator(values.match_pattern)]
Host = Annotated[str, BeforeValidator(values.host)]
AccountName = Annotated[str, BeforeValidator(values.account_name)]
WebUrl = Annotated[str, BeforeValidator(values.web_url)]
FeedType = Annotated[str, BeforeValidator(values.feed_type)]
FeedUrl = Annotated[str, BeforeValidator(values.feed_url)]
Loopback = Annotated[values.Listen, BeforeValidator(values.listen)]
DatabaseUrl = Annotated[str, _in_folder(values.database_url)]
FilePath = Annotated[Path, _in_folder(values.file_path)]
SecretField = Annotated[Secret, _in_folder(values.secret)]
Port = Annotated[int, Field(strict=True, ge=1, le=65_535)]
Switch = Annotated[bool, Field(strict=True)]
