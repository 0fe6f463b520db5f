"""Users who keep a server busy and remember what it promised them.

Each worker is a thread with connections of its own. It works while the gate is open and goes
back to it when that closes or its connection breaks; then what it had asked for last may or
may not have happened. Everything that was acknowledged must have."""
import base64
import random
import threading
import time
from typing import Callable

from harness import mail
from harness.peer import ImapPeer, SmtpPeer
from harness.server import PASSWORDS, Roost


PAUSE_S = 0.02  # after a refusal


class Lost(Exception):
    """The connection ended."""


class Gate:
    """Workers pass while it is open; the test waits until all of them are back before it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = False
        self._ended = False
        self.waiting = 0

    def enter(self) -> bool:
        """Wait until it is open; False: go home."""
        with self._changed:
            self.waiting += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._open or self._ended)
            self.waiting -= 1
            return not self._ended

    @property
    def is_open(self) -> bool:
        """Is there work?"""
        with self._changed:
            return self._open

    def set(self, is_open: bool, ended: bool = False) -> None:
        """Open or close it."""
        with self._changed:
            self._open, self._ended = is_open, ended
            self._changed.notify_all()

    def all_back(self, count: int, timeout: float = 30) -> None:
        """Wait until so many workers wait."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.waiting >= count, timeout), "workers hang"


class Oracle:
    """What was tried and what was acknowledged, by the unique word of each message."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.tried: dict[str, set[str]] = {}
        self.acknowledged: dict[str, set[str]] = {}
        self.flags: dict[str, tuple[int, int]] = {}  # acknowledged, asked for last
        self.surprises: list[str] = []
        self.refusals: list[str] = []  # temporary, by a tolerant worker

    def attempt(self, kind: str, word: str) -> None:
        """word is about to be sent."""
        with self.lock:
            self.tried.setdefault(kind, set()).add(word)

    def promise(self, kind: str, word: str) -> None:
        """The server has acknowledged it."""
        with self.lock:
            self.acknowledged.setdefault(kind, set()).add(word)

    def surprise(self, what: str) -> None:
        """A reply that is neither success nor a broken connection."""
        with self.lock:
            self.surprises.append(what)

    def count(self) -> int:
        """How many promises there are."""
        with self.lock:
            return sum(len(words) for words in self.acknowledged.values())


def size() -> int:
    """Mostly small, sometimes more than one chunk."""
    return random.choice([0, 500, 3000, 3000, 60_000, 1_500_000 if random.random() < 0.1 else 9])


def message(word: str) -> bytes:
    """With the word as its subject, and a body that does not compress well."""
    body = base64.encodebytes(random.randbytes(size() * 3 // 4)).decode()
    return mail.letter(word, body + "end\n")


class Worker(threading.Thread):
    """Runs work() over and over."""

    def __init__(self, roost: Roost, gate: Gate, oracle: Oracle,
                 work: Callable[["Worker"], None], tolerant: bool = False):
        super().__init__(daemon=True)
        self.roost, self.gate, self.oracle, self.work = roost, gate, oracle, work
        self.tolerant = tolerant  # a temporary failure is no surprise
        self.start()

    def run(self) -> None:
        while self.gate.enter():
            try:
                self.work(self)
            except (Lost, OSError):
                pass
            except Exception as e:  # pylint: disable=broad-except
                self.oracle.surprise(f"{self.work.__name__}: {e!r}")
            time.sleep(0.005)

    def refused(self, how: str, temporary: bool) -> None:
        """Something else than success."""
        kind = f"{self.work.__name__}: {how}"
        with self.oracle.lock:
            fine = self.tolerant and temporary
            (self.oracle.refusals if fine else self.oracle.surprises).append(kind)

    def want(self, reply: tuple[int, str], code: int) -> bool:
        """Is it the reply that is expected?"""
        if reply[0] in (0, 421):
            raise Lost
        if reply[0] != code:
            self.refused(f"{reply} instead of {code}", 400 <= reply[0] < 500)
        return reply[0] == code

    def want_ok(self, lines: list[str]) -> str:
        """The tagged reply, if it is OK; else ""."""
        if not lines or lines[-1].startswith("* BYE"):
            raise Lost
        if lines[-1].startswith("OK"):
            return lines[-1]
        if lines[-1].startswith("* ") or not lines[-1].startswith(("NO", "BAD")):
            raise Lost  # broken off before the tagged reply
        self.refused(lines[-1], lines[-1].startswith("NO"))
        return ""

    def imap(self, user: str) -> ImapPeer:
        """A session of a user."""
        peer = ImapPeer(self.roost.ports["imaps"], tls=True)
        if not self.want_ok(peer.cmd(f'LOGIN {user}@example.org "{PASSWORDS[user]}"')):
            raise Lost
        return peer

    def append(self, peer: ImapPeer, mailbox: str, data: bytes) -> str:
        """APPEND; the tagged reply if it is OK."""
        peer.tags += 1
        peer.send(b"t%d APPEND %s {%d+}\r\n" % (peer.tags, mailbox.encode(), len(data)) + data +
                  b"\r\n")
        return self.want_ok(peer.until(f"t{peer.tags}"))


def deliver(w: Worker) -> None:
    """Mail from outside for alice."""
    with SmtpPeer(w.roost.ports["smtp"]) as peer:
        if not w.want(peer.cmd("EHLO load.example.net"), 250):
            return
        while w.gate.is_open:
            word = mail.unique()
            w.oracle.attempt("deliver", word)
            if not (w.want(peer.cmd("MAIL FROM:<carol@example.net>"), 250) and
                    w.want(peer.cmd("RCPT TO:<alice@example.org>"), 250) and
                    w.want(peer.cmd("DATA"), 354)):
                w.want(peer.cmd("RSET"), 250)
                time.sleep(PAUSE_S)
                continue
            peer.send(message(word) + b".\r\n")
            if w.want(peer.reply(), 250):
                w.oracle.promise("deliver", word)


def append_and_move(w: Worker) -> None:
    """bob puts messages into Sent and moves them to Archive."""
    with w.imap("bob") as peer:
        w.want_ok(peer.cmd("SELECT Sent"))
        while w.gate.is_open:
            word = mail.unique()
            w.oracle.attempt("append", word)
            if not (done := w.append(peer, "Sent", message(word))):
                time.sleep(PAUSE_S)
                continue
            w.oracle.promise("append", word)
            uid = done.split("]")[0].split()[-1]
            w.oracle.attempt("move", word)
            if w.want_ok(peer.cmd(f"UID MOVE {uid} Archive")):
                w.oracle.promise("move", word)


def flag(w: Worker) -> None:
    """bob counts in the keywords of a message in his Drafts, made at the first visit."""
    with w.imap("bob") as peer:
        if w.name not in w.oracle.flags:
            if not (done := w.append(peer, "Drafts", mail.letter(w.name))):
                return
            w.oracle.flags[w.name] = (0, 0)
            w.uid = done.split("]")[0].split()[-1]  # type: ignore[attr-defined]
        w.want_ok(peer.cmd("SELECT Drafts"))
        number = w.oracle.flags[w.name][1]
        while w.gate.is_open:
            number = (number + 1) % 256
            w.oracle.flags[w.name] = (w.oracle.flags[w.name][0], number)
            words = " ".join(f"bit{bit}" for bit in range(8) if number >> bit & 1)
            uid = w.uid  # type: ignore[attr-defined]
            if w.want_ok(peer.cmd(f"UID STORE {uid} FLAGS ({words})")):
                w.oracle.flags[w.name] = (number, number)
            else:
                time.sleep(PAUSE_S)


def submit(w: Worker) -> None:
    """alice sends mail to somebody elsewhere."""
    with mail.submission(w.roost) as session:
        while w.gate.is_open:
            word = mail.unique()
            w.oracle.attempt("submit", word)
            if not (w.want(session.docmd("MAIL FROM:<alice@example.org>"), 250) and
                    w.want(session.docmd("RCPT TO:<friend@example.net>"), 250) and
                    w.want(session.docmd("DATA"), 354)):
                w.want(session.docmd("RSET"), 250)
                time.sleep(PAUSE_S)
                continue
            session.send(mail.letter(word, sender="alice@example.org") + b".\r\n")
            if w.want(session.getreply(), 250):
                w.oracle.promise("submit", word)
