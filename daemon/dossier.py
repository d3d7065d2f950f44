"""A dossier: one contact whole, for ``keepwarm contacts show``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from keepwarm.daemon import referrals, remembered
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.outputs.json_views import contact_row, organisation_row, signal_row
from keepwarm.outputs.safe_text import one_line
from keepwarm.outputs.sparkline import sparkline
from keepwarm.rules.facts import FACTS
from keepwarm.rules.series_stories import stories
from keepwarm.storage import contacts, organisation_views, signals
from keepwarm.storage.history_reader import histories
from keepwarm.storage.identity import meeting_id
from keepwarm.storage.sightings import Change

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, tzinfo

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.stories import Story
    from keepwarm.storage.histories import MeetingFact, RevisionFact

_LINES_SHOWN = 12
_LONGEST_TITLE = 80
_AHEAD = timedelta(days=14)


def of(connection: Connection, workshop: Workshop, contact_id: str, as_of: datetime) -> dict[str, Any]:
    """Gather all that is known of a contact as of a moment."""
    view = contacts.views(connection, as_of, [contact_id])
    history = next(iter(histories(connection, [contact_id], workshop.owner)))
    moment, _ = workshop.engine.moment(history, as_of)
    shown, told = workshop.engine.warmth_told(history, as_of)
    at_work = organisation_views.views(connection, as_of, [history.organisation]) if history.organisation else []
    return {
        "contact": contact_row(view[0]) if view else {"id": contact_id, "name": history.name},
        "organisation": organisation_row(at_work[0]) if at_work else None,
        "terms_as_of": shown,
        "terms": [{"points": term.points, "sentence": term.sentence} for term in told],
        "signals": [
            signal_row(one) for one in signals.views(connection, as_of, contacts=[contact_id]) if not one.hidden
        ],
        "warmth": [asdict(step) for step in contacts.ledger(connection, contact_id, as_of)],
        "referrals": referrals.of(connection, history, workshop.owner, as_of),
        "facts": {name: value for name, fact in FACTS.items() if (value := fact.compute(moment)) is not None},
        "meetings": meetings_told(history.meetings, as_of, workshop.configuration.owner.timezone),
        **remembered.of(connection, contact_id, as_of),
    }


def meetings_told(meetings: Sequence[MeetingFact], as_of: datetime, zone: tzinfo) -> list[dict[str, Any]]:
    """Give the meetings of the past and of the next weeks, and what was changed however far ahead.

    A series is in one line.
    """
    told = stories(meetings, as_of, zone)
    return [_meeting(one) for one in told if one.start <= as_of + _AHEAD or any(map(is_told, one.steps))]


def is_told(step: RevisionFact) -> bool:
    """Tell whether a step is worth telling however far ahead its meeting is."""
    return step.change not in (Change.CREATED, Change.ACCEPTED)


def _meeting(story: Story) -> dict[str, Any]:
    return {
        "id": meeting_id(story.meeting.ical_uid, story.meeting.recurrence_id),
        "summary": story.meeting.summary,
        "start": story.start,
        "end": story.end,
        "status": story.status.value,
        "series": story.meeting.series,
        "line": story.line,
        "story": [
            {"at": one.at, "change": one.change.value, "by": one.by.value, "why": one.why, "evidence": _evidence(one)}
            for one in story.steps
        ],
    }


def _evidence(revision: RevisionFact) -> list[str]:
    """Name the revision, and what shows who is behind it."""
    return [ref for ref in (revision.ref, revision.prompt) if ref]


def text(found: dict[str, Any], zone: tzinfo) -> str:
    """Give a dossier as lines for a terminal."""
    who = found["contact"]
    lines = [who["name"], f"  {', '.join(who.get('addresses', []))}"]
    if "warmth" in who:
        band = who["band"].replace("_", " ")
        lines.append(f"  warmth {who['warmth']:.1f} ({band}), {who['trend']:+.1f} in 30 days")
        lines.append(f"  {sparkline([step['after'] for step in found['warmth'][-60:]])}")
    if at_work := found.get("organisation"):
        lines.append(f"  {_organisation(at_work)}")
    lines += ["", f"Where the warmth of {_day(found['terms_as_of'], zone)} comes from"]
    lines += [f"  {term['points']:+7.1f}  {term['sentence']}" for term in found["terms"]]
    lines += _part("Open signals", [f"{one['sentence']}  [{one['id']}]" for one in found["signals"]])
    lines += _part("Meetings", [_story(one, zone) for one in found["meetings"][:_LINES_SHOWN]])
    for title, said in remembered.lines(found, zone).items():
        lines += _part(title, said)
    lines += _part("Who referred whom", referrals.lines(found["referrals"], zone))
    steps = [
        f"{_day(step['at'], zone)}  {step['before']:5.1f} -> {step['after']:5.1f}  {step['sentence']}"
        for step in found["warmth"][-_LINES_SHOWN:]
    ]
    lines += _part("Warmth, last changes", steps)
    lines += _part("Facts", [f"{name} = {_value(value)}" for name, value in found["facts"].items()])
    return harmless_lines("\n".join(lines))


def _organisation(at_work: dict[str, Any]) -> str:
    domain = one_line(at_work["organisation"], _LONGEST_TITLE)
    if at_work["warmth"] is None:
        return f"{domain}: nobody there can be judged yet"
    band, coldest = at_work["band"].replace("_", " "), one_line(at_work["coldest"]["name"], _LONGEST_TITLE)
    counted = at_work["people_who_count"]
    others = f", the coldest of {counted} people there" if counted > 1 else ""
    return f"{domain}: warmth {at_work['warmth']:.1f} ({band}), by {coldest}{others}"


def _part(title: str, lines: list[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []


def _story(meeting: dict[str, Any], zone: tzinfo) -> str:
    title = one_line(meeting["summary"] or "", _LONGEST_TITLE) or "(no title)"
    return f"{_day(meeting['start'], zone)}  {meeting['id']}  {title}: {meeting['line']}"


def _day(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).date().isoformat()


def _value(value: float | str) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
