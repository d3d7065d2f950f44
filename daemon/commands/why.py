"""``keepwarm why``: one signal with its rule, the values that made it true, and its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import show_json
from keepwarm.daemon.the_signal import the_signal
from keepwarm.outputs.json_views import signal_row
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from keepwarm.daemon.session import Session
    from keepwarm.storage.views import SignalView


@click.command("why")
@click.argument("signal_id", metavar="SIGNAL_ID")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.pass_obj
def command(session: Session, /, signal_id: str, as_json: bool) -> None:
    """Show what a signal rests on. SIGNAL_ID may be cut short, as `keepwarm signals` shows it."""
    with opened(session) as workshop, workshop.database.reading() as connection:
        one = the_signal(connection, session.now(), signal_id)
    if as_json:
        show_json(explained(one))
    else:
        click.echo(harmless_lines(_text(one, session.configuration.owner.timezone)))


def explained(one: SignalView) -> dict[str, Any]:
    """Give a signal with its rule, as ``why --json`` has it."""
    rule = {"family": one.family, "version": one.rule_version, "when": list(one.conditions)}
    return {**signal_row(one), "advice": one.advice, "rule_in_force": rule, "params": one.params}


def _text(one: SignalView, zone: tzinfo) -> str:
    until = f", cleared {_minute(one.cleared, zone)}" if one.cleared else ", open"
    from_before = " (from before Keepwarm was installed)" if one.historical else ""
    values = {**one.params, **one.facts}
    lines = [
        one.sentence,
        f"  {one.contact.name} <{', '.join(one.contact.addresses)}>",
        f"  {one.strength}, since {_minute(one.opened, zone)}{until}{from_before}",
        *_verdict(one, zone),
        f"  Try this: {one.advice}",
        "",
        f"Rule {one.rule} (version {one.rule_version}): all of these held when it opened",
    ]
    for condition in one.conditions:
        named = ", ".join(f"{name} = {_value(value)}" for name, value in values.items() if name in condition)
        lines += [f"  {condition}", f"      {named}"]
    lines += ["", "Evidence, newest first"]
    lines += [f"  {_minute(item.time, zone)}  {item.what}  [{item.ref[:14]}]" for item in one.evidence]
    return "\n".join(lines)


def _verdict(one: SignalView, zone: tzinfo) -> list[str]:
    if one.verdict is None:
        return []
    until = f" until {_minute(one.verdict.until, zone)}" if one.verdict.until else ""
    reason = f": {one_line(one.verdict.reason)}" if one.verdict.reason else ""
    return [f"  You {one.verdict.judgement.value} it on {_minute(one.verdict.at, zone)}{until}{reason}"]


def _minute(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
