"""People of an organisation, and clients of a practice, told by what was found of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keepwarm.rules.organisations import Organisations
from keepwarm.rules.practice import Practice
from keepwarm.storage.standings import (
    AttentionMonth,
    Member,
    MemberSignal,
    OrganisationHistory,
    Person,
    PracticeHistory,
)
from tests.unit.history_samples import BERLIN, CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.rules.finding import Finding

START = datetime(2024, 1, 8, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def day(number: float) -> datetime:
    return START + number * DAY


def sign(
    opened: float, cleared: float | None = None, strength: str = "medium", rule: str = "gone_quiet"
) -> MemberSignal:
    return MemberSignal(
        id=f"sig_{rule}_{opened}",
        rule=rule,
        strength=strength,
        opened=day(opened),
        cleared=None if cleared is None else day(cleared),
        sentence="They have gone quiet.",
    )


def member(
    name: str,
    *signs: MemberSignal,
    judged: float | None = -300.0,
    heard: Sequence[tuple[float, float]] = ((-300, 400),),
    labels: tuple[str, ...] = (),
) -> Member:
    return Member(
        contact_id=f"c_{name.lower()}",
        name=name,
        labels=labels,
        judged_since=None if judged is None else day(judged),
        heard=tuple((day(first), day(last)) for first, last in heard),
        signals=tuple(
            MemberSignal(**{**{key: getattr(one, key) for key in MemberSignal.__slots__}, "id": f"{one.id}_{name}"})
            for one in signs
        ),
    )


def firm(*members: Member) -> OrganisationHistory:
    return OrganisationHistory(domain="acme.example", members=tuple(sorted(members, key=lambda one: one.contact_id)))


def judged_firm(history: OrganisationHistory, as_of: float = 1000) -> list[tuple[str, Finding]]:
    """Judge by the built-in rules; gives findings with the contacts to whom they belong."""
    outcome = Organisations(CATALOGUE, BERLIN).judge(history, day(as_of))
    return [(one.contact_id, one.finding) for one in outcome.findings]


def month(
    name: str, *, replies: Sequence[float] = (), meetings: float = 0.0, messages: int | None = None
) -> AttentionMonth:
    first = datetime.fromisoformat(f"{name}-05T10:00:00+00:00")
    return AttentionMonth(
        month=name,
        messages=len(replies) if messages is None else messages,
        meeting_hours=meetings,
        reply_hours=tuple(sorted(replies)),
        slowest=f"m_{name}" if replies else None,
        slowest_at=first if replies else None,
    )


@dataclass(frozen=True)
class Client:
    """Somebody with what they got."""

    person: Person
    months: tuple[AttentionMonth, ...]


def client(name: str, *months: AttentionMonth, labels: tuple[str, ...] = ()) -> Client:
    return Client(Person(contact_id=f"c_{name.lower()}", name=name, labels=labels), months)


def practice(*clients: Client) -> PracticeHistory:
    found: dict[str, dict[str, AttentionMonth]] = {}
    for one in clients:
        for got in one.months:
            found.setdefault(got.month, {})[one.person.contact_id] = got
    return PracticeHistory(
        people={one.person.contact_id: one.person for one in clients}, months=tuple(sorted(found.items()))
    )


def judged_practice(history: PracticeHistory, as_of: datetime) -> list[tuple[str, Finding]]:
    """Judge by the built-in rules; gives findings with the contacts they are about."""
    return [(one.contact_id, one.finding) for one in Practice(CATALOGUE, BERLIN).judge(history, as_of)]
