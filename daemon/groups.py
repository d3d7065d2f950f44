"""Groups: once every contact is judged, organisations and the practice are judged from what was found of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keepwarm.daemon.feed_lines import lines_of_signals
from keepwarm.daemon.set_aside import set_aside
from keepwarm.daemon.signal_results import signal_result
from keepwarm.storage import attention, feed, group_results, unjudged
from keepwarm.storage import groups as stored
from keepwarm.storage.database import DatabaseError
from keepwarm.storage.group_results import Group, GroupSignal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.group_watch import GroupFinding

_AT_ONCE = 25
_ORGANISATION, _PRACTICE = "organisation", "practice"


def judge(workshop: Workshop, as_of: datetime) -> int:
    """Judge the organisations of whose people something is new, and the practice when it is time; count new signals.

    Raises BadUsage and DatabaseError.
    """
    with workshop.database.writing() as connection:
        _tell(connection, _ORGANISATION, attention.let_go(connection))
        domains = stored.due(connection, as_of)
    opened = 0
    for start in range(0, len(domains), _AT_ONCE):
        with workshop.database.writing() as connection:
            opened += _judge_organisations(connection, workshop, domains[start : start + _AT_ONCE], as_of)
    last_look = workshop.practice.last_look(as_of)
    with workshop.database.writing() as connection:
        if attention.practice_is_stale(connection, last_look):
            opened += _judge_practice(connection, workshop, last_look)
            attention.practice_was_drawn(connection, last_look)
    return opened


def differing(connection: Connection, workshop: Workshop) -> list[str]:
    """Judge all organisations and the practice as of when they were last judged; name those that differ."""
    judged, wrong = stored.judged(connection), []
    for history in stored.organisations(connection, list(judged)):
        outcome = workshop.organisations.judge(history, judged[history.domain])
        group = Group(scope=_ORGANISATION, about=history.domain)
        if group_results.differs(connection, group, _signals(connection, outcome.findings)):
            wrong.append(history.domain)
    drawn = attention.practice_drawn(connection)
    if drawn is not None:
        findings = workshop.practice.judge(stored.practice(connection), drawn)
        if group_results.differs(connection, Group(scope=_PRACTICE), _signals(connection, findings)):
            wrong.append(_PRACTICE)
    return wrong


def _judge_organisations(connection: Connection, workshop: Workshop, domains: Sequence[str], as_of: datetime) -> int:
    opened = 0
    for history in stored.organisations(connection, domains):
        try:
            outcome = workshop.organisations.judge(history, as_of)
            signals = _signals(connection, outcome.findings)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary: no other organisation is to miss its judgement
            set_aside(connection, unjudged.ORGANISATION, history.domain, error)
            stored.was_judged(connection, history.domain, as_of, None)
            continue
        opened += _write(connection, Group(scope=_ORGANISATION, about=history.domain), signals)
        stored.was_judged(connection, history.domain, as_of, outcome.next_look)
        unjudged.forget(connection, unjudged.ORGANISATION, [history.domain])
    return opened


def _judge_practice(connection: Connection, workshop: Workshop, last_look: datetime) -> int:
    try:
        signals = _signals(connection, workshop.practice.judge(stored.practice(connection), last_look))
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - the boundary: what was found of each contact is not to be lost for it
        set_aside(connection, unjudged.PRACTICE, "", error)
        return 0
    unjudged.forget(connection, unjudged.PRACTICE, [""])
    return _write(connection, Group(scope=_PRACTICE), signals)


def _write(connection: Connection, group: Group, signals: Sequence[GroupSignal]) -> int:
    opened, touched = group_results.write(connection, group, signals)
    _tell(connection, group.scope, touched)
    return opened


def _tell(connection: Connection, scope: str, contact_ids: Iterable[str]) -> None:
    for who in sorted(contact_ids):
        signals = group_results.of_contact(connection, scope, who)
        feed.stage(connection, who, lines_of_signals(signals, who), scope=scope)


def _signals(connection: Connection, findings: Iterable[GroupFinding]) -> list[GroupSignal]:
    found = []
    for one in findings:
        result = signal_result(one.finding)
        historical = stored.is_history(connection, result.evidence, result.opened)
        found.append(GroupSignal(contact_id=one.contact_id, signal=replace(result, historical=historical)))
    return found
