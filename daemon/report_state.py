"""The report's delivery, as ``status`` and ``doctor`` show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.daemon import sending, smtp_sending, weekly
from keepwarm.daemon.sending import NotSent
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import outbox
from keepwarm.storage.outbox import State

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from keepwarm.daemon.settings import Configuration


def of(connection: Connection, settings: Configuration, now: datetime) -> dict[str, Any]:
    """Tell how the newest report stands, and when the next one is due."""
    zone, report = settings.owner.timezone, settings.report
    newest = next(iter(outbox.newest(connection, "report", 1)), None)
    return {
        "via": report.via,
        "week": newest.key if newest else None,
        "state": newest.state.value if newest else None,
        "sent": newest.sent_at if newest else None,
        "attempts": newest.attempts if newest else 0,
        "retry": newest.retry_at if newest and newest.state is not State.SENT else None,
        "problem": newest.problem if newest else "",
        "what_to_do": newest.what_to_do if newest else "",
        "next": weekly.next_due(now, report.at, zone),
    }


def line(state: dict[str, Any], settings: Configuration) -> str:
    """Say the same in a line or two."""
    zone = settings.owner.timezone
    ahead = f"The next report is due on {_said(state['next'], zone)}."
    if state["week"] is None:
        return f"No report was sent yet. {ahead}"
    if state["state"] == State.SENT.value:
        return f"The report of {state['week']} was sent on {_said(state['sent'], zone)}. {ahead}"
    if not state["problem"]:
        return f"The report of {state['week']} is under way. {ahead}"
    again = f"tried again at {_said(state['retry'], zone)}" if state["retry"] else "not tried again by itself"
    told = f"{one_line(state['problem'], 300)} {one_line(state['what_to_do'], 300)}".rstrip()
    return f"The report of {state['week']} could not be sent, and is {again}: {told}"


def checked(settings: Configuration) -> str:
    """See whether a report could be sent, without sending one; give what to tell of it. Raises NotSent."""
    report = settings.report
    match report.via:
        case "file":
            folder = report.path
            there = next(one for one in (folder, *folder.parents) if one.exists())
            if not there.is_dir():
                raise NotSent(f"{folder} is no folder.", "Set path in [report] to a folder of your own.")
            return f"written to {folder}"
        case "smtp" if report.smtp is not None:
            return f"{smtp_sending.sign_in(report.smtp)}; it goes to {sending.addresses(settings).recipient}"
        case _:
            account = sending.provider_account(settings)
            if account is None:
                raise NotSent(f"There is no account of kind {report.via}.", "Add one, or set report.via.")
            return f"sent by the account {account.name}, to {sending.addresses(settings).recipient}"


def _said(moment: datetime, zone: Any) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
