"""DNS that lies, breaks off and hangs: what becomes of mail to such domains, and when. And what DNS is
asked for at all."""
import time
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail
from harness.dns_server import A, CNAME, MX, PTR, TXT, DnsServer
from harness.lying_dns import TRICKS, LyingDns
from harness.peer import SmtpPeer, until
from harness.server import Roost
from harness.smtp_sink import Sink

WAITS, ARRIVES, RETURNS = "queue_delayed", "queue_delivered", "queue_failed"
SILENCE = "DNS did not answer"

# What its DNS does, what becomes of the mail, what is said. RFC 5321 5.1, RFC 1035 7.3: an answer that
# is none leaves the mail waiting; one that is, and has no record of that name, says that there is none.
ROWS = {
    "servfail": (WAITS, SILENCE), "notimp": (WAITS, SILENCE), "refused": (WAITS, SILENCE),
    "formerr": (ARRIVES, ""),                       # RFC 6891 7: asked again without EDNS
    "silent": (WAITS, SILENCE), "garbage": (WAITS, SILENCE), "short": (WAITS, SILENCE),
    "wrongid": (WAITS, SILENCE), "noanswer": (WAITS, SILENCE), "echo": (WAITS, SILENCE),
    "otherquestion": (WAITS, SILENCE),
    "othername": (RETURNS, "5.1.2"), "loop": (RETURNS, "5.1.2"),
    "toomany": (WAITS, SILENCE), "pointer": (WAITS, SILENCE),
    "tcponly": (ARRIVES, ""), "hangsup": (WAITS, SILENCE), "tcphangs": (WAITS, SILENCE),
    "late": (ARRIVES, ""), "toolate": (WAITS, SILENCE),
    # true answers that are odd
    "chain": (ARRIVES, ""), "longchain": (RETURNS, "5.1.2"),
    "largetext": (ARRIVES, ""), "manymx": (ARRIVES, ""), "manyaddresses": (ARRIVES, ""),
}


def odd_records(dns: DnsServer) -> None:
    """Chains of aliases, and answers as large as they come."""
    for name, count in (("chain", 8), ("longchain", 30)):
        names = [f"{name}.test", *[f"c{i}.{name}.example" for i in range(count)]]
        for here, there in zip(names, names[1:]):
            dns.add(here, CNAME, there)
        dns.add(names[-1], MX, "10 mx.good.example")
    dns.add("mx.good.example", A, "127.0.0.1")
    dns.add("largetext.test", MX, "10 mx.good.example")
    dns.add("_mta-sts.largetext.test", TXT, "v=STSv1; id=" + "x" * 65000)
    dns.add("manymx.test", MX, *["10 mx.good.example"] * 2000)
    dns.add("manyaddresses.test", A, *["127.0.0.1"] * 3000)


@pytest.fixture
def lying() -> Iterator[LyingDns]:
    """One that every domain is a customer of."""
    dns = LyingDns()
    for trick in TRICKS:
        dns.mail_host(f"{trick}.test")
    odd_records(dns)
    yield dns
    dns.close()


def test_every_lie_ends_as_it_should(make_roost: Maker, lying: LyingDns, sink: Sink) -> None:
    roost = make_roost(DNS_SERVERS=lying.address, SMTP_OUT_PORT=str(sink.port), QUEUE_RETRY="1h").start()
    log = roost.log
    assert log
    wrong = []
    for name in ROWS:
        mail.submit(roost, mail.letter(name, sender="alice@example.org"), f"x@{name}.test")
    for name, (event, said) in ROWS.items():
        line = log.wait(rf" queue_(delayed|delivered|failed) .*x@{name}\.test.*", 60).string
        if event not in line or said not in line:
            wrong.append(line)
    assert not wrong, "\n".join(wrong)
    assert len(sink.messages) == sum(event == ARRIVES for event, _ in ROWS.values())


def forged(roost: Roost, author: str, *fields: str) -> tuple[int, str]:
    """What becomes of mail with these fields from who may use his own domain, and says another's."""
    with SmtpPeer.proxied(roost.ports["smtp"], "203.0.113.7") as session:
        session.code("EHLO mx.attacker.example")
        assert session.code("MAIL FROM:<x@attacker.example>") == 250
        assert session.code("RCPT TO:<alice@example.org>") == 250
        return session.data("".join(f + "\r\n" for f in fields).encode() +
                            mail.letter("forged", sender=author))


def test_liars_cost_nobody_else_an_answer(make_roost: Maker, lying: LyingDns) -> None:
    """Answers that are none, to questions about the sender's own keys, while the author's domain takes
    its time to say what it wants done."""
    lying.add("attacker.example", TXT, "v=spf1 +all")
    lying.add("_dmarc.slow.test", TXT, "v=DMARC1; p=reject")
    roost = make_roost(DNS_SERVERS=lying.address, DNSSEC="off",
                       PROXY_PROTOCOL="127.0.0.1 for=smtp").start()
    keys = [f"DKIM-Signature: v=1; a=rsa-sha256; d=badtext.test; s=s{i}; h=from;\r\n"
            f" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA" for i in range(4)]
    answer = forged(roost, "ceo@slow.test", *keys)
    assert answer[0] == 550, answer


NAMES = [f"n{i}.attacker.example" for i in range(10)]


@pytest.mark.parametrize("silent", [["7.113.0.203.in-addr.arpa"], NAMES])
def test_names_of_the_client_do_not_decide(make_roost: Maker, dns: DnsServer, silent: list[str]) -> None:
    """RFC 7208 5.5: those that do not answer are as if there were none."""
    dns.add("7.113.0.203.in-addr.arpa", PTR, *NAMES)
    dns.add("victim.example", TXT, "v=spf1 ptr:victim.example a:mx.%{p}.victim.example a:mx.victim.example -all")
    dns.add("mx.victim.example", A, "192.0.2.9")
    dns.silent |= set(silent)
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off")
    began = time.monotonic()
    said = roost.run("spf", "203.0.113.7", "x@victim.example", "mx.attacker.example").stdout
    assert said.startswith("fail"), said
    assert time.monotonic() - began < 6


# Local part, what the record asks for, the name that is there.
MACROS = [
    ("bob", "%{s}", "bob@s.example"), ("a$b", "%{l}", "a$b"), ("a'b", "%{l}", "a'b"),
    ("a/b=c", "%{l}", "a/b=c"), ("bob", "%{S}", "bob%40s.example"),
]


@pytest.mark.parametrize("local,macro,there", MACROS)
def test_any_byte_can_be_asked_for(make_roost: Maker, dns: DnsServer, local: str, macro: str,
                                   there: str) -> None:
    """RFC 2181 11: names in DNS are no host names."""
    dns.add("s.example", TXT, f"v=spf1 exists:{macro}.e.example -all")
    dns.add(f"{there}.e.example", A, "127.0.0.2")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off")
    said = roost.run("spf", "203.0.113.7", f"{local}@s.example", "mx.example").stdout
    assert said.startswith("pass"), said


def test_all_records_count(make_roost: Maker, dns: DnsServer) -> None:
    """RFC 7208 4.5, 5.3."""
    dns.add("s.example", TXT, *[f"token={i}" for i in range(300)], "v=spf1 a -all")
    dns.add("s.example", A, *[f"192.0.{2 + i // 200}.{i % 200}" for i in range(1000)])
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off")
    for ip, result in (("192.0.2.0", "pass"), ("192.0.6.199", "pass"), ("192.0.6.200", "fail")):
        assert roost.run("spf", ip, "x@s.example", "mx.example").stdout.startswith(result)


def asked(dns: DnsServer, domain: str) -> int:
    """How many questions there were about it."""
    return sum(domain in name for name, _ in dns.queries)


def send(roost: Roost, sink: Sink, count: int) -> None:
    """Messages, each of them there before the next is sent."""
    for _ in range(count):
        before = len(sink.messages)
        mail.submit(roost, mail.letter("again", sender="alice@example.org"), "x@example.net")
        until(lambda b=before: len(sink.messages) > b, 20, "the message")


def test_what_is_known_is_not_asked_again(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    dns.mail_host("example.net")
    dns.ttl = dns.negative_ttl = 300
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port)).start()
    send(roost, sink, 100)
    # MX, A and AAAA of the host, TXT of the policy
    assert asked(dns, "example.net") == 4
    roost.cli("dns", "flush")
    send(roost, sink, 1)
    assert asked(dns, "example.net") == 8


def test_old_answers_while_name_servers_fail(make_roost: Maker, dns: DnsServer, sink: Sink) -> None:
    """RFC 8767."""
    host = dns.mail_host("example.net")
    dns.ttl = 1
    roost = make_roost(DNS_SERVERS=dns.address, SMTP_OUT_PORT=str(sink.port)).start()
    send(roost, sink, 1)
    before = asked(dns, "example.net")
    until(lambda: (send(roost, sink, 1), asked(dns, "example.net") > before)[1], 10,
          "an answer that has expired")
    dns.failing |= {"example.net", host}
    for _ in range(3):
        send(roost, sink, 1)
