"""Delivery: the weekly report goes to its owner once a week, whatever is killed meanwhile; it is tried for two days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

import structlog

from keepwarm.daemon import sending, weekly
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.sending import NotSent, Unsure
from keepwarm.storage import health, outbox, settings
from keepwarm.storage.database import DatabaseError
from keepwarm.storage.outbox import State, Superseded
from keepwarm.storage.own_letters import message_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from keepwarm.daemon.sending import Written
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.outbox import Letter

log = structlog.get_logger()

KIND = "report"
TRIED_FOR = timedelta(days=2)
DOUBT = timedelta(hours=1)
"""So long what may have been taken has time to be read back from the owner's mailbox, before it is sent again."""

_WAITS_FOR_FIRST_READ = timedelta(hours=12)
"""So long a report waits while a new account is read for the first time."""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)


class Fate(Enum):
    """What became of a report."""

    SENT = "sent"
    SENT_BEFORE = "sent before"
    UNDER_WAY = "under way"  # another process has it, or nobody knows yet whether it arrived
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of the report of a week."""

    fate: Fate
    letter: Letter


def deliver_due(workshop: Workshop, now: datetime) -> datetime:
    """Send the report that is due, if one is; give when to ask again, at the latest.

    To be asked after the accounts were read and judged, so that it tells what is true when it is sent. A report that
    was due while the machine slept goes out when it wakes; of several only the last. None is due for a time before
    anything was read. What goes wrong is noted and logged, and tried again. Raises DatabaseError.
    """
    owner, report = workshop.configuration.owner, workshop.configuration.report
    due = weekly.last_due(now, report.at, owner.timezone)
    later = weekly.next_due(now, report.at, owner.timezone)
    monday = weekly.monday_told(due, owner.timezone)
    if not _is_due(workshop, weekly.key_of(monday), due, now):
        return _asked_again(workshop, weekly.key_of(monday), later)
    delivered = deliver(workshop, monday, now)
    _tell(delivered)
    return _asked_again(workshop, delivered.letter.key, later)


def week_due(workshop: Workshop, now: datetime) -> date:
    """Give the Monday of the week whose report was due last."""
    owner, report = workshop.configuration.owner, workshop.configuration.report
    return weekly.monday_told(weekly.last_due(now, report.at, owner.timezone), owner.timezone)


def deliver(workshop: Workshop, monday: date, now: datetime) -> Delivered:
    """Send the report of a week, unless it is sent or under way; what goes wrong is noted.

    Raises DatabaseError.
    """
    key = weekly.key_of(monday)
    try:
        claimed = _claim(workshop, key, now)
    except Superseded:
        return _of_another(workshop, key, now)
    try:
        return Delivered(fate=Fate.SENT, letter=_send(workshop, claimed, monday, now))
    except Superseded:
        return _of_another(workshop, key, now)
    except Unsure as unsure:
        cure = "It is sent again in an hour, unless it is found in your mailbox by then."
        return _note(workshop, claimed, State.HANDED, str(unsure), cure, now)
    except (NotSent, Failure) as error:
        return _note(workshop, claimed, State.WAITING, str(error), error.what_to_do, now)


def settle(workshop: Workshop, key: str, now: datetime) -> Letter | None:
    """Give what is known of a report: one that lies in the mailbox has arrived, whoever died while sending it."""
    with workshop.database.reading() as connection:
        letter = outbox.find(connection, KIND, key)
        found = letter is not None and letter.state is not State.SENT and outbox.was_read_back(connection, letter)
    if letter is None or not found:
        return letter
    with workshop.database.writing() as connection:
        return outbox.arrived(connection, letter, now)


def _is_due(workshop: Workshop, key: str, due: datetime, now: datetime) -> bool:
    letter = settle(workshop, key, now)
    if letter is not None:
        return letter.state is not State.GIVEN_UP and outbox.may_be_tried(letter, now)
    with workshop.database.reading() as connection:
        began = health.first_read(connection)
        unfinished = health.first_read_is_unfinished(connection, workshop.configuration.account_names)
    return began is not None and began <= due and (not unfinished or now >= due + _WAITS_FOR_FIRST_READ)


def _asked_again(workshop: Workshop, key: str, later: datetime) -> datetime:
    with workshop.database.reading() as connection:
        letter = outbox.find(connection, KIND, key)
    if letter is None or letter.state in (State.SENT, State.GIVEN_UP) or letter.retry_at is None:
        return later
    return min(letter.retry_at, later)


def _claim(workshop: Workshop, key: str, now: datetime) -> Letter:
    """Raises Superseded."""
    settle(workshop, key, now)
    domain = sending.addresses(workshop.configuration).sender.rpartition("@")[2] or "localhost"
    with workshop.database.writing() as connection:
        name = message_id(settings.hash_key(connection), KIND, key, domain)
        return outbox.claim(connection, KIND, key, name, now)


def _send(workshop: Workshop, claimed: Letter, monday: date, now: datetime) -> Letter:
    """Raises NotSent, Unsure, Superseded and Failure."""
    sending.send(
        _written(workshop, claimed, monday, now), workshop.configuration, _handing_over(workshop, claimed, now)
    )
    with workshop.database.writing() as connection:
        return outbox.arrived(connection, claimed, now)


def _handing_over(workshop: Workshop, claimed: Letter, now: datetime) -> Callable[[], None]:
    def about_to() -> None:
        with workshop.database.writing() as connection:
            outbox.hand_over(connection, claimed, now + DOUBT)

    return about_to


def _written(workshop: Workshop, claimed: Letter, monday: date, now: datetime) -> Written:
    """Write the report as of now; a fault in that must not stop the reading. Raises Failure and NotSent."""
    from keepwarm.daemon.report_mail import written  # noqa: PLC0415 - templates, only when something is due

    try:
        return written(workshop, claimed, monday, now)
    except (Failure, NotSent, DatabaseError):
        raise
    except Exception as fault:
        log.exception("report not written", week=claimed.key)
        cure = "This is a fault of Keepwarm's: `keepwarm --verbose report` shows where."
        raise NotSent(f"The report could not be written ({type(fault).__name__}).", cure) from fault


def _note(workshop: Workshop, claimed: Letter, state: State, problem: str, what_to_do: str, now: datetime) -> Delivered:
    wait = min(_FIRST_WAIT * 3 ** min(claimed.attempts - 1, 8), _LONGEST_WAIT)
    retry_at = now + (max(wait, DOUBT) if state is State.HANDED else wait)
    if retry_at > claimed.created_at + TRIED_FOR:
        state, retry_at = State.GIVEN_UP, None
    try:
        with workshop.database.writing() as connection:
            letter = outbox.failed(connection, claimed, state, problem, what_to_do, retry_at)
    except Superseded:
        return _of_another(workshop, claimed.key, now)
    return Delivered(fate=Fate.FAILED, letter=letter)


def _of_another(workshop: Workshop, key: str, now: datetime) -> Delivered:
    letter = settle(workshop, key, now)
    if letter is None:
        raise Superseded
    return Delivered(fate=Fate.SENT_BEFORE if letter.state is State.SENT else Fate.UNDER_WAY, letter=letter)


def _tell(delivered: Delivered) -> None:
    letter = delivered.letter
    if delivered.fate is Fate.SENT:
        log.info("report sent", week=letter.key, attempts=letter.attempts)
    elif delivered.fate is Fate.FAILED:
        again = letter.retry_at.isoformat(timespec="minutes") if letter.retry_at else "no more"
        tell = log.warning if letter.retry_at else log.error
        tell("report not sent", week=letter.key, why=letter.problem, cure=letter.what_to_do, again=again)
