"""What a backtest came to, as text and as JSON, with what the figures are worth."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from keepwarm.daemon.tables import Column
from keepwarm.outputs.safe_text import one_line
from keepwarm.rules.silences import SILENCE_DAYS

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from keepwarm.daemon.backtesting import Backtested, Ground
    from keepwarm.rules.backtest import Backtest, Tally
    from keepwarm.rules.rivals import Difference, OnlyOne


def _hundredths(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


FIGURES = (
    Column("rule", "RULE"),
    Column("signals", "SIGNALS", right=True),
    Column("signals_per_week", "A WEEK", right=True, text=_hundredths),
    Column("contacts", "PEOPLE", right=True),
    Column("told", "SILENCES TOLD"),
    Column("lead", "BEFORE DAY 60", right=True),
    Column("after", "AFTER LAST WORD", right=True),
    Column("followed", "THEN SILENT", right=True),
    Column("false", "FALSE ALARMS", right=True),
    Column("words", "YOUR WORD"),
)
"""The columns of a table of them, for people."""

_FEW_WEEKS = 52
_FEW_SILENCES = 20
_LISTED = 12
_LONGEST_NAME = 40


def as_json(found: Backtested, zone: tzinfo) -> dict[str, Any]:
    """Give a backtest as ``rules backtest --json`` has it; days are in the owner's zone."""
    ground = found.ground
    return {
        "since": ground.since,
        "as_of": ground.as_of,
        "weeks": round(ground.weeks, 1),
        "contacts": ground.contacts,
        "contacts_with_rhythm": ground.with_rhythm,
        "silences": {"came": ground.silences, "ended": ground.silences_ended, "days": SILENCE_DAYS},
        "rules": rows(found.in_force, ground),
        "rules_of_file": rows(found.beside, ground) if found.beside else None,
        "difference": [_difference_json(one, zone) for one in found.differences] if found.beside else None,
        "notes": notes(found),
    }


def _read_together(row: dict[str, Any]) -> dict[str, Any]:
    """Put figures together that are read together."""
    told, late, silences = row["silences_told"], row["silences_told_late"], row["silences"]
    decided = sum(row[key] or 0 for key in ("followed_by_silence", "false_alarms", "heard_from_less"))
    lead, after = row["lead_days"], row["days_after_last_word"]
    words = [f"{row[key]} {key}" for key in ("confirmed", "dismissed") if row[key]]
    return {
        **row,
        "told": f"{told} of {silences}{f', {late} late' if late else ''}" if silences else "",
        "lead": "" if lead is None else f"{lead:.0f} d",
        "after": "" if after is None else f"{after:.0f} d",
        "followed": row["followed_by_silence"] or "",
        "false": "" if row["false_alarms"] is None else f"{row['false_alarms']} of {decided}",
        "words": ", ".join(words),
    }


def rows(test: Backtest, ground: Ground) -> list[dict[str, Any]]:
    """Give a row for each rule."""
    return [_row(tally, ground) for tally in test.tallies.values()]


def figures(test: Backtest, ground: Ground) -> list[dict[str, Any]]:
    """Give the rows of the table for people."""
    return [_read_together(row) for row in rows(test, ground)]


def _row(tally: Tally, ground: Ground) -> dict[str, Any]:
    about_silence = tally.rule.silence
    return {
        "rule": tally.rule.id,
        "family": tally.rule.family.value,
        "version": tally.rule.fingerprint,
        "signals": tally.signals,
        "signals_per_week": round(tally.signals / ground.weeks, 2) if ground.weeks >= 1 else None,
        "contacts": tally.contacts,
        "silences": tally.silences if tally.is_about_them else None,
        "silences_told": len(tally.leads) if tally.is_about_them else None,
        "silences_told_late": tally.told_late if tally.is_about_them else None,
        "lead_days": _rounded(tally.lead_before_it_came()),
        "days_after_last_word": _rounded(tally.lead_after_last_word()),
        "followed_by_silence": tally.ends["followed"] if tally.is_about_them else None,
        "false_alarms": tally.false_alarms,
        "heard_from_less": tally.ends["neither"] if about_silence else None,
        "cannot_be_told": tally.ends["open"] if about_silence else None,
        "confirmed": tally.verdicts["confirmed"],
        "dismissed": tally.verdicts["dismissed"],
    }


def _rounded(days: float | None) -> float | None:
    return None if days is None else round(days, 1)


def _difference_json(one: Difference, zone: tzinfo) -> dict[str, Any]:
    def listed(some: list[OnlyOne]) -> list[dict[str, Any]]:
        ordered = sorted(some, key=lambda each: (each.opened, each.contact_id))
        return [{**asdict(each), "day": each.opened.astimezone(zone).date()} for each in ordered]

    return {
        "rule": one.rule,
        "same": one.same,
        "opened_on_another_day": len(one.shifts),
        "later_by_days": _rounded(one.shift),
        "only_in_force": one.first_only_count,
        "only_in_file": one.second_only_count,
        "signals_only_in_force": listed(one.first_only),
        "signals_only_in_file": listed(one.second_only),
    }


def notes(found: Backtested) -> list[str]:
    """Say what the figures are worth."""
    ground = found.ground
    if ground.contacts == 0:
        return ["There is nothing to go by yet. Next: keepwarm sync"]
    said = []
    if ground.weeks < _FEW_WEEKS:
        said.append(
            f"There are {ground.weeks:.0f} weeks to go by, and a rule needs weeks of somebody before it can speak:"
            " take the figures for a first impression."
        )
    if ground.silences == 0:
        said.append("No silence came in that time: how early one is told, nobody can say.")
    elif ground.silences < _FEW_SILENCES:
        said.append(
            f"Only {ground.silences} {'silence' if ground.silences == 1 else 'silences'} came:"
            " what is said of them may as well be chance."
        )
    if not ground.verdicts:
        said.append(
            "You have dismissed or confirmed nothing yet. Of rules that are not about silence only your word can tell"
            " a false alarm, so there is no figure for them."
        )
    said.append(
        "A silence that came need not be a loss: a project that ended well looks the same. And rules that were tuned"
        " on this very history look better here than they will be."
    )
    said.append("Labels, and who is one person, are as they are today.")
    return said


def as_text(found: Backtested, zone: tzinfo, file: str) -> str:
    """Give what stands around the tables: the ground before, the differences and the notes after them."""
    lines = []
    if found.beside is not None:
        lines += [f"In force, and with {file}: what differs", ""]
        lines += [text for one in found.differences for text in _difference_text(one, zone)]
        lines += [] if found.differences else ["  Nothing: both say the same, on the same days."]
        lines += [""]
    return "\n".join([*lines, "What this is worth", *(f"  {note}" for note in notes(found))])


def ground_text(ground: Ground, zone: tzinfo) -> str:
    """Say what there was to go by."""
    return (
        f"{_day(ground.since, zone)} to {_day(ground.as_of, zone)}: {ground.weeks:.0f} weeks, {ground.contacts} people,"
        f" {ground.with_rhythm} of them with a rhythm at some time.\n"
        f"{ground.silences} silences of {SILENCE_DAYS:.0f} counted days came after a rhythm;"
        f" {ground.silences_ended} of them have ended.\n"
        "A signal about silence was a false alarm if within 30 days they were heard from on at least half as many days"
        " as usual."
    )


def _difference_text(one: Difference, zone: tzinfo) -> list[str]:
    lines = [f"  {one.rule}: {one.same} the same"]
    if one.shift is not None:
        how = f"{abs(one.shift):.0f} days {'later' if one.shift > 0 else 'earlier'} with the file (median)"
        lines[0] += f", {len(one.shifts)} on another day, {how}"
    for which, count, listed in (
        ("only in force", one.first_only_count, one.first_only),
        ("only with the file", one.second_only_count, one.second_only),
    ):
        if count:
            lines.append(f"    {which}: {count}")
            ordered = sorted(listed, key=lambda each: (each.opened, each.contact_id))
            lines += [
                f"      {_day(each.opened, zone)}  {one_line(each.contact, _LONGEST_NAME)}: {each.sentence}"
                for each in ordered[:_LISTED]
            ]
            lines += [f"      and {count - _LISTED} more; --json names them"] if count > _LISTED else []
    return lines


def _day(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).date().isoformat()
