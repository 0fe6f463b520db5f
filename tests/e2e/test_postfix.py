"""A message from a real Postfix to Roost and back, read with real programs."""
import os
import smtplib
import subprocess
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import clients, mail, pem, sync_clients
from harness.dns_server import DnsServer
from harness.peer import until
from harness.ports import free_port
from harness.postfix import Postfix
from harness.server import Roost

needs_root = pytest.mark.skipif(os.getuid() != 0, reason="Postfix starts only as root")


@pytest.fixture
def pair(make_roost: Maker, dns: DnsServer, tmp_path: Path) -> Iterator[tuple[Roost, Postfix]]:
    """A Roost and a Postfix that find each other."""
    certificate, key = pem.make(tmp_path, "postfix", "postfix.remote.test")
    dns.mail_host("remote.test")
    port = free_port()
    postfix = Postfix(port, certificate, key)
    try:
        roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(postfix.port),
                           LISTEN_SMTP=f"127.0.0.1:{port}", QUEUE_RETRY="1s").start()
        yield roost, postfix
        print(postfix.log())
    finally:
        postfix.close()


@needs_root
def test_there_and_back(pair: tuple[Roost, Postfix], tmp_path: Path) -> None:
    roost, postfix = pair

    # There: a program gives a letter to Postfix, which brings it to Roost.
    done = subprocess.run(
        ["swaks", "--server", f"127.0.0.1:{postfix.port}", "--from", "friend@remote.test",
         "--to", "alice@example.org", "--header", "Subject: from Postfix",
         "--body", "The quick brown fox", "--h-Message-ID", "<there@remote.test>"],
        capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    until(lambda: mail.inbox(roost), what="a message from Postfix")
    (raw,) = mail.inbox(roost)
    received = mail.parse(raw)["Received"]
    assert "from postfix.remote.test" in received and "with ESMTPS" in received

    # It is read with mbsync and with neomutt.
    sync_clients.mbsync(roost, tmp_path)
    (copy,) = [path.read_bytes()
               for path in sync_clients.Maildir(tmp_path / "mail" / "INBOX").files()]
    # (mbsync turns line ends into its own and may add a field of its own)
    assert b"The quick brown fox" in copy and b"Subject: from Postfix" in copy
    shown = clients.neomutt_read(roost, tmp_path)
    assert "The quick brown fox" in shown and "from Postfix" in shown

    # And back: alice answers with msmtp, and Roost brings it to Postfix.
    answer = ("From: alice@example.org\nTo: friend@remote.test\nSubject: Re: from Postfix\n"
              "In-Reply-To: <there@remote.test>\n\nThe lazy dog\n.\n..\n")
    clients.msmtp(roost, tmp_path, answer, "friend@remote.test")
    (raw,) = until(postfix.received, what="a message to Postfix")
    message = mail.parse(raw)
    assert message["Subject"] == "Re: from Postfix"
    assert message["In-Reply-To"] == "<there@remote.test>"
    assert message.get_content() == "The lazy dog\n.\n..\n"
    assert message["Return-Path"] == "<alice@example.org>"
    assert "TLSv1.2" in "".join(message.get_all("Received", [])), "Roost sent it in the clear"
    until(lambda: roost.cli("queue", "list") == "", what="an empty queue")


@needs_root
def test_refusals_become_bounces_on_both_sides(pair: tuple[Roost, Postfix]) -> None:
    roost, postfix = pair
    mail.submit(roost, mail.letter("lost", sender="alice@example.org"), "nobody@remote.test")
    (raw,) = until(lambda: mail.inbox(roost), what="Roost's bounce")
    text = raw.decode()
    assert "Final-Recipient: rfc822; nobody@remote.test" in text and "Status: 5.1.1" in text

    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as s:
        s.sendmail("friend@remote.test", ["nobody@example.org"], mail.letter("lost too"))
    (raw,) = until(postfix.received, what="Postfix's bounce")
    assert b"user unknown" in raw


@needs_root
def test_many_messages_in_both_directions(pair: tuple[Roost, Postfix]) -> None:
    roost, postfix = pair
    count = 100
    done = subprocess.run(["smtp-source", "-c", "-s", "5", "-m", str(count), "-l", "4096",
                           "-f", "friend@remote.test", "-t", "alice@example.org",
                           f"127.0.0.1:{postfix.port}"],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    with mail.submission(roost) as s:
        for n in range(count):
            s.sendmail("alice@example.org", ["friend@remote.test"], mail.letter(f"back {n}"))
    until(lambda: len(mail.inbox(roost)) == count, 30, "all of them in the inbox")
    until(lambda: len(postfix.received()) == count, 30, "all of them at Postfix")
    subjects = {mail.parse(raw)["Subject"] for raw in postfix.received()}
    assert subjects == {f"back {n}" for n in range(count)}
