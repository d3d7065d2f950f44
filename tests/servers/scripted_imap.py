"""An IMAP server that says what a test wants it to say: what real servers do only on their bad days."""

from __future__ import annotations

import re
import socketserver
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    Answer = bytes | Callable[[str], bytes]

CAPABILITIES = b"IMAP4rev1 AUTH=PLAIN SASL-IR"

_USUAL: dict[str, bytes] = {
    "CAPABILITY": b"* CAPABILITY " + CAPABILITIES + b"\r\nTAG OK done\r\n",
    "LIST": b'* LIST () "/" INBOX\r\nTAG OK done\r\n',
    "CLOSE": b"TAG OK done\r\n",
    "DONE": b"TAG OK idled\r\n",
    "NOOP": b"TAG OK done\r\n",
    "LOGIN": b"TAG OK signed in\r\n",
    "LOGOUT": b"* BYE bye\r\nTAG OK done\r\n",
    "STATUS": b"* STATUS INBOX (UIDVALIDITY 7 UIDNEXT 4)\r\nTAG OK done\r\n",
    "EXAMINE": b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 4] .\r\nTAG OK [READ-ONLY] done\r\n",
    "SEARCH": b"* SEARCH 1 2 3\r\nTAG OK done\r\n",
}


@dataclass(slots=True)
class Script:
    """What is answered to each command (without "UID"); TAG is its tag, and ``b""`` ends the connection."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    greeting: bytes = b"* OK [CAPABILITY " + CAPABILITIES + b"] hello\r\n"
    heard: list[str] = field(default_factory=list)  # all commands, without their tags

    def answer(self, name: str, line: str) -> bytes:
        """Say what comes back to a command line."""
        answer = self.answers.get(name, _USUAL.get(name, b"TAG BAD unknown\r\n"))
        return answer if isinstance(answer, bytes) else answer(line)


class ScriptedImap:
    """The running server; a context manager."""

    def __init__(self, answers: Mapping[str, Answer], greeting: bytes | None = None) -> None:
        self.script = Script(answers) if greeting is None else Script(answers, greeting)
        script = self.script

        class Talk(socketserver.StreamRequestHandler):
            idle_tag = ""

            def handle(self) -> None:
                self.wfile.write(script.greeting)
                while line := self.rfile.readline().decode().strip():
                    if not self._reply(line):
                        return

            def _reply(self, line: str) -> bool:
                if line == "DONE":
                    line = f"{self.idle_tag} DONE"
                tag, _, command = line.partition(" ")
                script.heard.append(command)
                name = command.removeprefix("UID ").split(" ")[0].upper()
                if name == "IDLE":
                    self.idle_tag = tag
                if name == "AUTHENTICATE":
                    name = self._authenticate()
                answer = script.answer(name, command)
                self.wfile.write(re.sub(rb"^TAG ", tag.encode() + b" ", answer, flags=re.MULTILINE))
                return bool(answer)

            def _authenticate(self) -> str:
                """Ask for the credentials, then, if the script has a CHALLENGE, for an answer to that."""
                for challenge in (b"", script.answer("CHALLENGE", "") if "CHALLENGE" in script.answers else None):
                    if challenge is not None:
                        self.wfile.write(b"+ " + challenge + b"\r\n")
                        script.heard.append(self.rfile.readline().decode().strip())
                return "LOGIN"

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False

        self._server = Server(("127.0.0.1", 0), Talk)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> ScriptedImap:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
