"""Reports about mail from port 25 go only to senders that may be real (flow/policy/return_path.h)."""
import pytest

from conftest import Maker
from harness import mail
from harness.dns_server import TXT, DnsServer
from harness.peer import SmtpPeer, until
from harness.server import Roost
from harness.smtp_sink import Sink
from test_mail_auth import PUBLIC, sign

PROVEN, FORGED = "203.0.113.7", "203.0.113.8"
DOMAIN, SENDER = "good.example", "x@good.example"


@pytest.fixture(name="roost")
def _roost(make_sender: Maker, dns: DnsServer, sink: Sink) -> Roost:
    """It reaches the sender's server, and believes who a peer claims to be."""
    dns.mail_host(DOMAIN)
    dns.records[(DOMAIN, TXT)] = [f"v=spf1 ip4:{PROVEN} -all"]
    dns.records[(f"_dmarc.{DOMAIN}", TXT)] = ["v=DMARC1; p=none"]
    dns.records[(f"k1._domainkey.{DOMAIN}", TXT)] = [f"v=DKIM1; k=ed25519; p={PUBLIC}"]
    roost = make_sender(PROXY_PROTOCOL="127.0.0.1 for=smtp", DNSSEC="off").start()
    roost.cli("account", "set", "bob@example.org", "message_bytes=2000")
    return roost


def send(roost: Roost, peer: str, message: bytes, *rcpts: str) -> None:
    """A stranger's message."""
    with SmtpPeer.proxied(roost.ports["smtp"], peer) as session:
        assert session.code("EHLO mx.good.example") == 250
        assert session.code(f"MAIL FROM:<{SENDER}>") == 250
        for rcpt in rcpts:
            assert session.code(f"RCPT TO:{rcpt}") == 250
        assert session.data(message)[0] == 250


def reported(roost: Roost, sink: Sink) -> str:
    """The only report that has left since."""
    (report,) = sink.wait()
    sink.messages.clear()
    assert (report.sender, report.rcpts) == ("", [SENDER])
    until(lambda: roost.cli("queue", "list") == "", what="an empty queue")
    return report.data.decode()


def nothing_leaves(roost: Roost, sink: Sink) -> bool:
    """A report is in the queue before the message is accepted, so now if ever."""
    return roost.cli("queue", "list") == "" and sink.messages == []


def test_success_is_reported_to_proven_senders_only(roost: Roost, sink: Sink) -> None:
    wish = "<alice@example.org> NOTIFY=SUCCESS,FAILURE"
    letter = mail.letter("hi", sender=SENDER)
    send(roost, FORGED, letter, wish)
    assert nothing_leaves(roost, sink)
    send(roost, PROVEN, letter, wish)  # by SPF
    assert "Action: delivered" in reported(roost, sink)
    send(roost, FORGED, sign(letter, DOMAIN), wish)  # by DMARC
    assert "Action: delivered" in reported(roost, sink)
    assert len(mail.inbox(roost)) == 3


def test_failure_is_not_reported_to_forged_senders(roost: Roost, sink: Sink,
                                                   dns: DnsServer) -> None:
    long = mail.letter("long", "twenty characters..\n" * 200, sender=SENDER)
    both = "<alice@example.org>", "<bob@example.org>"
    send(roost, FORGED, long, *both)
    assert nothing_leaves(roost, sink)
    send(roost, PROVEN, long, *both)
    assert "Status: 5.2.3" in reported(roost, sink)
    dns.records[(DOMAIN, TXT)] = [f"v=spf1 ip4:{PROVEN} ~all"]
    roost.cli("dns", "flush")
    send(roost, FORGED, long, *both)  # a forwarder, for all that softfail tells
    assert "Status: 5.2.3" in reported(roost, sink)
    del dns.records[(DOMAIN, TXT)]  # SPF says nothing any more: RFC 5321 6.1 wants the report
    roost.cli("dns", "flush")
    send(roost, FORGED, long, *both)
    assert "Status: 5.2.3" in reported(roost, sink)
