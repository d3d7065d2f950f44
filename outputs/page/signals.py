"""The signals on the page: what is open, family by family, the strongest first, and what each of them rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from keepwarm.outputs.kinds import KINDS, kind_of
from keepwarm.outputs.page.frame import html
from keepwarm.outputs.page.signal_rows import SignalRow, signal_row
from keepwarm.outputs.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.outputs.page.forms import Typed
    from keepwarm.outputs.page.frame import Frame
    from keepwarm.storage.views import SignalView

STRENGTHS = ("strong", "medium", "weak")
MOST_SHOWN = 24
"""Signals of a family, where all families are shown; a family by itself is shown whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalsAsked:
    """What the address of the page asks for."""

    kind: str = ""  # one of KINDS
    strength: str = ""
    words: str = ""
    hidden: bool = False  # those that the owner has put aside, too


def signals_asked(values: dict[str, str]) -> SignalsAsked:
    """Read what the address asks for."""
    kind, strength = values.get("kind", ""), values.get("strength", "")
    return SignalsAsked(
        kind=kind if kind in KINDS else "",
        strength=strength if strength in STRENGTHS else "",
        words=one_line(values.get("q", ""), 100),
        hidden=values.get("hidden") == "1",
    )


@dataclass(frozen=True, slots=True)
class Section:
    """The signals of one kind."""

    kind: str
    title: str
    lead: str
    rows: tuple[SignalRow, ...]
    more: str  # how many more there are; "" if none
    address: str  # where they are


def signals_html(frame: Frame, found: Sequence[SignalView], wanted: SignalsAsked, typed: Typed) -> str:
    """Set the open signals."""
    needles = wanted.words.casefold().split()
    chosen: dict[str, list[SignalView]] = {kind: [] for kind in KINDS}
    for one in found:
        if _fits(one, wanted, needles):
            chosen[kind_of(one)].append(one)
    words = frame.words
    sections = [_section(frame, wanted, kind, some) for kind, some in chosen.items() if some]
    shown = sum(map(len, chosen.values()))
    return html(
        "signals.html.j2",
        frame,
        sections=sections,
        asked=wanted,
        typed=typed,
        kinds=[(kind, words.get(f"sections.{kind}.title")) for kind in KINDS],
        strengths=[(one, words.get(f"strength.{one}")) for one in STRENGTHS],
        total=words.count("page.signals.total", shown),
        back="signals",
    )


def _section(frame: Frame, wanted: SignalsAsked, kind: str, some: Sequence[SignalView]) -> Section:
    words, ranked = frame.words, sorted(some, key=_order)
    shown = ranked if wanted.kind else ranked[:MOST_SHOWN]
    asked = {"kind": kind, "strength": wanted.strength, "q": wanted.words, "hidden": "1" if wanted.hidden else ""}
    return Section(
        kind,
        words.get(f"sections.{kind}.title"),
        words.get(f"sections.{kind}.lead"),
        tuple(signal_row(frame.desk, one) for one in shown),
        words.count("page.signals.more", len(ranked) - len(shown)) if len(ranked) > len(shown) else "",
        f"/signals?{urlencode({name: value for name, value in asked.items() if value})}",
    )


def _fits(one: SignalView, wanted: SignalsAsked, needles: Sequence[str]) -> bool:
    if one.hidden and not wanted.hidden:
        return False
    if wanted.kind and kind_of(one) != wanted.kind:
        return False
    if wanted.strength and one.strength != wanted.strength:
        return False
    hay = " ".join((one.contact.name, *one.contact.addresses, one.sentence, one.rule)).casefold()
    return all(needle in hay for needle in needles)


def _order(one: SignalView) -> tuple[int, float, str]:
    return STRENGTHS.index(one.strength), -one.opened.timestamp(), one.id
