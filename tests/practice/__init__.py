"""A seeded, believable year of an independent consultant's mail and meetings, written to disk.

Terms. The *stage* is the year; the *owner* is Sam Carter; each *persona* plays a *script*, a way to behave.
A *letter* is a message, and goes to the Maildir, the mbox, or both. The script says which signals must be
open at the end and which must not; it knows nothing of the rules' thresholds.
"""

from tests.practice.practice import Part, Practice, write_practice

__all__ = ["Part", "Practice", "write_practice"]
