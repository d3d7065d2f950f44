"""How the brief and the question of the evening stand, as ``status`` and ``doctor`` show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.daemon import brief_mail, sending
from keepwarm.daemon.accounts import GoogleAccount, ImapAccount, MaildirAccount, MboxAccount, MicrosoftAccount
from keepwarm.daemon.google_scopes import reads_bodies
from keepwarm.daemon.sending import NotSent
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import outbox, thoughts
from keepwarm.storage.outbox import State
from keepwarm.storage.settings import moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from sqlalchemy import Connection

    from keepwarm.daemon.accounts import Account
    from keepwarm.daemon.settings import Configuration

_WHY = {
    "not_numbered": "it does not begin with a number from 1 to 5",
    "not_which": "several were asked about, and no line says which one it means",
    "not_asked": "it names a number that was not asked about",
    "cut_short": "it is longer than what is read; what came first is kept",
}
_CURE = "Answer the mail again, or say it here: keepwarm reflect"


def of(connection: Connection, settings: Configuration, now: datetime) -> dict[str, Any]:
    """Tell how the newest of each stands; None for one that is not wanted."""
    today = now.astimezone(settings.owner.timezone).date().isoformat()
    return {
        "brief": _newest(connection, brief_mail.KIND, today) if settings.brief.at else None,
        "reflect": {**_newest(connection, thoughts.KIND, today), "unread_answer": _unread(connection)}
        if settings.reflect.mail
        else None,
    }


def lines(state: dict[str, Any], zone: tzinfo) -> Iterator[str]:
    """Say the same in lines; what is well and needs no word is not told."""
    for kind, name in (("brief", "brief"), ("reflect", "question after the meetings")):
        one = state[kind]
        if one is None:
            continue
        if one["problem"]:
            told = f"{one_line(one['problem'], 300)} {one_line(one['what_to_do'], 300)}".rstrip()
            again = f", and is tried again at {_said(one['retry'], zone)}" if one["retry"] else ""
            yield f"The {name} of {one['day']} could not be sent{again}: {told}"
        elif one["sent"]:
            yield f"The {name} of {one['day']} was sent on {_said(one['sent'], zone)}."
        if unread := one.get("unread_answer"):
            yield f"Your answer of {_said(unread['at'], zone)} could not be read: {unread['why']}. {_CURE}"


def answers_checked(settings: Configuration) -> str:
    """Say in which accounts an answer is found. Raises NotSent if it is in none."""
    recipient = sending.addresses(settings).recipient
    if recipient not in settings.owner_addresses:
        raise NotSent(
            f"The question goes to {recipient}, which is not known as yours: no answer from there is believed.",
            "Add it to addresses in [owner].",
        )
    mailboxes = (ImapAccount, MaildirAccount, MboxAccount, GoogleAccount, MicrosoftAccount)
    asked = [one for one in settings.accounts if isinstance(one, mailboxes)]
    readable = [one.name for one in asked if _is_readable(one, settings)]
    unreadable = [one.name for one in asked if one.name not in readable]
    cures = [
        f"For {name}: set read_own_sent_bodies = true in [privacy], then: keepwarm login {name}" for name in unreadable
    ]
    if not readable:
        cure = " ".join(cures) or "Add the mailbox from which you answer as an account."
        raise NotSent("Your answers to the question after the meetings can be read in no account.", cure)
    unread = f"; not in {', '.join(unreadable)}. {' '.join(cures)}" if cures else ""
    return f"answers are read in {', '.join(readable)}{unread}"


def _is_readable(one: Account, settings: Configuration) -> bool:
    """Tell whether the sign-in that an account needs anyway reaches the text of an answer."""
    if isinstance(one, GoogleAccount):
        return reads_bodies(one, settings)
    return not isinstance(one, MicrosoftAccount) or settings.privacy.read_own_sent_bodies


def _newest(connection: Connection, kind: str, today: str) -> dict[str, Any]:
    newest = next(iter(outbox.newest(connection, kind, 1)), None)
    waits = newest is not None and newest.state is not State.SENT and newest.key == today
    return {
        "day": newest.key if newest else None,
        "state": newest.state.value if newest else None,
        "sent": newest.sent_at if newest else None,
        "attempts": newest.attempts if newest else 0,
        "retry": newest.retry_at if newest and waits else None,
        "problem": newest.problem if newest else "",
        "what_to_do": newest.what_to_do if newest else "",
    }


def _unread(connection: Connection) -> dict[str, Any] | None:
    found = thoughts.unread_answer(connection)
    if found is None:
        return None
    day, at, why = found
    return {"day": day, "at": moment(at), "why": _WHY[why]}


def _said(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
