"""The workshop: everything that the settings call for, put together once: database, people, rules, engine."""

from __future__ import annotations

from functools import cached_property, partial
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog

from keepwarm.daemon.rules_in_force import rule_set
from keepwarm.storage import owner, privacy, schema, settings, thoughts
from keepwarm.storage.database import Database
from keepwarm.storage.messages import Keeping
from keepwarm.storage.own_letters import is_ours
from keepwarm.storage.people import Sorting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from keepwarm.daemon.settings import Configuration
    from keepwarm.rules.engine import Engine
    from keepwarm.rules.organisations import Organisations
    from keepwarm.rules.practice import Practice
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.rule_file import RuleSet
    from keepwarm.rules.warmth import Bands
    from keepwarm.rules.working_time import WorkingTime

log = structlog.get_logger()

_HOLIDAY_YEARS = range(1990, 2061)


class Workshop:
    """Opens the database, brings its schema up to date, and makes the tools that work on it.

    The tools are for one thread; the database, and ``keeping`` once it was asked for, are for all.

    Making one raises DatabaseError.
    """

    def __init__(self, configuration: Configuration, database: Database | None = None) -> None:
        """``database`` is one that is open and up to date already."""
        self.configuration = configuration
        self.owner = frozenset(configuration.owner_addresses)
        self.database = database or Database(configuration.database.url)
        if database is None:
            schema.upgrade(self.database)

    def beside(self) -> Workshop:
        """Make tools for another thread, on the same database."""
        return Workshop(self.configuration, self.database)

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    @cached_property
    def keeping(self) -> Keeping:
        """What may be kept of a message."""
        with self.database.writing() as connection:
            key = settings.hash_key(connection)
            owner.adopt(connection, self.owner)
        self.adopt_privacy()
        return Keeping(owner=self.owner, key=key, subjects=self.keeps_subjects)

    def adopt_privacy(self) -> None:
        """Wipe what may not be kept any more. To be called before anything is stored or judged."""
        privacy.adopt(self.database, subjects=self.keeps_subjects)
        if privacy.adopt_own_mail(self.database, may_be_read=self.configuration.privacy.read_own_sent_bodies):
            log.warning("your own mail is read for promises from now on; what was read before is not read again")

    @property
    def keeps_subjects(self) -> bool:
        """Whether subjects and titles may be stored."""
        return self.configuration.privacy.subjects == "full"

    @cached_property
    def asked(self) -> Callable[[str], bool] | None:
        """What tells the Message-IDs of the letters that the owner may answer; None if they want none."""
        if not self.configuration.reflect.mail:
            return None
        return partial(is_ours, self.keeping.key, kind=thoughts.KIND)

    @cached_property
    def sorting(self) -> Sorting:
        """By what people are told apart."""
        return Sorting(
            owner=self.owner,
            labels=tuple((label.label, label.match) for label in self.configuration.labels),
            max_meeting_size=self.configuration.contacts.max_meeting_size,
        )

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force.

        Raises BadUsage.
        """
        return self.rule_set.in_force

    @cached_property
    def rule_set(self) -> RuleSet:
        """All rules, those that are switched off too.

        Raises BadUsage.
        """
        return rule_set(self.configuration)

    @cached_property
    def working(self) -> WorkingTime:
        """The owner's working time."""
        from keepwarm.rules.working_time import WorkingTime  # noqa: PLC0415

        owner = self.configuration.owner
        return WorkingTime(
            zone=owner.timezone,
            days=frozenset(int(day) for day in owner.working_days),
            begins=owner.working_hours.start,
            ends=owner.working_hours.end,
            holidays=_holidays(owner.holidays),
        )

    @cached_property
    def bands(self) -> Bands:
        """Where the bands of warmth begin."""
        from keepwarm.rules.warmth import Bands  # noqa: PLC0415

        wanted = self.configuration.bands
        return Bands(cool=wanted.cool, happy_medium=wanted.happy_medium, close=wanted.close)

    @cached_property
    def engine(self) -> Engine:
        """What judges contacts.

        Raises BadUsage.
        """
        from keepwarm.rules.engine import Engine  # noqa: PLC0415

        return Engine(self.rules, self.working, self.bands)

    @cached_property
    def organisations(self) -> Organisations:
        """What judges organisations by their people.

        Raises BadUsage.
        """
        from keepwarm.rules.organisations import Organisations  # noqa: PLC0415

        return Organisations(self.rules, self.working.zone)

    @cached_property
    def practice(self) -> Practice:
        """What sees each client among all of them.

        Raises BadUsage.
        """
        from keepwarm.rules.practice import Practice  # noqa: PLC0415

        return Practice(self.rules, self.working.zone)

    @cached_property
    def fingerprint(self) -> str:
        """Tell whether anything that results depend on, beside the observations, is as it was."""
        # Sets are sorted: their order is another one in each process.
        working = self.working
        parts = (
            version("keepwarm"),
            sorted((rule.id, rule.fingerprint) for rule in self.rules),
            (str(working.zone), working.begins, working.ends, sorted(working.days), sorted(working.holidays)),
            self.bands,
            sorted(self.owner),
            self.sorting.labels,
            self.sorting.max_meeting_size,
        )
        return sha256(repr(parts).encode()).hexdigest()[:32]


def _holidays(country: str) -> frozenset[date]:
    if not country:
        return frozenset()
    import holidays  # noqa: PLC0415 - a large package, and only for owners who set a country

    name, _, subdivision = country.partition("-")
    return frozenset(holidays.country_holidays(name, subdiv=subdivision or None, years=_HOLIDAY_YEARS))
