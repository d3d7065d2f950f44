"""Posting: a letter to the owner goes out once, whatever is killed meanwhile; it is tried as long as it is of use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

import structlog

from keepwarm.daemon import sending
from keepwarm.daemon.failure import Failure
from keepwarm.daemon.sending import NotSent, Unsure
from keepwarm.storage import first_reads, health, outbox, settings
from keepwarm.storage.database import DatabaseError
from keepwarm.storage.outbox import State, Superseded
from keepwarm.storage.own_letters import message_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.sending import Written
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.outbox import Letter

log = structlog.get_logger()

TRIED_FOR = timedelta(days=2)
DOUBT = timedelta(hours=1)
"""So long what may have been taken has time to be read back from the owner's mailbox, before it is sent again."""

_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)


class Fate(Enum):
    """What became of a letter."""

    SENT = "sent"
    SENT_BEFORE = "sent before"
    UNDER_WAY = "under way"  # another process has it, or nobody knows yet whether it arrived
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What became of a letter, and the letter."""

    fate: Fate
    letter: Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A letter that is to be sent: at each try ``write`` writes it anew, as of then.

    ``write`` raises NotSent and Failure. It is tried for two days, or as long as it is of use.
    """

    kind: str  # "report", "brief", "reflect"
    key: str  # which of its kind: "2026-W47", "2026-11-25"
    write: Callable[[Letter], Written]
    useful_until: datetime | None = None


def post_in_time(
    workshop: Workshop,
    errand: Errand,
    now: datetime,
    *,
    due: datetime,
    patience: timedelta,
    is_wanted: Callable[[], bool] = lambda: True,
) -> datetime | None:
    """Send a letter that has been due since ``due``, or that is to be tried again; give when to ask again, if so.

    Its first try waits until enough was read: while a new account is read for the first time up to ``patience``. Before
    it ``is_wanted`` is asked. What goes wrong is noted and logged. Raises DatabaseError.
    """
    letter = settle(workshop, errand.kind, errand.key, now)
    if letter is None:
        is_due = is_wanted() and _has_read_since(workshop, due, due + patience, now)
    else:
        is_due = letter.state is not State.GIVEN_UP and outbox.may_be_tried(letter, now)
    if is_due:
        _tell(post(workshop, errand, now))
    return _retry_at(workshop, errand)


def post(workshop: Workshop, errand: Errand, now: datetime) -> Delivered:
    """Send a letter, unless it is sent or under way; what goes wrong is noted. Raises DatabaseError."""
    try:
        claimed = _claim(workshop, errand, now)
    except Superseded:
        return _of_another(workshop, errand, now)
    try:
        return Delivered(fate=Fate.SENT, letter=_send(workshop, claimed, errand, now))
    except Superseded:
        return _of_another(workshop, errand, now)
    except Unsure as unsure:
        cure = "It is sent again in an hour, unless it is found in your mailbox by then."
        return _note(workshop, claimed, errand, State.HANDED, str(unsure), cure, now)
    except (NotSent, Failure) as error:
        return _note(workshop, claimed, errand, State.WAITING, str(error), error.what_to_do, now)


def settle(workshop: Workshop, kind: str, key: str, now: datetime) -> Letter | None:
    """Give what is known of a letter: one that lies in the mailbox has arrived, whoever died while sending it."""
    with workshop.database.reading() as connection:
        letter = outbox.find(connection, kind, key)
        found = letter is not None and letter.state is not State.SENT and outbox.was_read_back(connection, letter)
    if letter is None or not found:
        return letter
    with workshop.database.writing() as connection:
        return outbox.arrived(connection, letter, now)


def _has_read_since(workshop: Workshop, moment: datetime, patient_until: datetime, now: datetime) -> bool:
    """Tell whether enough was read, from ``moment`` on at the latest, to write anything of it.

    While a new account is read for the first time that is waited for, until ``patient_until``.
    """
    with workshop.database.reading() as connection:
        began = health.first_read(connection)
        unfinished = first_reads.waited_for(connection, workshop.configuration.account_names, now)
    return began is not None and began <= moment and (not unfinished or now >= patient_until)


def _retry_at(workshop: Workshop, errand: Errand) -> datetime | None:
    """Give when a letter is to be tried again; None if it is not."""
    with workshop.database.reading() as connection:
        letter = outbox.find(connection, errand.kind, errand.key)
    return None if letter is None or letter.state in (State.SENT, State.GIVEN_UP) else letter.retry_at


def _tell(delivered: Delivered) -> None:
    """Log what became of a letter."""
    letter = delivered.letter
    if delivered.fate is Fate.SENT:
        sent = f"{letter.kind} sent"
        log.info(sent, of=letter.key, attempts=letter.attempts)
    elif delivered.fate is Fate.FAILED:
        again = letter.retry_at.isoformat(timespec="minutes") if letter.retry_at else "no more"
        say = log.warning if letter.retry_at else log.error
        not_sent = f"{letter.kind} not sent"
        say(not_sent, of=letter.key, why=letter.problem, cure=letter.what_to_do, again=again)


def _claim(workshop: Workshop, errand: Errand, now: datetime) -> Letter:
    """Raises Superseded."""
    settle(workshop, errand.kind, errand.key, now)
    domain = sending.addresses(workshop.configuration).sender.rpartition("@")[2] or "localhost"
    with workshop.database.writing() as connection:
        letter = outbox.find(connection, errand.kind, errand.key)
        if letter is not None and letter.state is State.HANDED and _may_lie_there(connection, workshop, letter):
            raise Superseded
        name = message_id(settings.hash_key(connection), errand.kind, errand.key, domain)
        return outbox.claim(connection, errand.kind, errand.key, name, now)


def _may_lie_there(connection: Connection, workshop: Workshop, letter: Letter) -> bool:
    """Tell whether a letter lies in a mailbox, or nobody knows yet: another process is just reading one."""
    being_read = health.mail_is_being_read(connection, workshop.configuration.account_names)
    return being_read or outbox.was_read_back(connection, letter)


def _send(workshop: Workshop, claimed: Letter, errand: Errand, now: datetime) -> Letter:
    """Raises NotSent, Unsure, Superseded and Failure."""
    sending.send(_written(claimed, errand), workshop.configuration, _handing_over(workshop, claimed, now))
    with workshop.database.writing() as connection:
        return outbox.arrived(connection, claimed, now)


def _handing_over(workshop: Workshop, claimed: Letter, now: datetime) -> Callable[[], None]:
    def about_to() -> None:
        with workshop.database.writing() as connection:
            outbox.hand_over(connection, claimed, now + DOUBT)

    return about_to


def _written(claimed: Letter, errand: Errand) -> Written:
    """Write the letter; a fault in that must not stop the reading. Raises Failure and NotSent."""
    try:
        return errand.write(claimed)
    except (Failure, NotSent, DatabaseError):
        raise
    except Exception as fault:
        log.exception("not written", letter=claimed.kind, of=claimed.key)
        cure = f"This is a fault of Keepwarm's: `keepwarm --verbose {claimed.kind}` shows where."
        raise NotSent(f"The {claimed.kind} could not be written ({type(fault).__name__}).", cure) from fault


def _note(
    workshop: Workshop, claimed: Letter, errand: Errand, state: State, problem: str, what_to_do: str, now: datetime
) -> Delivered:
    wait = min(_FIRST_WAIT * 3 ** min(claimed.attempts - 1, 8), _LONGEST_WAIT)
    again: datetime | None = now + (max(wait, DOUBT) if state is State.HANDED else wait)
    deadline = claimed.created_at + TRIED_FOR
    if again is not None and again > min(deadline, errand.useful_until or deadline):
        state, again = State.GIVEN_UP, None
    try:
        with workshop.database.writing() as connection:
            letter = outbox.failed(connection, claimed, state, problem, what_to_do, again)
    except Superseded:
        return _of_another(workshop, errand, now)
    return Delivered(fate=Fate.FAILED, letter=letter)


def _of_another(workshop: Workshop, errand: Errand, now: datetime) -> Delivered:
    letter = settle(workshop, errand.kind, errand.key, now)
    if letter is None:
        raise Superseded
    return Delivered(fate=Fate.SENT_BEFORE if letter.state is State.SENT else Fate.UNDER_WAY, letter=letter)
