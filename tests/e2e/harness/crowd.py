"""Many connections at once, from one thread."""
import resource
import selectors
import socket
import threading
import time


def allow_descriptors(count: int) -> None:
    """Let this process have so many files open, and its children."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


class Crowd:
    """Connections to a port that do nothing by themselves."""

    def __init__(self) -> None:
        self.socks: list[socket.socket] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def join(self, port: int, count: int) -> None:
        """So many more."""
        for _ in range(count):
            self.socks.append(socket.create_connection(("127.0.0.1", port), 20))

    def greeted(self, timeout: float = 20) -> int:
        """How many have been sent at least one byte."""
        heard, deadline = 0, time.monotonic() + timeout
        with selectors.DefaultSelector() as s:
            for sock in self.socks:
                sock.setblocking(False)
                s.register(sock, selectors.EVENT_READ)
            while s.get_map() and time.monotonic() < deadline:
                for key, _ in s.select(0.5):
                    heard += self._heard(key.fileobj)  # type: ignore[arg-type]
                    s.unregister(key.fileobj)
        return heard

    @staticmethod
    def _heard(sock: socket.socket) -> bool:
        try:
            return sock.recv(4096) != b""
        except OSError:
            return False

    def trickle(self, data: bytes, pause: float) -> None:
        """From now on each sends a byte of data and waits, over and over."""
        def run() -> None:
            at = 0
            while not self._stop.wait(pause):
                for sock in self.socks:
                    try:
                        sock.send(data[at % len(data):at % len(data) + 1])
                    except OSError:
                        pass  # it has been thrown out, which is fine
                at += 1
        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def leave(self) -> None:
        """Everybody goes home."""
        self._stop.set()
        if self._thread:
            self._thread.join()
        for sock in self.socks:
            sock.close()
        self.socks = []
