"""Mail that comes back in masses: forged senders, domains that are dead, answers to answers. No
report goes to a null sender or causes another one; queue and memory stay bounded.

Slow: thousands of forged senders.
"""
import collections
import os
import re
import smtplib
import threading
import time
from typing import Callable

from conftest import Maker
from harness import mail
from harness.dns_server import DnsServer
from harness.peer import SmtpPeer, until
from harness.server import BINARY, Roost, address
from harness.smtp_sink import Received, Sink
from test_smtp_out import queue_is_empty

COUNT = int(os.environ.get("ROOST_TEST_STORM_MESSAGES", "800"))
PATIENCE_S = 120 + COUNT // 20
SLACK = 8 if "/check/" in BINARY or "/tsan/" in BINARY else 1
MEMORY_KB = 64 * 1024 * SLACK


def storm(roost: Roost, count: int, sender: Callable[[int], str], to: str) -> int:
    """So many messages from outside, in pipelined sessions; how many were taken."""
    taken = [0] * 4

    def send(part: int) -> None:
        numbers = range(part, count, len(taken))
        for chunk in (numbers[i:i + 200] for i in range(0, len(numbers), 200)):
            with SmtpPeer(roost.ports["smtp"]) as peer:
                assert peer.code("EHLO storm.example.net") == 250
                for n in chunk:
                    body = f"Message-ID: <storm-{n}@example.net>\r\nSubject: {n}\r\n\r\nx\r\n"
                    peer.send(f"MAIL FROM:<{sender(n)}>\r\nRCPT TO:<{to}>\r\n"
                              f"BDAT {len(body)} LAST\r\n{body}")
                    codes = [peer.reply()[0] for _ in range(3)]
                    taken[part] += codes[2] == 250
                    if codes[2] != 250:
                        peer.code("RSET")

    threads = [threading.Thread(target=send, args=(part,)) for part in range(len(taken))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(taken)


def is_report(got: Received) -> bool:
    """Was it written by the server, about mail?"""
    return b"multipart/report" in got.data.split(b"\r\n\r\n", 1)[0]


class Denier(Sink):
    """Knows nobody at refuses.test and refusing.test."""

    def __init__(self) -> None:
        super().__init__()
        self.denied: collections.Counter[str] = collections.Counter()

    def take(self, verb: str, argument: str) -> str | None:
        if verb == "RCPT" and argument.endswith(("@refuses.test", "@refusing.test")):
            self.denied[argument.split("@")[1]] += 1
            return "550 5.1.1 no such user"
        return super().take(verb, argument)


def test_storm_of_forged_senders(make_roost: Maker, dns: DnsServer) -> None:
    """Mail that an alias sends on comes back: to senders who exist, who refuse it, whose host is
    dead, and to none."""
    senders = ("forged{}@alive.test", "forged{}@refusing.test", "forged{}@dead.test", "")
    share = COUNT // len(senders)
    sink = Denier()
    for domain in ("alive.test", "refuses.test", "refusing.test"):
        dns.mail_host(domain)
    dns.mail_host("dead.test", "127.0.0.9")  # nobody listens there
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port), SRS="off",
                       QUEUE_RETRY="2s", QUEUE_RETRY_MAX="4s",
                       QUEUE_EXPIRE=f"{max(6, COUNT // 200)}s").start()
    try:
        roost.cli("alias", "add", address("away"), "gone@refuses.test")
        begun = time.monotonic()
        taken = storm(roost, share * len(senders), lambda n: senders[n % 4].format(n),
                      address("away"))
        assert taken == share * len(senders)
        peak_kb = 0  # its own; pages of the store's file are the kernel's to take away

        def all_tried() -> bool:
            nonlocal peak_kb
            peak_kb = max(peak_kb, roost.status("RssAnon"))
            return sink.denied["refuses.test"] == taken

        until(all_tried, PATIENCE_S, "an attempt of each")
        queue_is_empty(roost, PATIENCE_S)
        print(f"{taken} messages and {share * 3} bounces in {time.monotonic() - begun:.1f} s, "
              f"{peak_kb} kB of its own, {roost.status('VmHWM')} kB with the store's pages")
        assert peak_kb < MEMORY_KB
        # One report to each who can be told, and none about reports.
        assert sink.denied == {"refuses.test": taken, "refusing.test": share}
        assert all(is_report(got) and got.sender == "" for got in sink.messages)
        told = collections.Counter(rcpt for got in sink.messages for rcpt in got.rcpts)
        assert set(told.values()) == {1} and len(told) == share
        assert all(rcpt.endswith("@alive.test") for rcpt in told)
        assert mail.inbox(roost) == []
        log = "\n".join(roost.logs[0].lines)
        assert len(re.findall(r" queue_bounced .* to=forged\d+@", log)) == share * 3
        assert not re.search(r" queue_bounced .* to=<>", log)
    finally:
        sink.close()


def test_two_forwarders_who_point_at_each_other(make_sender: Maker, sink: Sink) -> None:
    """RFC 5321 6.3: the trace fields that a loop leaves end it."""
    roost = make_sender().start()
    roost.cli("alias", "add", address("loop"), "loop@example.net")
    mail.deliver(roost, mail.letter("round and round"), to=address("loop"))
    rounds, refusals = 0, 0
    while refusals == 0:
        got = sink.wait(rounds + 1)[rounds]
        rounds += 1
        assert rounds <= 101, "no end of it"
        with smtplib.SMTP("127.0.0.1", roost.ports["smtp"], "sink.example.net", timeout=20) as s:
            s.ehlo()
            assert s.mail(got.sender)[0] == 250 and s.rcpt(address("loop"))[0] == 250
            code, text = s.data(b"Received: from mx.example.org by sink.example.net;"
                                b" Fri, 02 Jan 2026 10:00:00 +0000\r\n" + got.data)
            refusals += code == 554 and text.startswith(b"5.4.6")
            assert code == 250 or refusals
    queue_is_empty(roost)
    assert rounds > 20 and len(sink.messages) == rounds


def test_answers_to_answers(make_sender: Maker, sink: Sink) -> None:
    """A robot that answers everything, our reports too: what it sends to where they seem to come
    from is for the postmaster, and to where they do come from nothing can be sent."""
    roost = make_sender().start()
    sink.always("RCPT robot@example.net", "550 5.1.1 the robot does not want to be written to")
    mail.submit(roost, mail.letter("hello", sender="alice@example.org"), "robot@example.net")
    (bounce,) = until(lambda: mail.inbox(roost), what="a bounce")
    source = mail.parse(bounce)["From"].addresses[0].addr_spec
    for rcpt, code in ((source, 250), ("", 501)):
        with SmtpPeer(roost.ports["smtp"]) as peer:
            peer.envelope("robot@example.net")
            assert peer.code(f"RCPT TO:<{rcpt}>") == code
    # It writes to alice about that, as from nobody; and nobody answers.
    for n in range(20):
        mail.deliver(roost, mail.letter(f"your mail {n}", Auto_Submitted="auto-replied"), sender="")
    assert len(mail.inbox(roost)) == 21
    queue_is_empty(roost)
    assert sink.messages == []


def test_remote_that_accepts_and_then_denies(make_sender: Maker, sink: Sink) -> None:
    """A 250 is the end of it for us; a bounce that comes later is mail to who sent it, here or
    behind an alias, and is the last one."""
    roost = make_sender(QUEUE_SUPPRESS_DAYS="30").start()
    roost.cli("alias", "add", address("away"), "friend@example.net")
    mail.submit(roost, mail.letter("first", sender="alice@example.org"), "friend@example.net")
    mail.deliver(roost, mail.letter("second"), sender="carol@example.net", to=address("away"))
    ours, forwarded = sorted(sink.wait(2), key=lambda got: got.sender != "alice@example.org")
    queue_is_empty(roost)
    sink.always("RCPT carol@example.net", "550 5.1.1 nor is there a carol")
    for got in (ours, forwarded):
        denial = mail.letter("Undelivered", "550 5.1.1 no friend after all\n",
                             sender="MAILER-DAEMON@example.net", to=got.sender)
        mail.deliver(roost, denial, sender="", to=got.sender)
    (bounce,) = until(lambda: mail.inbox(roost), what="the denial")
    assert b"no friend after all" in bounce and bounce.startswith(b"Return-Path: <>\r\n")
    until(lambda: "RCPT TO:<carol@example.net>" in sink.lines, what="the other one")
    queue_is_empty(roost)
    assert len(sink.messages) == 2 and len(mail.inbox(roost)) == 1
    # Anybody can say such a thing, so nothing follows from it: friend is written to again.
    mail.submit(roost, mail.letter("third", sender="alice@example.org"), "friend@example.net")
    assert sink.wait(3)[2].rcpts == ["friend@example.net"]


def test_to_nobody_in_masses(make_sender: Maker, sink: Sink) -> None:
    """Who is not here is refused at RCPT, so forged senders hear nothing of it."""
    roost = make_sender().start()
    refused = 0
    for part in range(0, 300, 15):
        with SmtpPeer(roost.ports["smtp"]) as peer:
            assert peer.code("EHLO storm.example.net") == 250
            for n in range(part, part + 15):
                assert peer.code(f"MAIL FROM:<forged{n}@example.net>") == 250
                refused += peer.code(f"RCPT TO:<nobody{n}@example.org>") == 550
                assert peer.code("RSET") == 250
    assert refused == 300
    assert roost.cli("queue", "list") == "" and sink.connections == 0
