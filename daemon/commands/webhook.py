"""``keepwarm webhook``: how the posting of the feed goes, and what is to become of the lines that were not taken."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import click

from keepwarm.daemon.failure import BadUsage, DoneInPart, Failure
from keepwarm.daemon.harmless import harmless_lines
from keepwarm.daemon.opening import opened
from keepwarm.daemon.tables import Column, show, show_json

if TYPE_CHECKING:
    from typing import Any

    from keepwarm.daemon.session import Session
    from keepwarm.daemon.settings import Webhook
    from keepwarm.daemon.webhook_delivery import Delivered
    from keepwarm.daemon.workshop import Workshop

_COLUMNS = (
    Column("seq", "SEQ", right=True),
    Column("type", "TYPE"),
    Column("contact", "CONTACT"),
    Column("attempts", "TRIES", right=True),
    Column("retry", "AGAIN"),
    Column("given_up", "GIVEN UP"),
    Column("problem", "WHAT IS WRONG"),
)
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")


@click.group("webhook", invoke_without_command=True)
@_AS_JSON
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show how the posting of the feed goes, and which lines were not taken."""
    if context.invoked_subcommand is not None:
        return
    from keepwarm.daemon import webhook_state  # noqa: PLC0415 - not for --help to load

    session: Session = context.obj
    hook = _configured(session)
    with opened(session) as workshop, workshop.database.reading() as connection:
        state = webhook_state.of(connection, hook)
    if as_json or state is None:
        show_json(state)
        return
    for line in webhook_state.lines(state, session.configuration.owner.timezone):
        click.echo(harmless_lines(line))
    if rows := [*state["dead_letters"], *state["failing"]]:
        click.echo()
        show(rows, _COLUMNS, False)


@command.command("retry")
@click.option("--since", type=click.IntRange(min=0), metavar="SEQ", help="All lines after this one, once more.")
@_AS_JSON
@click.pass_obj
def retry(session: Session, /, since: int | None, as_json: bool) -> None:
    """Post at once what waits, was not taken, or was given up; also to a receiver that had said that it is gone.

    With --since, what was posted before goes out again too, under the same ids.
    """
    hook = _configured(session)
    from keepwarm.daemon.webhook_delivery import deliver_due  # noqa: PLC0415 - not for --help to load
    from keepwarm.storage import webhook_queue  # noqa: PLC0415

    with opened(session) as workshop:
        with workshop.database.writing() as connection:
            endpoint = webhook_queue.adopt(connection, hook.url, session.now())
            if since is not None:
                webhook_queue.go_back(connection, endpoint, since)
            webhook_queue.begin_again(connection, endpoint)
        done = deliver_due(workshop, hook, uuid4().hex, session.now, lambda: False)
        _say(workshop, hook, done, as_json=as_json)


@command.command("drop")
@_AS_JSON
@click.pass_obj
def drop(session: Session, /, as_json: bool) -> None:
    """Let go of the lines that were given up; `keepwarm webhook retry --since SEQ` still posts them."""
    _configured(session)
    from keepwarm.storage import webhook_queue  # noqa: PLC0415 - not for --help to load

    with opened(session) as workshop, workshop.database.writing() as connection:
        dropped = webhook_queue.drop_dead(connection)
    if as_json:
        show_json({"dropped": [one.seq for one in dropped]})
    elif dropped:
        undo = f"Undo: keepwarm webhook retry --since {dropped[0].seq - 1}"
        click.echo(f"{_counted(len(dropped))} dropped.\n{undo}")
    else:
        click.echo("No line was given up.")


def _configured(session: Session) -> Webhook:
    if session.as_of is not None:
        raise BadUsage("A webhook lives in the present.", "Leave --as-of out.")
    hook = session.configuration.webhook
    if hook is None:
        raise BadUsage("The configuration has no webhook.", "Add a table [webhook] with a url.")
    return hook


def _say(workshop: Workshop, hook: Webhook, done: Delivered, *, as_json: bool) -> None:
    """Raises DoneInPart and Failure if not all was taken."""
    from keepwarm.daemon import webhook_state  # noqa: PLC0415

    with workshop.database.reading() as connection:
        state: dict[str, Any] = webhook_state.of(connection, hook) or {}
    if as_json:
        show_json({"posted": done.sent, "not_taken": done.failed, "waiting": state["waiting"]})
    elif done.elsewhere:
        click.echo("Another process is just posting, and goes on with all that waits.")
    else:
        click.echo(f"{_counted(done.sent)} posted.")
    if state["waiting"] and not done.elsewhere:
        problem = state["problem"] or next((one["problem"] for one in state["failing"]), "")
        why = f"{_counted(state['waiting'])} could not be posted: {problem}"
        cure = state["what_to_do"] or "`keepwarm run` tries again, for three days."
        raise DoneInPart(why, cure) if done.sent else Failure(why, cure)


def _counted(number: int) -> str:
    return f"{number} line{'' if number == 1 else 's'}"
