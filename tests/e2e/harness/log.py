"""The log of a running server, as a list that can be waited on."""
import re
import threading
import time
from typing import BinaryIO

# 2026-01-31T12:00:00.000Z info event key=value...
LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z (debug|info|warn|error) \w+( [\w-]+=\S.*)?$")


class Log:
    """Reads a stream to its end in a thread of its own."""

    def __init__(self, stream: BinaryIO):
        self.lines: list[str] = []
        self.ended = False
        self._stream = stream
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        for raw in self._stream:
            with self._changed:
                self.lines.append(raw.decode("utf-8", "replace").rstrip("\n"))
                self._changed.notify_all()
        self._stream.close()
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def join(self) -> None:
        """Wait until the process has closed its end."""
        self._thread.join(10)

    def mark(self) -> int:
        """Where the log is now, for wait(after=)."""
        return len(self.lines)

    def wait(self, pattern: str, timeout: float = 15, after: int = 0) -> re.Match[str]:
        """The first match in a line from after on, which may be yet to come."""
        wanted, deadline, seen = re.compile(pattern), time.monotonic() + timeout, after
        with self._changed:
            while True:
                for line in self.lines[seen:]:
                    if found := wanted.search(line):
                        return found
                seen = max(seen, len(self.lines))
                left = deadline - time.monotonic()
                if left <= 0 or self.ended:
                    raise AssertionError(f"no log line with {pattern!r}:\n" + self.tail())
                self._changed.wait(left)

    def has(self, pattern: str, after: int = 0) -> bool:
        """Is there such a line already?"""
        return any(re.search(pattern, line) for line in self.lines[after:])

    def tail(self, count: int = 30) -> str:
        """The end of it, for people."""
        return "\n".join(self.lines[-count:])

    def strangers(self) -> list[str]:
        """Lines that are no events: sanitizers, asserts, libraries that talk."""
        return [line for line in self.lines if not LINE.match(line)]
