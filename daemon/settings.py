"""The tables of the configuration beside the accounts, and the whole of it."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from keepwarm.daemon.accounts import Account, Tls, checked_tls
from keepwarm.daemon.fields import (
    Address,
    Country,
    DatabaseUrl,
    Day,
    FeedType,
    FilePath,
    Host,
    Hours,
    Loopback,
    Pattern,
    Port,
    SecretField,
    Switch,
    Table,
    TimeOfDay,
    WebUrl,
    Weekly,
    Zone,
)
from keepwarm.daemon.paths import data_folder, default_database_url
from keepwarm.daemon.values import Listen, NotAllowedError, Weekday, WeeklyTime, WorkingHours

if TYPE_CHECKING:
    from keepwarm.daemon.secret import Secret

Warmth = Annotated[float, Field(strict=True, ge=0, le=100, allow_inf_nan=False)]


class Owner(Table):
    """The user. The zone is UTC unless set, not the machine's: a file gives the same results anywhere."""

    name: str = ""
    addresses: tuple[Address, ...] = ()
    timezone: Zone = ZoneInfo("UTC")
    working_hours: Hours = WorkingHours(time(9), time(18))
    working_days: tuple[Day, ...] = (Weekday.MON, Weekday.TUE, Weekday.WED, Weekday.THU, Weekday.FRI)
    holidays: Country = ""

    @field_validator("working_days")
    @classmethod
    def _in_order(cls, days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if not days:
            raise NotAllowedError("at least one day")
        return tuple(sorted(set(days)))


class Database(Table):
    """Where all is stored."""

    url: DatabaseUrl = Field(default_factory=default_database_url, repr=False)


class Label(Table):
    """A label for all contacts with an address that matches."""

    label: str = Field(description='a word, such as "client" or "prospect"', pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    match: tuple[Pattern, ...] = Field(description='a list of addresses or patterns, such as ["*@acme.example"]')


class Rules(Table):
    """Rule files of the owner's own."""

    files: tuple[FilePath, ...] = ()


class Privacy(Table):
    """What is kept of a mailbox beyond times and addresses."""

    subjects: Literal["full", "none"] = "full"
    read_own_sent_bodies: Switch = False


class Contacts(Table):
    """Who becomes a contact."""

    max_meeting_size: int = Field(default=20, strict=True, ge=2, le=10_000)


class Bands(Table):
    """The warmth at which each band begins; cold begins at 0."""

    cool: Warmth = 20
    happy_medium: Warmth = 45
    close: Warmth = 85

    @model_validator(mode="after")
    def _ascending(self) -> Bands:
        if not self.cool < self.happy_medium < self.close:
            raise NotAllowedError(
                "cool < happy_medium < close", f"found {self.cool:g}, {self.happy_medium:g}, {self.close:g}"
            )
        return self


class Smtp(Table):
    """The server that sends the report. ``port`` is always filled; no ``user``: no sign-in."""

    host: Host = Field(description='the server\'s name, such as "mail.example.com"')
    tls: Tls = "starttls"
    port: Port = Field(default=0, validate_default=True)
    ca_file: FilePath | None = None
    user: str = ""
    password: SecretField | None = None

    _tls = field_validator("tls")(checked_tls)

    @field_validator("port", mode="before")
    @classmethod
    def _usual_port(cls, port: Any, info: ValidationInfo) -> Any:
        return port or (465 if info.data.get("tls") == "implicit" else 587)

    @field_validator("password")
    @classmethod
    def _file_password(cls, password: Secret | None) -> Secret | None:
        return password and password.filed_under("report.smtp")


class Report(Table):
    """The weekly report. ``to`` is "" for the owner's first address; ``path`` is for ``via = "file"``.

    ``week_starts`` is the first day of the week as it is shown. With ``tasks``, the mail has the follow-ups attached.
    """

    language: Literal["en", "de"] = "en"
    to: Address = ""
    at: Weekly = WeeklyTime(Weekday.MON, time(8))
    via: Literal["smtp", "google", "microsoft", "file"] = "file"
    path: FilePath = Field(default_factory=data_folder)
    week_starts: Day = Weekday.MON
    tasks: Switch = False
    smtp: Smtp | None = Field(default=None, validate_default=True)

    @field_validator("smtp")
    @classmethod
    def _server_to_send_by(cls, smtp: Smtp | None, info: ValidationInfo) -> Smtp | None:
        if smtp is None and info.data.get("via") == "smtp":
            raise NotAllowedError('a table [report.smtp] with a host, as report.via is "smtp"', "missing")
        return smtp


class Brief(Table):
    """The morning's cards, which go the way of the report; off unless ``at`` is set."""

    at: TimeOfDay | None = None


class Reflect(Table):
    """The question after the last meeting of a day, which is answered by mail; it goes the way of the report."""

    mail: Switch = False


class Export(Table):
    """The feed as files, written after each evaluation if ``dir`` is set."""

    dir: FilePath | None = None


class Web(Table):
    """The local page."""

    listen: Loopback = Listen("127.0.0.1", 8642)


class Webhook(Table):
    """Where new lines of the feed are posted, signed with ``secret`` if that is set.

    ``events`` are types of lines: by default signals, and what becomes of those whom they are about. ``allow_private``
    and ``ca_file`` are for a receiver of the user's own.
    """

    url: WebUrl = Field(description='an https:// address, such as "https://example.com/hook"', repr=False)
    secret: SecretField | None = None
    events: tuple[FeedType, ...] = ("signal.opened", "signal.cleared", "contact.merged", "contact.forgotten")
    allow_private: Switch = False
    ca_file: FilePath | None = None

    @field_validator("secret")
    @classmethod
    def _file_secret(cls, secret: Secret | None) -> Secret | None:
        return secret and secret.filed_under("webhook")

    @field_validator("events")
    @classmethod
    def _each_once(cls, events: tuple[str, ...]) -> tuple[str, ...]:
        if not events:
            raise NotAllowedError("at least one type of the feed's lines")
        return tuple(dict.fromkeys(events))


class Configuration(Table):
    """All settings; every path in it is absolute."""

    owner: Owner = Owner()
    database: Database = Field(default_factory=Database)
    accounts: tuple[Account, ...] = Field(default=(), alias="account")
    labels: tuple[Label, ...] = Field(default=(), alias="label")
    rules: Rules = Rules()
    privacy: Privacy = Privacy()
    contacts: Contacts = Contacts()
    bands: Bands = Bands()
    report: Report = Field(default_factory=Report)
    brief: Brief = Brief()
    reflect: Reflect = Reflect()
    export: Export = Export()
    web: Web = Web()
    webhook: Webhook | None = None

    @field_validator("report")
    @classmethod
    def _way_to_send(cls, report: Report, info: ValidationInfo) -> Report:
        if "accounts" not in info.data or "owner" not in info.data:
            return report
        kinds = {account.kind for account in info.data["accounts"]}
        if report.via in ("google", "microsoft") and report.via not in kinds:
            allowed = f'an account of kind "{report.via}" to send by, as report.via is "{report.via}"'
            raise NotAllowedError(allowed, "found none")
        known = report.to or info.data["owner"].addresses or any(one.address for one in info.data["accounts"])
        if report.via == "smtp" and not known:
            raise NotAllowedError("an address in report.to, as none of your own is known", "found none")
        return report

    @field_validator("reflect")
    @classmethod
    def _can_be_answered(cls, reflect: Reflect, info: ValidationInfo) -> Reflect:
        if reflect.mail and "report" in info.data and info.data["report"].via == "file":
            allowed = 'reflect.mail = false, as report.via is "file": a file cannot be answered'
            raise NotAllowedError(allowed, "found true")
        return reflect

    @property
    def account_names(self) -> tuple[str, ...]:
        """The names of all accounts, in their order."""
        return tuple(account.name for account in self.accounts)

    @property
    def owner_addresses(self) -> tuple[str, ...]:
        """Every address of the owner's: the accounts' in their order, then the aliases; each once."""
        named = (*(account.address for account in self.accounts), *self.owner.addresses)
        return tuple(dict.fromkeys(filter(None, named)))
