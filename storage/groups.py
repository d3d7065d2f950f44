"""Groups: organisations and the practice, as the rules read them; made of what was found of each contact."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, update

from keepwarm.storage.standings import (
    AttentionMonth,
    Member,
    MemberSignal,
    OrganisationHistory,
    Person,
    PracticeHistory,
)
from keepwarm.storage.tables import (
    attention,
    contact,
    evidence,
    meeting_revision,
    meeting_sighting,
    message,
    organisation,
    signal,
    standing,
    stream,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.storage.views import EvidenceView

_AT_ONCE = 25
_COOLING = "not_into_you"


def due(connection: Connection, as_of: datetime) -> list[str]:
    """Name the organisations of whose people something new is known, or at which it is time to look again."""
    waiting = or_(organisation.c.dirty, organisation.c.next_evaluation <= as_of)
    wanted = select(organisation.c.domain).where(waiting).order_by(organisation.c.domain)
    return list(connection.execute(wanted).scalars())


def judged(connection: Connection) -> dict[str, datetime]:
    """Name the organisations that were judged, with the moment up to which each was."""
    wanted = select(organisation).where(organisation.c.evaluated_to.is_not(None)).order_by(organisation.c.domain)
    return {row.domain: row.evaluated_to for row in connection.execute(wanted)}


def was_judged(connection: Connection, domain: str, as_of: datetime, next_look: datetime | None) -> None:
    """Note that an organisation was judged."""
    connection.execute(
        update(organisation)
        .where(organisation.c.domain == domain)
        .values(dirty=False, evaluated_to=as_of, next_evaluation=next_look)
    )


def organisations(connection: Connection, domains: Sequence[str]) -> Iterator[OrganisationHistory]:
    """Give these organisations, each with its people; without people where nobody has ever cooled."""
    ordered = sorted(domains)
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        signals = _signals(connection, some)
        cooled = sorted({domain for domain, _ in signals})
        members: dict[str, list[Member]] = defaultdict(list)
        heard = _heard(connection, cooled) if cooled else {}
        for row in connection.execute(_people(cooled)) if cooled else ():
            members[row.organisation].append(
                Member(
                    contact_id=row.id,
                    name=row.name,
                    labels=tuple(row.labels),
                    judged_since=row.judged_since,
                    heard=tuple(heard.get(row.id, ())),
                    signals=tuple(signals.get((row.organisation, row.id), ())),
                )
            )
        for domain in some:
            yield OrganisationHistory(domain=domain, members=tuple(members[domain]))


def practice(connection: Connection) -> PracticeHistory:
    """Give everybody, and what the owner gave them; its months are read as they are gone through."""
    rows = connection.execute(select(contact.c.id, contact.c.name, contact.c.labels))
    people = {row.id: Person(contact_id=row.id, name=row.name, labels=tuple(row.labels)) for row in rows}
    return PracticeHistory(people=people, months=_months(connection))


def _months(connection: Connection) -> Iterator[tuple[str, dict[str, AttentionMonth]]]:
    names = connection.execute(select(attention.c.month).distinct().order_by(attention.c.month)).scalars().all()
    columns = [attention.c[name] for name in AttentionMonth._fields if not name.startswith("heard")]
    for name in names:
        of_month = select(attention.c.contact_id, *columns).where(attention.c.month == name)
        rows = connection.execute(of_month.order_by(attention.c.contact_id))
        yield (
            name,
            {
                who: AttentionMonth(name, messages, hours, tuple(replies), slowest, slowest_at)
                for who, _, messages, hours, replies, slowest, slowest_at in rows
            },
        )


def is_history(connection: Connection, cited: Iterable[EvidenceView], opened: datetime) -> bool:
    """Tell whether a finding was found by going through what had been there before Keepwarm.

    That is so if one of the streams it rests on had not yet been read whole when it opened.
    """
    kinds: dict[str, set[str]] = defaultdict(set)
    for one in cited:
        kinds[one.kind].add(one.ref)
    if named := kinds.pop("signal", None):
        beneath = select(evidence.c.kind, evidence.c.ref).where(evidence.c.signal_id.in_(sorted(named)))
        for row in connection.execute(beneath):
            kinds[row.kind].add(row.ref)
    streams = _streams(connection, kinds)
    read = select(stream.c.first_complete).where(stream.c.id.in_(sorted(streams)))
    return any(since is None or opened < since for since in connection.execute(read).scalars())


def _streams(connection: Connection, kinds: dict[str, set[str]]) -> set[int]:
    found: set[int] = set()
    if messages := sorted(ref.removeprefix("m_") for ref in kinds.get("message", ())):
        seen_in = select(message.c.stream_id).where(message.c.dedupe_key.in_(messages))
        found.update(connection.execute(seen_in).scalars())
    meetings: set[int] = set()
    for kind, table in (("meeting_revision", meeting_revision), ("sighting", meeting_sighting)):
        if refs := sorted(kinds.get(kind, ())):
            meetings.update(connection.execute(select(table.c.meeting_id).where(table.c.ref.in_(refs))).scalars())
    if meetings:
        first = select(func.min(meeting_sighting.c.id)).where(meeting_sighting.c.meeting_id.in_(sorted(meetings)))
        seen_in = select(meeting_sighting.c.stream_id).where(
            meeting_sighting.c.id.in_(first.group_by(meeting_sighting.c.meeting_id))
        )
        found.update(connection.execute(seen_in).scalars())
    return found


def _people(domains: Sequence[str]) -> Any:
    return (
        select(contact.c.id, contact.c.name, contact.c.labels, contact.c.organisation, standing.c.judged_since)
        .join(standing, standing.c.contact_id == contact.c.id, isouter=True)
        .where(contact.c.organisation.in_(domains))
        .order_by(contact.c.id)
    )


def _heard(connection: Connection, domains: Sequence[str]) -> dict[str, list[tuple[datetime, datetime]]]:
    rows = connection.execute(
        select(attention.c.contact_id, attention.c.heard_first, attention.c.heard_last)
        .join(contact, contact.c.id == attention.c.contact_id)
        .where(contact.c.organisation.in_(domains), attention.c.heard_first.is_not(None))
        .order_by(attention.c.contact_id, attention.c.month)
    )
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows:
        found[row.contact_id].append((row.heard_first, row.heard_last))
    return found


def _signals(connection: Connection, domains: Sequence[str]) -> dict[tuple[str, str], list[MemberSignal]]:
    rows = connection.execute(
        select(contact.c.organisation, signal)
        .join(contact, contact.c.id == signal.c.contact_id)
        .where(contact.c.organisation.in_(domains), signal.c.scope == "contact", signal.c.family == _COOLING)
        .order_by(signal.c.opened, signal.c.id)
    )
    found: dict[tuple[str, str], list[MemberSignal]] = defaultdict(list)
    for row in rows:
        found[row.organisation, row.contact_id].append(
            MemberSignal(
                id=row.id,
                rule=row.rule,
                strength=row.strength,
                opened=row.opened,
                cleared=row.cleared,
                sentence=row.sentence,
            )
        )
    return found
