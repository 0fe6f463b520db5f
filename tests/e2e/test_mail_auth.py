"""Who sent it: what is asked of DNS about mail that comes in, and what the mail then says."""
import pytest

from harness import mail
from harness.dns_server import A, PTR, TXT, DnsServer
from harness.peer import SmtpPeer, until
from harness.server import Roost

GOOD, OTHER = "203.0.113.7", "203.0.113.8"
OURS = "mail.example.org"


@pytest.fixture(name="zone")
def _zone(dns: DnsServer) -> DnsServer:
    dns.records[("7.113.0.203.in-addr.arpa", PTR)] = ["mx.good.example"]
    dns.records[("mx.good.example", A)] = [GOOD]
    dns.records[("good.example", TXT)] = [f"v=spf1 ip4:{GOOD} -all exp=why.good.example"]
    dns.records[("why.good.example", TXT)] = ["%{i} is none of ours"]
    return dns


def start(make_roost, zone: DnsServer, **settings: str) -> Roost:  # type: ignore[no-untyped-def]
    return make_roost(PROXY_PROTOCOL="127.0.0.1 for=smtp", DNS_SERVERS=zone.address,
                      DNSSEC="off", HOSTNAME=OURS, **settings).start()


def send(roost: Roost, peer: str, sender: str, message: bytes) -> tuple[int, str]:
    with SmtpPeer.proxied(roost.ports["smtp"], peer) as session:
        assert session.code("EHLO mx.good.example") == 250
        code, text = session.cmd(f"MAIL FROM:<{sender}>")
        if code != 250:
            return code, text
        assert session.code("RCPT TO:<alice@example.org>") == 250
        return session.data(message)


def results(raw: bytes) -> list[str]:
    """The values of all Authentication-Results, unfolded."""
    return [" ".join(v.split()) for v in mail.parse(raw).get_all("Authentication-Results", [])]


def test_results_are_written(make_roost, zone: DnsServer) -> None:  # type: ignore[no-untyped-def]
    roost = start(make_roost, zone)
    assert send(roost, GOOD, "x@good.example", mail.letter("good"))[0] == 250
    assert send(roost, OTHER, "x@good.example", mail.letter("other"))[0] == 250
    assert send(roost, OTHER, "", mail.letter("null"))[0] == 250
    found = {mail.parse(raw)["Subject"]: results(raw) for raw in mail.inbox(roost)}
    assert found == {
        "good": [f"{OURS}; iprev=pass (mx.good.example) policy.iprev={GOOD}; "
                 "spf=none (mx.good.example has no SPF record) smtp.helo=mx.good.example; "
                 "spf=pass smtp.mailfrom=x@good.example"],
        "other": [f"{OURS}; iprev=permerror policy.iprev={OTHER}; "
                  "spf=none (mx.good.example has no SPF record) smtp.helo=mx.good.example; "
                  "spf=fail smtp.mailfrom=x@good.example"],
        "null": [f"{OURS}; iprev=permerror policy.iprev={OTHER}; "
                 "spf=none (mx.good.example has no SPF record) smtp.helo=mx.good.example"],
    }
    until(lambda: len(roost.cli("trace", "list").splitlines()) == 3, what="the traces")
    last = [line.split("id=")[1].split()[0] for line in roost.cli("trace", "list").splitlines()]
    stories = "".join(roost.cli("trace", "show", trace) for trace in last)
    assert "spf: found at mail: MAIL FROM good.example: pass by ip4:203.0.113.7" in stories
    assert "spf: found at mail: MAIL FROM good.example: fail by -all" in stories


def test_who_may_not_is_refused(make_roost, zone: DnsServer) -> None:  # type: ignore[no-untyped-def]
    roost = start(make_roost, zone, SPF="fail")
    assert send(roost, OTHER, "x@good.example", mail.letter("other")) == (
        550, "5.7.23 by SPF good.example does not send from 203.0.113.8, and explains: "
             "203.0.113.8 is none of ours")
    assert send(roost, GOOD, "x@good.example", mail.letter("good"))[0] == 250


def test_forged_results_go(make_roost, zone: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """Also those of users; those of others stay, and so do the bytes of the rest."""
    roost = start(make_roost, zone)
    forged = (f"Authentication-Results: {OURS}; dmarc=pass\r\n"
              "Authentication-Results: far.example; dmarc=pass\r\n"
              "AUTHENTICATION-RESULTS: (x) Example.org 1; dmarc=pass\r\n").encode()
    letter = mail.letter("forged", sender="bob@example.org")
    assert send(roost, GOOD, "x@good.example", forged + letter)[0] == 250
    mail.submit(roost, forged + letter, "alice@example.org", "bob")
    by_server, by_user = mail.inbox(roost)
    assert [r.split(";")[0] for r in results(by_server)] == [OURS, "far.example"]
    assert results(by_user) == ["far.example; dmarc=pass"]
    assert by_server.endswith(b"Authentication-Results: far.example; dmarc=pass\r\n" + letter +
                              b"\r\n")


def test_name_server_that_hangs(make_roost, zone: DnsServer) -> None:  # type: ignore[no-untyped-def]
    zone.silent = {"good.example"}
    roost = start(make_roost, zone, SPF="softfail")
    assert send(roost, GOOD, "x@good.example", mail.letter("slow"))[0] == 250
    (raw,) = mail.inbox(roost)
    assert "spf=temperror" in results(raw)[0]
