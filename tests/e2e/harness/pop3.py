"""POP3 by hand and by poplib, as alice unless another is named."""
import poplib

from harness.peer import Peer, trusting
from harness.server import PASSWORDS, Roost, address


def session(roost: Roost, user: str = "alice") -> poplib.POP3_SSL:
    """A session of poplib over TLS that has logged in."""
    p = poplib.POP3_SSL("127.0.0.1", roost.ports["pop3s"], timeout=20, context=trusting())
    p.user(address(user))
    p.pass_(PASSWORDS[user])
    return p


def uids(roost: Roost, user: str = "alice") -> list[str]:
    """The unique ids of all messages, in their order."""
    p = session(roost, user)
    found = [line.decode().split()[1] for line in p.uidl()[1]]
    p.quit()
    return found


def message(p: poplib.POP3, number: int) -> bytes:
    """A whole message with its line ends."""
    return b"".join(line + b"\r\n" for line in p.retr(number)[1])


class Pop3Peer(Peer):
    """POP3 by hand."""

    def __init__(self, port: int, **kw: object):
        super().__init__(port, **kw)  # type: ignore[arg-type]
        self.greeting = self.line()

    def cmd(self, line: str) -> str:
        """Send a command and read the first line of the reply."""
        self.send(line + "\r\n")
        return self.line()

    def ok(self, line: str) -> str:
        """As cmd; the reply must be +OK."""
        got = self.cmd(line)
        assert got.startswith("+OK"), (line, got)
        return got

    def lines(self) -> list[str]:
        """The lines of a response up to its dot, without stuffing."""
        found = []
        while (line := self.line()) != ".":
            found.append(line.removeprefix("."))
        return found

    def many(self, line: str) -> list[str]:
        """A command with a multi-line response; its lines."""
        self.ok(line)
        return self.lines()

    def login(self, user: str = "alice") -> str:
        """USER and PASS; the last reply."""
        self.ok(f"USER {address(user)}")
        return self.cmd(f"PASS {PASSWORDS[user]}")


def peer(roost: Roost, user: str | None = "alice") -> Pop3Peer:
    """A session by hand over TLS, which has logged in if a user is named."""
    p = Pop3Peer(roost.ports["pop3s"], tls=True)
    if user:
        assert p.login(user).startswith("+OK")
    return p
