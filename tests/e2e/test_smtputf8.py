"""Addresses and headers in UTF-8 (RFC 6531), and domains in other scripts, with Postfix."""
import os
import smtplib
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail, pem
from harness.dns_server import DnsServer
from harness.peer import SmtpPeer, until
from harness.ports import free_port
from harness.postfix import Postfix
from harness.server import PASSWORDS, Roost

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="Postfix starts only as root")
JOERG = "freundin.jörg@remote.test"


@contextmanager
def pair(make_roost: Maker, dns: DnsServer, folder: Path,
         utf8: bool) -> Iterator[tuple[Roost, Postfix]]:
    """A Roost and a Postfix, which has SMTPUTF8 or has not."""
    certificate, key = pem.make(folder, "postfix", "postfix.remote.test")
    dns.mail_host("remote.test")
    port = free_port()
    postfix = Postfix(port, certificate, key, utf8)
    try:
        yield make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(postfix.port),
                         LISTEN_SMTP=f"127.0.0.1:{port}", QUEUE_RETRY="1s").start(), postfix
        print(postfix.log())
    finally:
        postfix.close()


def submit(roost: Roost, to: str, subject: str) -> None:
    """As a program that knows SMTPUTF8."""
    with mail.submission(roost) as s:
        s.ehlo()
        message = (f"From: alice@example.org\r\nTo: {to}\r\nSubject: {subject}\r\n\r\n"
                   "Hello.\r\n").encode()
        assert s.sendmail("alice@example.org", [to], message, ["SMTPUTF8", "BODY=8BITMIME"]) == {}


@needs_root
def test_out_and_back(make_roost: Maker, dns: DnsServer, tmp_path: Path) -> None:
    with pair(make_roost, dns, tmp_path, utf8=True) as (roost, postfix):
        submit(roost, JOERG, "Grüße")
        (raw,) = until(postfix.received, what="a message to Postfix")
        text = raw.decode()
        assert "Subject: Grüße\n" in text and f"To: {JOERG}\n" in text
        assert "with UTF8SMTPS" in text

        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as s:
            s.ehlo()
            s.sendmail(JOERG, ["alice@example.org"],
                       f"From: {JOERG}\r\nSubject: zurück\r\n\r\nHello.\r\n".encode(),
                       ["SMTPUTF8", "BODY=8BITMIME"])
        (raw,) = until(lambda: mail.inbox(roost), what="a message from Postfix")
        text = raw.decode()
        assert f"Return-Path: <{JOERG}>" in text and "Subject: zurück" in text
        assert "UTF8SMTPS" in text


@needs_root
def test_a_server_without_it(make_roost: Maker, dns: DnsServer, tmp_path: Path) -> None:
    with pair(make_roost, dns, tmp_path, utf8=False) as (roost, postfix):
        submit(roost, JOERG, "plain")
        submit(roost, "friend@remote.test", "Grüße")
        until(lambda: len(mail.inbox(roost)) == 2, what="two bounces")
        assert all(b"5.6.7" in raw for raw in mail.inbox(roost))
        submit(roost, "friend@remote.test", "plain")  # asked for, but not needed
        (raw,) = until(postfix.received, what="the third message")
        assert b"Subject: plain" in raw


@needs_root
def test_a_domain_has_two_names(make_roost: Maker, dns: DnsServer, tmp_path: Path) -> None:
    with pair(make_roost, dns, tmp_path, utf8=True) as (roost, postfix):
        roost.cli("domain", "add", "bücher.test")
        roost.cli("account", "add", "leser@xn--bcher-kva.test", "Leser", stdin="secret word\n")
        roost.cli("alias", "add", "alle@BÜCHER.test", "leser@bücher.test")
        PASSWORDS["leser"] = "secret word"
        for rcpt in ("leser@bücher.test", "alle@xn--bcher-kva.test"):
            with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as s:
                s.ehlo()
                s.sendmail("friend@remote.test", [rcpt],
                           b"From: friend@remote.test\r\nSubject: hi\r\n\r\nHello.\r\n",
                           ["SMTPUTF8"])
        with SmtpPeer(roost.ports["smtp"]) as peer:
            assert peer.code("EHLO client.example.net") == 250
            assert peer.code("MAIL FROM:<a@example.net> SMTPUTF8") == 250
            for domain in ("bücher.test", "BU\u0308CHER.test", "xn--bcher-kva.test"):
                assert peer.code(f"RCPT TO:<leser@{domain}>") == 250
            assert peer.code("RCPT TO:<leser@bucher.test>") == 550
        log = lambda: postfix.log().count("status=sent")  # noqa: E731
        until(lambda: log() == 2, what="both messages at Roost")
