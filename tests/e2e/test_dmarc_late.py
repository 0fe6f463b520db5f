"""Mail in the name of a domain that wants forgeries refused, by a sender who keeps us busy with
questions of his own: it is refused all the same, or is to come again; it never passes.

Slow: name servers that are slow use up the timeouts of checks.
"""
import threading
import time
from typing import Iterator

import pytest

from conftest import Maker
from harness.dns_server import A, TXT, DnsServer, decode_question
from harness.peer import SmtpPeer
from harness.server import Roost

PEER, OTHER = "203.0.113.9", "203.0.113.10"
REST = b"To: alice@example.org\r\nSubject: x\r\nDate: Fri, 02 Jan 2026 10:00:00 +0000\r\n\r\nHello\r\n"
CROWD = 70  # more than a network has threads of a kind


class SlowDns(DnsServer):
    """Takes its time for names that begin with late."""

    def answer(self, query: bytes, limit: int) -> bytes | None:
        if decode_question(query)[0].startswith("late"):
            time.sleep(2.5)  # ten of them take longer than SPF may
        return super().answer(query, limit)


@pytest.fixture(name="zone")
def _zone() -> Iterator[DnsServer]:
    dns = SlowDns()
    dns.ttl = dns.negative_ttl = 60
    dns.records[("attacker.test", TXT)] = ["v=spf1 +all"]
    for i in range(3):
        dns.records[(f"victim{i}.test", TXT)] = ["v=spf1 ip4:192.0.2.1 -all"]
        dns.records[(f"_dmarc.victim{i}.test", TXT)] = ["v=DMARC1; p=reject"]
    yield dns
    dns.close()


@pytest.fixture(name="roost")
def _roost(make_roost: Maker, zone: DnsServer) -> Roost:
    return make_roost(PROXY_PROTOCOL="127.0.0.1 for=smtp", DNS_SERVERS=zone.address,
                      DNSSEC="off").start()


def send(roost: Roost, sender: str, authors: str, helo: str = "mx.attacker.test",
         above: bytes = b"", peer: str = PEER) -> int:
    with SmtpPeer.proxied(roost.ports["smtp"], peer) as session:
        session.sock.settimeout(60)
        assert session.code(f"EHLO {helo}") == 250
        assert session.code(f"MAIL FROM:<{sender}>") == 250
        assert session.code("RCPT TO:<alice@example.org>") == 250
        return session.data(above + b"From: " + authors.encode() + b"\r\n" + REST)[0]


def test_helo_that_takes_long(roost: Roost, zone: DnsServer) -> None:
    """The time of the name of EHLO is not that of MAIL FROM, also when its record is kept and what
    that one needs is not."""
    late = [f"late{i}.attacker.test" for i in range(10)]
    for name in late:
        zone.records[(name, A)] = ["192.0.2.1"]
    zone.records[("h.attacker.test", TXT)] = [
        f"v=spf1 ip4:{OTHER} " + " ".join(f"a:{name}" for name in late) + " -all"]
    assert send(roost, "x@attacker.test", "x@attacker.test", "h.attacker.test", peer=OTHER) == 250
    assert send(roost, "x@victim0.test", "ceo@victim0.test", "h.attacker.test") == 550


def test_authors_that_take_long(roost: Roost, zone: DnsServer) -> None:
    """Nor is the time of other names in From that of one whose forgeries are to be refused."""
    others = ", ".join(f"x@sub.att{i}.com" for i in range(5))
    zone.silent = {f"_dmarc.att{i}.com" for i in range(5)}
    assert send(roost, "x@attacker.test", others) == 250  # what is above the organizations is kept
    assert send(roost, "x@attacker.test", others + ", ceo@victim0.test") == 550
    assert send(roost, "x@attacker.test", "ceo@victim1.test, " + others) == 550


def test_keys_that_take_long(roost: Roost, zone: DnsServer) -> None:
    """A key that nobody could ask for in time is not one for which DNS does not answer: the author
    may have signed, or not."""
    zone.silent = {f"s{i}._domainkey.attacker.test" for i in range(9)}
    signature = "DKIM-Signature: v=1; a=rsa-sha256; d=%s; s=%s; h=from; bh=; b=AAAA\r\n".replace(
        "bh=;", "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;")
    above = "".join(signature % ("attacker.test", f"s{i}") for i in range(9))
    above += signature % ("victim0.test", "s")
    assert send(roost, "x@attacker.test", "ceo@victim0.test", above=above.encode()) in (451, 550)


def test_crowd(roost: Roost, zone: DnsServer) -> None:
    """Who gets no turn, since others of his network have them all, is not let through."""
    zone.silent = {f"s{i}.attacker.test" for i in range(CROWD)}
    sessions = [SmtpPeer.proxied(roost.ports["smtp"], PEER) for _ in range(CROWD)]

    def hold(i: int) -> None:
        sessions[i].code("EHLO mx.attacker.test")
        sessions[i].cmd(f"MAIL FROM:<x@s{i}.attacker.test>")

    threads = [threading.Thread(target=hold, args=(i,)) for i in range(CROWD)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    assert send(roost, "x@victim0.test", "ceo@victim0.test") in (451, 550)
    for thread, session in zip(threads, sessions):
        thread.join()
        session.close()
