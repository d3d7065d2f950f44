"""The owner's attention on the page: who gets it, what comes back, and who gets less than their due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from keepwarm.outputs.attention import back
from keepwarm.outputs.page.frame import NOTHING, html
from keepwarm.outputs.warmth import arrow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keepwarm.outputs.desk import Desk
    from keepwarm.outputs.page.frame import Frame
    from keepwarm.storage.views import AttentionShare, AttentionView

CURVE_WIDTH, CURVE_HEIGHT = 440.0, 260.0
_LEFT, _TOP, _FOOT = 40.0, 12.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRow:
    """What one contact got."""

    id: str
    name: str
    about: str
    percent: str
    part: float  # of the longest bar, 0 to 100
    together: str  # with all before them
    hours: str
    reply: str
    back: str
    arrow: str
    level: int | None
    band: str
    big: bool
    waits: str  # "2.4 times as long"; ""


@dataclass(frozen=True, slots=True)
class Curve:
    """The shares added up, the largest first: how few people take how much."""

    path: str
    area: str
    big_x: float
    big_y: float
    left: float
    right: float
    top: float
    bottom: float


def attention_html(frame: Frame, view: AttentionView | None) -> str:
    """Set the attention; None if there was none."""
    if view is None or not view.shares:
        return html("attention.html.j2", frame, rows=[], lead="", curve=None, waiting=[], big=0)
    desk, words = frame.desk, frame.words
    big = [one for one in view.shares if one.big]
    span = desk.dates.span(view.since, view.until - timedelta(days=1))
    percent = round(100 * sum(one.share for one in big))
    lead = words.count("attention.lead", len(big), of=words.number(len(view.shares)), percent=percent, span=span)
    rows = _rows(desk, view.shares)
    by_id = {row.id: row for row in rows}
    waiting = [by_id[one.contact.id] for one in view.less_than_due]
    return html(
        "attention.html.j2",
        frame,
        rows=rows,
        lead=lead,
        curve=_curve(view.shares, len(big)),
        waiting=[row for row in waiting if row.waits],
        big=len(big),
        big_percent=words.say("attention.percent", n=percent),
        width=CURVE_WIDTH,
        height=CURVE_HEIGHT,
    )


def _rows(desk: Desk, shares: Sequence[AttentionShare]) -> list[ShareRow]:
    largest, together, found = shares[0].share or 1.0, 0.0, []
    for one in shares:
        together += one.share
        found.append(_row(desk, one, largest, together))
    return found


def _row(desk: Desk, one: AttentionShare, largest: float, together: float) -> ShareRow:
    words, contact = desk.words, desk.contacts.get(one.contact.id)
    times = one.times_longer or 0.0
    return ShareRow(
        id=one.contact.id,
        name=desk.name(one.contact),
        about=desk.about(one.contact),
        percent=words.say("attention.percent", n=round(100 * one.share)),
        part=100 * one.share / largest,
        together=words.say("attention.percent", n=round(100 * together)),
        hours=words.count("attention.hours", round(one.hours)),
        reply=NOTHING if one.reply_hours is None else words.count("page.replies.hours", max(1, round(one.reply_hours))),
        back=back(desk, contact.trend) if contact else "",
        arrow=arrow(words, round(contact.trend)) if contact else "",
        level=round(contact.warmth) if contact else None,
        band=contact.band if contact else "cold",
        big=one.big,
        waits=words.say("page.attention.waits", times=f"{times:.1f}") if times >= 1.5 else "",
    )


def _curve(shares: Sequence[AttentionShare], big: int) -> Curve:
    right, bottom = CURVE_WIDTH - 12, CURVE_HEIGHT - _FOOT
    points, together = [(_LEFT, bottom)], 0.0
    for at, one in enumerate(shares, 1):
        together += one.share
        points.append((_LEFT + (right - _LEFT) * at / len(shares), bottom - (bottom - _TOP) * min(together, 1.0)))
    path = "".join(f"{'L' if at else 'M'}{x:.1f} {y:.1f}" for at, (x, y) in enumerate(points))
    big_x, big_y = points[big]
    return Curve(path, f"{path}L{right:.1f} {bottom:.1f}Z", big_x, big_y, _LEFT, right, _TOP, bottom)
