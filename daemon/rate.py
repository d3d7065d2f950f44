"""A column of a progress bar: how many messages a second. Imports rich: only for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.progress import ProgressColumn
from rich.text import Text

if TYPE_CHECKING:
    from rich.progress import Task


class RateColumn(ProgressColumn):
    """Shows steps per second, once they can be told."""

    def render(self, task: Task) -> Text:
        """Show the present rate, or of what is done its whole."""
        rate = task.finished_speed or task.speed
        return Text(f"{rate:,.0f}/s" if rate else "", style="progress.data.speed")
