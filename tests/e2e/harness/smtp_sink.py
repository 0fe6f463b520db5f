"""The mail server of somebody else: takes what it is sent, and misbehaves as told."""
import base64
import dataclasses
import socket
import socketserver
import ssl
import threading
import time
from typing import Callable

CLOSE = "close"  # a reply that is none: end the connection instead
HANG = "hang"    # neither answer nor end the connection


@dataclasses.dataclass
class Received:
    """One message that was sent to the end."""
    sender: str
    rcpts: list[str]
    data: bytes                # as the sender meant it: without the dots that were added
    connection: int            # the how manyth connection it came over, from 1
    tls: bool
    login: tuple[str, str] | None
    parameters: str            # of MAIL
    begun: float = 0.0         # time.monotonic() when the connection was accepted
    at: float = 0.0            # the same when all of it was there
    reply: str = ""            # what the sink said to it then
    hello: str = ""            # the sender's name in EHLO
    peer: str = ""             # the sender's address
    followed: bool = False     # a further command came: the peer has read that

    def header(self, name: str) -> str:
        """The value of a field, unfolded."""
        head = self.data.split(b"\r\n\r\n", 1)[0].replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ")
        for line in head.decode("utf-8", "replace").split("\r\n"):
            if line.lower().startswith(name.lower() + ":"):
                return line.split(":", 1)[1].strip()
        return ""


class _Session(socketserver.StreamRequestHandler):
    """One connection."""

    server: "_Server"
    tls = False
    login: tuple[str, str] | None = None
    last: Received | None = None

    def say(self, text: str) -> None:
        """One reply, its lines joined by newlines."""
        lines = text.split("\n")
        for i, line in enumerate(lines):
            mark = "-" if i + 1 < len(lines) else " "
            self.wfile.write((line[:3] + mark + line[4:] + "\r\n").encode())
        self.wfile.flush()

    def answer(self, usual: str, verb: str, argument: str = "") -> bool:
        """Say the usual or what the script has instead; False: the conversation is over."""
        text = self.server.sink.take(verb, argument) or usual
        if text == HANG:
            self.server.sink.closed.wait()
        if text in (CLOSE, HANG):
            return False
        self.say(text)
        return not text.startswith("421")

    def handle(self) -> None:
        sink = self.server.sink
        self.begun = time.monotonic()
        with sink.changed:
            sink.connections += 1
            self.number = sink.connections
            sink.open += 1
            crowded = sink.room != 0 and sink.open > sink.room
            sink.refused += crowded
        try:
            if crowded:
                self.say("421 4.7.0 too many connections")
            else:
                self.greet()
        except (OSError, ssl.SSLError):
            pass
        finally:
            with sink.changed:
                sink.open -= 1

    def greet(self) -> None:
        """What follows when there is room."""
        sink = self.server.sink
        if sink.implicit_tls and not self.begin_tls():
            return
        if self.answer("220 sink.example.net ESMTP", "CONNECT"):
            self.commands()

    def begin_tls(self) -> bool:
        """Handshake; one without a certificate just ends the connection."""
        if self.server.sink.tls is None:
            return False
        try:
            self.request = self.server.sink.tls.wrap_socket(self.request, server_side=True)
        except (OSError, ssl.SSLError):
            return False
        self.setup()
        self.tls = True
        self.server.sink.resumed.append(bool(self.request.session_reused))
        return True

    def commands(self) -> None:
        """Until the end of the connection."""
        hello, sender, parameters, rcpts = "", "", "", []
        while line := self.rfile.readline().decode("utf-8", "replace").rstrip("\r\n"):
            self.server.sink.lines.append(line)
            if self.last:
                self.last.followed = True
            verb, argument = line[:4].upper(), line[5:]
            if verb in ("EHLO", "HELO"):
                hello = argument
                good = self.answer(self.extensions() if verb == "EHLO" else "250 hello", verb)
            elif verb == "STAR":
                good = self.answer("220 go", "STARTTLS") and self.begin_tls()
            elif verb == "AUTH":
                good = self.auth(argument)
            elif verb == "MAIL":
                sender, _, parameters = argument.partition("<")[2].partition(">")
                rcpts = []
                if self.server.sink.look_ahead:
                    self.server.sink.ahead.append(self.rfile.peek())
                good = self.answer("250 2.1.0 ok", "MAIL", sender)
            elif verb == "RCPT":
                rcpt = argument.partition("<")[2].partition(">")[0]
                text = self.server.sink.take("RCPT", rcpt) or "250 2.1.5 ok"
                if text.startswith("2"):
                    rcpts.append(rcpt)
                good = text != CLOSE
                if good:
                    self.say(text)
            elif verb == "DATA":
                good = self.data(Received(sender, rcpts, b"", self.number, self.tls, self.login,
                                          parameters.strip(), self.begun, hello=hello,
                                          peer=self.client_address[0]))
            elif verb == "QUIT":
                self.say("221 bye")
                if isinstance(self.request, ssl.SSLSocket):
                    self.request.unwrap()  # or OpenSSL forgets the session
                return
            else:
                good = self.answer("250 ok", verb)
            if not good:
                return

    def extensions(self) -> str:
        """The reply to EHLO."""
        sink = self.server.sink
        words = list(sink.extensions)
        if sink.tls and not self.tls:
            words.append("STARTTLS")
        return "\n".join("250-" + word for word in ["sink.example.net", *words])

    def auth(self, argument: str) -> bool:
        """PLAIN with its initial response."""
        mech, _, initial = argument.partition(" ")
        if mech.upper() != "PLAIN":
            self.say("504 5.5.4 unknown")
            return True
        _, user, password = base64.b64decode(initial).decode().split("\0")
        self.login = (user, password)
        return self.answer("235 2.7.0 welcome", "AUTH", user)

    def data(self, mail: Received) -> bool:
        """DATA and the message."""
        text = self.server.sink.take("DATA", "") or \
            ("354 go" if mail.rcpts else "554 5.5.1 no valid recipients")
        if text == CLOSE:
            return False
        self.say(text)
        if not text.startswith("354"):
            return True
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b".") else line)
        mail.data = b"".join(lines)
        self.last = mail
        return self.server.sink.finish(mail, self.answer)


class _Server(socketserver.ThreadingTCPServer):
    """The listening socket."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100
    sink: "Sink"


class Sink:
    """Runs from its creation to close().

    extensions    what EHLO announces
    tls           for STARTTLS, or from the start with implicit_tls
    pause_s       before the answer to a message
    messages      everything that came, whatever was answered, in order
    lines         all command lines of all connections
    resumed       of each TLS connection: was it an earlier session's?
    look_ahead    with each MAIL, note in ahead what came behind it at once
    room          connections beyond so many at a time get a 421, refused of them so far"""

    def __init__(self, tls: ssl.SSLContext | None = None, implicit_tls: bool = False,
                 host: str = "127.0.0.1", port: int = 0):
        self.extensions = ["PIPELINING", "8BITMIME", "SIZE 100000000", "ENHANCEDSTATUSCODES"]
        self.tls = tls
        self.implicit_tls = implicit_tls
        self.pause_s = 0.0
        self.messages: list[Received] = []
        self.lines: list[str] = []
        self.connections = self.open = self.refused = 0
        self.room = 0
        self.look_ahead = False
        self.resumed: list[bool] = []
        self.ahead: list[bytes] = []
        self.changed = threading.Condition()
        self.closed = threading.Event()
        self._once: dict[str, list[str]] = {}
        self._always: dict[str, str] = {}

        server = type("_Server6", (_Server,), {"address_family": socket.AF_INET6}) \
            if ":" in host else _Server
        self._server = server((host, port), _Session)
        self._server.sink = self
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def once(self, what: str, *replies: str) -> None:
        """Answer what ("MAIL", "RCPT x@example.net", "CONNECT", "END" for the message...)
        with these replies, one each time, and as usual after that."""
        with self.changed:
            self._once.setdefault(what, []).extend(replies)

    def always(self, what: str, reply: str | None) -> None:
        """As once, but from now on; None for as usual."""
        with self.changed:
            if reply is None:
                self._always.pop(what, None)
            else:
                self._always[what] = reply

    def take(self, verb: str, argument: str) -> str | None:
        """What the script has for this, if anything."""
        with self.changed:
            for what in (f"{verb} {argument}", verb):
                if self._once.get(what):
                    return self._once[what].pop(0)
                if what in self._always:
                    return self._always[what]
        return None

    def finish(self, mail: Received, answer: Callable[[str, str, str], bool]) -> bool:
        """The message is there: note it and answer, usually with its subject."""
        mail.at = time.monotonic()
        mail.reply = self.take("END", mail.sender) or f"250 2.0.0 taken {mail.header('Subject')}"
        with self.changed:
            self.messages.append(mail)
            self.changed.notify_all()
        if self.pause_s:
            time.sleep(self.pause_s)
        return answer(mail.reply, "", "")

    def wait(self, count: int = 1, timeout: float = 20) -> list[Received]:
        """All messages once there are so many."""
        with self.changed:
            done = self.changed.wait_for(lambda: len(self.messages) >= count, timeout)
            assert done, f"{len(self.messages)} of {count} messages came"
            return list(self.messages)

    def close(self) -> None:
        """Stop listening and let go of who hangs."""
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()
