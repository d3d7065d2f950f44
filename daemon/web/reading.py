"""Reading: one request for the page, while the database is open for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keepwarm.daemon.days import today_of
from keepwarm.daemon.web.visitor import visitor_of
from keepwarm.outputs.desk import desk_of
from keepwarm.outputs.page.frame import Frame, page_words
from keepwarm.storage import first_reads, whereabouts
from keepwarm.storage.views import WeekView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection
    from starlette.requests import Request

    from keepwarm.daemon.web.site import Site
    from keepwarm.storage.views import ContactView

_LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """What a view is made with."""

    site: Site
    connection: Connection
    now: datetime
    csrf: str
    done: str  # what a form that was sent before has done

    @classmethod
    def begun(cls, site: Site, connection: Connection, request: Request) -> Reading:
        """Begin as of now."""
        done = request.query_params.get("done", "")[:_LONGEST_KEY]
        return cls(site, connection, site.clock(), visitor_of(request).csrf, done)

    def frame(self, view: str, people: Sequence[ContactView]) -> Frame:
        """Make what is around a view of these people."""
        configuration = self.site.configuration
        owner = configuration.owner
        today = today_of(self.now, owner.timezone)
        week = WeekView(
            week="",
            since=today,
            until=today,
            as_of=self.now,
            owner_name=owner.name,
            timezone=owner.timezone.key,
            contacts=tuple(people),
            warmth={},
            week_change={},
            signals=(),
            accounts=(),
            left_out={},
        )
        return Frame(
            desk=desk_of(week, page_words(configuration.report.language)),
            view=view,
            csrf=self.csrf,
            provisional=bool(first_reads.unfinished(self.connection, configuration.account_names)),
            done=self.done,
        )

    def part_of(self, contact_id: str) -> str:
        """Give the contact that another one is part of now; "" if it is of none."""
        return whereabouts.part_of(self.connection, contact_id)

    def was_forgotten(self, contact_id: str) -> bool:
        """Tell whether the owner had a contact forgotten."""
        return whereabouts.was_forgotten(self.connection, contact_id)
