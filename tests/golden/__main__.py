"""Write the expected texts anew, for a person to check by their difference."""

from __future__ import annotations

from pathlib import Path

from tests.golden.dump import read, told

for mail in sorted(Path(__file__).parent.glob("*/*.eml")):
    mail.with_suffix(".txt").write_text(told(read(mail)), "utf-8")
