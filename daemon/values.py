"""Values of the configuration that are more than a text or a number: durations, zones, addresses, secrets.

Each is read by one function, which gives the value or raises NotAllowedError. Those that read a path take the
folder that a relative one is meant from.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import time, timedelta
from enum import IntEnum
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from keepwarm.daemon.paths import absolute
from keepwarm.daemon.secret import Secret, SecretSource
from keepwarm.outputs.feed import TYPES
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from pathlib import Path

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
_DURATION = re.compile(r"([0-9]{1,9}) ?([smhdwy])")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}")
_HOST = re.compile(r"[\w.-]{1,253}|[0-9a-fA-F:.]{2,45}")
_ACCOUNT_NAME = re.compile(r"\w[\w .@+-]{0,63}")
_HIDDEN = "found another kind of address, not shown as it may hold a password"
_COUNTRY = re.compile(r"[A-Z]{2}(-\w{1,40})?")


class NotAllowedError(ValueError):
    """A value cannot stand where it stands.

    ``allowed`` completes "allowed is ...". ``found`` stands for the value where that must not be shown.
    """

    def __init__(self, allowed: str, found: str = "") -> None:
        super().__init__(allowed)
        self.allowed = allowed
        self.found = found


class Weekday(IntEnum):
    """A day of the week, numbered as ``datetime.weekday()`` numbers it."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The part of a working day in which an answer may be expected, in the owner's zone."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class WeeklyTime:
    """A moment of every week, in the owner's zone."""

    day: Weekday
    at: time


@dataclass(frozen=True, slots=True)
class Listen:
    """A loopback address to listen on."""

    host: str
    port: int


def duration(value: object) -> timedelta:
    """Read "5m": a number and s, m, h, d, w or y (365 days)."""
    parsed = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if parsed is None:
        raise NotAllowedError('a duration: a number and one of s, m, h, d, w, y, such as "5m", "36h", "14d", "5y"')
    try:
        return timedelta(seconds=int(parsed[1]) * _UNITS[parsed[2]])
    except OverflowError:
        raise NotAllowedError('a duration of at most "100y"') from None


def time_of_day(value: object) -> time:
    """Read "07:30"."""
    parsed = _TIME.fullmatch(value) if isinstance(value, str) else None
    if parsed is None:
        raise NotAllowedError('a time of day from "00:00" to "23:59"')
    return time(int(parsed[1]), int(parsed[2]))


def working_hours(value: object) -> WorkingHours:
    """Read "09:00-18:00"; the end is after the start."""
    start, _, end = value.partition("-") if isinstance(value, str) else ("", "", "")
    if not (_TIME.fullmatch(start) and _TIME.fullmatch(end) and start < end):
        raise NotAllowedError('two times of one day, the earlier first, such as "09:00-18:00"')
    return WorkingHours(time_of_day(start), time_of_day(end))


def weekday(value: object) -> Weekday:
    """Read "mon"."""
    if isinstance(value, str) and value.upper() in Weekday.__members__:
        return Weekday[value.upper()]
    raise NotAllowedError(f"a day: one of {', '.join(day.name.lower() for day in Weekday)}")


def weekly_time(value: object) -> WeeklyTime:
    """Read "mon 08:00"."""
    day, _, at = value.partition(" ") if isinstance(value, str) else ("", "", "")
    try:
        return WeeklyTime(weekday(day), time_of_day(at))
    except NotAllowedError:
        raise NotAllowedError('a day and a time, such as "mon 08:00"') from None


def timezone(value: object) -> ZoneInfo:
    """Read an IANA name, "Europe/Berlin"."""
    try:
        # "localtime" lies in many systems' zone folders, and means another zone on each.
        if isinstance(value, str) and value != "localtime":
            return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass  # told below, in one way for all that is no zone
    raise NotAllowedError('an IANA time zone, such as "Europe/Berlin" or "America/New_York"')


def country(value: object) -> str:
    """Read "DE", or "DE-BY" for a part of it; "" for no holidays at all."""
    if value == "":
        return ""
    allowed = 'the two capital letters of a country, "DE", or of a part of one, "DE-BY"'
    if not (isinstance(value, str) and _COUNTRY.fullmatch(value)):
        raise NotAllowedError(allowed)
    # A tenth of a second, so only for those who set a country.
    import holidays  # noqa: PLC0415

    code, _, part = value.partition("-")
    try:
        holidays.country_holidays(code, subdiv=part or None)
    except NotImplementedError:
        raise NotAllowedError(f"{allowed}, for which holidays are known") from None
    return value


def address(value: object) -> str:
    """Read a mail address; lower case."""
    if isinstance(value, str) and _ADDRESS.fullmatch(value):
        return value.lower()
    raise NotAllowedError('a mail address, such as "me@example.com"')


def match_pattern(value: object) -> str:
    """Read an address in which ``*`` stands for anything; lower case."""
    if isinstance(value, str) and _ADDRESS.fullmatch(value):
        return value.lower()
    raise NotAllowedError('an address, or a pattern with *, such as "*@acme.example"')


def host(value: object) -> str:
    """Read a host name or an IP address, without scheme and port."""
    if isinstance(value, str) and _HOST.fullmatch(value):
        return value
    raise NotAllowedError('a host name, such as "imap.example.com"')


def account_name(value: object) -> str:
    """Read an account's name: it stands in commands and names the account's entry in the keyring."""
    if isinstance(value, str) and _ACCOUNT_NAME.fullmatch(value):
        return value
    raise NotAllowedError(
        "a name of at most 64 letters, digits, blanks, and . _ - + @, beginning with a letter or digit"
    )


def database_url(value: object, folder: Path) -> str:
    """Read an SQLite or PostgreSQL URL; a relative SQLite path is meant from ``folder``."""
    scheme, separator, rest = value.partition("://") if isinstance(value, str) else ("", "", "")
    if separator and scheme in {"postgresql", "postgresql+psycopg"}:
        return f"postgresql+psycopg://{rest}"
    if separator and scheme == "sqlite" and rest.startswith("/") and len(rest) > 1 and rest != "/:memory:":
        return f"sqlite:///{file_path(rest[1:], folder)}"
    # The value is not shown: a database URL may hold a password.
    raise NotAllowedError('"sqlite:///PATH" or "postgresql+psycopg://USER@HOST/DATABASE"', _HIDDEN)


def web_url(value: object) -> str:
    """Read an https:// URL; http:// is for loopback hosts, as nobody can listen in there."""
    if isinstance(value, str) and value.isprintable() and " " not in value:
        scheme, hostname = _scheme_and_host(value)
        if hostname and (scheme == "https" or (scheme == "http" and is_loopback(hostname))):
            return value
    # The value is not shown: feeds have their token in the address.
    raise NotAllowedError("an https:// address (http:// for this machine only)", _HIDDEN)


def feed_url(value: object) -> str:
    """Read the address of a calendar feed, as ``web_url`` does; webcal:// is another way to write https://."""
    scheme, separator, rest = value.partition("://") if isinstance(value, str) else ("", "", "")
    try:
        return web_url(f"https://{rest}" if separator and scheme.lower() in {"webcal", "webcals"} else value)
    except NotAllowedError:
        raise NotAllowedError("an https:// or webcal:// address (http:// for this machine only)", _HIDDEN) from None


def feed_type(value: object) -> str:
    """Read a type of the feed's lines."""
    if value in TYPES:
        return str(value)
    raise NotAllowedError(f"types of the feed's lines: {', '.join(TYPES)}")


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:  # unbalanced brackets
        return "", ""
    return parts.scheme, parts.hostname or ""


def listen(value: object) -> Listen:
    """Read "127.0.0.1:8642"; loopback only, port 0 for any free one."""
    name, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    name = name.removeprefix("[").removesuffix("]")
    if is_loopback(name) and port.isascii() and port.isdigit() and int(port) <= 65_535:
        return Listen(name, int(port))
    raise NotAllowedError('a loopback address and a port, such as "127.0.0.1:8642"')


def is_loopback(name: str) -> bool:
    """Tell whether a host name or address is this machine's own."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def file_path(value: object, folder: Path) -> Path:
    """Read a path; ``~`` is expanded, a relative one is meant from ``folder``."""
    if isinstance(value, str) and value and "\0" not in value:
        try:
            return absolute(value, folder)
        except RuntimeError:
            raise NotAllowedError("the path of a file or folder; there is no such user") from None
    raise NotAllowedError("the path of a file or folder")


def secret(value: object, folder: Path) -> Secret:
    """Read a table with exactly one of SecretSource's keys; a password in plain text is refused."""
    if not isinstance(value, dict):
        raise NotAllowedError(
            "a table that says where it is, so that no password lies in this file: "
            '{ command = "pass show mail" }, { env = "NAME" }, { file = "PATH" }, '
            '{ keyring = true } or { credential = "NAME" }',
            "found a plain value" if isinstance(value, (str, int, float)) else "",
        )
    if len(value) != 1 or not set(value) <= set(SecretSource):
        keys = ", ".join(one_line(str(key), 20) for key in islice(value, 5)) or "nothing in it"
        raise NotAllowedError(f"a table with exactly one of {', '.join(SecretSource)}", f"found a table with {keys}")
    ((key, name),) = value.items()
    return _secret(SecretSource(key), name, folder)


def _secret(source: SecretSource, name: object, folder: Path) -> Secret:
    if source is SecretSource.KEYRING:
        if name is not True:
            raise NotAllowedError("keyring = true", "found another value for keyring")
        return Secret(source, "")
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        raise NotAllowedError(f'a text in quotes: {source} = "..."', f"found another value for {source}")
    if source is SecretSource.CREDENTIAL and "/" in name:
        raise NotAllowedError("the name of a systemd credential, without /")
    if source is SecretSource.ENV and "=" in name:
        raise NotAllowedError("the name of an environment variable, without =", "found a text with = in it")
    return Secret(source, str(file_path(name, folder)) if source is SecretSource.FILE else name)
