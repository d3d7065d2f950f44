"""Text report: an edition set for a terminal, in at most 76 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepwarm.outputs.columns import WIDTH, clip, pad, spread, wrap
from keepwarm.outputs.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keepwarm.outputs.appointment import Appointment
    from keepwarm.outputs.attention import Attention
    from keepwarm.outputs.edition import Edition, Section
    from keepwarm.outputs.provenance import Provenance, Source
    from keepwarm.outputs.sonar import Mover, Ring, Sonar
    from keepwarm.outputs.warmth import Warmth
    from keepwarm.outputs.wording import Wording

_INDENT = "  "
_HANGING = "    "
_BAND_COLUMNS = 19
_CELL_COLUMNS = 19
_NAME_COLUMNS = 24


def text_report(edition: Edition) -> str:
    """Set ``edition`` as plain text, ending in a newline."""
    lines = [
        spread(edition.words.say("masthead.name").upper(), edition.week),
        "═" * WIDTH,
        "",
        *wrap(edition.headline),
        *_sonar(edition),
    ]
    for section in edition.sections:
        lines += _section(edition.words, section)
    if edition.attention:
        lines += _attention(edition.attention)
    lines += _provenance(edition.words, edition.provenance)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _heading(title: str) -> list[str]:
    return ["", "", title, "─" * WIDTH]


def _sonar(edition: Edition) -> Iterator[str]:
    if edition.sonar is None:
        return
    yield ""
    yield " " * _BAND_COLUMNS + "".join(pad(name, _CELL_COLUMNS) for name in edition.sonar.directions)
    yield from (_ring(edition.words, ring) for ring in edition.sonar.rings)
    yield ""
    yield from wrap(f"{edition.sonar.total}. {edition.sonar.legend}")
    yield from _movers(edition.words, edition.sonar)
    if edition.settled:
        yield ""
        yield edition.words.say("sonar.settled")
        yield from (clip(f"{_INDENT}✓ {settled}", WIDTH) for settled in edition.settled)
    if edition.standing:
        yield ""
        yield from wrap(edition.standing)


def _ring(words: Wording, ring: Ring) -> str:
    cells = (f"{cell.marks} {words.number(cell.count)}" if cell.count else "·" for cell in ring.cells)
    head = f"{pad(ring.name, _BAND_COLUMNS - 7)}{words.number(ring.total):>5}  "
    return head + "".join(pad(cell, _CELL_COLUMNS) for cell in cells)


def _movers(words: Wording, sonar: Sonar) -> Iterator[str]:
    if sonar.movers:
        yield ""
        yield words.say("sonar.moved")
        yield from map(_mover, sonar.movers)


def _mover(mover: Mover) -> str:
    name = pad(mover.name, _NAME_COLUMNS)
    return f"{_INDENT}{pad(mover.warmth.arrow, 5)} {name} {_warmth(mover.warmth)}"


def _warmth(warmth: Warmth) -> str:
    return f"{warmth.line} {warmth.level:>3}"


def _section(words: Wording, section: Section) -> Iterator[str]:
    yield from _heading(section.title)
    yield from wrap(section.lead)
    for row in section.rows:
        yield ""
        yield from _finding(words, row) if isinstance(row, Finding) else appointment_lines(words, row)
    if section.more:
        yield ""
        yield section.more


def _name(name: str, about: str, warmth: Warmth | None) -> str:
    who = f"{name}  {about}" if about else name
    return clip(who, WIDTH) if warmth is None else spread(who, f"{_warmth(warmth)}  {pad(warmth.arrow, 4)}")


def _finding(words: Wording, finding: Finding) -> Iterator[str]:
    yield _name(finding.name, finding.about, finding.warmth)
    for sentence in finding.sentences:
        yield from wrap(sentence, _INDENT)
    yield from wrap(finding.seen, _INDENT, _HANGING) if finding.seen else ()
    yield from _labelled(words.say("row.advice"), finding.advice)
    yield from _labelled(words.say("row.write_label"), ", ".join(filter(None, (finding.address, finding.subject))))
    yield from wrap(", ".join(part for part in (finding.since, finding.historical) if part), _INDENT)


def appointment_lines(words: Wording, appointment: Appointment) -> Iterator[str]:
    """Set the row of somebody whom the owner meets."""
    yield _name(appointment.name, appointment.about, appointment.warmth)
    when = ": ".join(filter(None, (appointment.when, appointment.what)))
    yield from _labelled(words.say("meeting.when"), when)
    happened = (appointment.since or appointment.last, appointment.mind, *appointment.findings)
    for said in (*happened, *appointment.promised, *appointment.notes):
        yield from wrap(said, _INDENT, _HANGING) if said else ()


def _labelled(label: str, text: str) -> list[str]:
    """Put a label before a text, whose further lines hang below its first."""
    if not text:
        return []
    return wrap(text, f"{_INDENT}{label}: ", _HANGING)


def _attention(attention: Attention) -> Iterator[str]:
    yield from _heading(attention.title)
    yield from wrap(attention.lead)
    yield ""
    for share in attention.shares:
        given = f"{share.percent:>4}  {share.bar}"
        yield spread(f"{_INDENT}{pad(share.name, _NAME_COLUMNS)} {given}", share.hours)
        yield from wrap(share.back, _INDENT * 2) if share.back else ()
    if attention.waiting:
        yield ""
        yield from wrap(attention.waiting)


def _provenance(words: Wording, provenance: Provenance) -> Iterator[str]:
    yield from _heading(provenance.title)
    if provenance.undelivered:
        yield from wrap(f"! {provenance.undelivered}")
        yield from _labelled(words.say("provenance.what_to_do"), provenance.undelivered_cure)
        yield ""
    yield from wrap(provenance.ran)
    for source in provenance.sources:
        yield ""
        yield from _source(words, source)
    if provenance.more:
        yield from ("", provenance.more)
    yield ""
    yield from wrap(provenance.left_out)
    yield from wrap(provenance.findings)
    yield ""
    yield from wrap(words.say("masthead.footer"))


def _source(words: Wording, source: Source) -> Iterator[str]:
    mark = "!" if source.stale else "✓"
    yield spread(f"{mark} {source.name} ({source.kind})", source.read)
    yield from wrap(source.amounts, _INDENT) if source.amounts else ()
    yield from _labelled(words.say("provenance.problem"), source.problem)
    yield from _labelled(words.say("provenance.what_to_do"), source.what_to_do)
