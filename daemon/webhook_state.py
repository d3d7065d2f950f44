"""How the webhook stands, as ``status``, ``doctor`` and ``webhook`` show it: never its address beyond the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keepwarm.connectors.http_faults import place
from keepwarm.outputs.safe_text import one_line
from keepwarm.storage import webhook_queue as queue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

    from sqlalchemy import Connection

    from keepwarm.daemon.settings import Webhook
    from keepwarm.storage.webhook_queue import Waiting

DEAD_CURE = "Have them posted again: keepwarm webhook retry. Or let go of them: keepwarm webhook drop"
_SHOWN = 20
_LONGEST = 300


def of(connection: Connection, hook: Webhook | None) -> dict[str, Any] | None:
    """Tell how the webhook stands; None if there is none."""
    if hook is None:
        return None
    endpoint = queue.find(connection, hook.url)
    waiting = queue.waiting(connection) if endpoint else []
    dead = queue.waiting(connection, dead=True) if endpoint else []
    rests = endpoint.rests_until if endpoint else None
    tried = min((one.retry_at for one in waiting if one.retry_at), default=None)
    return {
        "to": place(hook.url),
        "events": list(hook.events),
        "signed": hook.secret is not None,
        "began": endpoint.began if endpoint else None,
        "taken_to": endpoint.taken_to if endpoint else None,
        "posted": endpoint.sent if endpoint else 0,
        "last_posted": endpoint.sent_at if endpoint else None,
        "gone": endpoint.gone_at if endpoint else None,
        "problem": endpoint.problem if endpoint else "",
        "what_to_do": endpoint.what_to_do if endpoint else "",
        "waiting": len(waiting),
        "retry": max(filter(None, (rests, tried)), default=None) if waiting else None,
        "failing": [_line(one) for one in waiting if one.problem][:_SHOWN],
        "dead": len(dead),
        "dead_letters": [_line(one) for one in dead[-_SHOWN:]],
    }


def lines(state: dict[str, Any] | None, zone: tzinfo) -> Iterator[str]:
    """Say the same in lines."""
    if state is None:
        return
    last = f", the last on {_said(state['last_posted'], zone)}" if state["last_posted"] else ""
    waits = f"; {_counted(state['waiting'])} to be posted" if state["waiting"] else ""
    yield f"Webhook at {state['to']}: {_counted(state['posted'])} posted{last}{waits}."
    yield from (f"{what} {cure}".rstrip() for what, cure in troubles(state, zone))


def troubles(state: dict[str, Any], zone: tzinfo) -> Iterator[tuple[str, str]]:
    """Give what is wrong, and the cure of each."""
    if state["problem"]:
        gone = " Nothing is posted to it any more." if state["gone"] else ""
        again = f" It is tried again at {_said(state['retry'], zone)}." if state["retry"] and not gone else ""
        yield (
            f"The webhook: {one_line(state['problem'], _LONGEST)}{gone}{again}",
            one_line(state["what_to_do"], _LONGEST),
        )
    elif state["failing"]:
        newest = state["failing"][-1]
        problem = one_line(newest["problem"], _LONGEST)
        yield f"The webhook did not take {_counted(len(state['failing']))}, which are tried again: {problem}", ""
    if state["dead"]:
        why = one_line(state["dead_letters"][-1]["problem"], _LONGEST)
        given_up = "was" if state["dead"] == 1 else "were"
        yield f"{_counted(state['dead'])} for the webhook {given_up} given up after ten tries: {why}", DEAD_CURE


def _line(one: Waiting) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "type": one.type,
        "contact": one.contact_id,
        "attempts": one.attempts,
        "retry": one.retry_at,
        "given_up": one.dead_at,
        "problem": one.problem,
    }


def _counted(number: int) -> str:
    return f"{number} line{'' if number == 1 else 's'}"


def _said(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
