"""A message within a message (RFC 5321 2.3.8, 4.5.2): whatever stands around a dot, only CRLF does
end the text; one message in is one message, here and at whoever gets it from us."""
import os
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail, pem
from harness.body_milter import BodyMilter
from harness.dns_server import DnsServer
from harness.peer import SmtpPeer, until
from harness.postfix import Postfix
from harness.server import Roost, address
from harness.smtp_sink import Sink
from test_postfix import needs_root

# What somebody may take for the end of a line.
ENDS = ["\r\n", "\n", "\r", "\n\r", "\r\r\n", "\r\n\r", "\n\n", "\0", "\r\0\n", "\0\r\n", "\r\n\0",
        "\x0b", "\x0c", "\x1a", "\x85", "\u2028", " \r\n", ""]
# Those that really end the text are left out: what comes behind is a command then.
AROUND = [before + "." + after for before in ENDS for after in ENDS
          if "\r\n.\r\n" not in before + "." + after]
ALL = [*AROUND, "\r\n.\r\n"]  # where a count says how long the text is
FEW = {"\r\n", "\n", "\r", "\r\r\n", "\0", ""}
OUT = [before + "." + after for before in FEW for after in FEW]
INNER = ("MAIL FROM:<evil@example.net>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n"
         "Subject: inner\r\n\r\nsmuggled")


def text(around: str, inner: str = INNER) -> bytes:
    """A message with another one behind a dot of that kind."""
    return f"Subject: outer\r\n\r\nbody{around}{inner}\r\n".encode()


def subjects(raws: list[bytes]) -> list[str]:
    """What messages are called."""
    return [mail.parse(raw)["Subject"] for raw in raws]


def test_in_by_data(roost: Roost) -> None:
    taken = 0
    for around in AROUND:
        with SmtpPeer(roost.ports["smtp"]) as peer:
            peer.envelope("carol@example.net", "alice@example.org")
            assert peer.code("DATA") == 354
            peer.send(text(around) + b".\r\n")
            code, said = peer.reply()
            lone = around.replace("\r\n", "").translate(dict.fromkeys(map(ord, "\r\n\0"), "!"))
            assert code == (554 if "!" in lone else 250), (around, code, said)
            taken += code == 250
            assert peer.code("NOOP") == 250, around  # exactly one reply came
    assert subjects(mail.inbox(roost)) == ["outer"] * taken and taken > 20


@pytest.mark.parametrize("binary", [False, True])
def test_in_by_bdat(roost: Roost, binary: bool) -> None:
    """By count, whatever is in it; in two chunks, cut in the midst of it."""
    taken = 0
    for around in ALL:
        data = text(around)
        cut = data.index(b"body") + 4 + len(around.encode()) // 2
        with SmtpPeer(roost.ports["smtp"]) as peer:
            assert peer.code("EHLO client.example.net") == 250
            assert peer.code("MAIL FROM:<carol@example.net>" +
                             (" BODY=BINARYMIME" if binary else "")) == 250
            assert peer.code("RCPT TO:<alice@example.org>") == 250
            peer.send(b"BDAT %d\r\n%b" % (cut, data[:cut]) +
                      b"BDAT %d LAST\r\n%b" % (len(data) - cut, data[cut:]))
            codes = [peer.reply()[0], peer.reply()[0]]
            assert codes[0] in (250, 554) and codes[1] in (250, 554)
            assert codes[1] == 250 or not binary, around
            taken += codes[1] == 250
            assert peer.code("NOOP") == 250, around
    raws = mail.inbox(roost)
    assert subjects(raws) == ["outer"] * taken and taken > 20
    assert all(b"smuggled" in raw for raw in raws)


def binary_text(around: str) -> bytes:
    """The same, announced as bytes, so that it may be anything."""
    return (b"From: alice@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
            b"Content-Transfer-Encoding: binary\r\n") + text(around)


def submit_all(roost: Roost, rcpt: str) -> int:
    """By BDAT, as alice; how many were taken."""
    count = 0
    with mail.submission(roost) as s:
        for around in OUT:
            data = binary_text(around)
            assert s.docmd("MAIL", "FROM:<alice@example.org> BODY=BINARYMIME")[0] == 250
            assert s.docmd("RCPT", f"TO:<{rcpt}>")[0] == 250
            s.send(b"BDAT %d LAST\r\n" % len(data) + data)
            assert s.getreply()[0] == 250, around
            count += 1
    return count


def check_all(raws: list[bytes], count: int) -> None:
    """One each, and each whole."""
    assert subjects(raws) == ["outer"] * count
    bodies = [mail.parse(raw).get_payload(decode=True) for raw in raws]
    assert all(b"smuggled" in body for body in bodies)


def test_out_by_data(make_sender: Maker, sink: Sink) -> None:
    """The sink is one of those that take a LF for the end of a line."""
    roost = make_sender(LIMITS="").start()
    count = submit_all(roost, "friend@example.net")
    messages = sink.wait(count, 60)
    until(lambda: roost.cli("queue", "list") == "", what="an empty queue")
    assert len(messages) == len(sink.messages) == count
    check_all([m.data for m in messages], count)
    assert {m.sender for m in messages} == {"alice@example.org"}


@needs_root
def test_out_to_postfix(make_roost: Maker, dns: DnsServer, tmp_path: Path) -> None:
    """By BDAT, whose text Postfix looks at itself."""
    certificate, key = pem.make(tmp_path, "postfix", "postfix.remote.test")
    dns.mail_host("remote.test")
    postfix = Postfix(1, certificate, key)
    try:
        roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(postfix.port),
                           LIMITS="").start()
        count = submit_all(roost, "friend@remote.test")
        until(lambda: len(postfix.received()) >= count, 60, "all of them at Postfix")
        until(lambda: roost.cli("queue", "list") == "", what="an empty queue")
        check_all(postfix.received(), count)
    finally:
        postfix.close()


@pytest.fixture
def milter() -> Iterator[BodyMilter]:
    """One."""
    made = BodyMilter()
    yield made
    made.close()


def test_out_with_a_body_of_a_filter(make_sender: Maker, sink: Sink, milter: BodyMilter) -> None:
    """What a filter makes of the text is no more believed than what came in."""
    roost = make_sender(LIMITS="", MILTERS=milter.address).start()
    taken = 0
    with mail.submission(roost) as s:
        for around in OUT:
            milter.body = text(around).split(b"\r\n\r\n", 1)[1]
            assert s.docmd("MAIL", "FROM:<alice@example.org>")[0] == 250
            assert s.docmd("RCPT", "TO:<friend@example.net>")[0] == 250
            code, said = s.data(mail.letter("outer", sender="alice@example.org"))
            assert code in (250, 451, 554), (around, said)
            taken += code == 250
    assert taken > 0
    messages = sink.wait(taken, 60)
    until(lambda: roost.cli("queue", "list") == "", what="an empty queue")
    assert len(messages) == len(sink.messages) == taken
    check_all([m.data for m in messages], taken)
    assert {m.sender for m in messages} == {"alice@example.org"}
