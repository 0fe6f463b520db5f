"""Mail servers of somebody else that go wrong at one stage each, in one manner each: one socket,
and the address that a connection comes to says which."""
import socket
import socketserver
import ssl
import struct
import threading
import time

# What a conversation goes through, in its order.
STAGES = ("connect", "banner", "ehlo", "starttls", "handshake", "tls-ehlo", "auth", "mail", "rcpt",
          "data", "body", "dot", "quit")
MANNERS = ("hang", "drip", "reset", "half", "garbage", "long", "endless", "wrong", "421")


class _Gone(Exception):
    """The conversation is over."""


class _Session(socketserver.BaseRequestHandler):
    """One connection."""

    server: "_Server"

    def handle(self) -> None:
        self.sock: socket.socket = self.request
        self.left = b""
        odd = self.server.odd
        self.stage, self.manner = odd.cases.get(self.sock.getsockname()[0], ("", ""))
        with odd.lock:
            odd.connections += 1
        try:
            self.converse()
        except (_Gone, OSError):
            pass
        finally:
            self.sock.close()

    def send(self, data: bytes) -> None:
        """All of it."""
        self.sock.sendall(data)

    def line(self) -> bytes:
        """The next one, without its end."""
        while b"\n" not in self.left:
            data = self.sock.recv(65536)
            if not data:
                raise _Gone
            self.left += data
        line, self.left = self.left.split(b"\n", 1)
        return line.rstrip(b"\r")

    def at(self, stage: str, reply: str) -> None:
        """Answer, or what is wrong at this stage."""
        if stage == self.stage:
            self.misbehave()
        self.send(reply.encode() + b"\r\n")

    def misbehave(self) -> None:
        """In this connection's manner; returns when it can go on as usual."""
        manner, closed = self.manner, self.server.odd.closed
        if manner == "hang":
            closed.wait()
        elif manner == "drip":
            while not closed.wait(0.2):
                self.send(b"2")
        elif manner == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif manner == "half":
            self.sock.shutdown(socket.SHUT_WR)
            closed.wait()
        elif manner == "garbage":
            self.send(bytes(range(128, 256)) * 4 + b"\r\n")
            closed.wait(5)
        elif manner == "long":
            self.send(b"250 " + b"x" * (1 << 20) + b"\r\n")
        elif manner == "endless":
            for _ in range(1 << 20):
                self.send(b"250-and so on\r\n")
        elif manner == "wrong":
            self.send(b"299 is this a code?\r\n" if self.stage in ("banner", "data")
                      else b"354 is this a code?\r\n")
            closed.wait(5)
        elif manner == "alerts":  # user_canceled, a warning (RFC 5246 7.2.2), behind the ClientHello
            self.sock.recv(1)
            while True:
                self.send(b"\x15\x03\x03\x00\x02\x01\x5a" * 2000)
        elif manner == "challenges":  # RFC 4954 4
            while True:
                self.send(b"334 \r\n")
                self.line()
        elif manner == "extensions":
            self.send(b"250-odd.test\r\n" + b"".join(b"250-X-EXTENSION-%04d a=1\r\n" % n
                                                     for n in range(1000)) + b"250 SIZE 0\r\n")
            self.stage = ""
            return
        else:  # a code of three digits
            self.send(manner.encode() + b" 4.3.2 as I was told\r\n")
            closed.wait(5 if manner == "421" else 0)
            if manner != "421":
                self.stage, self.refused = "", True
                return
        raise _Gone

    refused = False

    def converse(self) -> None:
        """From the greeting to QUIT."""
        if self.stage == "connect":
            self.misbehave()
        self.at("banner", "220 odd.test ESMTP")
        stage, rcpts = "ehlo", 0
        while True:
            line = self.line().upper()
            self.refused = False
            if line.startswith((b"EHLO", b"HELO")):
                words = ["250-odd.test", "250-PIPELINING"]
                if self.stage in ("starttls", "handshake", "tls-ehlo") and stage == "ehlo":
                    words.append("250-STARTTLS")
                self.reply(stage, "\r\n".join(words + ["250 AUTH PLAIN"]))
            elif line.startswith(b"STARTTLS"):
                self.reply("starttls", "220 go")
                if not self.refused:
                    self.begin_tls()
                    stage = "tls-ehlo"
            elif line.startswith(b"AUTH"):
                self.reply("auth", "235 welcome")
            elif line.startswith(b"MAIL"):
                self.reply("mail", "250 ok")
                rcpts = 0 if self.refused else 1
            elif line.startswith(b"RCPT"):
                self.reply("rcpt", "250 ok" if rcpts else "503 no MAIL")
                rcpts = 2 if rcpts and not self.refused else rcpts
            elif line.startswith(b"DATA"):
                self.reply("data", "354 go" if rcpts == 2 else "503 no RCPT")
                if rcpts == 2 and not self.refused:
                    if self.stage == "body":
                        self.misbehave()
                    while self.line() != b".":
                        pass
                    self.reply("dot", "250 taken")
                    if not self.refused:
                        self.server.odd.took(self.sock.getsockname()[0])
            elif line.startswith(b"QUIT"):
                self.reply("quit", "221 bye")
                return
            else:
                self.send(b"250 ok\r\n")

    def reply(self, stage: str, usual: str) -> None:
        """The usual, unless the stage's own was said."""
        if stage == self.stage:
            self.misbehave()
            return
        self.send(usual.encode() + b"\r\n")

    def begin_tls(self) -> None:
        """The handshake, or what is wrong with it."""
        if self.stage == "handshake":
            self.misbehave()
        if self.server.odd.tls is None:
            raise _Gone
        self.sock = self.server.odd.tls.wrap_socket(self.sock, server_side=True)
        self.left = b""


class _Server(socketserver.ThreadingTCPServer):
    """The listening socket."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1000
    odd: "OddSmtp"


class OddSmtp:
    """Runs from its creation to close(), at every address of this machine.

    cases  address -> (stage, manner): others get a good server; manner may also be "extensions"
           (a thousand of them in EHLO's reply), "alerts" (of TLS, without end), "challenges"
           (as many, whatever the answer) or a code
    taken  addresses of those that took a message, each time"""

    def __init__(self, tls: ssl.SSLContext | None = None):
        self.cases: dict[str, tuple[str, str]] = {}
        self.taken: list[str] = []
        self.connections = 0
        self.tls = tls
        self.lock = threading.Lock()
        self.closed = threading.Event()
        self._server = _Server(("0.0.0.0", 0), _Session)
        self._server.odd = self
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def case(self, stage: str, manner: str) -> str:
        """The address of one more server that goes wrong so."""
        n = len(self.cases)
        address = f"127.1.{n // 250}.{n % 250 + 1}"
        self.cases[address] = (stage, manner)
        return address

    def took(self, address: str) -> None:
        """A message came there."""
        with self.lock:
            self.taken.append(address)

    def close(self) -> None:
        """Let go of all who hang."""
        self.closed.set()
        self._server.shutdown()
        self._server.server_close()
        time.sleep(0.05)
