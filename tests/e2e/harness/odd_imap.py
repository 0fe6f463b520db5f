"""An IMAP server of somebody else: as plain or as odd as a test needs it."""
import dataclasses
import re
import shutil
import socketserver
import ssl
import threading
import time
from typing import Callable

from harness import pem
from harness.server import new_folder

NAME, USER, PASSWORD = "imap.example.net", "old@example.net", "s3cret"
CLOSE = b"close"  # an answer that is none: end the connection instead
HANG = b"hang"    # neither answer nor end the connection
DATE = '" 1-Jan-2001 10:00:00 +0000"'


@dataclasses.dataclass
class Letter:
    """A message."""
    uid: int
    text: bytes
    flags: str = "\\Seen"
    date: str | None = DATE
    gmail: int = 0
    size: int | None = None  # what RFC822.SIZE says, when it is a lie


@dataclasses.dataclass
class Box:
    """A mailbox."""
    letters: list[Letter]
    attributes: str = ""
    uidvalidity: int | None = 7
    code: str = ""  # one more that EXAMINE answers


def letter(uid: int, subject: str, **more: object) -> Letter:
    """A short one with a Message-ID of its own."""
    text = f"Message-ID: <{subject}@example.net>\r\nSubject: {subject}\r\n\r\n{subject}\r\n"
    return Letter(uid, text.encode(), **more)  # type: ignore[arg-type]


class _Session(socketserver.StreamRequestHandler):
    """One connection."""

    server: "_Server"

    def say(self, *parts: bytes | str) -> None:
        """Bytes as they are."""
        self.wfile.write(b"".join(p.encode() if isinstance(p, str) else p for p in parts))
        self.wfile.flush()

    def command(self) -> str:
        """One command with its literals; "" at the end."""
        text = self.rfile.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
        while literal := re.search(r"\{(\d+)\}$", text):
            self.say("+ go on\r\n")
            data = self.rfile.read(int(literal[1])).decode()
            text = text[:literal.start()] + f'"{data}"' + self.rfile.readline().decode().rstrip("\r\n")
        return text

    def handle(self) -> None:
        odd = self.server.odd
        self.say(odd.greeting)
        while text := self.command():
            tag, _, command = text.partition(" ")
            odd.commands.append(command)
            if (raw := odd.override(command)) is not None:
                if raw == HANG:
                    odd.closed.wait()
                if raw in (CLOSE, HANG):
                    return
                self.say(raw.replace(b"{tag}", tag.encode()))
                continue
            if command.upper() == "LOGOUT":
                return
            self.obey(tag, command)

    def obey(self, tag: str, command: str) -> None:
        """What a good server does."""
        odd, (verb, _, rest) = self.server.odd, command.partition(" ")
        if verb == "CAPABILITY":
            self.say(f"* CAPABILITY IMAP4rev1 {odd.capabilities}\r\n")
        elif verb == "LOGIN" and rest != f'"{USER}" "{odd.password}"':
            self.say(f"{tag} NO not you\r\n")
            return
        elif verb == "AUTHENTICATE":
            if rest == "PLAIN":
                self.say("+ \r\n")
                odd.commands.append(self.rfile.readline().decode().strip())
        elif verb == "NAMESPACE":
            self.say(f"* NAMESPACE {odd.namespaces}\r\n")
        elif verb in ("LIST", "XLIST"):
            for name, box in odd.boxes.items():
                self.say(f'* {verb} ({box.attributes}) "/" "{name}"\r\n')
        elif verb == "STATUS":
            name = rest.split('"')[1]
            self.say(f'* STATUS "{name}" (MESSAGES {len(odd.boxes[name].letters)})\r\n')
        elif verb == "EXAMINE":
            self.examine(odd.boxes[rest.strip('"')])
        elif command.startswith("UID FETCH"):
            self.fetch(*command[10:].split(" ", 1))
        self.say(f"{tag} OK done\r\n")

    def examine(self, box: Box) -> None:
        """Nothing is changed by this client."""
        self.box = box
        self.say(f"* {len(box.letters)} EXISTS\r\n")
        if box.uidvalidity is not None:
            self.say(f"* OK [UIDVALIDITY {box.uidvalidity}] so far\r\n")
        if box.code:
            self.say(f"* OK [{box.code}] so be it\r\n")

    def wanted(self, uid: int, uids: str) -> bool:
        """Is it in the set?"""
        last = max((x.uid for x in self.box.letters), default=0)
        for part in uids.split(","):
            lo, _, hi = part.replace("*", str(last)).partition(":")
            if min(int(lo), int(hi or lo)) <= uid <= max(int(lo), int(hi or lo)):
                return True
        return False

    def fetch(self, uids: str, items: str) -> None:
        """In any order, as servers may."""
        odd = self.server.odd
        for number, x in reversed(list(enumerate(self.box.letters, 1))):
            if not self.wanted(x.uid, uids):
                continue
            got: list[bytes] = [f"UID {x.uid}".encode()]
            if "RFC822.SIZE" in items:
                got.append(f"RFC822.SIZE {len(x.text) if x.size is None else x.size}".encode())
            if "X-GM-MSGID" in items:
                got.append(f"X-GM-MSGID {x.gmail}".encode())
            if "HEADER.FIELDS" in items:
                head = b"".join(re.findall(rb"^Message-ID:.*\r\n", x.text, re.M)) + b"\r\n"
                got.append(b"BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%s" % (len(head), head))
            if "FLAGS" in items:
                got.append(f"FLAGS ({x.flags})".encode())
            if "INTERNALDATE" in items and x.date is not None:
                got.append(f"INTERNALDATE {x.date}".encode())
            if "BODY.PEEK[]" in items:
                time.sleep(odd.slow_s)
                got.append(b"BODY[] {%d}\r\n%s" % (len(x.text), x.text))
            self.say(b"* %d FETCH (%s)\r\n" % (number, b" ".join(got)))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    odd: "OddImap"

    def __init__(self, context: ssl.SSLContext):
        super().__init__(("127.0.0.1", 0), _Session)
        self.context = context

    def finish_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        """TLS on the session's own thread."""
        try:
            super().finish_request(self.context.wrap_socket(request, server_side=True),
                                   client_address)
        except OSError:
            pass  # who hangs up, or believes no certificate


class OddImap:
    """Runs from its creation to close(), with TLS from the first byte. Everything may be changed
    at any time: boxes, capabilities, and override, which may answer a command instead, with
    "{tag}" for its tag. commands lists what came."""

    def __init__(self, boxes: dict[str, Box] | None = None, capabilities: str = ""):
        self.boxes = boxes if boxes is not None else {"INBOX": Box([letter(1, "one")])}
        self.capabilities = capabilities
        self.namespaces = '(("" "/")) NIL NIL'
        self.greeting = b"* OK hello\r\n"
        self.password = PASSWORD
        self.slow_s = 0.0
        self.override: Callable[[str], bytes | None] = lambda command: None
        self.commands: list[str] = []
        self.closed = threading.Event()
        self.folder = new_folder()
        self.certificate, key = pem.make(self.folder, "own", NAME)
        self.server = _Server(pem.server_context(self.certificate, key))
        self.server.odd = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self) -> str:
        """Where to bring mail from."""
        return f"imaps://{USER}@{NAME}:{self.port}"

    def close(self) -> None:
        """End it, and every session."""
        self.closed.set()
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder)
