"""Sample weeks for the tests of the outputs; all of them as of one Sunday evening in Berlin."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from keepwarm.storage.views import (
    AccountHealth,
    AttentionShare,
    AttentionView,
    CardView,
    ContactRef,
    ContactView,
    DeliveryTrouble,
    EvidenceView,
    FeedEntry,
    SignalView,
    WeekView,
    WordView,
)

AS_OF = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
HOSTILE = (
    "Eve <script>alert(1)</script>\r\nBcc: all@x.example \x1b[31mred\x1b[0m \x9b2J \u202etxt.exe\u2066 " + "x" * 500
)


def band_of(warmth: float) -> str:
    return next(
        band for floor, band in ((85, "close"), (45, "happy_medium"), (20, "cool"), (0, "cold")) if warmth >= floor
    )


def contact(number: int, name: str, warmth: float = 50.0, **changes: Any) -> ContactView:
    domain = changes.pop("organisation", "acme.example")
    local = name.split(maxsplit=1)[0].lower() if name.isascii() and name else f"p{number}"
    values: dict[str, Any] = {
        "id": f"c_{number:04}",
        "name": name,
        "addresses": (f"{local}@{domain or 'home.example'}",),
        "organisation": domain,
        "labels": (),
        "warmth": warmth,
        "band": band_of(warmth),
        "trend": 0.0,
        "last_in": AS_OF - timedelta(days=9),
        "last_out": AS_OF - timedelta(days=4),
        "next_meeting": None,
        "ping_interval_days": 21,
        "open_signals": (),
    }
    return ContactView(**{**values, **changes})


def ref(view: ContactView) -> ContactRef:
    return ContactRef(
        id=view.id,
        name=view.name,
        addresses=view.addresses,
        organisation=view.organisation,
        labels=view.labels,
    )


def evidence(what: str, days_ago: float = 6, kind: str = "message") -> EvidenceView:
    return EvidenceView(kind=kind, ref=f"m_{abs(hash_of(what)):08x}", time=AS_OF - timedelta(days=days_ago), what=what)


def hash_of(text: str) -> int:
    return sum((at + 1) * ord(character) for at, character in enumerate(text))


def signal(of: ContactView, rule: str, family: str, sentence: str, **changes: Any) -> SignalView:
    values: dict[str, Any] = {
        "id": f"sig_{of.id}_{rule}",
        "rule": rule,
        "family": family,
        "contact": ref(of),
        "strength": "medium",
        "opened": AS_OF - timedelta(days=5),
        "cleared": None,
        "historical": False,
        "sentence": sentence,
        "advice": "",
        "facts": {"days": 5},
        "evidence": (),
        "rule_version": "1",
        "conditions": ("days > 3",),
    }
    return SignalView(**{**values, **changes})


def course(start: float, end: float, weeks: int = 52) -> tuple[float, ...]:
    """A year's warmth that goes from ``start`` to ``end`` with a gentle swell."""
    swell = (start + (end - start) * (at / (weeks - 1)) ** 2 + 5 * math.sin(at / 4) for at in range(weeks))
    return tuple(round(max(0.0, min(100.0, value)), 1) for value in swell)


def account(name: str, **changes: Any) -> AccountHealth:
    values: dict[str, Any] = {
        "name": name,
        "kind": "imap",
        "streams": 4,
        "last_success": AS_OF - timedelta(minutes=4),
        "problem": "",
        "what_to_do": "",
        "messages": 12480,
        "meetings": 96,
        "rejected": 0,
    }
    return AccountHealth(**{**values, **changes})


def week(contacts: tuple[ContactView, ...] = (), signals: tuple[SignalView, ...] = (), **changes: Any) -> WeekView:
    values: dict[str, Any] = {
        "week": "2026-W47",
        "since": date(2026, 11, 16),
        "until": date(2026, 11, 22),
        "as_of": AS_OF,
        "owner_name": "Robin Example",
        "timezone": "Europe/Berlin",
        "contacts": contacts,
        "warmth": {view.id: course(view.warmth - 3 * view.trend, view.warmth) for view in contacts},
        "week_change": {view.id: view.trend / 3 for view in contacts},
        "signals": signals,
        "accounts": (account("work"), account("calendar", kind="ics", messages=0, meetings=311)),
        "left_out": {},
    }
    return WeekView(**{**values, **changes})


def quiet_week() -> WeekView:
    people = tuple(contact(number, f"Person {number}", 30.0 + number) for number in range(6))
    return week(people, left_out={"list": 1204, "automated": 316})


ANA = contact(
    1,
    "Ana Brandt",
    38.0,
    labels=("client",),
    trend=-17.0,
    open_signals=("put_off", "one_sided", "you_owe_reply"),
)
JO = contact(
    2,
    "Jo Bloggs",
    61.0,
    labels=("client",),
    trend=12.0,
    organisation="bloggs.example",
    next_meeting=AS_OF + timedelta(days=2, hours=-8),
    open_signals=("warming",),
)
MEI = contact(3, "陳美玲", 24.0, trend=-8.0, organisation="taipei.example", open_signals=("gone_quiet",))
SAM = contact(4, "Sam Okafor", 52.0, trend=-4.0, organisation="okafor.example", open_signals=("you_went_quiet",))
LEA = contact(5, "Léa Fontaine", 89.0, trend=1.0, organisation=None, next_meeting=AS_OF + timedelta(days=4, hours=-3))
TOM = contact(6, "Tom Ruiz", 47.0, labels=("prospect",), trend=5.0, organisation="ruiz.example")


def busy_signals() -> tuple[SignalView, ...]:
    return (
        signal(
            ANA,
            "put_off",
            "not_into_you",
            "Ana Brandt moved your meeting 3 times in 60 days; none took place.",
            strength="strong",
            opened=AS_OF - timedelta(days=3),
            advice="Ask her whether the review still matters to her, and leave the next date to her.",
            evidence=(
                evidence("Ana Brandt moved “Quarterly review” from 12 to 19 November", 11, "meeting_revision"),
                evidence(
                    "Ana Brandt moved “Quarterly review” from 19 November to 3 December",
                    3,
                    "meeting_revision",
                ),
            ),
        ),
        signal(
            ANA,
            "one_sided",
            "not_into_you",
            "You wrote 4 times in a row; Ana Brandt has not answered since 28 October.",
            opened=AS_OF - timedelta(days=16),
            evidence=(evidence("you wrote: “Re: dates for the review”", 4),),
        ),
        signal(
            MEI,
            "gone_quiet",
            "not_into_you",
            "陳美玲 used to write every 6 days; the last message was 41 days ago.",
            opened=AS_OF - timedelta(days=320),
            historical=True,
            advice="Write one line that asks for nothing.",
            evidence=(evidence("陳美玲 wrote: “Re: 合約 draft”", 41),),
        ),
        signal(
            ANA,
            "you_owe_reply",
            "mirror",
            "You owe Ana Brandt a reply since Tuesday; you usually answer within 5 hours.",
            strength="strong",
            advice="Answer today, even if only to say when the full answer comes.",
            evidence=(evidence("Ana Brandt wrote: “Contract, one question”", 5),),
        ),
        signal(
            TOM,
            "you_moved_it",
            "mirror",
            "You moved 2 meetings with Tom Ruiz this month.",
            strength="weak",
            opened=AS_OF - timedelta(days=1),
            advice="Propose the next date yourself, and keep it.",
            evidence=(evidence("you moved “Kick-off” from 20 to 27 November", 1, "meeting_revision"),),
        ),
        signal(
            JO,
            "warming",
            "warming",
            "Jo Bloggs answers in 3 hours; it used to be 2 days.",
            advice="Good time to ask how their autumn went.",
            evidence=(evidence("Jo Bloggs wrote: “Lunch next week?”", 2),),
        ),
        signal(
            SAM,
            "you_went_quiet",
            "mirror",
            "Nothing from you for 34 days; the two of you never went longer than 21.",
            opened=AS_OF - timedelta(days=2),
            advice="A line about the trade fair would do.",
            evidence=(evidence("you wrote: “Thanks for Thursday”", 34),),
        ),
        signal(LEA, "slow_fade", "not_into_you", "Was slow.", cleared=AS_OF - timedelta(days=2)),
    )


def busy_week() -> WeekView:
    crowd = tuple(
        contact(100 + number, f"Person {number}", (number * 37) % 84, trend=((number * 7) % 13) - 6.0)
        for number in range(60)
    )
    calm = replace(week(crowd), week_change={})
    people = (ANA, JO, MEI, SAM, LEA, TOM)
    named = week(people)
    return replace(
        week((*people, *crowd), busy_signals()),
        warmth={**calm.warmth, **named.warmth},
        week_change=named.week_change,
        accounts=(
            account("work", rejected=2),
            account("calendar", kind="ics", messages=0, meetings=311),
            account(
                "old",
                last_success=AS_OF - timedelta(days=5),
                problem="imap.example.com:993 refused the password.",
                what_to_do="Set a new one, then run: keepwarm doctor",
            ),
        ),
        left_out={"list": 1204, "automated": 316, "out_of_office": 12, "invoice": 1},
    )


def full_week() -> WeekView:
    """Every section of a report has something in it."""
    big = AttentionShare(
        contact=ref(JO),
        share=0.62,
        hours=31.0,
        messages=80,
        meeting_hours=15.0,
        reply_hours=3.0,
        big=True,
        times_longer=None,
    )
    small = replace(big, contact=ref(ANA), share=0.21, hours=10.0, big=True)
    waits = replace(big, contact=ref(MEI), share=0.02, hours=1.0, big=False, reply_hours=9.0, times_longer=3.0)
    card = CardView(
        title="Quarterly review",
        others=("Léa Fontaine", "Tom Ruiz"),
        notes=(WordView(text="her brother's wedding", day=date(2026, 12, 12)), WordView(text="runs", day=None)),
        promised_by_owner=(WordView(text="the new draft", day=date(2026, 11, 20)),),
        promised_by_them=(WordView(text="the figures of October", day=date(2026, 11, 27)),),
        again=(AS_OF + timedelta(days=4, hours=3),),
    )
    more = (
        signal(
            SAM, "move_on", "care", "Consider letting Sam Okafor go.", advice="One last line that closes it kindly."
        ),
        signal(TOM, "courtship", "care", "Tom Ruiz is new.", advice="Ask for one of these."),
        signal(
            LEA,
            "add_value",
            "care",
            "It is a good time to send Léa Fontaine something of use.",
            opened=AS_OF - timedelta(days=20),
        ),
    )
    busy = busy_week()
    return replace(
        busy,
        signals=(*busy.signals, *more),
        first_read=AS_OF - timedelta(days=300),
        last_subjects={SAM.id: "Thanks for Thursday", LEA.id: "Re: The article"},
        cards={JO.id: card},
        attention=AttentionView(
            since=date(2026, 5, 1), until=date(2026, 11, 1), shares=(big, small, waits), big_reply_hours=3.0
        ),
        trouble=DeliveryTrouble(
            week="2026-W46",
            problem="mail.example.com:587 cannot be reached: Connection refused.",
            what_to_do="Check host and port in [report.smtp], and the network.",
            attempts=9,
            retry_at=None,
        ),
    )


def crowded_week(people: int = 2000) -> WeekView:
    """Everybody has a signal of every family, and long texts."""
    long = "A finding told at more length than is good for it, " * 8
    crowd = tuple(
        contact(
            number,
            f"Person {number} of the crowd",
            number % 100,
            next_meeting=AS_OF + timedelta(hours=number),
        )
        for number in range(people)
    )
    signals = tuple(
        signal(view, rule, family, long, advice=long, evidence=(evidence(long),))
        for view in crowd
        for rule, family in (
            ("put_off", "not_into_you"),
            ("warming", "warming"),
            ("you_owe_reply", "mirror"),
            ("you_went_quiet", "mirror"),
        )
    )
    return week(crowd, signals)


def hostile_week() -> WeekView:
    eve = contact(
        7,
        HOSTILE,
        40.0,
        addresses=('eve"><img src=x onerror=alert(1)>@x.example?bcc=all@x.example', "eve+o'k?&a@x.example"),
        labels=("<b>",),
        organisation="<i>x.example</i>",
        next_meeting=AS_OF + timedelta(days=1),
        trend=-9.0,
        open_signals=("<u>rule</u>",),
    )
    findings = tuple(
        signal(eve, rule, family, HOSTILE, advice=HOSTILE, evidence=(evidence(HOSTILE),))
        for rule, family in (
            ("put_off", "not_into_you"),
            ("you_owe_reply", "mirror"),
            ("you_went_quiet", "mirror"),
        )
    )
    return week((eve,), findings, accounts=(account(HOSTILE, problem=HOSTILE, what_to_do=HOSTILE),))


def feed_entries() -> tuple[FeedEntry, ...]:
    """One entry of each type of the contract, and each change of a meeting."""
    seen = {"kind": "meeting_revision", "ref": "r_1", "time": AS_OF, "what": "Ana moved “Review”\n\u2028\x9b"}
    finding = {
        "evidence": (seen,),
        "facts": {"moved_by_them_60d": 3, "held_after_move_60d": 0},
        "historical": False,
        "sentence": "Ana Brandt moved your meeting 3 times.",
        "strength": "strong",
        "rule": "put_off",
    }
    warmth = {"before": 41.0, "after": 38.0, "band": "cool", "cause": "time", "signal": None}
    changes = ("created", "rescheduled", "cancelled", "declined", "accepted", "held", "no_show")
    typed: list[tuple[str, dict[str, Any]]] = [
        ("signal.opened", finding),
        ("signal.cleared", {**finding, "signal": "sig_1"}),
        ("warmth.changed", warmth),
        ("warmth.changed", {**warmth, "cause": "put_off", "signal": "sig_1"}),
        ("contact.added", {}),
        ("contact.merged", {"merged": "c_0009", "into": ref(ANA).id, "addresses": ["ana@home.example"]}),
        ("contact.forgotten", {}),
        *(("meeting.changed", {"change": change, "by": "them", "notice_hours": 26.5}) for change in changes),
        ("meeting.changed", {"change": "created", "by": "unknown", "notice_hours": None}),
    ]
    return tuple(
        FeedEntry(seq=seq, id=f"id_{seq}", type=type_, time=AS_OF, contact=ref(ANA), data=data)
        for seq, (type_, data) in enumerate(typed, 1)
    )
