"""`roost dmarc`: which record counts for a domain, and what it says (RFC 7489, RFC 9989)."""
from typing import Iterator

import pytest

from conftest import Maker
from harness import dns_server
from harness.dns_server import DnsServer
from harness.server import Roost

RECORDS = {
    "_dmarc.example.org": "v=DMARC1; p=reject; sp=quarantine; pct=30; aspf=s; "
                          "rua=mailto:d@example.org!10m,mailto:d@reader.test,mailto:d@deaf.test; "
                          "ruf=mailto:d@gone.test,https://example.org/",
    "example.org._report._dmarc.reader.test": "v=DMARC1",
    "_dmarc.wrong.test": "v=DMARC1; p=maybe",
    "_dmarc.shop.test": "v=DMARC1; p=reject; t=y; psd=n",
    "_dmarc.test": "v=DMARC1; p=none; np=reject; psd=y",
    "_dmarc.xn--bcher-kva.test": "v=DMARC1; p=bad; rua=mailto:x@xn--bcher-kva.test",
}


@pytest.fixture(scope="module")
def zone() -> Iterator[DnsServer]:
    """All the domains asked about."""
    dns = DnsServer()
    for name, text in RECORDS.items():
        dns.add(name, dns_server.TXT, text)
    dns.add("mail.example.org", dns_server.A, "127.0.0.1")
    dns.add("_dmarc.long.test", dns_server.TXT, "v=DMARC1; " + "x=y; " * 12000 + "p=reject")
    dns.add("_dmarc.many.test", dns_server.TXT, *["v=DMARC1; p=reject; x=" + str(i) for i in range(900)])
    dns.add("_dmarc.alias.test", dns_server.CNAME, "_dmarc.example.org")
    dns.add("_dmarc.loop.test", dns_server.CNAME, "_dmarc.loop.test")
    dns.failing.update(("_dmarc.broken.test", "example.org._report._dmarc.gone.test"))
    yield dns
    dns.close()


@pytest.fixture
def roost(make_roost: Maker, zone: DnsServer) -> Roost:
    """One that asks this zone."""
    return make_roost(empty=True, DNS_SERVERS=zone.address, DNSSEC="off")


def test_found(roost: Roost) -> None:
    assert roost.cli("dmarc", "Mail.Example.org").splitlines() == [
        "found",
        "record: " + RECORDS["_dmarc.example.org"],
        "found at: _dmarc.example.org",
        "organization: example.org (by the public suffix list of 2025-03-28)",
        "asks: mail that fails is to be taken as suspicious (sp=quarantine)",
        "share: 30 of 100 messages, the others one step milder",
        "SPF: must pass for mail.example.org itself",
        "DKIM: or a signature of mail.example.org or any name of its organization",
        "reports: mailto:d@example.org (at most 10485760 bytes)",
        "reports: mailto:d@reader.test, which agrees to get them",
        "reports: mailto:d@deaf.test, which does not agree: nobody sends any",
        "failure reports: mailto:d@gone.test, of which DNS does not say whether it agrees",
        "failure reports: https://example.org/, which is no address of mail: nobody sends any",
        "lookups: 2"]


def test_tree_walk(roost: Roost) -> None:
    """The same without pct, and a domain that a record above makes the organization."""
    said = roost.cli("dmarc", "mail.example.org", "--tree-walk")
    assert "organization: example.org (by the tree of DNS)" in said
    assert "share" not in said and "lookups: 3" in said
    said = roost.cli("dmarc", "shop.test", "--tree-walk")
    assert "asks: mail that fails is to be refused (p=reject)" in said
    assert "test: one step milder for now (t=y)" in said
    said = roost.cli("dmarc", "x.nobody.test", "--tree-walk")
    assert "found at: _dmarc.test" in said and "organization: nobody.test" in said
    assert "refused (np=reject)" in said and "domain: it does not exist" in said
    assert "reports: to nobody" in said


def test_none_wrong_and_unanswered(roost: Roost) -> None:
    said = roost.run("dmarc", "nobody.test")
    assert said.returncode == 0
    assert said.stdout.splitlines()[:2] == ["no record",
                                            "why: there is no DMARC record for nobody.test"]
    assert roost.cli("dmarc", "wrong.test").startswith(
        "wrong record\nwhy: in the DMARC record of wrong.test: p= is none of")
    said = roost.run("dmarc", "broken.test")
    assert said.returncode == 1 and said.stdout.startswith("no answer\nwhy: DNS did not answer")
    assert "counts as none" in roost.cli("dmarc", "b\u00fccher.test")


def test_odd_zones(roost: Roost) -> None:
    """Records of 60 KB, hundreds of them, aliases and such as lead nowhere."""
    assert "asks: mail that fails is to be refused (p=reject)" in roost.cli("dmarc", "long.test")
    assert roost.cli("dmarc", "many.test").startswith(
        "no record\nwhy: many.test has more than one DMARC record")
    assert "found at: _dmarc.alias.test" in roost.cli("dmarc", "alias.test")
    said = roost.run("dmarc", "loop.test")
    assert said.stdout.startswith(("no record", "no answer")), said


@pytest.mark.parametrize("words", [["a..b"], ["example.org", "--tree"], ["a@b"], []])
def test_usage(roost: Roost, words: list[str]) -> None:
    done = roost.run("dmarc", *words)
    assert done.returncode == 2 and done.stdout == "" and done.stderr != ""
