"""``keepwarm rules``: the rules in force, the facts they can use, and whether a file of rules is valid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.rules_in_force import rules_in_force
from keepwarm.daemon.tables import Column, show

if TYPE_CHECKING:
    from keepwarm.daemon.session import Session
    from keepwarm.rules.rule import Rule

_RULES = (
    Column("id", "RULE"),
    Column("family", "FAMILY"),
    Column("warmth", "WARMTH", right=True),
    Column("sentence", "WHAT IT SAYS"),
    Column("source", "FILE"),
)
_FACTS = (Column("name", "FACT"), Column("type", "TYPE"), Column("unit", "UNIT"), Column("meaning", "MEANING"))
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@click.group("rules")
def command() -> None:
    """List the rules in force; list the facts; check a rule file."""


@command.command("list")
@_AS_JSON
@click.pass_obj
def list_(session: Session, /, as_json: bool) -> None:
    """List the rules in force: the built-in ones, and those of the owner's files."""
    show([_row(rule) for rule in rules_in_force(session.configuration)], _RULES, as_json)


@command.command("facts")
@_AS_JSON
def facts(as_json: bool) -> None:
    """List the facts that conditions can name."""
    from keepwarm.rules.facts import FACTS  # noqa: PLC0415

    rows = [
        {"name": fact.name, "type": fact.type.__name__, "unit": fact.unit, "meaning": fact.meaning}
        for fact in FACTS.values()
    ]
    show(rows, _FACTS, as_json)


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Check a rule file: every mistake with its line and column."""
    from keepwarm.rules.rule_file import RuleFileError  # noqa: PLC0415
    from keepwarm.rules.rule_file import check as checked  # noqa: PLC0415

    try:
        rules = checked(file)
    except RuleFileError as error:
        raise BadUsage(str(error)) from error
    click.echo(f"{file}: {len(rules)} {'rule' if len(rules) == 1 else 'rules'}, all valid.")


def _row(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "family": rule.family.value,
        "labels": sorted(rule.labels),
        "when": [condition.text for condition in rule.when],
        "clear": rule.clear.text if rule.clear else None,
        "param": {name.removeprefix("param."): value for name, value in rule.params.items()},
        "warmth": rule.warmth,
        "sentence": rule.sentence.text,
        "advice": rule.advice,
        "version": rule.version,
        "source": rule.source,
    }
