"""The owner's word, said on the page: each form does what a command does, by the same functions, and leads back.

What cannot be done is told beside the form, with what was typed still in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse

from keepwarm.daemon import appointments
from keepwarm.daemon.commands import contact_label, noshow
from keepwarm.daemon.commands import ping as pings
from keepwarm.daemon.commands.note import NOTE_WORDS
from keepwarm.daemon.commands.ping import PING_WORDS
from keepwarm.daemon.commands.promise import PROMISE_WORDS
from keepwarm.daemon.days import day_named, today_of
from keepwarm.daemon.failure import BadUsage
from keepwarm.daemon.judging import judge, unjudge
from keepwarm.daemon.web.page_answers import contact_answer, signals_answer
from keepwarm.daemon.web.problem import Problem
from keepwarm.daemon.words import written
from keepwarm.outputs.page.forms import Typed
from keepwarm.storage import contacts
from keepwarm.storage.histories import By
from keepwarm.storage.sightings import Word
from keepwarm.storage.verdicts import Judgement

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from keepwarm.daemon.web.site import Site
    from keepwarm.daemon.words import Words
    from keepwarm.daemon.workshop import Workshop
    from keepwarm.storage.views import ContactRef

_JUDGEMENTS = {"dismiss": Judgement.DISMISSED, "snooze": Judgement.SNOOZED, "confirm": Judgement.CONFIRMED}


class PageWords:
    """The endpoints of the forms."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def add_note(self, request: Request, form: Mapping[str, str]) -> Response:
        """Keep a note."""

        def do(workshop: Workshop, who: ContactRef) -> str:
            text, now = written(form.get("text", "")), self._site.clock()
            NOTE_WORDS.keep(workshop, who.id, now, at=now, text=text, on_date=self._day(form.get("on", "")))
            return "note"

        return self._done(request, form, "note", "notes", do)

    def correct_note(self, request: Request, form: Mapping[str, str]) -> Response:
        """Say a note otherwise, or take it back."""
        number = request.path_params["number"]

        def do(workshop: Workshop, who: ContactRef) -> str:
            now = self._site.clock()
            self._theirs(workshop, NOTE_WORDS, number, who)
            if form.get("do") == "remove":
                NOTE_WORDS.take_back(workshop, number, now)
                return "note_removed"
            text, day = written(form.get("text", "")), self._day(form.get("on", ""))
            NOTE_WORDS.change(workshop, number, now, text=text, on_date=day)
            return "note_changed"

        return self._done(request, form, f"note-{number}", "notes", do)

    def add_promise(self, request: Request, form: Mapping[str, str]) -> Response:
        """Keep a promise, of either side."""

        def do(workshop: Workshop, who: ContactRef) -> str:
            text, now = written(form.get("text", "")), self._site.clock()
            due = self._day(form.get("due", ""))
            if due is None:
                raise BadUsage("It is not said by when.", "Give the day.")
            by_owner = form.get("by", By.OWNER.value) != By.THEM.value
            PROMISE_WORDS.keep(workshop, who.id, now, at=now, text=text, due=due, by_owner=by_owner)
            return "promise"

        return self._done(request, form, "promise", "promises", do)

    def end_promise(self, request: Request, form: Mapping[str, str]) -> Response:
        """Mark a promise as kept, or as not kept after all, or take it back."""
        number, wanted = request.path_params["number"], form.get("do")

        def do(workshop: Workshop, who: ContactRef) -> str:
            now = self._site.clock()
            self._theirs(workshop, PROMISE_WORDS, number, who)
            if wanted == "remove":
                PROMISE_WORDS.take_back(workshop, number, now)
                return "promise_removed"
            PROMISE_WORDS.change(workshop, number, now, kept_at=now if wanted == "kept" else None)
            return "promise_kept" if wanted == "kept" else "promise_open"

        return self._done(request, form, "promise", "promises", do)

    def label(self, request: Request, form: Mapping[str, str]) -> Response:
        """Give a label, or take one away."""

        def do(workshop: Workshop, who: ContactRef) -> str:
            named = [form.get("label", "").strip()]
            given, taken = ([], named) if form.get("do") == "remove" else (named, [])
            contact_label.say(workshop, who.id, given, taken, self._site.clock())
            return "label"

        return self._done(request, form, "label", "labels", do)

    def ping(self, request: Request, form: Mapping[str, str]) -> Response:
        """Set the ping interval, or have it learnt again."""

        def do(workshop: Workshop, who: ContactRef) -> str:
            now = self._site.clock()
            if form.get("do") != "learn":
                pings.put(workshop, who.id, pings.days_named(form.get("days", "").strip()), now)
                return "ping"
            with workshop.database.reading() as connection:
                said = PING_WORDS.shelf.listed(connection, [who.id])
            for one in said:
                PING_WORDS.take_back(workshop, one.id, now)
            return "ping_removed"

        return self._done(request, form, "ping", "ping", do)

    def missed(self, request: Request, form: Mapping[str, str]) -> Response:
        """Keep that they did not come to a meeting."""

        def do(workshop: Workshop, who: ContactRef) -> str:
            noshow.keep(workshop, form.get("meeting", ""), who.addresses, self._site.clock())
            return "missed"

        return self._done(request, form, "missed", "meetings", do)

    def came_after_all(self, request: Request, form: Mapping[str, str]) -> Response:
        """Take back that they did not come."""
        number = request.path_params["number"]

        def do(workshop: Workshop, who: ContactRef) -> str:
            with workshop.database.reading() as connection:
                kept, _ = appointments.the_word(connection, Word.NO_SHOW, number, "noshow")
            if kept.testimony.actor not in who.addresses:
                raise BadUsage(f"You have said nothing of {who.name} there.")
            appointments.take_back(workshop, kept, self._site.clock())
            return "missed_removed"

        return self._done(request, form, "missed", "meetings", do)

    def judge(self, request: Request, form: Mapping[str, str]) -> Response:
        """Keep the owner's word on a signal, or take it back; leads back to where the signal was shown."""
        signal_id, back = request.path_params["signal_id"], form.get("back", "")
        wanted = form.get("do", "")
        site, now = self._site, self._site.clock()
        try:
            with site.tools() as workshop:
                if wanted == "undo":
                    unjudge(workshop, signal_id, now)
                elif wanted in _JUDGEMENTS:
                    judge(workshop, signal_id, _JUDGEMENTS[wanted], form.get("reason", ""), form.get("until", ""), now)
                else:
                    raise Problem(400, "The form does not say what to do.")
        except BadUsage as error:
            typed = Typed(f"signal-{signal_id}", form, _told(error))
            if back == "signals":
                return signals_answer(site, request, typed)
            return contact_answer(site, request, back, typed)
        done = "undone" if wanted == "undo" else _JUDGEMENTS[wanted].value
        if back == "signals":
            return RedirectResponse(f"/signals?done={done}#{signal_id}", status_code=303)
        with site.database.reading() as connection:
            known = contacts.refs(connection, [back])
        path = f"/contacts/{known[0].id}" if known else "/signals"
        return RedirectResponse(f"{path}?done={done}#{signal_id}", status_code=303)

    def _done(
        self,
        request: Request,
        form: Mapping[str, str],
        name: str,
        place: str,
        do: Callable[[Workshop, ContactRef], str],
    ) -> Response:
        """Do what a form of a contact's page asks for; ``do`` gives what to say. Raises Problem."""
        site, contact_id = self._site, request.path_params["contact_id"]
        with site.database.reading() as connection:
            known = contacts.refs(connection, [contact_id])
        if not known:
            return contact_answer(site, request, contact_id, Typed())
        try:
            with site.tools() as workshop:
                done = do(workshop, known[0])
        except BadUsage as error:
            return contact_answer(site, request, contact_id, Typed(name, form, _told(error)))
        site.news.tell()
        return RedirectResponse(f"/contacts/{known[0].id}?done={done}#{place}", status_code=303)

    def _day(self, text: str) -> str | None:
        """Read a day; None if there is none. Raises BadUsage."""
        if not text.strip():
            return None
        today = today_of(self._site.clock(), self._site.configuration.owner.timezone)
        return day_named(text, today).isoformat()

    def _theirs(self, workshop: Workshop, words: Words[Any], number: int, who: ContactRef) -> None:
        """Make sure that a word is of this contact. Raises BadUsage."""
        with workshop.database.reading() as connection:
            if words.find(connection, number).contact != who.id:
                raise BadUsage(f"There is no {number} in what you said of {who.name}.")


def _told(error: BadUsage) -> str:
    return " ".join(filter(None, (str(error), error.what_to_do)))
