"""Explaining: a rule and a contact, each condition with its values, as text and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from keepwarm.daemon.failure import BadUsage
from keepwarm.outputs.safe_text import one_line
from keepwarm.rules.cooling import Together, telling
from keepwarm.rules.explanation import Answer, explain
from keepwarm.rules.facts.organisation import ORGANISATION
from keepwarm.rules.facts.practice import PRACTICE, AmongAll
from keepwarm.rules.reasons import Asking
from keepwarm.rules.rule import Scope
from keepwarm.rules.wider_explanation import Seen, explain_wider
from keepwarm.storage import groups, verdicts
from keepwarm.storage.history_reader import histories

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from sqlalchemy import Connection

    from keepwarm.daemon.workshop import Workshop
    from keepwarm.rules.explanation import Explanation, Known, Line
    from keepwarm.rules.rule import Rule
    from keepwarm.storage.histories import History
    from keepwarm.storage.verdicts import Verdict

_MARKS = {Answer.HOLDS: "holds", Answer.FAILS: "does not hold", Answer.UNKNOWN: "too little data", None: "not asked"}
_EVIDENCE_SHOWN = 6


def rule_called(workshop: Workshop, rule_id: str) -> Rule:
    """Give the rule of an id, switched off or not.

    Raises BadUsage if there is none.
    """
    rules = {rule.id: rule for rule in workshop.rule_set.everything}
    if rule_id in rules:
        return rules[rule_id]
    near = get_close_matches(rule_id, rules, n=1)
    hint = f"Did you mean {near[0]}?" if near else "`keepwarm rules list` names them."
    raise BadUsage(f"There is no rule {rule_id!r}.", hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A rule and a contact as of a moment, with the owner's word on what is open."""

    history: History
    found: Explanation
    verdict: Verdict | None
    as_of: datetime


def explained(connection: Connection, workshop: Workshop, rule: Rule, contact_id: str, as_of: datetime) -> Explained:
    """Explain a rule for a contact as of a moment; one of a wider scope for their organisation, or for them among all.

    Raises BadUsage if there is nothing for it to look at.
    """
    history = next(iter(histories(connection, [contact_id], workshop.owner)))
    match rule.scope:
        case Scope.ORGANISATION:
            found = _of_organisation(connection, workshop, rule, history, as_of)
        case Scope.PRACTICE:
            found = _of_practice(connection, workshop, rule, history, as_of)
        case _:
            moment, findings = workshop.engine.moment(history, as_of)
            found = explain(rule, moment, findings)
    signal = found.open.id if found.open else ""
    verdict = verdicts.on(connection, [signal], as_of).get(signal)
    return Explained(history=history, found=found, verdict=verdict, as_of=as_of)


def _of_organisation(
    connection: Connection, workshop: Workshop, rule: Rule, history: History, as_of: datetime
) -> Explanation:
    if history.organisation is None:
        raise BadUsage(
            f"The rule {rule.id!r} looks at the people of an organisation, and {history.name} belongs to none."
        )
    (firm,) = groups.organisations(connection, [history.organisation])
    outcome = workshop.organisations.judge(firm, as_of)
    seen = Seen(
        facts=ORGANISATION.facts,
        subject=Together(firm, telling(firm), as_of, workshop.working.zone),
        about=firm.domain,
        name=history.name,
        found=[one.finding for one in outcome.findings if one.finding.rule.id == rule.id],
    )
    labels = tuple(sorted({*history.labels, *(label for member in firm.members for label in member.labels)}))
    return explain_wider(rule, seen, _asking(workshop, as_of, labels, outcome.next_look or as_of))


def _of_practice(
    connection: Connection, workshop: Workshop, rule: Rule, history: History, as_of: datetime
) -> Explanation:
    picture = workshop.practice.picture(groups.practice(connection), as_of)
    if picture is None:
        raise BadUsage(
            f"The rule {rule.id!r} looks at whole months of all contacts together, and there is none yet.",
            "`keepwarm contacts attention` shows what there is.",
        )
    everything = workshop.practice.judge(groups.practice(connection), as_of)
    its = [one for one in everything if one.finding.rule.id == rule.id]
    who = history.contact_id
    share = next((one for one in picture.shares if one.who.contact_id == who), None)
    elsewhere = sum(one.contact_id != who and one.finding.cleared is None for one in its)
    seen = Seen(
        facts=PRACTICE.facts,
        subject=AmongAll(picture, share, elsewhere),
        about=who,
        name=history.name,
        found=[one.finding for one in its if one.contact_id == who],
    )
    return explain_wider(rule, seen, _asking(workshop, as_of, history.labels, workshop.practice.next_look(as_of)))


def _asking(workshop: Workshop, as_of: datetime, labels: tuple[str, ...], next_look: datetime) -> Asking:
    return Asking(now=as_of, zone=workshop.working.zone, labels=labels, next_look=next_look)


def as_json(one: Explained) -> dict[str, Any]:
    """Give an explanation as ``rules explain --json`` has it."""
    history, found, verdict = one.history, one.found, one.verdict
    return {
        "rule": found.rule.id,
        "title": found.rule.title,
        "family": found.rule.family.value,
        "version": found.rule.version,
        "contact": {
            "id": history.contact_id,
            "name": history.name,
            "addresses": list(history.addresses),
            "labels": list(history.labels),
        },
        "as_of": one.as_of,
        "speaks": found.speaks,
        "reasons": [{"code": why.code, "sentence": why.sentence, "at": why.at} for why in found.reasons],
        "verdict": verdict and {"verdict": verdict.judgement.value, "at": verdict.at, "reason": verdict.reason},
        "when": [_line_json(line) for line in found.when],
        "clear": _line_json(found.clear) if found.clear else None,
        "strength": found.strength,
        "sentence": found.sentence,
        "advice": found.rule.advice,
        "evidence": [
            {"kind": item.kind, "ref": item.ref, "time": item.at, "what": item.what} for item in found.evidence
        ],
        "findings": [
            {"id": past.id, "opened": past.opened, "cleared": past.cleared, "sentence": past.sentence}
            for past in found.past
        ],
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {
        "condition": line.text,
        "outcome": line.answer.value if line.answer else None,
        "facts": {one.name: one.value for one in line.names if not _is_param(one)},
        "params": {one.name: one.value for one in line.names if _is_param(one)},
        "missing": list(line.missing),
    }


def as_text(one: Explained, zone: tzinfo) -> str:
    """Give an explanation for people."""
    history, found, rule = one.history, one.found, one.found.rule
    lines = [
        f"{rule.id}{': ' + rule.title if rule.title else ''}",
        f"  {history.name} <{', '.join(history.addresses)}>, as of {_minute(one.as_of, zone)}",
        "",
        "It speaks." if found.speaks else "It does not speak.",
        *(f"  {why.sentence}" for why in found.reasons),
        *_verdict(one.verdict, zone),
        "",
        "When all of these hold",
        *(text for line in found.when for text in _line_text(line)),
    ]
    if found.clear:
        asked = "Cleared when" if found.speaks else "Cleared when (asked only while it is open)"
        lines += ["", asked, *_line_text(found.clear)]
    said = "It said when it opened" if found.open else "If it spoke now, it would say"
    lines += ["", f"{said} ({found.open.strength if found.open else found.strength})"]
    lines += [f"  {found.open.sentence if found.open else found.sentence}", f"  Try this: {rule.advice}"]
    lines += ["", "What it rests on, newest first" if found.evidence else "It has nothing to rest on."]
    shown = found.evidence[:_EVIDENCE_SHOWN]
    lines += [f"  {_minute(item.at, zone)}  {item.what}  [{item.ref[:14]}]" for item in shown]
    return "\n".join(lines)


def _verdict(verdict: Verdict | None, zone: tzinfo) -> list[str]:
    if verdict is None:
        return []
    reason = f": {one_line(verdict.reason)}" if verdict.reason else ""
    return [f"  You {verdict.judgement.value} it on {_minute(verdict.at, zone)}{reason}."]


def _line_text(line: Line) -> list[str]:
    missing = f": {', '.join(line.missing)} not known yet" if line.missing else ""
    return [f"  [{_MARKS[line.answer]}{missing}]  {line.text}", *(f"      {_known_text(one)}" for one in line.names)]


def _known_text(one: Known) -> str:
    value = "nothing is known yet" if one.value is None else said(one.value)
    unit = f" {one.unit}" if one.unit and one.unit != "date" and one.value is not None else ""
    return f"{one.name} = {value}{unit}" + (f" ({one.meaning.rstrip('.')})" if one.meaning else "")


def said(value: object) -> str:
    """Give a value of a fact or parameter as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _is_param(one: Known) -> bool:
    return one.name.startswith("param.")


def _minute(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
