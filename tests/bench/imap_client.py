"""IMAP clients that cost little: one that keeps nothing of a long answer but its end, and the one in
C that appends."""

import contextlib
import pathlib
import socket
import subprocess
import time

from servers import PASSWORD, USER

TAIL = 4096  # bytes of an answer that are kept while it comes: no tagged reply is longer


class Client:
    def __init__(self, port, select=None, user=USER):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(1 << 16)
        self.n = 0
        while not self.socket.recv(4096).endswith(b"\r\n"):
            pass  # the greeting
        self.run(f"LOGIN {user} {PASSWORD}")
        if select:
            self.run(f"SELECT {select}")

    def send(self, command, literals=()):
        """The tag of the command, which is sent. Literals are put where {} is, as LITERAL+."""
        self.n += 1
        tag = b"a%d" % self.n
        parts = command.encode().split(b"{}")
        out = [tag + b" " + parts[0]]
        for literal, part in zip(literals, parts[1:]):
            out += [b"{%d+}\r\n" % len(literal), literal, part]
        self.socket.sendall(b"".join(out) + b"\r\n")
        return tag

    def _pieces(self):
        n = self.socket.recv_into(self.buffer)
        while n:
            yield memoryview(self.buffer)[:n]
            n = self.socket.recv_into(self.buffer)
        raise RuntimeError("the server went away")

    @staticmethod
    def _reply(tail, tag):
        """The tagged reply, if the answer ends with it."""
        if not tail.endswith(b"\r\n"):
            return None
        line = tail[tail.rfind(b"\n", 0, -2) + 1:]
        return line if line.startswith(tag + b" ") else None

    def run(self, command, *literals):
        """The answer's bytes; raises unless the reply is OK."""
        tag, answer = self.send(command, literals), bytearray()
        for piece in self._pieces():
            answer += piece
            if line := self._reply(bytes(answer[-TAIL:]), tag):
                break
        if not line.startswith(tag + b" OK"):
            raise RuntimeError(line.decode(errors="replace"))
        return bytes(answer)

    def timed(self, command):
        """(seconds until the whole answer is read, its bytes)"""
        begin, size, tail = time.perf_counter(), 0, b""
        tag = self.send(command)
        for piece in self._pieces():
            size += len(piece)
            tail = (tail + bytes(piece[-TAIL:]))[-TAIL:]
            if line := self._reply(tail, tag):
                break
        seconds = time.perf_counter() - begin
        if not line.startswith(tag + b" OK"):
            raise RuntimeError(line.decode(errors="replace"))
        return seconds, size

    def ms(self, command):
        return self.timed(command)[0] * 1000

    def close(self):
        with contextlib.suppress(OSError, RuntimeError):
            self.run("LOGOUT")
        self.socket.close()


class Loader:
    """imap_load.c."""

    def __init__(self, folder):
        self.tool = pathlib.Path(folder) / "imap_load"
        source = pathlib.Path(__file__).parent / "imap_load.c"
        subprocess.run(["cc", "-O2", "-o", self.tool, source, "-lpthread"], check=True)

    def run(self, server, letters, mailbox, connections, batch, first, count):
        """Messages a second, of those that letters.py wrote into that file."""
        words = [self.tool, server.ports["imap"], connections, batch, letters, first, count,
                 USER, PASSWORD, mailbox]
        done = subprocess.run([str(w) for w in words], check=True, stdout=subprocess.PIPE)
        return float(done.stdout)
