"""Seals of mail that is handed on (ARC, RFC 8617): by aliases and lists, as other programs and the
next server see them."""
import re
import subprocess
from pathlib import Path

import dkim
import pytest

from conftest import Maker
from harness import mail, zone
from harness.api import as_owner
from harness.dns_server import TXT, DnsServer
from harness.peer import SmtpPeer
from harness.sealer import Sealer
from harness.server import Roost
from harness.smtp_sink import Received, Sink

AUTHOR, FAR = "203.0.113.7", "203.0.113.8"

MAIL_DKIM = r"""
use Mail::DKIM::ARC::Verifier; use Mail::DKIM::DNS; use Net::DNS::Resolver;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(
    nameservers => ['127.0.0.1'], port => $ARGV[0], recurse => 0));
my $v = Mail::DKIM::ARC::Verifier->new();
binmode STDIN; while (<STDIN>) { $v->PRINT($_) } $v->CLOSE;
print $v->result_detail;
"""


@pytest.fixture(name="start")
def _start(make_sender: Maker, dns: DnsServer) -> Maker:
    """A server that forwards, with its keys in DNS."""
    dns.records[("good.example", TXT)] = [f"v=spf1 ip4:{AUTHOR} -all"]
    dns.records[("_dmarc.good.example", TXT)] = ["v=DMARC1; p=reject"]

    def make(folder: Path | None = None, **settings: str | None) -> Roost:
        roost = make_sender(folder, PROXY_PROTOCOL="127.0.0.1 for=smtp", DNSSEC="off",
                            HOSTNAME="mail.example.org", **settings).start()
        roost.cli("alias", "add", "away@example.org", "friend@example.net", "alice@example.org")
        publish(roost, dns, "example.org")
        return roost
    return make


def publish(roost: Roost, dns: DnsServer, domain: str) -> None:
    """The keys of a domain."""
    text = as_owner(roost).call("GET", f"/domains/{domain}/zone")[2].decode()
    for name, kind, value in zone.records(text):
        if kind == "TXT" and "._domainkey." in name:
            dns.records[(name, TXT)] = ["".join(zone.strings(value))]


def send(roost: Roost, message: bytes, *rcpts: str, sender: str = "carol@good.example",
         peer: str = AUTHOR) -> None:
    with SmtpPeer.proxied(roost.ports["smtp"], peer) as session:
        session.envelope(sender, *(rcpts or ("away@example.org",)))
        code, text = session.data(message)
        assert code == 250, text


def letter(subject: str, body: str = "Hello.\n") -> bytes:
    return mail.letter(subject, body, sender="carol@good.example", to="away@example.org")


def verdicts(roost: Roost, dns: DnsServer, raw: bytes, path: Path) -> list[str]:
    """What the three say: ours, dkimpy, Mail::DKIM."""
    path.write_bytes(raw)
    ours = roost.run("arc", "verify", str(path)).stdout.splitlines()[0]
    status, _, why = dkim.arc_verify(
        raw, dnsfunc=lambda name, timeout=5: dns.records.get(
            (name.decode().rstrip("."), TXT), [""])[0].encode())
    done = subprocess.run(["perl", "-e", MAIL_DKIM, str(dns.port)], input=raw,
                          capture_output=True, timeout=60, check=True)
    return [ours, (status or b"none").decode(), done.stdout.decode().split()[0]]


def values(received: Received | bytes, name: str) -> list[str]:
    raw = received if isinstance(received, bytes) else received.data
    return [" ".join(v.split()) for v in mail.parse(raw).get_all(name, [])]


def tag(value: str, name: str) -> str:
    found = re.search(rf"(?:^|;)\s*{name}=([^;]*)", value)
    assert found, value
    return found[1].strip()


@pytest.mark.parametrize("body", ["Hello.\n", "", "ünï  \t\n\n\n", "line\n" * 200_000],
                         ids=["short", "empty", "spaces", "big"])
def test_forwarded(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path, body: str) -> None:
    """The copy that leaves has one set, with what was found; the one that stays has none."""
    roost = start()
    send(roost, letter("on", body))
    (received,) = sink.wait(1)
    assert verdicts(roost, dns, received.data, tmp_path / "m") == ["pass"] * 3
    (seal,), (results,) = values(received, "ARC-Seal"), values(
        received, "ARC-Authentication-Results")
    assert (tag(seal, "i"), tag(seal, "cv"), tag(seal, "d"), tag(seal, "a")) == (
        "1", "none", "example.org", "rsa-sha256")
    assert results.startswith("i=1; mail.example.org; ")
    assert "spf=pass smtp.mailfrom=carol@good.example" in results
    assert "dmarc=pass (SPF for good.example) header.from=good.example" in results
    assert results == "i=1; " + values(received, "Authentication-Results")[0]
    (kept,) = mail.inbox(roost)
    assert values(kept, "ARC-Seal") == [] and values(kept, "ARC-Message-Signature") == []


def test_two_in_a_row(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path) -> None:
    """The next server finds the chain whole, and adds to it; a broken one is closed, and then
    nobody adds to it."""
    first = start()
    send(first, letter("far"))
    (received,) = sink.wait(1)
    first.stop()
    second = start(DMARC="record")
    second.cli("domain", "add", "second.example")
    second.cli("alias", "add", "on@second.example", "friend@example.net")
    publish(second, dns, "second.example")

    def forward(raw: bytes, count: int) -> Received:
        send(second, raw, "on@second.example", sender=received.sender, peer=FAR)
        return sink.wait(count)[-1]

    good = forward(received.data, 2)
    assert verdicts(second, dns, good.data, tmp_path / "m") == ["pass"] * 3
    assert [(tag(v, "i"), tag(v, "cv"), tag(v, "d")) for v in values(good, "ARC-Seal")] == [
        ("2", "pass", "second.example"), ("1", "none", "example.org")]
    assert "arc=pass" in values(good, "ARC-Authentication-Results")[0]
    broken = forward(received.data.replace(b"Hello.", b"Hello!"), 3)
    seal = values(broken, "ARC-Seal")[0]
    assert (tag(seal, "i"), tag(seal, "cv")) == ("2", "fail")
    assert "arc=fail" in values(broken, "ARC-Authentication-Results")[0]
    assert verdicts(second, dns, broken.data, tmp_path / "m")[0] == "fail"
    closed = forward(broken.data, 4)
    assert len(values(closed, "ARC-Seal")) == 2


@pytest.mark.parametrize("part", ["ARC-Authentication-Results: i=1; far.example; none",
                                  "ARC-Message-Signature: i=1; a=rsa-sha256; d=far.example; s=s"])
def test_part_of_a_set(start: Maker, sink: Sink, part: str) -> None:
    """A chain that lacks fields is a broken one, which is closed (RFC 8617 5.2, 5.1.2)."""
    roost = start()
    send(roost, part.encode() + b"\r\n" + letter("part"))
    (received,) = sink.wait(1)
    assert "arc=fail" in values(received, "Authentication-Results")[0]
    (seal,) = values(received, "ARC-Seal")
    assert tag(seal, "cv") == "fail"


def test_signature_of_much(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path) -> None:
    """What somebody writes into his signatures makes no line too long to be sent on."""
    roost = start()
    much = (b"DKIM-Signature: v=1; a=%s; d=good.example; s=k; h=from; b=AAAA;\r\n"
            b" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\r\n")
    for count, size in enumerate((300, 900), 1):
        send(roost, much % (b"x" * size) * 10 + letter(str(size)))
        received = sink.wait(count)[-1]
        assert verdicts(roost, dns, received.data, tmp_path / "m") == ["pass"] * 3
        (said,) = values(received, "Authentication-Results")
        assert said.count("dkim=permerror") == 10 and "dmarc=pass" in said


def test_each_domain_for_itself(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path) -> None:
    """Of one message to several domains each copy names the one through which it went."""
    roost = start()
    for name in ("one", "two"):
        roost.cli("domain", "add", f"{name}.example")
        roost.cli("alias", "add", f"x@{name}.example", f"{name}@example.net")
        publish(roost, dns, f"{name}.example")
    send(roost, letter("both"), "x@one.example", "x@two.example", "x@one.example")
    found = {r.rcpts[0]: [tag(v, "d") for v in values(r, "ARC-Seal")] for r in sink.wait(2)}
    assert found == {"one@example.net": ["one.example"], "two@example.net": ["two.example"]}
    for received in sink.wait(2):
        assert verdicts(roost, dns, received.data, tmp_path / "m") == ["pass"] * 3


def test_list(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path) -> None:
    roost = start()
    roost.cli("alias", "add", "team@example.org", "friend@example.net", "bob@example.org")
    roost.cli("alias", "set", "team@example.org", "owner=bob@example.org")
    send(roost, letter("to all"), "team@example.org")
    (received,) = sink.wait(1)
    assert verdicts(roost, dns, received.data, tmp_path / "m") == ["pass"] * 3


def test_held_before_it_goes(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path) -> None:
    """What is in quarantine is sealed before it is held, and goes as it is when it is let go."""
    roost = start(ACCESS=f"quarantine peer={AUTHOR}")
    send(roost, letter("held"))
    line = roost.cli("queue", "list").splitlines()[0]
    entry = re.search(r"\d+", line)
    assert entry
    roost.cli("queue", "release", entry[0])
    (received,) = sink.wait(1)
    assert verdicts(roost, dns, received.data, tmp_path / "m") == ["pass"] * 3


def test_what_is_not_sealed(start: Maker, dns: DnsServer, sink: Sink) -> None:
    """Mail of users is signed, not sealed; nothing is, when it is off, or
    nobody could look at a chain that is there."""
    roost = start(DMARC="record")
    mail.submit(roost, mail.letter("ours", sender="alice@example.org"), "away@example.org")
    (ours,) = sink.wait(1)
    assert values(ours, "ARC-Seal") == [] and len(values(ours, "DKIM-Signature")) == 2
    send(roost, letter("theirs"))
    theirs = sink.wait(2)[-1]
    (seal,) = values(theirs, "ARC-Seal")
    selector = tag(seal, "s")
    dns.failing.add(f"{selector}._domainkey.example.org")
    send(roost, theirs.data, sender=theirs.sender, peer=FAR)
    assert len(values(sink.wait(3)[-1], "ARC-Seal")) == 1
    roost.cli("settings", "set", "ROOST_ARC_SEAL", "off")
    send(roost, letter("off"))
    assert values(sink.wait(4)[-1], "ARC-Seal") == []


def test_more_domains_than_copies(start: Maker, dns: DnsServer, sink: Sink,
                                  tmp_path: Path) -> None:
    """A message that goes on through many domains gets four seals; the other copies go without."""
    roost = start()
    names = [f"d{i}.example" for i in range(6)]
    for name in names:
        roost.cli("domain", "add", name)
        roost.cli("alias", "add", f"x@{name}", f"friend-{name}@example.net")
        publish(roost, dns, name)
    send(roost, letter("all"), *(f"x@{name}" for name in names))
    got = sink.wait(6)
    sealed = [r for r in got if values(r, "ARC-Seal")]
    bare = [r for r in got if not values(r, "ARC-Seal")]
    assert len(sealed) == 4
    assert sorted(rcpt for r in got for rcpt in r.rcpts) == sorted(
        f"friend-{name}@example.net" for name in names)
    assert sum(len(r.rcpts) for r in bare) == 2
    for received in sealed:
        assert verdicts(roost, dns, received.data, tmp_path / "m") == ["pass"] * 3


def test_chains_that_are_full(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path) -> None:
    """RFC 8617 5.1, 4.2.1: no set gets a number above 50. The message goes on as it is."""
    roost = start(DMARC="record")
    sealer, text = Sealer(roost, tmp_path), letter("far")
    sealer.publish(dns, "sealer.example")
    for instance in range(1, 51):
        text = sealer.seal(text, "sealer.example", "spf=pass")
        if instance >= 49:
            send(roost, text, peer=FAR)
    before, full = sink.wait(2)
    assert [tag(values(r, "ARC-Seal")[0], "i") for r in (before, full)] == ["50", "50"]
    assert tag(values(before, "ARC-Seal")[0], "d") == "example.org"
    assert tag(values(full, "ARC-Seal")[0], "d") == "sealer.example"
    assert "arc=pass" in values(full, "Authentication-Results")[0]
