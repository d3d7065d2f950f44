"""Facts about what becomes less, or more, against a contact's own past: meetings, company, the size of replies."""

from __future__ import annotations

from datetime import timedelta
from statistics import median
from typing import TYPE_CHECKING

from keepwarm.rules.calls import FEW
from keepwarm.rules.facts.fact import fact, next_event
from keepwarm.rules.moment import FAR
from keepwarm.rules.replies import SIZED
from keepwarm.rules.sources import Source, of_message, of_revision
from keepwarm.rules.timeline import MEETINGS, RECEIVED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keepwarm.rules.calls import Call
    from keepwarm.rules.contrast import Contrast
    from keepwarm.rules.moment import Moment
    from keepwarm.storage.histories import MessageFact

MOST = FEW - 1
MEETING_DAYS = 150
MAILS, MAILS_BEFORE, MOST_BEFORE = 8, 10, 40
MAIL_DAYS = 120
QUARTER = 0.25
SAME_OVERHEAD = 0.8


# Meetings, see rules/calls.py.


def _few(moment: Moment) -> list[Call]:
    """Give the last few that were held; none if they are not all recent."""
    few = moment.calls.held.items[-FEW:]
    return few if len(few) == FEW and few[0].step.revision.end >= moment.ago(MEETING_DAYS) else []


def _cite_few(moment: Moment) -> Sequence[Source]:
    return [of_revision(one.step.meeting, one.step.revision) for one in reversed(_few(moment))]


def _first_fades(moment: Moment) -> datetime:
    few = _few(moment)
    return few[0].step.revision.end + timedelta(days=MEETING_DAYS) if few else FAR


def _tells(moment: Moment, contrast: Contrast) -> bool:
    return contrast.told and bool(_few(moment))


def _before(contrast: Contrast) -> float | None:
    return contrast.median_before() if contrast.told else None


@fact(float, "minutes", cites=_cite_few, until=_first_fades, by=MEETINGS)
def meeting_minutes(moment: Moment) -> float | None:
    """Length that three of your last four meetings with them do not exceed."""
    return moment.calls.minutes.at_most(MOST) if _tells(moment, moment.calls.minutes) else None


@fact(float, "minutes", until=next_event, by=MEETINGS)
def meeting_minutes_before(moment: Moment) -> float | None:
    """Median length of up to twenty meetings before those."""
    return _before(moment.calls.minutes)


@fact(int, "meetings", cites=_cite_few, until=_first_fades, by=MEETINGS, falls=True)
def short_meetings_by_them(moment: Moment) -> int | None:
    """How many of those that are no longer they called."""
    longest = meeting_minutes(moment)
    return None if longest is None else sum(one.theirs and one.minutes <= float(longest) for one in _few(moment))


@fact(float, "days", cites=_cite_few, until=_first_fades, by=MEETINGS, falls=True)
def meeting_gap_days(moment: Moment) -> float | None:
    """Time that passed at least before three of your last four meetings, absences and holidays left out."""
    return moment.calls.gaps.at_least(MOST) if _tells(moment, moment.calls.gaps) else None


@fact(float, "days", until=next_event, by=MEETINGS)
def meeting_gap_days_before(moment: Moment) -> float | None:
    """Median time that passed before up to twenty meetings before those."""
    return _before(moment.calls.gaps)


@fact(float, "share", cites=_cite_few, until=_first_fades, by=MEETINGS)
def their_calls_of_usual(moment: Moment) -> float | None:
    """How often they called the last four meetings, as a share of how often they called meetings before those."""
    return moment.calls.their_pace() if _few(moment) else None


@fact(int, "meetings", cites=_cite_few, until=_first_fades, by=MEETINGS, falls=True)
def group_meetings(moment: Moment) -> int | None:
    """How many of your last four meetings with them were of more people than most of those before."""
    usual = _before(moment.calls.people)
    few = _few(moment)
    return sum(one.people > usual for one in few) if few and usual is not None else None


@fact(int, "meetings", cites=_cite_few, until=_first_fades, by=MEETINGS, falls=True)
def group_meetings_by_them(moment: Moment) -> int | None:
    """How many of those they called."""
    usual = _before(moment.calls.people)
    few = _few(moment)
    return sum(one.theirs and one.people > usual for one in few) if few and usual is not None else None


@fact(float, "people", until=next_event, by=MEETINGS)
def meeting_people_before(moment: Moment) -> float | None:
    """Median number of people in up to twenty meetings before those."""
    return _before(moment.calls.people)


# To whom they write, where that was theirs to choose.


def _addressed(moment: Moment) -> list[MessageFact]:
    few = moment.addressed_by_them.items[-MAILS:]
    return few if len(few) == MAILS and few[0].at >= moment.ago(MAIL_DAYS) else []


def _cite_addressed(moment: Moment) -> Sequence[Source]:
    return [of_message(one) for one in reversed(_addressed(moment)) if one.recipients > 1]


def _first_mail_fades(moment: Moment) -> datetime:
    few = _addressed(moment)
    return few[0].at + timedelta(days=MAIL_DAYS) if few else FAR


@fact(int, "messages", cites=_cite_addressed, until=_first_mail_fades, by=RECEIVED, falls=True)
def their_mails_to_group(moment: Moment) -> int | None:
    """How many of their last eight mails, answers to mails of yours to several left out, went to others, too."""
    few = _addressed(moment)
    return sum(one.recipients > 1 for one in few) if few else None


@fact(float, "share", until=next_event, by=RECEIVED)
def their_mails_to_you_alone_before(moment: Moment) -> float | None:
    """Which share of up to forty such mails before those went to you alone."""
    before = moment.addressed_by_them.items[-MAILS - MOST_BEFORE : -MAILS]
    return sum(one.recipients == 1 for one in before) / len(before) if len(before) >= MAILS_BEFORE else None


# The size of their replies. A mail is known by its size as a whole: with its header, a signature, what it quotes and
# what is attached. So those are compared that answer what began a conversation, which quote one mail at most; only
# against their own past; and not where their mails have changed otherwise.


def _sized(moment: Moment) -> bool:
    """Tell whether there are enough replies to compare, the last ones recent."""
    few = moment.replies.sized.items[-SIZED:]
    return moment.replies.sizes.told and few[0].message.at >= moment.ago(MAIL_DAYS)


def _cite_sized(moment: Moment) -> Sequence[Source]:
    few = moment.replies.sized.items[-SIZED:] if _sized(moment) else []
    return [of_message(one.message) for one in reversed(few)]


def _first_reply_fades(moment: Moment) -> datetime:
    few = moment.replies.sized.items[-SIZED:]
    return few[0].message.at + timedelta(days=MAIL_DAYS) if _sized(moment) else FAR


@fact(int, "replies", cites=_cite_sized, until=_first_reply_fades, by=RECEIVED, falls=True)
def their_short_replies(moment: Moment) -> int | None:
    """How many of their last eight replies, as whole mails, are no larger than the smallest quarter of those before."""
    return moment.replies.sizes.among_smallest(QUARTER) if _sized(moment) else None


@fact(int, "replies", cites=_cite_sized, until=_first_reply_fades, by=RECEIVED, falls=True)
def their_full_replies(moment: Moment) -> int | None:
    """How many of their last eight replies, as whole mails, are no smaller than the largest quarter of those before."""
    return moment.replies.sizes.among_largest(QUARTER) if _sized(moment) else None


@fact(float, "kB", cites=_cite_sized, until=_first_reply_fades, by=RECEIVED, falls=True)
def their_reply_kb(moment: Moment) -> float | None:
    """Median size of their last eight replies to what you began, as whole mails."""
    return moment.replies.sizes.median() / 1000 if _sized(moment) else None


@fact(float, "kB", until=next_event, by=RECEIVED)
def their_reply_kb_before(moment: Moment) -> float | None:
    """Median size of up to forty such replies before those."""
    return moment.replies.sizes.median_before() / 1000 if moment.replies.sizes.told else None


@fact(bool, "", until=_first_reply_fades, by=RECEIVED)
def their_mails_compare(moment: Moment) -> bool | None:
    """Their smallest mails, and what they answer, are as large as before: a new signature is no fuller reply."""
    if not _sized(moment):
        return None
    replies = moment.replies.sized.items[-SIZED - MOST_BEFORE :]
    few, before = replies[-SIZED:], replies[:-SIZED]
    since, latest = few[0].message.at, few[SIZED // 2].message.at  # the first of the few may be as those before were
    smallest = min(one.size for one in moment.inbound.since(latest))
    smallest_before = min(one.size for one in moment.inbound.between(before[0].message.at, since))
    answered, answered_before = (median(one.answers.size for one in some) for some in (few, before))
    return _near(smallest, smallest_before) and _near(answered, answered_before)


def _near(now: float, then: float) -> bool:
    return SAME_OVERHEAD * then <= now and SAME_OVERHEAD * now <= then
