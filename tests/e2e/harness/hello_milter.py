"""A mail filter that accepts who greets with one name, without a look at the rest, and refuses all
others; it remembers what it heard."""
import socketserver
import struct
import threading

VERSION = 6


class _Session(socketserver.StreamRequestHandler):
    """One connection of the mail server's."""

    server: "_Server"

    def say(self, kind: bytes, data: bytes = b"") -> None:
        """One packet."""
        self.wfile.write(struct.pack("!I", len(data) + 1) + kind + data)

    def handle(self) -> None:
        while len(size := self.rfile.read(4)) == 4:
            packet = self.rfile.read(struct.unpack("!I", size)[0])
            kind, data = packet[:1], packet[1:].rstrip(b"\0")
            if kind == b"O":
                self.say(b"O", struct.pack("!III", VERSION, 0, 0))
            elif kind == b"H":
                self.server.milter.heard.append(data)
                self.say(b"a" if data == self.server.milter.good else b"r")
            elif kind == b"Q":
                return
            elif kind not in b"DA":
                self.say(b"c")


class _Server(socketserver.ThreadingTCPServer):
    """The listening socket."""

    allow_reuse_address = True
    daemon_threads = True
    milter: "HelloMilter"


class HelloMilter:
    """Runs from its creation to close()."""

    def __init__(self, good: str) -> None:
        self.good = good.encode()
        self.heard: list[bytes] = []
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.milter = self
        self.address = f"inet:127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
