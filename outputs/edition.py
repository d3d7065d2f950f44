"""Edition: one week's report as content, before it is set as text or HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.outputs.appointment import Appointment, appointment, people_met
from keepwarm.outputs.attention import Attention, attention
from keepwarm.outputs.desk import AT_MOST, Desk, desk
from keepwarm.outputs.finding import Finding, finding, news_of, people_of, reminder
from keepwarm.outputs.headline import headline
from keepwarm.outputs.kinds import KINDS, kind_of
from keepwarm.outputs.provenance import Provenance, provenance
from keepwarm.outputs.ranking import HANDFUL, handful, is_new
from keepwarm.outputs.sonar import Sonar, sonar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.outputs.wording import Wording
    from keepwarm.storage.views import SignalView, WeekView


@dataclass(frozen=True, slots=True)
class Section:
    """A titled list of contacts; those who are not shown are counted."""

    kind: str
    title: str
    lead: str
    rows: tuple[Finding | Appointment, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Edition:
    """A report in its order; what is empty is left out, the provenance never."""

    words: Wording
    week: str  # "Week 47: 16 to 22 November 2026"
    title: str
    headline: str
    sonar: Sonar | None
    settled: tuple[str, ...]  # what was cleared within the week
    standing: str  # of how many people something is open that earlier reports have told; "" if of none
    sections: tuple[Section, ...]
    attention: Attention | None
    provenance: Provenance


def edition(week: WeekView, language: str = "en", page_url: str = "") -> Edition:
    """Write the report of ``week``; names lead to the local page at ``page_url``, if there is one.

    Raises FileNotFoundError for a language without a catalogue.
    """
    this = desk(week, language, page_url)
    span = this.dates.span(week.since, week.until)
    number = week.week.rpartition("-W")[2].lstrip("0")
    return Edition(
        words=this.words,
        week=this.words.say("masthead.week", week=number, dates=span),
        title=this.words.say("masthead.title", dates=span),
        headline=headline(this),
        sonar=sonar(this) if week.contacts else None,
        settled=tuple(dict.fromkeys(_settled(this)))[:AT_MOST],
        standing=_standing(this),
        sections=tuple(section for section in _sections(this) if section.rows or section.more),
        attention=attention(this),
        provenance=provenance(this),
    )


def people_told(week: WeekView) -> frozenset[str]:
    """Give the contacts, by id, of whom the report of ``week`` shows findings: theirs is the evidence that it needs."""
    this = desk(week)
    due = people_of(this, "pings")[:HANDFUL]
    return frozenset({who for who, _ in handful(this)} | {signals[0].contact.id for signals in due})


def _sections(this: Desk) -> Iterator[Section]:
    chosen = handful(this)
    for kind in KINDS:
        if kind == "pings":
            yield _pings(this)
            yield _meetings(this)
        else:
            yield _findings(this, kind, chosen)


def _findings(this: Desk, kind: str, chosen: frozenset[tuple[str, str]]) -> Section:
    news = news_of(this, kind)
    told = [signals for signals in news if (signals[0].contact.id, kind) in chosen]
    rest = len(news) - len(told)
    more = this.words.count("row.more", rest, command="keepwarm signals") if rest else ""
    return _section(this, kind, tuple(finding(this, signals) for signals in told), more)


def _pings(this: Desk) -> Section:
    """List the pings that are due, the most valuable first; those that were told before only by name."""
    due = people_of(this, "pings")
    rows = tuple(
        finding(this, signals) if any(is_new(this, one) for one in signals) else reminder(this, signals)
        for signals in due[:HANDFUL]
    )
    return _section(this, "pings", rows, this.more(len(due), "keepwarm signals"))


def _meetings(this: Desk) -> Section:
    met = people_met(this)
    rows = tuple(appointment(this, contact) for contact in met[:AT_MOST])
    return _section(this, "meetings", rows, this.more(len(met), "keepwarm contacts"))


def _section(this: Desk, kind: str, rows: tuple[Finding | Appointment, ...], more: str) -> Section:
    title, lead = (this.words.say(f"sections.{kind}.{part}") for part in ("title", "lead"))
    return Section(kind, title, lead, rows, more)


def _standing(this: Desk) -> str:
    people = len({one.contact.id for one in this.week.signals if _stands(this, one)})
    return this.words.count("sonar.standing", people) if people else ""


def _stands(this: Desk, signal: SignalView) -> bool:
    return signal.cleared is None and kind_of(signal) != "pings" and not is_new(this, signal)


def _settled(this: Desk) -> Iterator[str]:
    still = {(signal.contact.id, signal.rule) for signal in this.week.signals if signal.cleared is None}
    cleared = [
        signal
        for signal in this.week.signals
        if signal.cleared is not None and (signal.contact.id, signal.rule) not in still  # else it only got worse
    ]
    for signal in sorted(cleared, key=lambda signal: (this.name(signal.contact), signal.rule, signal.id)):
        what = this.words.name_of("rules", signal.rule)
        yield this.words.say("sonar.settled_one", name=this.name(signal.contact), what=what)
