"""The bare requests of a first read by CalDAV, their answers thrown away: what a server costs whoever asks it.

``python -m benchmarks.bare_caldav URL USER PASSWORD``
"""

from __future__ import annotations

import re
import sys

import requests

MULTIGET = 50
SYNC = (
    '<d:sync-collection xmlns:d="DAV:"><d:sync-token/><d:sync-level>1</d:sync-level>'
    "<d:prop><d:getetag/></d:prop></d:sync-collection>"
)
GET = (
    '<c:calendar-multiget xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
    "<d:prop><d:getetag/><c:calendar-data/></d:prop>{}</c:calendar-multiget>"
)
_HREF = re.compile(r"<(?:\w+:)?href>([^<]+\.ics)</")


def main() -> int:
    """List a calendar, and get everything in it."""
    url, user, password = sys.argv[1:]
    session = requests.Session()
    session.trust_env = False
    session.auth = (user, password)
    hrefs = _HREF.findall(_report(session, url, SYNC))
    for start in range(0, len(hrefs), MULTIGET):
        some = "".join(f"<d:href>{href}</d:href>" for href in hrefs[start : start + MULTIGET])
        _report(session, url, GET.format(some))
    return 0


def _report(session: requests.Session, url: str, body: str) -> str:
    headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
    answer = session.request("REPORT", url, data=body.encode(), headers=headers, timeout=600)
    answer.raise_for_status()
    return answer.text


if __name__ == "__main__":
    sys.exit(main())
