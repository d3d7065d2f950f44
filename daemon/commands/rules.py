"""``keepwarm rules``: the rules in force, their facts, and what they say, would say, and would have said."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.rules_in_force import read, rule_set
from keepwarm.daemon.tables import Column, show

if TYPE_CHECKING:
    from datetime import datetime

    from keepwarm.daemon.session import Session
    from keepwarm.rules.rule import Rule
    from keepwarm.rules.tuning import Tuning


def _signed(points: float) -> str:
    return f"{points:+g}" if points else ""


_RULES = (
    Column("id", "RULE"),
    Column("family", "FAMILY"),
    Column("does", "WHAT IT TELLS"),
    Column("warmth", "WARMTH", right=True, text=_signed),
    Column("for", "FOR"),
    Column("source", "FILE"),
    Column("tuned_for", "TUNED FOR"),
)
_FACTS = (
    Column("name", "FACT"),
    Column("scope", "SCOPE"),
    Column("type", "TYPE"),
    Column("unit", "UNIT"),
    Column("meaning", "MEANING"),
)
_TYPES = {"int": "whole number", "float": "number", "bool": "true or false", "str": "text"}
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@click.group("rules")
def command() -> None:
    """List the rules and the facts, check a rule file, explain a rule, try rules on your own history."""


@command.command("list")
@_AS_JSON
@click.pass_obj
def list_(session: Session, /, as_json: bool) -> None:
    """List the rules in force: the built-in ones, and those of the owner's files."""
    rules = rule_set(session.configuration)
    rows = [_row(rule) for rule in rules.in_force]
    if as_json:
        show(rows, _RULES, as_json)
        return
    shown = [
        {**row, "does": row["title"] or row["sentence"], "for": _for(row), "tuned_for": _tuned(row)} for row in rows
    ]
    used = {"for", "tuned_for"} & {key for row in shown for key in row if row[key]}
    show(shown, [one for one in _RULES if one.key not in {"for", "tuned_for"} or one.key in used], as_json)
    if off := rules.switched_off:
        click.echo(f"\nSwitched off: {', '.join(rule.id for rule in off)}")


@command.command("facts")
@_AS_JSON
def facts(as_json: bool) -> None:
    """List the facts that conditions can name."""
    from keepwarm.rules.facts import FACTS_OF  # noqa: PLC0415

    rows = [
        {
            "name": fact.name,
            "scope": scope.value,
            "type": fact.type.__name__,
            "unit": fact.unit,
            "meaning": fact.meaning,
        }
        for scope, facts_of_it in FACTS_OF.items()
        for fact in facts_of_it.values()
    ]
    show(rows if as_json else [{**row, "type": _TYPES[row["type"]]} for row in rows], _FACTS, as_json)


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@_AS_JSON
@click.pass_obj
def check(session: Session, /, file: Path, as_json: bool) -> None:
    """Check a rule file: every mistake with its line and column.

    It is read after the built-in rules and the files in [rules] files, if there is a configuration.
    """
    from keepwarm.daemon.tables import show_json  # noqa: PLC0415
    from keepwarm.rules.rule_file import RuleFileError  # noqa: PLC0415 - CEL, only where rules are read

    try:
        rules = read([*_files_beside(session, file), file])
    except BadUsage as bad:
        if as_json and isinstance(bad.__cause__, RuleFileError):
            show_json({"file": str(file), "valid": False, "problems": [asdict(one) for one in bad.__cause__.problems]})
            raise SystemExit(bad.exit_code) from bad
        raise
    own = [rule for rule in rules.everything if rule.source == str(file)]
    tunings = rules.tunings(str(file))
    off = [rule for rule in rules.switched_off if rule.off_in == str(file)]
    if as_json:
        found = {"rules": [rule.id for rule in own], "tunings": len(tunings), "off": [rule.id for rule in off]}
        show_json({"file": str(file), "valid": True, "problems": [], **found})
        return
    parts = [_counted(len(own), "rule")] if own or not (tunings or off) else []
    parts += [_counted(len(tunings), "tuning")] if tunings else []
    parts += [f"{len(off)} switched off"] if off else []
    click.echo(f"{file}: {', '.join(parts)}, all valid.")


@command.command("explain")
@click.argument("rule", metavar="RULE")
@click.option("--contact", "who", metavar="WHO", required=True, help="An address, an id, or a name.")
@_AS_JSON
@click.pass_obj
def explain(session: Session, /, rule: str, who: str, as_json: bool) -> None:
    """Show each condition of a rule with its values for a contact, and why it speaks or does not."""
    from keepwarm.daemon import explaining  # noqa: PLC0415 - CEL and the database, only where they are needed
    from keepwarm.daemon.harmless import harmless_lines  # noqa: PLC0415
    from keepwarm.daemon.opening import opened  # noqa: PLC0415
    from keepwarm.daemon.people import the_one  # noqa: PLC0415
    from keepwarm.daemon.tables import show_json  # noqa: PLC0415

    with opened(session) as workshop, workshop.database.reading() as connection:
        asked = explaining.rule_called(workshop, rule)
        found = explaining.explained(connection, workshop, asked, the_one(connection, who), session.now())
    if as_json:
        show_json(explaining.as_json(found))
    else:
        click.echo(harmless_lines(explaining.as_text(found, session.configuration.owner.timezone)))


@command.command("backtest")
@click.option("--rules", "file", type=click.Path(path_type=Path), metavar="FILE", help="Try this file, too.")
@click.option("--instead", is_flag=True, help="Read FILE in place of the files in [rules] files, not after them.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Count from this day on.")
@_AS_JSON
@click.pass_obj
def backtest(session: Session, /, file: Path | None, instead: bool, since: datetime | None, as_json: bool) -> None:
    """Play your own history by the rules: how many signals, how early, how many in vain.

    With --rules the same for the rules with FILE, as if it were the last of [rules] files, and the difference.
    """
    from keepwarm.daemon import backtested  # noqa: PLC0415 - CEL and the database, only where they are needed
    from keepwarm.daemon.backtesting import backtest as played  # noqa: PLC0415
    from keepwarm.daemon.harmless import harmless_lines  # noqa: PLC0415
    from keepwarm.daemon.opening import opened  # noqa: PLC0415
    from keepwarm.daemon.progress import shown  # noqa: PLC0415
    from keepwarm.daemon.session import Verbosity  # noqa: PLC0415
    from keepwarm.daemon.tables import show_json  # noqa: PLC0415

    if instead and file is None:
        raise BadUsage("--instead goes with --rules FILE.")
    zone, as_of = session.configuration.owner.timezone, session.now()
    first = since.replace(tzinfo=zone).astimezone(UTC) if since else None
    if first is not None and first >= as_of:
        raise BadUsage(f"--since {since:%Y-%m-%d} is not before {as_of:%Y-%m-%d}.")
    others = read([file] if instead else [*_files_beside(session, file), file]) if file else None
    quiet = session.verbosity is Verbosity.QUIET
    with opened(session) as workshop, shown(quiet=quiet) as watcher:
        found = played(workshop, as_of, since=first, others=others, progress=watcher.judged)
    if as_json:
        show_json(backtested.as_json(found, zone))
        return
    click.echo(backtested.ground_text(found.ground, zone) + "\n")
    for heading, test in (("In force", found.in_force), (f"With {file}", found.beside)):
        if test is not None:
            click.echo(heading if found.beside else "", nl=found.beside is not None)
            show(backtested.figures(test, found.ground), backtested.FIGURES, as_json)
            click.echo()
    click.echo(harmless_lines(backtested.as_text(found, zone, str(file))))


def _files_beside(session: Session, file: Path) -> list[Path]:
    from keepwarm.daemon.configuration import ConfigurationError  # noqa: PLC0415

    try:
        files = session.configuration.rules.files
    except ConfigurationError:
        return []  # a file can be checked before there is a configuration
    return [one for one in files if one.resolve() != file.resolve()]


def _counted(number: int, one: str) -> str:
    return f"{number} {one if number == 1 else one + 's'}"


def _for(row: dict[str, Any]) -> str:
    return "" if row["labels"] == ["*"] else ", ".join(row["labels"])


def _tuned(row: dict[str, Any]) -> str:
    labels = [label for one in row["tuned"] for label in one["labels"]]
    return ", ".join("everybody" if label == "*" else label for label in dict.fromkeys(labels))


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "title": rule.title,
        "family": rule.family.value,
        "scope": rule.scope.value,
        "labels": sorted(rule.labels),
        "when": [condition.text for condition in rule.when],
        "clear": rule.clear.text if rule.clear else None,
        "param": _params(rule.params),
        "warmth": rule.warmth,
        "sentence": rule.sentence.text,
        "advice": rule.advice,
        "version": rule.version,
        "source": rule.source,
        "tuned": [_tuning(one) for one in rule.tunings],
    }


def _tuning(one: Tuning) -> dict[str, Any]:
    changes = {name: one.changes[name] for name in ("warmth", "advice", "enabled") if name in one.changes}
    spans = {name: _span(one.changes[name]) for name in ("cooldown", "open_for") if name in one.changes}
    return {
        "labels": sorted(one.labels),
        "param": _params(one.params),
        **changes,
        **spans,
        "source": one.source,
        "line": one.line,
    }


def _params(params: Any) -> dict[str, Any]:
    return {name.removeprefix("param."): value for name, value in params.items()}


def _span(span: Any) -> str:
    return (
        "while true" if span is None else f"{span.days}d" if not span.seconds else f"{span.total_seconds() / 3600:g}h"
    )
