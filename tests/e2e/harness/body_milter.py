"""A mail filter that puts a body of the test's choice in place of each message's."""
import socketserver
import struct
import threading

VERSION, CHANGE_BODY = 6, 0x02
# Nothing but the end of the message is wanted: no connection, HELO, MAIL, RCPT, body, header...
NOTHING_ELSE = 0x01 | 0x02 | 0x04 | 0x08 | 0x10 | 0x20 | 0x40 | 0x100 | 0x200


class _Session(socketserver.StreamRequestHandler):
    """One connection of the mail server's."""

    server: "_Server"

    def say(self, kind: bytes, data: bytes = b"") -> None:
        """One packet."""
        self.wfile.write(struct.pack("!I", len(data) + 1) + kind + data)

    def handle(self) -> None:
        while len(size := self.rfile.read(4)) == 4:
            packet = self.rfile.read(struct.unpack("!I", size)[0])
            if packet[:1] == b"O":
                self.say(b"O", struct.pack("!III", VERSION, CHANGE_BODY, NOTHING_ELSE))
            elif packet[:1] == b"E":
                self.say(b"b", self.server.milter.body)
                self.say(b"c")
            elif packet[:1] == b"Q":
                return


class _Server(socketserver.ThreadingTCPServer):
    """The listening socket."""

    allow_reuse_address = True
    daemon_threads = True
    milter: "BodyMilter"


class BodyMilter:
    """Runs from its creation to close(); body may be changed at any time."""

    def __init__(self) -> None:
        self.body = b""
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.milter = self
        self.address = f"inet:127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
