"""A terminal of 100 columns and 40 rows for programs that paint: wait for words, press keys."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

PAINT = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|[()][A-Z0-9]|[=>])")


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, words: list[str], folder: Path) -> None:
        self.text, self.at = "", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(words[0], words, {"HOME": str(folder), "PATH": "/usr/bin:/bin",
                                         "TERM": "xterm", "LANG": "C.UTF-8"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)
        deadline = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            time.sleep(0.02)

    def _more(self, seconds: float) -> bool:
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # it has ended
            data = b""
        self.text += PAINT.sub("", data.decode("utf-8", "replace"))
        return data != b""

    def wait(self, pattern: str, seconds: float = 15) -> None:
        """Until it has painted this behind what was waited for before."""
        deadline = time.monotonic() + seconds
        while not (found := re.compile(pattern).search(self.text, self.at)):
            assert self._more(max(0, deadline - time.monotonic())), \
                f"no {pattern!r} in {self.text[-3000:]!r}"
        self.at = found.end()

    def press(self, keys: str) -> None:
        """As typed."""
        os.write(self.fd, keys.encode())

    def end(self, seconds: float = 15) -> None:
        """Until it has left."""
        deadline = time.monotonic() + seconds
        while self._more(max(0, deadline - time.monotonic())):
            pass
        assert time.monotonic() < deadline, self.text[-3000:]
