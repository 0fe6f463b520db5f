"""A program that runs beside the tests and tells on one of its streams how it is."""
import subprocess
from typing import Callable, Sequence

from harness.log import Log
from harness.peer import until

START_S = 20


class Daemon:
    """Runs from run() to close(); log has what it wrote meanwhile."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.log: Log | None = None

    def run(self, words: Sequence[str], environment: dict[str, str],
            answers: Callable[[], bool]) -> None:
        """Start it; back when it answers."""
        self.process = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert self.process.stdout
        self.log = Log(self.process.stdout)
        until(answers, START_S)

    def close(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
