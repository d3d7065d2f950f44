"""Senders that are no persons: newsletters, tickets, receipts, a bank. None of them is a contact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING

from tests.practice import words
from tests.practice.hours import at_clock
from tests.practice.letters import OWNER, Letter, Mailbox, new_message_id

if TYPE_CHECKING:
    from datetime import date
    from random import Random

    from tests.practice.stage import Stage

Headers = tuple[tuple[str, str], ...]
MACHINE: Headers = (("Auto-Submitted", "auto-generated"),)


def _list(name: str, domain: str) -> Headers:
    return (
        ("List-Id", f"{name} <{name.lower().replace(' ', '-')}.{domain}>"),
        ("List-Unsubscribe", f"<mailto:leave@{domain}?subject=leave>, <https://{domain}/leave>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """A machine that writes to the owner."""

    name: str
    address: str
    weekdays: tuple[int, ...]  # Monday is 0
    hour: int
    subjects: tuple[str, ...]
    extra: Headers

    @property
    def mailbox(self) -> Mailbox:
        """Give name and address."""
        return Mailbox(self.name, self.address)


ROBOTS: tuple[Robot, ...] = (
    Robot(
        name="Morning Wire",
        address="daily@morning-wire.example",
        weekdays=(0, 1, 2, 3, 4),
        hour=5,
        subjects=("Five things to know today", "What moved overnight", "The morning in brief"),
        extra=_list("Morning Wire", "morning-wire.example"),
    ),
    Robot(
        name="Consultants' Guild",
        address="news@consultants-guild.example",
        weekdays=(1, 3),
        hour=8,
        subjects=("New seminars", "Members' evening", "From the regional groups"),
        extra=(*_list("Guild News", "consultants-guild.example"), ("Feedback-ID", "4711:guild:mailer")),
    ),
    Robot(
        name="Organisation list",
        address="org-design@lists.example",
        weekdays=(0, 3),
        hour=14,
        subjects=("[org-design] Teams without managers", "[org-design] Question about matrix organisations"),
        extra=(*_list("org-design", "lists.example"), ("Precedence", "list")),
    ),
    Robot(
        name="Helpdesk",
        address="support@hosting-desk.example",
        weekdays=(1, 4),
        hour=11,
        subjects=("[#48213] Your ticket was updated", "[#48377] We have received your request"),
        extra=(*MACHINE, ("X-Auto-Response-Suppress", "All"), ("Precedence", "bulk")),
    ),
    Robot(
        name="Railway tickets",
        address="receipts@railway-tickets.example",
        weekdays=(3,),
        hour=7,
        subjects=("Your ticket to Hamburg", "Your ticket to Munich", "Receipt for your booking"),
        extra=(("Feedback-ID", "11:tickets:rail"), *MACHINE),
    ),
    Robot(
        name="Papershop",
        address="no-reply@papershop.example",
        weekdays=(2,),
        hour=16,
        subjects=("Your order has been sent", "Rate your purchase"),
        extra=(("List-Unsubscribe", "<https://papershop.example/stop>"),),
    ),
    Robot(
        name="Elbe Bank",
        address="noreply@elbe-bank.example",
        weekdays=(0,),
        hour=6,
        subjects=("A new document is in your mailbox", "Your statement is ready"),
        extra=MACHINE,
    ),
    Robot(
        name="Google Calendar",
        address="calendar-notification@google.com",
        weekdays=(0, 2, 4),
        hour=4,
        subjects=("Your agenda for today", "Notification: meeting in 10 minutes"),
        extra=(*MACHINE, ("Precedence", "bulk")),
    ),
    Robot(
        name="Worknet",
        address="notifications@worknet.example",
        weekdays=(0, 2, 5),
        hour=19,
        subjects=(
            "3 people looked at your profile",
            "You have a new invitation",
            "Congratulate your contacts",
        ),
        extra=(("List-Unsubscribe", "<https://worknet.example/u>"), ("Feedback-ID", "9:worknet")),
    ),
    Robot(
        name="Mail Delivery System",
        address="mailer-daemon@mx.carter-consulting.example",
        weekdays=(),
        hour=10,
        subjects=("Undelivered Mail Returned to Sender",),
        extra=(("Return-Path", "<>"), ("Auto-Submitted", "auto-replied")),
    ),
)


def run_robots(stage: Stage) -> None:
    """Let every robot write on its days; the mail system reports a failure every ten weeks."""
    for robot in ROBOTS:
        rng = stage.rng(robot.address)
        for before in range(1, stage.days):
            day = stage.day(before)
            if day.weekday() in robot.weekdays or (not robot.weekdays and before % 70 == 33):
                _write(stage, robot, day, rng)


def _write(stage: Stage, robot: Robot, day: date, rng: Random) -> None:
    subject = rng.choice(robot.subjects)
    stage.post(
        Letter(
            author=robot.mailbox,
            to=(OWNER,),
            at=at_clock(day, time(robot.hour)) + timedelta(seconds=rng.randrange(3000)),
            subject=subject,
            message_id=new_message_id(rng, robot.mailbox, ""),
            text=f"{subject}\n\n{' '.join(rng.choices(words.SENTENCES, k=rng.randint(3, 30)))}\n",
            html=True,
            extra=robot.extra,
        )
    )
