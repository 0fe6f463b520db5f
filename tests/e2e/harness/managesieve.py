"""ManageSieve by hand (RFC 5804), as alice unless another is named."""
import base64
import re
from dataclasses import dataclass, field

from harness.peer import Peer
from harness.server import PASSWORDS, Roost, address


@dataclass
class Response:
    """OK, NO or BYE with its code and text, and the lines before it, their strings decoded."""

    word: str = ""
    code: str = ""
    text: str = ""
    lines: list[list[str]] = field(default_factory=list)

    def __eq__(self, word: object) -> bool:
        return word in (self.word, f"{self.word} ({self.code})")


def quoted(text: str) -> str:
    """A quoted string."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def literal(text: str | bytes) -> bytes:
    """A literal of a client."""
    raw = text.encode() if isinstance(text, str) else text
    return b"{%d+}\r\n" % len(raw) + raw


def plain(user: str, password: str) -> str:
    """The initial response of PLAIN."""
    return quoted(base64.b64encode(f"\0{user}\0{password}".encode()).decode())


class ManageSievePeer(Peer):
    """A session."""

    def __init__(self, port: int, **kw: object):
        super().__init__(port, **kw)  # type: ignore[arg-type]
        self.greeting = self.response()

    def words(self) -> list[str]:
        """One line of a response, with its literals: words, strings without quotes."""
        found: list[str] = []
        rest = self.line()
        while rest:
            if m := re.match(r'"((?:[^"\\]|\\.)*)"\s*', rest):
                found.append(re.sub(r"\\(.)", r"\1", m[1]))
            elif m := re.match(r"\{(\d+)\}$", rest):
                found.append(self.exactly(int(m[1])).decode())
                rest = self.line()
                continue
            elif not (m := re.match(r"(\(?[^\s\"{)]+\)?|\))\s*", rest)):
                raise AssertionError(f"no word: {rest!r}")
            else:
                found.append(m[1])
            rest = rest[m.end():]
        return found

    def response(self) -> Response:
        """Lines up to OK, NO or BYE; an empty word when the connection has ended."""
        r = Response()
        while True:
            words = self.words()
            if not words:
                return r
            if words[0] in ("OK", "NO", "BYE"):
                break
            r.lines.append(words)
        r.word = words[0]
        if len(words) > 1 and words[1].startswith("("):
            end = next(i for i, w in enumerate(words) if w.endswith(")"))
            r.code = " ".join(words[1:end + 1])[1:-1].strip()
            words[1:end + 1] = []
        r.text = words[1] if len(words) > 1 else ""
        return r

    def cmd(self, line: str | bytes) -> Response:
        """Send a command and read its response."""
        self.send((line.encode() if isinstance(line, str) else line) + b"\r\n")
        return self.response()

    def starttls(self) -> Response:
        """STARTTLS; the capabilities after it."""
        assert self.cmd("STARTTLS") == "OK"
        self.wrap()
        return self.response()

    def login(self, user: str = "alice", password: str | None = None) -> Response:
        """AUTHENTICATE by PLAIN."""
        return self.cmd('AUTHENTICATE "PLAIN" '
                        + plain(address(user), password or PASSWORDS[user]))

    def put(self, name: str, text: str | bytes) -> Response:
        """PUTSCRIPT with a literal."""
        return self.cmd(f"PUTSCRIPT {quoted(name)} ".encode() + literal(text))

    def scripts(self) -> dict[str, bool]:
        """LISTSCRIPTS: is it active, by name."""
        r = self.cmd("LISTSCRIPTS")
        assert r == "OK"
        return {line[0]: line[1:] == ["ACTIVE"] for line in r.lines}


def capabilities(r: Response) -> dict[str, str]:
    """Of a greeting or of CAPABILITY."""
    assert r == "OK"
    return {line[0]: line[1] if len(line) > 1 else "" for line in r.lines}


def peer(roost: Roost, user: str | None = "alice") -> ManageSievePeer:
    """A session over TLS, which has logged in if a user is named."""
    p = ManageSievePeer(roost.ports["managesieve"])
    p.starttls()
    if user:
        assert p.login(user) == "OK"
    return p
