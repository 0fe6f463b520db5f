"""Mail of many kinds, fast, and what has to come of each message.

Every message has a number, which is in its Message-ID, its envelope identifier and most of its
recipients; so whatever comes out anywhere can be told by it."""
import base64
import collections
import dataclasses
import email
import random
import re
import smtplib
import threading
import time

from harness import mail
from harness.load import PAUSE_S, Gate, Lost, Worker
from harness.peer import SmtpPeer
from harness.server import address

DOMAINS = 6
SENT, HERE, REFUSED = "sent", "here", "refused"


@dataclasses.dataclass(frozen=True)
class Rcpt:
    """{n} in the address is the message's number, {d} that of a domain."""
    address: str
    fate: str = SENT
    notify: str = ""
    goes_to: str = ""   # another address that it stands for


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a message is like."""
    name: str
    share: int
    rcpts: tuple[Rcpt, ...]
    parameters: str = ""      # of MAIL
    outside: bool = False     # from another server, not from alice
    hold_s: int = 0           # FUTURERELEASE


BOB = address("bob")
KINDS = (
    Kind("plain", 30, (Rcpt("r{n}@d{d}.test"),)),
    Kind("three domains and here", 12, (
        Rcpt("a{n}@d0.test"), Rcpt("b{n}@d1.test"), Rcpt("c{n}@d1.test"), Rcpt("d{n}@d2.test"),
        Rcpt(BOB, HERE))),
    Kind("with receipts", 12, (
        Rcpt("r{n}@d{d}.test", SENT, "SUCCESS,FAILURE"), Rcpt("s{n}@d{d}.test", SENT, "NEVER"),
        Rcpt(BOB, HERE, "SUCCESS"))),
    Kind("refused", 10, (
        Rcpt("no{n}@d{d}.test", REFUSED), Rcpt("nor{n}@d{d}.test", REFUSED, "NEVER"),
        Rcpt("r{n}@d{d}.test"))),
    Kind("suppressed", 4, (Rcpt("nobody@d{d}.test", REFUSED), Rcpt("r{n}@d{d}.test"))),
    Kind("later at first", 8, (Rcpt("later{n}@d{d}.test"), Rcpt("r{n}@d{d}.test"))),
    Kind("urgent", 4, (Rcpt("r{n}@d{d}.test"),), "MT-PRIORITY=5"),
    Kind("bulk", 8, (Rcpt("r{n}@bulk.test"), Rcpt(BOB, HERE))),
    Kind("held by a rule", 4, (Rcpt("r{n}@hold.test"),)),
    Kind("for later", 8, (Rcpt("r{n}@d{d}.test", SENT, "SUCCESS"), Rcpt(BOB, HERE)), hold_s=6),
    Kind("forwarded", 10, (Rcpt(address("away"), SENT, goes_to="away@d3.test"), Rcpt(BOB, HERE)),
         outside=True),
)


def kind_of(n: int) -> Kind:
    """Every number has one, by the shares."""
    rest = random.Random(n).randrange(sum(k.share for k in KINDS))
    for kind in KINDS:
        if rest < kind.share:
            return kind
        rest -= kind.share
    raise AssertionError


def fill(text: str, n: int) -> str:
    """The number in a template."""
    return text.format(n=n, d=n % DOMAINS)


def number_of(text: str) -> int:
    """The number in a Message-ID or an envelope identifier; -1: not one of ours."""
    found = re.search(r"flood-(\d+)-", text)
    return int(found.group(1)) if found else -1


def identifier(n: int) -> str:
    """As MAIL's ENVID and in the Message-ID."""
    return f"flood-{n}-"


def body_of(n: int) -> bytes:
    """Mostly small, sometimes longer than a chunk of the store, with lines that begin with dots."""
    chance = random.Random(-n)
    size = 200_000 if n % 97 == 0 else chance.choice([10, 300, 300, 3000])
    text = base64.encodebytes(chance.randbytes(size)).decode().replace("\nA", "\n.A")
    sender = "carol@example.net" if kind_of(n).outside else address("alice")
    return (f"From: {sender}\r\nTo: everybody\r\nSubject: {n}\r\n"
            f"Message-ID: <{identifier(n)}@{sender.split('@')[1]}>\r\n"
            "Date: Fri, 02 Jan 2026 10:00:00 +0000\r\n\r\n").encode() + \
        text.replace("\n", "\r\n").encode()


class Promises:
    """Which messages were tried, and which of them the server said it has."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.next = 1
        self.tried: dict[int, float] = {}   # time.monotonic() before it was sent
        self.kept: set[int] = set()

    def begin(self, outside: bool) -> int:
        """A new number for a message from there, about to be sent."""
        with self.lock:
            while kind_of(self.next).outside != outside:
                self.next += 1
            n, self.next = self.next, self.next + 1
            self.tried[n] = time.monotonic()
            return n

    def promise(self, n: int) -> None:
        """It got its 250."""
        with self.lock:
            self.kept.add(n)


def commands_of(n: int, kind: Kind) -> list[str]:
    """The envelope. Reports are asked for by the users only: the others' would go elsewhere."""
    sender = "carol@example.net" if kind.outside else address("alice")
    words = ["" if kind.outside else f"ENVID={identifier(n)}", kind.parameters,
             f"HOLDFOR={kind.hold_s}" if kind.hold_s else ""]
    lines = [" ".join([f"MAIL FROM:<{sender}>", *(w for w in words if w)])]
    for rcpt in kind.rcpts:
        lines.append(f"RCPT TO:<{fill(rcpt.address, n)}>" +
                     (f" NOTIFY={rcpt.notify}" if rcpt.notify else ""))
    return lines


class Pipe:
    """A session that sends a whole transaction in one go."""

    def __init__(self, w: Worker, outside: bool):
        self.w = w
        self.peer: SmtpPeer | None = None
        self.session: smtplib.SMTP | None = None
        if outside:
            self.peer = SmtpPeer(w.roost.ports["smtp"])
            w.want(self.peer.cmd("EHLO flood.example.net"), 250)
        else:
            self.session = mail.submission(w.roost)
            self.session.ehlo()

    def send(self, data: bytes) -> None:
        """All of it."""
        (self.peer or self.session).send(data)  # type: ignore[union-attr]

    def reply(self) -> tuple[int, str]:
        """The next one."""
        if self.peer:
            return self.peer.reply()
        assert self.session
        code, text = self.session.getreply()
        return code, text.decode("utf-8", "replace")

    def close(self) -> None:
        """Without a word."""
        if self.peer:
            self.peer.close()
        elif self.session:
            self.session.close()

    def transaction(self, n: int, kind: Kind) -> bool:
        """By DATA or, every other one, by BDAT in some chunks; True: it is taken."""
        lines, body = commands_of(n, kind), body_of(n)
        if n % 2:
            self.send("".join(line + "\r\n" for line in lines + ["DATA"]).encode())
            expected = [250] * len(lines) + [354]
        else:
            cuts = sorted(random.Random(n).randrange(len(body)) for _ in range(n % 4))
            pieces = [body[a:b] for a, b in zip([0, *cuts], [*cuts, len(body)])]
            chunks = [b"BDAT %d%s\r\n" % (len(p), b" LAST" if i == len(pieces) - 1 else b"") + p
                      for i, p in enumerate(pieces)]
            self.send("".join(line + "\r\n" for line in lines).encode() + b"".join(chunks))
            expected = [250] * (len(lines) + len(chunks))
        replies = [self.reply() for _ in expected]
        if any(reply[0] != code for reply, code in zip(replies, expected)):
            return self.refused(replies, expected)
        if n % 2:
            self.send(re.sub(rb"(?m)^\.", b"..", body) + b".\r\n")
            return self.w.want(self.reply(), 250)
        return True

    def refused(self, replies: list[tuple[int, str]], expected: list[int]) -> bool:
        """The first reply that is not as expected counts; what follows from it does not."""
        next(self.w.want(reply, code) for reply, code in zip(replies, expected)
             if reply[0] != code)
        if replies[-1][0] == expected[-1]:
            self.w.refused("a part of the message was taken", False)
            raise Lost
        self.send(b"RSET\r\n")
        self.w.want(self.reply(), 250)
        time.sleep(PAUSE_S)
        return False


def flood(promises: Promises, gate: Gate, outside: bool, pause_s: float):  # type: ignore[no-untyped-def]
    """A worker's work; pause_s between two messages."""
    def work(w: Worker) -> None:
        pipe = Pipe(w, outside)
        try:
            while gate.is_open:
                n = promises.begin(outside)
                if pipe.transaction(n, kind_of(n)):
                    promises.promise(n)
                time.sleep(pause_s)
        except smtplib.SMTPServerDisconnected as e:
            raise Lost from e
        finally:
            pipe.close()
    work.__name__ = "outside" if outside else "alice"
    return work


def wanted_copies(n: int) -> collections.Counter[str]:
    """Addresses that the sink has to see, each once."""
    kind = kind_of(n)
    return collections.Counter(fill(r.goes_to or r.address, n) for r in kind.rcpts
                               if r.fate == SENT)


def wanted_here(n: int) -> int:
    """How many copies bob has."""
    return sum(r.fate == HERE for r in kind_of(n).rcpts)


def wanted_reports(n: int) -> collections.Counter[tuple[str, str]]:
    """(action, address) of what alice is told."""
    kind, wanted = kind_of(n), collections.Counter[tuple[str, str]]()
    for r in kind.rcpts:
        wishes = r.notify.split(",") if r.notify else ["FAILURE", "DELAY"]
        action = {SENT: "relayed", HERE: "delivered", REFUSED: "failed"}[r.fate]
        if ("FAILURE" if r.fate == REFUSED else "SUCCESS") in wishes:
            wanted[(action, fill(r.address, n))] += 1
    return wanted


def told(raw: bytes) -> tuple[int, list[tuple[str, str]]]:
    """What a report is about: the number, and (action, address) of each recipient."""
    message = email.message_from_bytes(raw)
    assert message.get_content_type() == "multipart/report", raw[:500]
    groups = message.get_payload()[1].get_payload()  # type: ignore[index,union-attr]
    return number_of(groups[0]["Original-Envelope-Id"] or ""), \
        [(g["Action"], g["Final-Recipient"].split(";")[1].strip()) for g in groups[1:]]
