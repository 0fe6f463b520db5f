"""Messages in chunks and binary ones (RFC 3030), in and out."""
import os
import random
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail, pem
from harness.dns_server import DnsServer
from harness.peer import ImapPeer, SmtpPeer, until
from harness.ports import free_port
from harness.postfix import Postfix
from harness.server import PASSWORDS, Roost, address

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="Postfix starts only as root")


def test_a_large_message_in_pipelined_chunks(roost: Roost) -> None:
    original = mail.letter("chunks", "\n".join(f".line {n}\n..\n." for n in range(100000)))
    cuts = sorted(random.Random(1).sample(range(len(original)), 50))
    pieces = [original[a:b] for a, b in zip([0] + cuts, cuts)]
    with SmtpPeer(roost.ports["smtp"]) as peer:
        peer.envelope("carol@example.net", "alice@example.org")
        for piece in pieces:
            peer.send(f"BDAT {len(piece)}\r\n".encode() + piece)
        rest = original[cuts[-1]:]
        peer.send(f"BDAT {len(rest)} LAST\r\n".encode() + rest + b"QUIT\r\n")
        assert {peer.reply()[0] for _ in pieces} == {250}
        code, text = peer.reply()
        assert code == 250 and "accepted" in text
        assert peer.reply()[0] == 221
    (raw,) = until(lambda: mail.inbox(roost), what="the message")
    assert raw.endswith(original)


def test_binary_comes_to_mail_programs_as_it_is(roost: Roost) -> None:
    body = bytes(range(256)) * 3000 + b"\r\n.\r\n\r\0"
    head = (b"From: carol@example.net\r\nSubject: bytes\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n\r\n")
    with SmtpPeer(roost.ports["smtp"]) as peer:
        assert peer.code("EHLO client.example.net") == 250
        assert peer.code("MAIL FROM:<carol@example.net> BODY=BINARYMIME") == 250
        assert peer.code("RCPT TO:<alice@example.org>") == 250
        peer.send(f"BDAT {len(head)}\r\n".encode() + head)
        assert peer.reply()[0] == 250
        peer.send(f"BDAT {len(body)} LAST\r\n".encode() + body)
        assert peer.reply()[0] == 250
    with ImapPeer(roost.ports["imaps"], tls=True) as imap:
        imap.login(address("alice"), PASSWORDS["alice"])
        imap.ok("SELECT INBOX")
        imap.send(b"x FETCH 1 (BINARY.PEEK[1])\r\n")
        line = imap.line()
        assert line == f"* 1 FETCH (BINARY[1] ~{{{len(body)}}}"
        assert imap.exactly(len(body)) == body


@needs_root
def test_out_to_postfix(make_roost: Maker, dns: DnsServer, tmp_path: Path) -> None:
    """Postfix offers CHUNKING, but no BINARYMIME: there binary parts arrive as base64."""
    certificate, key = pem.make(tmp_path, "postfix", "postfix.remote.test")
    dns.mail_host("remote.test")
    port = free_port()
    postfix = Postfix(port, certificate, key)
    try:
        roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(postfix.port),
                           LISTEN_SMTP=f"127.0.0.1:{port}", QUEUE_RETRY="1s").start()
        lines = "".join(f".line {n}\n.\n" for n in range(50000))
        mail.submit(roost, mail.letter("chunk", lines, sender="alice@example.org"),
                    "friend@remote.test")
        (raw,) = until(postfix.received, what="a message to Postfix")
        assert mail.parse(raw).get_content() == lines
        until(lambda: " bdat=1 " in postfix.log(), what="what Postfix counts")

        body = bytes(range(256)) * 100
        with mail.submission(roost) as s:
            assert s.docmd("MAIL", "FROM:<alice@example.org> BODY=BINARYMIME")[0] == 250
            assert s.docmd("RCPT", "TO:<friend@remote.test>")[0] == 250
            message = (b"From: alice@example.org\r\nSubject: bytes\r\nMIME-Version: 1.0\r\n"
                       b"Content-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n"
                       b"\r\n" + body)
            s.send(f"BDAT {len(message)} LAST\r\n".encode() + message)
            assert s.getreply()[0] == 250
        until(lambda: len(postfix.received()) == 2, what="the binary message")
        (raw,) = [raw for raw in postfix.received() if b"Subject: bytes" in raw]
        assert b"Content-Transfer-Encoding: base64" in raw
        assert mail.parse(raw).get_payload(decode=True) == body
    finally:
        print(postfix.log())
        postfix.close()
