"""Sample cards and questions for the tests of the outputs: a common one of each, and one that means harm."""

from __future__ import annotations

from datetime import date, timedelta

from keepwarm.storage.views import AskedView, AskView, BriefView, CardView, GatheringView, LinkView, SinceView, WordView
from tests.unit import views_samples as samples
from tests.unit.views_samples import AS_OF, HOSTILE

WORD = WordView(text=HOSTILE, day=date(2026, 11, 25))


def hostile_brief(people: int = 2, others: int = 3) -> BriefView:
    there = tuple(samples.contact(number, HOSTILE, organisation=HOSTILE) for number in range(people))
    since = SinceView(
        met=AS_OF - timedelta(days=9), from_them=1, from_owner=0, moved={"them": 2}, cancelled={"owner": 1}
    )
    card = CardView(
        title=HOSTILE,
        others=(),
        notes=(WORD,),
        promised_by_owner=(WORD,),
        promised_by_them=(WORD,),
        since=since,
    )
    meeting = GatheringView(
        id="mt_1",
        title=HOSTILE,
        start=AS_OF + timedelta(hours=1),
        end=AS_OF + timedelta(hours=2),
        all_day=False,
        cards={one.id: card for one in there},
        others=(HOSTILE,) * others,
        links=(
            LinkView(url="javascript:alert(1)", title="bad"),
            LinkView(url='https://x.example/"onload="alert(1)', title=HOSTILE),
            LinkView(url="https://x.example/\n\x1b[31m", title="bad"),
        ),
    )
    week = samples.week(there, (samples.signal(there[0], "put_off", "not_into_you", HOSTILE),))
    return BriefView(people=week, meetings=(meeting,))


def hostile_question(people: int = 2) -> AskView:
    asked = tuple(AskedView(name=HOSTILE, title=HOSTILE, start=AS_OF) for _ in range(people))
    return AskView(
        day=AS_OF.date(),
        as_of=AS_OF,
        timezone="Europe/Berlin",
        asked=asked,
        more=3,
        unread_at=AS_OF - timedelta(days=1),
        unread_why="not_which",
    )


def full_brief() -> BriefView:
    """Give a meeting with two contacts and somebody else."""
    ana = samples.contact(1, "Ana Brandt", 62.0, labels=("client",), trend=-9.0)
    jo = samples.contact(2, "Jo Bloggs", 48.0, trend=6.0, organisation="bloggs.example")
    card = CardView(
        title="Quarterly review",
        others=(),
        notes=(WordView(text="his brother's wedding", day=date(2026, 12, 12)),),
        promised_by_owner=(WordView(text="the new draft", day=date(2026, 11, 25)),),
        promised_by_them=(),
        since=SinceView(met=AS_OF - timedelta(days=30), from_them=3, from_owner=2, moved={"them": 1}),
    )
    meeting = GatheringView(
        id="mt_1",
        title="Quarterly review",
        start=AS_OF + timedelta(hours=16),
        end=AS_OF + timedelta(hours=17),
        all_day=False,
        cards={ana.id: card, jo.id: CardView(title="", others=(), notes=(), promised_by_owner=(), promised_by_them=())},
        others=("Léa Fontaine",),
        links=(LinkView(url="https://acme.example/news", title="News"),),
    )
    sentence = "Ana moved your meeting 3 times in 60 days; none took place."
    week = samples.week((ana, jo), (samples.signal(ana, "put_off", "not_into_you", sentence),))
    return BriefView(people=week, meetings=(meeting,))


def full_question() -> AskView:
    """Give a question of two people."""
    asked = (
        AskedView(name="Ana Brandt", title="Quarterly review", start=AS_OF),
        AskedView(name="Jo Bloggs", title="", start=AS_OF),
    )
    return AskView(day=AS_OF.date(), as_of=AS_OF, timezone="Europe/Berlin", asked=asked, more=0)
