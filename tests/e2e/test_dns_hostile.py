"""DNS that lies, breaks off and hangs: what becomes of mail to such domains, and when. And what DNS is
asked for at all."""
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail
from harness.dns_server import A, CNAME, MX, TXT, DnsServer
from harness.lying_dns import TRICKS, LyingDns
from harness.peer import until
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
    # What arrives goes first: bytes that are no answer cost other questions that are on their way
    # in the same socket a try, and one name server that lies about all domains sends many.
    for arrives in (True, False):
        rows = {name: row for name, row in ROWS.items() if (row[0] == ARRIVES) == arrives}
        for name in rows:
            mail.submit(roost, mail.letter(name, sender="alice@example.org"), f"x@{name}.test")
        for name, (event, said) in rows.items():
            line = log.wait(rf" queue_(delayed|delivered|failed) .*x@{name}\.test.*", 60).string
            if event not in line or said not in line:
                wrong.append(line)
    assert not wrong, "\n".join(wrong)
    assert len(sink.messages) == sum(event == ARRIVES for event, _ in ROWS.values())


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
