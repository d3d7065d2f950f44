"""What the user is told of meetings that a calendar no longer shows."""

from __future__ import annotations


def told_of_held(number: int) -> tuple[str, str]:
    """Give what is wrong, and the cure, where so many coming meetings vanished at once."""
    return (
        f"{number} coming meetings vanished at once; none counts as cancelled until a second full read agrees.",
        "Restore the calendar if it was emptied by mistake; else the next full read, an hour on, confirms it.",
    )


def told_of_missing(number: int) -> str:
    """Give what there is to know where meetings are missing, and nothing is wrong with that yet."""
    which = "meeting is" if number == 1 else "meetings are"
    return f"{number} {which} no longer shown; what stays away for an hour counts as gone."
