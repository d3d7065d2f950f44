"""Standings: what is kept of each contact for questions that only all of them together can answer.

How much attention the owner gave them, month by month, and since when they can be judged; and, made of that, what the
rules read of an organisation and of the practice as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


class AttentionMonth(NamedTuple):
    """What passed between the two in a month of the owner's calendar. A tuple: there are hundreds of thousands."""

    month: str  # "2026-03"
    messages: int = 0  # by the owner
    meeting_hours: float = 0.0  # of meetings that were held
    reply_hours: tuple[float, ...] = ()  # working hours that each reply of the owner's took, shortest first
    slowest: str | None = None  # ref of the reply that took longest ...
    slowest_at: datetime | None = None  # ... and when it was written
    heard_first: datetime | None = None  # when they first wrote or met the owner in that month, ...
    heard_last: datetime | None = None  # ... and when last


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A contact as one of many."""

    contact_id: str
    name: str
    organisation: str | None  # domain
    labels: tuple[str, ...]
    judged_since: datetime | None  # with the first messages, nobody can be judged
    months: tuple[AttentionMonth, ...]  # those in which there was anything, oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSignal:
    """A sign that one person of an organisation cools."""

    id: str
    rule: str
    strength: str
    opened: datetime
    cleared: datetime | None
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of an organisation."""

    contact_id: str
    name: str
    labels: tuple[str, ...]
    judged_since: datetime | None
    heard: tuple[tuple[datetime, datetime], ...]  # by month: when first and when last they were heard
    signals: tuple[MemberSignal, ...]  # in the order of opening


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationHistory:
    """An organisation as its people show it, in the order of their ids."""

    domain: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact among all."""

    contact_id: str
    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeHistory:
    """All contacts, and what the owner gave them.

    ``months`` can be gone through once: everybody's attention in a month by contact id, the oldest month first, months
    without any left out, so that no more than a few need to be held at once. When they were heard is left out.
    """

    people: Mapping[str, Person]  # by contact id
    months: Iterable[tuple[str, Mapping[str, AttentionMonth]]]
