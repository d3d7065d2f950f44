"""Results about groups: signals that belong to a contact, but were found of an organisation or of the practice."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from keepwarm.storage.results import SignalResult, insert_signals
from keepwarm.storage.tables import evidence, signal
from keepwarm.storage.views import EvidenceView

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Of what something was found."""

    scope: str  # "organisation", "practice"
    about: str = ""  # the organisation's domain


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSignal:
    """A signal, and the contact to whom it belongs."""

    contact_id: str
    signal: SignalResult


def differs(connection: Connection, group: Group, found: Iterable[GroupSignal]) -> bool:
    """Tell whether what was found of a group is not what is stored."""
    return _stored(connection, _of(group)) != {one.signal.id: _ordered(one) for one in found}


def write(connection: Connection, group: Group, found: Sequence[GroupSignal]) -> tuple[int, set[str]]:
    """Store what was found of a group; give how many signals are new, and the contacts of whom something changed."""
    stored = _stored(connection, _of(group))
    new = {one.signal.id: _ordered(one) for one in found}
    changed = {key for key in stored.keys() | new.keys() if stored.get(key) != new.get(key)}
    if rewritten := sorted(changed & stored.keys()):
        connection.execute(delete(signal).where(signal.c.id.in_(rewritten)))
    written = [(new[key].contact_id, new[key].signal) for key in sorted(changed & new.keys())]
    insert_signals(connection, written, scope=group.scope, about=group.about)
    touched = {side[key].contact_id for side in (stored, new) for key in changed & side.keys()}
    return len(new.keys() - stored.keys()), touched


def of_contact(connection: Connection, scope: str, contact_id: str) -> list[SignalResult]:
    """Give all signals of a contact's that were found in this scope, in the order of opening."""
    found = _stored(connection, (signal.c.contact_id == contact_id) & (signal.c.scope == scope))
    return sorted((one.signal for one in found.values()), key=lambda one: (one.opened, one.id))


def _of(group: Group) -> Any:
    return (signal.c.scope == group.scope) & (signal.c.about == group.about)


def _ordered(one: GroupSignal) -> GroupSignal:
    """Give it with its evidence in the order in which it is compared, however the rules had it."""
    ordered = sorted(one.signal.evidence, key=lambda item: (item.kind, item.ref))
    return replace(one, signal=replace(one.signal, evidence=tuple(ordered)))


def _stored(connection: Connection, mine: Any) -> dict[str, GroupSignal]:
    cited: dict[str, list[EvidenceView]] = defaultdict(list)
    beneath = select(evidence).join(signal, signal.c.id == evidence.c.signal_id).where(mine)
    for row in connection.execute(beneath.order_by(evidence.c.kind, evidence.c.ref)):
        cited[row.signal_id].append(EvidenceView(kind=row.kind, ref=row.ref, time=row.at, what=row.what))
    return {
        row.id: _ordered(
            GroupSignal(
                contact_id=row.contact_id,
                signal=SignalResult(
                    id=row.id,
                    rule=row.rule,
                    family=row.family,
                    finding_key=row.finding_key,
                    opened=row.opened,
                    cleared=row.cleared,
                    strength=row.strength,
                    sentence=row.sentence,
                    advice=row.advice,
                    facts=row.facts,
                    params=row.params,
                    conditions=tuple(row.conditions),
                    rule_version=row.rule_version,
                    historical=row.historical,
                    evidence=tuple(cited[row.id]),
                ),
            )
        )
        for row in connection.execute(select(signal).where(mine))
    }
