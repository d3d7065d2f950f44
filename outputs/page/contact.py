"""A contact's page: their year, what it rests on, what became of the meetings, and what only the owner knows."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from keepwarm.outputs.page.charts import HALF_WIDTH, LEFT, WIDTH, mail_chart, reply_chart, warmth_chart
from keepwarm.outputs.page.frame import NOTHING, html
from keepwarm.outputs.page.signal_rows import EvidenceRow, evidence_rows, signal_row
from keepwarm.outputs.safe_text import mailbox, one_line
from keepwarm.outputs.sonar import direction_of
from keepwarm.outputs.warmth import arrow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keepwarm.outputs.desk import Desk
    from keepwarm.outputs.page.forms import Typed
    from keepwarm.outputs.page.frame import Frame
    from keepwarm.storage.portraits import ChangeView, MeetingTold, Portrait, ReplyView

_LONGEST = 300
_MONTHS_OPEN = 25  # changes that are listed at once; the rest is a click away
_PAST_SIGNALS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change of the warmth."""

    seq: int
    day: str
    before: str
    after: str
    change: str  # "+2.1"
    direction: str
    band: str
    sentence: str
    evidence: tuple[EvidenceRow, ...]
    judged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """A meeting and its story."""

    id: str
    day: str
    title: str
    line: str
    off: bool
    evidence: tuple[EvidenceRow, ...]


def contact_html(
    frame: Frame,
    portrait: Portrait,
    floors: Sequence[tuple[str, float]],
    known_labels: Sequence[str],
    typed: Typed,
) -> str:
    """Set a contact's page; ``floors`` are the bands, the warmest first, and where they begin."""
    desk, words, one = frame.desk, frame.words, portrait.contact
    name = desk.name(one)
    rows = [signal_row(desk, signal) for signal in portrait.signals]
    changes = [_change(desk, change) for change in reversed(portrait.changes)]
    warmth = warmth_chart(portrait, desk.dates, floors)
    return html(
        "contact.html.j2",
        frame,
        contact=one,
        name=name,
        about=desk.about(one),
        addresses=[(address, mailbox(address)) for address in (one_line(text, 120) for text in one.addresses)],
        level=round(one.warmth),
        band=words.get(f"bands.{one.band}"),
        arrow=arrow(words, round(one.trend)),
        direction=direction_of(one),
        portrait=portrait,
        organisation=_organisation(desk, portrait),
        terms=[(f"{term.points:+.1f}", one_line(term.sentence, _LONGEST)) for term in portrait.terms],
        facts=list(_facts(desk, portrait)),
        chart_width=WIDTH,
        half_width=HALF_WIDTH,
        left=round(LEFT),
        warmth=warmth,
        mail=mail_chart(portrait, desk.dates),
        mail_in_words=words.say(
            "page.mail.in_words",
            theirs=words.number(sum(week.from_them for week in portrait.mail)),
            owners=words.number(sum(week.from_owner for week in portrait.mail)),
        ),
        replies=reply_chart(portrait, desk.dates),
        replies_in_words=_replies_in_words(desk, portrait),
        changes=changes[:_MONTHS_OPEN],
        more_changes=changes[_MONTHS_OPEN:],
        rows_by_seq={row.seq: row for row in changes},
        meetings=[_meeting(desk, told) for told in portrait.meetings],
        open_signals=[row for row in rows if not row.cleared],
        past_signals=[row for row in rows if row.cleared][:_PAST_SIGNALS],
        met_lately=[(met.id, _met(desk, met.title, met.start)) for met in portrait.met_lately],
        missed=[(said.id, _met(desk, said.title, said.start)) for said in portrait.missed],
        labels=[(label, words.name_of("labels", label)) for label in one.labels],
        known_labels=known_labels,
        today=desk.dates.local(desk.dates.as_of).date(),
        typed=typed,
        back=one.id,
    )


def _change(desk: Desk, change: ChangeView) -> ChangeRow:
    step = change.step
    moved = step.after - step.before
    return ChangeRow(
        seq=step.seq,
        day=desk.dates.exact(step.at),
        before=f"{step.before:.1f}",
        after=f"{step.after:.1f}",
        change=f"{moved:+.1f}",
        direction="warming" if moved > 0 else "cooling" if moved < 0 else "steady",
        band=step.band,
        sentence=_cause(desk, change),
        evidence=evidence_rows(desk, change.evidence),
        judged=step.signal is not None,
    )


def _cause(desk: Desk, change: ChangeView) -> str:
    """Say what made it; the rules say it in English, and what is not a rule's sentence is known in other languages."""
    known = desk.words.get("page.causes")
    if desk.words.get("language") != "en" and change.step.cause in known:
        return str(known[change.step.cause])
    return one_line(change.step.sentence, _LONGEST)


def _meeting(desk: Desk, told: MeetingTold) -> MeetingRow:
    return MeetingRow(
        id=told.id,
        day=desk.dates.short(told.start),
        title=one_line(told.title, 120) or desk.words.get("page.meetings.untitled"),
        line=one_line(told.line, _LONGEST),
        off=told.off,
        evidence=evidence_rows(desk, told.evidence),
    )


def _met(desk: Desk, title: str, start: object) -> str:
    return f"{desk.dates.exact(start)}  {one_line(title, 80) or desk.words.get('page.meetings.untitled')}"  # type: ignore[arg-type]


def _facts(desk: Desk, portrait: Portrait) -> Iterable[tuple[str, str]]:
    """Give the few things that are asked for first."""
    one, words, dates = portrait.contact, desk.words, desk.dates
    for key, moment in (("heard", one.last_in), ("wrote", one.last_out), ("next", one.next_meeting)):
        yield words.get(f"page.contact.{key}"), dates.short(moment) if moment else NOTHING
    if one.ping_interval_days:
        days = words.count("page.contact.days", one.ping_interval_days)
        key = "ping_set" if portrait.ping else "ping_learnt"
        yield words.get("page.contact.ping"), words.say(f"page.contact.{key}", days=days)


def _organisation(desk: Desk, portrait: Portrait) -> str:
    at_work = portrait.organisation
    if at_work is None or at_work.warmth is None:
        return ""
    return desk.words.say(
        "page.contact.organisation",
        organisation=one_line(at_work.domain, 80),
        level=round(at_work.warmth),
        band=str(desk.words.get(f"bands.{at_work.band}")).lower(),
        coldest=one_line(at_work.coldest_name or "", 60),
    )


def _replies_in_words(desk: Desk, portrait: Portrait) -> str:
    words = desk.words
    said = [
        words.say(f"page.replies.{whose}", hours=_hours(desk, replies), count=words.number(len(replies)))
        for whose, replies in (("theirs", portrait.their_replies), ("owners", portrait.owner_replies))
        if replies
    ]
    return " ".join(said) or str(words.get("page.replies.none"))


def _hours(desk: Desk, replies: Sequence[ReplyView]) -> str:
    hours = median(one.hours for one in replies)
    if hours < 1:
        return str(desk.words.get("page.replies.less"))
    if hours < 16:
        return desk.words.count("page.replies.hours", round(hours))
    return desk.words.count("page.replies.days", round(hours / 9))
