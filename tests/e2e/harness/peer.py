"""A peer that speaks lines over a socket and does exactly what the test says, no more."""
import socket
import ssl
import time


def trusting() -> ssl.SSLContext:
    """A client's TLS context that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class Peer:
    """A connection to a port of the server, with a deadline on every read."""

    def __init__(self, port: int, tls: bool | ssl.SSLContext = False, source: str | None = None,
                 host: str = "127.0.0.1", timeout: float = 15):
        self.sock: socket.socket = socket.create_connection(
            (host, port), timeout, (source, 0) if source else None)
        self.buffer = b""
        if tls:
            self.wrap(trusting() if tls is True else tls)

    def __enter__(self) -> "Peer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket."""
        self.sock.close()

    def wrap(self, context: ssl.SSLContext | None = None) -> None:
        """Begin TLS now."""
        assert self.buffer == b"", f"bytes before TLS: {self.buffer!r}"
        self.sock = (context or trusting()).wrap_socket(self.sock)

    def send(self, data: bytes | str) -> None:
        """All of it."""
        self.sock.sendall(data.encode() if isinstance(data, str) else data)

    def _more(self) -> bool:
        try:
            data = self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            data = b""
        self.buffer += data
        return data != b""

    def line(self) -> str:
        """The next line without its end; "" when the connection has ended."""
        while b"\n" not in self.buffer:
            if not self._more():
                if self.buffer:
                    raise ConnectionError(f"half a line: {self.buffer!r}")
                return ""
        raw, self.buffer = self.buffer.split(b"\n", 1)
        assert raw.endswith(b"\r"), f"a line without CR: {raw!r}"
        return raw[:-1].decode("utf-8", "surrogateescape")

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        while len(self.buffer) < count:
            if not self._more():
                raise ConnectionError("the connection ended")
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def rest(self) -> bytes:
        """Everything until the server closes."""
        while self._more():
            pass
        data, self.buffer = self.buffer, b""
        return data

    def silent(self, seconds: float) -> bool:
        """Does nothing come for so long?"""
        before = self.sock.gettimeout()
        self.sock.settimeout(seconds)
        try:
            return self.buffer == b"" and not self._more()
        except TimeoutError:
            return True
        finally:
            self.sock.settimeout(before)


class SmtpPeer(Peer):
    """SMTP by hand. Replies are (code, text); the lines of a text are joined by newlines."""

    def __init__(self, port: int, **kw: object):
        super().__init__(port, **kw)  # type: ignore[arg-type]
        self.greeting = self.reply()

    @classmethod
    def proxied(cls, port: int, address: str) -> "SmtpPeer":
        """A session from this address, by the PROXY protocol."""
        peer = cls.__new__(cls)
        Peer.__init__(peer, port)
        family = ("TCP6", "2001:db8::1") if ":" in address else ("TCP4", "192.0.2.1")
        peer.send(f"PROXY {family[0]} {address} {family[1]} 4000 25\r\n")
        peer.greeting = peer.reply()
        return peer

    def reply(self) -> tuple[int, str]:
        """The next reply; (0, "") when the connection has ended."""
        lines = []
        while True:
            line = self.line()
            if line == "":
                if lines:
                    raise ConnectionError(f"half a reply: {lines}")
                return 0, ""
            lines.append(line[4:])
            if line[3:4] != "-":
                return int(line[:3]), "\n".join(lines)

    def cmd(self, line: str) -> tuple[int, str]:
        """Send a command line and read the reply."""
        self.send(line + "\r\n")
        return self.reply()

    def code(self, line: str) -> int:
        """As cmd, only the code."""
        return self.cmd(line)[0]

    def envelope(self, sender: str, *rcpts: str) -> None:
        """EHLO, MAIL and RCPT, all of which must be taken."""
        assert self.code("EHLO client.example.net") == 250
        assert self.code(f"MAIL FROM:<{sender}>") == 250
        for rcpt in rcpts:
            assert self.code(f"RCPT TO:<{rcpt}>") == 250

    def data(self, message: bytes | str) -> tuple[int, str]:
        """DATA with a message that is sent as it is, and the final dot."""
        assert self.code("DATA") == 354
        self.send(message)
        self.send(b"\r\n.\r\n")
        return self.reply()


class ImapPeer(Peer):
    """IMAP by hand."""

    def __init__(self, port: int, **kw: object):
        super().__init__(port, **kw)  # type: ignore[arg-type]
        self.greeting = self.line()
        self.tags = 0

    def response(self) -> str:
        """The next response with its literals, "" when the connection has ended."""
        text = self.line()
        while text.endswith("}") and text.rsplit("{", 1)[-1][:-1].isdigit():
            size = int(text.rsplit("{", 1)[1][:-1])
            text += "\r\n" + self.exactly(size).decode("utf-8", "surrogateescape") + self.line()
        return text

    def cmd(self, line: str) -> list[str]:
        """Send a command and read up to its tagged reply, which comes last and without its
        tag; a BYE ends the list too."""
        self.tags += 1
        tag = f"t{self.tags}"
        self.send(f"{tag} {line}\r\n")
        return self.until(tag)

    def until(self, tag: str) -> list[str]:
        """Responses up to the reply with this tag."""
        got = []
        while response := self.response():
            if response.startswith(tag + " "):
                return got + [response[len(tag) + 1:]]
            got.append(response)
        return got

    def ok(self, line: str) -> list[str]:
        """As cmd; the reply must be OK."""
        got = self.cmd(line)
        assert got and got[-1].startswith("OK"), (line, got)
        return got

    def login(self, user: str, password: str) -> None:
        """Log in with a quoted password."""
        self.ok(f'LOGIN {user} "{password}"')


def until(condition, seconds: float = 15, what: str = "it"):  # type: ignore[no-untyped-def]
    """Call condition, less often as time passes, until it is true; its value. A machine that
    other work keeps busy gets half a minute at least."""
    began = time.monotonic()
    while not (value := condition()):
        waited = time.monotonic() - began
        assert waited < max(seconds, 30), f"{what} did not happen within {waited:.0f} s"
        time.sleep(min(0.02 + waited / 50, 0.25))
    return value
