"""Who sent it: what is asked of DNS about mail that comes in, and what the mail then says.

Slow: name servers that hang use up the timeouts of checks.
"""
import base64
import time
from pathlib import Path

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness import mail
from harness.dns_server import A, PTR, TXT, DnsServer
from harness.hook_host import HookHost
from harness.peer import SmtpPeer, until
from harness.sealer import Sealer
from harness.server import Roost

GOOD, OTHER = "203.0.113.7", "203.0.113.8"
OURS = "mail.example.org"
# Of mail that nobody has signed, by an author whose domain says nothing.
REST = "dkim=none; dmarc=none (there is no DMARC record for example.net) header.from=example.net"


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
                 f"spf=pass smtp.mailfrom=x@good.example; {REST}"],
        "other": [f"{OURS}; iprev=permerror policy.iprev={OTHER}; "
                  "spf=none (mx.good.example has no SPF record) smtp.helo=mx.good.example; "
                  f"spf=fail smtp.mailfrom=x@good.example; {REST}"],
        "null": [f"{OURS}; iprev=permerror policy.iprev={OTHER}; "
                 "spf=none (mx.good.example has no SPF record) smtp.helo=mx.good.example; "
                 f"{REST}"],
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


def test_nobody_waits_for_what_is_only_recorded(make_roost, zone: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """A silent zone of the peer, or of the sender, holds neither greeting nor MAIL; what is found
    is in the mail all the same, and each question is asked once."""
    roost = start(make_roost, zone)
    assert send(roost, GOOD, "x@good.example", mail.letter("quick"))[0] == 250
    assert sorted(q for q in zone.queries if "dmarc" not in q[0]) == sorted([
        ("7.113.0.203.in-addr.arpa", PTR), ("mx.good.example", A), ("mx.good.example", TXT),
        ("good.example", TXT)])
    zone.silent = {"8.113.0.203.in-addr.arpa", "slow.example", "mx.good.example"}
    begun = time.monotonic()
    with SmtpPeer.proxied(roost.ports["smtp"], OTHER) as session:
        assert session.code("EHLO mx.good.example") == 250
        assert session.code("MAIL FROM:<x@slow.example>") == 250
        assert session.code("RCPT TO:<alice@example.org>") == 250
        assert time.monotonic() - begun < 4
        assert session.data(mail.letter("slow"))[0] == 250
    assert time.monotonic() - begun < 14
    quick, slow = mail.inbox(roost)
    assert found(quick, "iprev") == [f"iprev=pass (mx.good.example) policy.iprev={GOOD}"]
    assert [line.split()[0] for line in found(slow, "iprev") + found(slow, "spf")] == [
        "iprev=temperror", "spf=temperror", "spf=temperror"]
    until(lambda: len(roost.cli("trace", "list").splitlines()) == 2, what="the traces")
    last = [line.split("id=")[1].split()[0] for line in roost.cli("trace", "list").splitlines()]
    stories = "".join(roost.cli("trace", "show", trace) for trace in last)
    assert "fcrdns: failed at connect: the name of 203.0.113.8 could not be looked up" in stories
    assert "spf: found at mail: MAIL FROM slow.example: temperror" in stories


@pytest.mark.parametrize("setting", [{"FCRDNS": "on"}, {"ACCESS": "reject name=*.bad.example"}])
def test_who_looks_at_names_waits_for_them(make_roost, zone: DnsServer,  # type: ignore[no-untyped-def]
                                           setting: dict[str, str]) -> None:
    zone.records[("8.113.0.203.in-addr.arpa", PTR)] = ["mx.bad.example"]
    zone.records[("mx.bad.example", A)] = [OTHER if "ACCESS" in setting else GOOD]
    roost = start(make_roost, zone, **setting)
    with SmtpPeer.proxied(roost.ports["smtp"], OTHER) as session:
        if "FCRDNS" in setting:
            assert session.greeting[0] == 554
        else:
            assert session.code("EHLO mx.bad.example") == 550


def test_name_server_that_hangs(make_roost, zone: DnsServer) -> None:  # type: ignore[no-untyped-def]
    zone.silent = {"good.example"}
    roost = start(make_roost, zone, SPF="softfail")
    assert send(roost, GOOD, "x@good.example", mail.letter("slow"))[0] == 250
    (raw,) = mail.inbox(roost)
    assert "spf=temperror" in results(raw)[0]


FORGED = f"Authentication-Results: {OURS}; dmarc=pass header.from=example.net\r\n".encode()


def test_hooks_are_told(make_roost, zone: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """RFC 8601 5: who looks at mail behind us sees what we have found, and nothing forged."""
    hook = HookHost()
    try:
        roost = start(make_roost, zone, HOOKS=f"{hook.url} body=full")
        assert send(roost, GOOD, "x@good.example", FORGED + mail.letter("told"))[0] == 250
        message = hook.asked.get(timeout=10)["json"]["message"]
    finally:
        hook.close()
    said = [f["value"] for f in message["headers"] if f["name"] == "Authentication-Results"]
    assert message["headers"][0]["name"] == "Authentication-Results" and len(said) == 1
    assert "spf=pass smtp.mailfrom=x@good.example" in said[0] and "dmarc=none" in said[0]
    (raw,) = mail.inbox(roost)
    assert raw.endswith(base64.b64decode(message["raw"]))
    assert results(raw) == [" ".join(said[0].split())]


# --- signatures and DMARC ---------------------------------------------------------------------

KEY = Ed25519PrivateKey.generate()
SEED = base64.b64encode(KEY.private_bytes(serialization.Encoding.Raw,
                                          serialization.PrivateFormat.Raw,
                                          serialization.NoEncryption()))
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(
    serialization.Encoding.Raw, serialization.PublicFormat.Raw)).decode()


def sign(message: bytes, domain: str, covered: list[bytes] | None = None) -> bytes:
    """With a signature of this domain on top, of these fields or the usual ones."""
    signature: bytes = dkim.sign(message, b"k1", domain.encode(), SEED,
                                 signature_algorithm=b"ed25519-sha256",
                                 canonicalize=(b"relaxed", b"relaxed"),
                                 include_headers=covered)
    return signature + message


def publish(zone: DnsServer, domain: str, policy: str) -> None:
    """A key and a policy."""
    zone.records[(f"k1._domainkey.{domain}", TXT)] = [f"v=DKIM1; k=ed25519; p={PUBLIC}"]
    zone.records[(f"_dmarc.{domain}", TXT)] = [f"v=DMARC1; {policy}"]


def found(raw: bytes, method: str) -> list[str]:
    """What the server says by this method."""
    return [part for part in results(raw)[0].split("; ") if part.startswith(f"{method}=")]


@pytest.fixture(name="author")
def _author(zone: DnsServer) -> DnsServer:
    publish(zone, "author.example", "p=reject")
    publish(zone, "soft.example", "p=quarantine")
    publish(zone, "other.example", "p=none")
    return zone


def test_signed_by_the_author(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """Whoever sends it on, and also when it goes to several."""
    roost = start(make_roost, author)
    letter = sign(mail.letter("signed", sender="carol@news.author.example"), "author.example")
    assert send(roost, OTHER, "x@good.example", letter)[0] == 250
    (raw,) = mail.inbox(roost)
    (line,) = found(raw, "dkim")
    assert line.startswith("dkim=pass header.d=author.example header.i=@author.example "
                           "header.s=k1 header.a=ed25519-sha256 header.b=")
    begins = line.rsplit("header.b=", 1)[1].strip('"')
    assert len(begins) == 8 and f"b={begins}".encode() in raw.replace(b"\r\n ", b"")
    assert found(raw, "dmarc")[0].startswith("dmarc=pass")
    assert "header.from=news.author.example" in found(raw, "dmarc")[0]


def test_names_of_emoji(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """IDNA2008 knows none, and DNS has them all the same."""
    publish(author, "xn--i-7iq.ws", "p=reject")
    roost = start(make_roost, author)
    letter = mail.letter("emoji", sender="carol@xn--i-7iq.ws")
    assert send(roost, OTHER, "x@xn--i-7iq.ws", letter)[0] == 550
    signed = sign(letter, "xn--i-7iq.ws")
    assert send(roost, OTHER, "x@xn--i-7iq.ws", signed)[0] == 250
    (raw,) = mail.inbox(roost)
    assert found(raw, "dmarc")[0].startswith("dmarc=pass")


def test_signed_below_many_others(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """Each who hands it on signs it."""
    roost = start(make_roost, author)
    letter = sign(mail.letter("handed on", sender="carol@author.example"), "author.example")
    for _ in range(11):
        letter = sign(letter, "other.example")
    assert send(roost, OTHER, "x@other.example", letter)[0] == 250
    (raw,) = mail.inbox(roost)
    assert found(raw, "dmarc")[0].startswith("dmarc=pass") and len(found(raw, "dkim")) == 10


def test_what_the_author_asks_for_is_done(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    roost = start(make_roost, author)
    good = sign(mail.letter("changed", sender="carol@author.example"), "author.example")
    changed = good.replace(b"Hello.", b"Hello!")
    foreign = sign(mail.letter("foreign", sender="carol@author.example"), "other.example")
    for letter in (changed, foreign, mail.letter("plain", sender="carol@author.example")):
        assert send(roost, OTHER, "x@other.example", letter) == (
            550, "5.7.1 author.example asks by DMARC to refuse mail in its name that it has not "
                 "sent")
    assert mail.inbox(roost) == []
    soft = mail.letter("soft", sender="carol@soft.example")
    assert send(roost, OTHER, "x@other.example", soft)[0] == 250
    assert mail.inbox(roost) == []
    (raw,) = mail.inbox(roost, name="Junk")
    assert found(raw, "dmarc")[0].startswith("dmarc=fail")
    two = mail.letter("two", sender="carol@other.example").replace(
        b"From:", b"From: carol@author.example\r\nFrom:")
    assert send(roost, OTHER, "x@other.example", two)[0] == 550
    two = two.replace(b"author.example", b"nobody.example")
    assert send(roost, OTHER, "x@other.example", two) == (
        550, "5.7.1 nobody can tell who has written it: there are 2 From fields")
    several = mail.letter("several", sender="carol@other.example").replace(
        b"carol@other.example", b"carol@other.example, dave@nobody.example")
    assert send(roost, OTHER, "x@other.example", several)[0] == 250
    (raw,) = mail.inbox(roost)
    assert found(raw, "dmarc")[0].startswith("dmarc=permerror")


@pytest.mark.parametrize("above", [
    "From: CEO <ceo@author.example>", "Subject: other", "Date: Fri, 02 Jan 2026 10:00:00 +0000",
    "Content-Type: text/html"])
def test_nothing_rides_on_a_signature(make_roost, author: DnsServer,  # type: ignore[no-untyped-def]
                                      above: str) -> None:
    """RFC 6376 8.15: of what there may be one only, programs show the first; h= names the last."""
    roost = start(make_roost, author)
    letter = mail.letter("signed", sender="carol@author.example")
    signed = sign(letter, "author.example",
                  [b"from", b"to", b"date", b"subject", b"content-type"])
    assert send(roost, OTHER, "x@other.example", f"{above}\r\n".encode() + signed)[0] == 550
    added = b"Sender: x@other.example\r\nSender: y@other.example\r\nList-Id: <x.example>\r\n"
    assert send(roost, OTHER, "x@other.example", added + signed)[0] == 250  # nobody signed these
    (raw,) = mail.inbox(roost)
    assert found(raw, "dmarc")[0].startswith("dmarc=pass")


def test_spf_proves_it_as_well(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    author.records[("_dmarc.good.example", TXT)] = ["v=DMARC1; p=reject; aspf=s"]
    roost = start(make_roost, author)
    letter = mail.letter("by spf", sender="carol@good.example")
    assert send(roost, GOOD, "x@good.example", letter)[0] == 250
    assert send(roost, OTHER, "x@good.example", letter)[0] == 550


@pytest.mark.parametrize("setting,code,junk", [
    ("record", 250, 0), ("off", 250, 0), ("obey verdict=quarantine", 250, 1),
    ("obey code=554 status=5.7.0 text=no", 554, 0)])
def test_dmarc_settings(make_roost, author: DnsServer, setting: str,  # type: ignore[no-untyped-def]
                        code: int, junk: int) -> None:
    roost = start(make_roost, author, DMARC=setting)
    letter = mail.letter("forged", sender="carol@author.example")
    assert send(roost, OTHER, "x@other.example", letter)[0] == code
    assert len(mail.inbox(roost, name="Junk")) == junk
    assert len(mail.inbox(roost)) == (code == 250) - junk


def test_accepted_is_accepted(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """Whom a rule lets in is written down, not judged."""
    roost = start(make_roost, author, ACCESS=f"accept peer={OTHER}", SPF="fail")
    assert send(roost, OTHER, "x@good.example",
                mail.letter("forged", sender="carol@author.example"))[0] == 250
    (raw,) = mail.inbox(roost)
    assert found(raw, "dmarc")[0].startswith("dmarc=fail")
    assert found(raw, "spf")[1].startswith("spf=fail")


def test_dns_is_asked_while_the_body_comes(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """What it says then counts for the message, though no cache keeps it."""
    assert author.ttl == 0
    author.failing = {"default._bimi.author.example"}
    roost = start(make_roost, author)
    letter = sign(mail.letter("slow", "long line\n" * 20_000, sender="carol@author.example"),
                  "author.example")
    at = letter.index(b"\r\n\r\n") + 40
    with SmtpPeer.proxied(roost.ports["smtp"], OTHER) as session:
        session.envelope("x@other.example", "alice@example.org")
        assert session.code("DATA") == 354
        time.sleep(1)  # until no thread is busy with SPF
        session.send(letter[:at])
        wanted = {("k1._domainkey.author.example", TXT), ("_dmarc.author.example", TXT),
                  ("default._bimi.author.example", TXT)}
        until(lambda: wanted <= set(author.queries), what="the questions")
        time.sleep(1)  # until nobody asks again for what fails
        asked = len(author.queries)
        session.send(letter[at:] + b"\r\n.\r\n")
        assert session.reply()[0] == 250
    assert not wanted & set(author.queries[asked:])
    (raw,) = mail.inbox(roost)
    assert found(raw, "dmarc")[0].startswith("dmarc=pass")


def test_who_hangs_is_waited_for_once(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """While the body comes, and not at its end again."""
    author.silent = {"k1._domainkey.author.example"}
    roost = start(make_roost, author, DMARC="record")  # who obeys has it come again
    letter = sign(mail.letter("slow", sender="carol@author.example"), "author.example")
    at = letter.index(b"\r\n\r\n") + 10
    with SmtpPeer.proxied(roost.ports["smtp"], OTHER) as session:
        session.envelope("x@other.example", "alice@example.org")
        assert session.code("DATA") == 354
        time.sleep(1)  # until no thread is busy with SPF
        session.send(letter[:at])
        time.sleep(6.5)
        begun = time.monotonic()
        session.send(letter[at:] + b"\r\n.\r\n")
        assert session.reply()[0] == 250
        assert time.monotonic() - begun < 3
    (raw,) = mail.inbox(roost)
    assert found(raw, "dkim")[0].startswith("dkim=temperror")


@pytest.mark.parametrize("by", ["DATA", "BDAT"])
def test_bodies_in_pieces(make_roost, author: DnsServer, by: str) -> None:  # type: ignore[no-untyped-def]
    """The body is hashed as it comes, however it is cut, stuffed dots and all."""
    roost = start(make_roost, author)
    text = "".join(f"{'.' * (i % 4)}line {i}\n" for i in range(30_000)) + "\n\n\n"
    good = sign(mail.letter("pieces", text, sender="carol@author.example"), "author.example")
    changed = good.replace(b"line 29999", b"line 39999")
    assert good != changed

    def deliver(message: bytes) -> tuple[int, str]:
        with SmtpPeer.proxied(roost.ports["smtp"], OTHER) as session:
            session.envelope("x@other.example", "alice@example.org")
            end = message.index(b"\r\n\r\n")
            if by == "DATA":
                assert session.code("DATA") == 354
                message = message.replace(b"\r\n.", b"\r\n..") + b".\r\n"
            cuts = [0, end + 1, end + 2, end + 3, end + 4, end + 5, end + 5000, 70_000, 70_001,
                    len(message)]
            for begin, stop in zip(cuts, cuts[1:]):
                if by == "BDAT":
                    session.send(f"BDAT {stop - begin}{' LAST' * (stop == cuts[-1])}\r\n")
                session.send(message[begin:stop])
                if by == "BDAT" and stop != cuts[-1]:
                    assert session.reply()[0] == 250
                time.sleep(0.02)
            return session.reply()

    assert deliver(good)[0] == 250
    assert deliver(changed)[0] == 550
    (raw,) = mail.inbox(roost)
    assert found(raw, "dkim")[0].startswith("dkim=pass header.d=author.example")


LATER = (451, "4.7.1 DNS does not tell now who has sent it, try again later")


def test_keys_that_do_not_come(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """It may be a forgery or none: nothing is refused for good, and nobody waits for long. When DNS
    answers again the mail is taken."""
    author.silent = {"k1._domainkey.author.example", "k1._domainkey.other.example"}
    roost = start(make_roost, author)
    letter = sign(mail.letter("slow", sender="carol@author.example"), "author.example")
    assert send(roost, OTHER, "x@other.example", letter) == LATER
    assert mail.inbox(roost) == []
    free = sign(mail.letter("free", sender="carol@other.example"), "other.example")
    assert send(roost, OTHER, "x@good.example", free)[0] == 250  # its author asks for nothing
    (raw,) = mail.inbox(roost)
    assert found(raw, "dkim")[0].startswith("dkim=temperror")
    assert found(raw, "dmarc")[0].startswith("dmarc=temperror")
    author.silent = set()
    until(lambda: send(roost, OTHER, "x@other.example", letter)[0] == 250, what="the key")


def test_names_that_do_not_answer(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """Who forges mail chooses a name below the author's whose servers are gone."""
    lame = "lame.author.example"
    author.failing |= {lame, f"_dmarc.{lame}", f"k1._domainkey.{lame}"}
    author.silent = {"_dmarc.deaf.author.example"}
    roost = start(make_roost, author)
    letter = mail.letter("forged", sender="ceo@author.example")
    assert send(roost, OTHER, f"x@{lame}", letter) == LATER
    assert send(roost, OTHER, "x@other.example", sign(letter, lame)) == LATER
    with SmtpPeer.proxied(roost.ports["smtp"], OTHER) as session:
        assert session.code(f"EHLO {lame}") == 250
        assert session.code("MAIL FROM:<>") == 250
        assert session.code("RCPT TO:<alice@example.org>") == 250
        assert session.data(letter) == LATER
    for name in (lame, "deaf.author.example"):
        below = mail.letter("forged", sender=f"ceo@{name}")
        assert send(roost, OTHER, "x@other.example", below) == LATER
        proven = sign(below, "author.example")
        assert send(roost, OTHER, "x@other.example", proven)[0] == 250
    assert len(mail.inbox(roost)) == 2


def test_chain_of_those_who_handed_it_on(make_roost, author: DnsServer,  # type: ignore[no-untyped-def]
                                         tmp_path: Path) -> None:
    """A list has sealed what it found; whoever changes it afterwards breaks the chain."""
    roost = start(make_roost, author)
    sealer = Sealer(roost, tmp_path)
    sealer.publish(author, "list.example")
    letter = mail.letter("listed", sender="carol@other.example")
    whole = sealer.seal(letter, "list.example", "dmarc=pass header.from=other.example")
    for message in (whole, whole.replace(b"Hello.", b"Hello!"), letter):
        assert send(roost, OTHER, "x@list.example", message)[0] == 250
    good, changed, plain = mail.inbox(roost)
    assert found(good, "arc") == ["arc=pass (1 set, the last by list.example)"]
    assert found(changed, "arc")[0].startswith("arc=fail (")
    assert found(plain, "arc") == []


def test_sealers_that_are_trusted(make_roost, author: DnsServer,  # type: ignore[no-untyped-def]
                                  tmp_path: Path) -> None:
    """What fails DMARC is taken when somebody we trust had seen it pass, and nobody else came
    between him and us."""
    roost = start(make_roost, author, ARC_TRUSTED="list.example, other-list.example")
    sealer = Sealer(roost, tmp_path)
    sealer.publish(author, "list.example", "other-list.example", "evil.example",
                   "list.example.evil.example")

    def seal(message: bytes, domain: str, said: str = "pass header.from=author.example") -> bytes:
        return sealer.seal(message, domain, f"dmarc={said}")

    letter = mail.letter("listed", sender="carol@author.example")
    good = seal(letter, "list.example")
    failed = "fail header.from=author.example"
    taken = [good, seal(good, "other-list.example", failed),
             seal(letter, "news.list.example")]
    sealer.publish(author, "news.list.example")
    refused = [
        letter, good.replace(b"Hello.", b"Hello!"),
        good.replace(b"carol@author.example", b"karl@author.example"),
        seal(letter, "evil.example"), seal(letter, "list.example.evil.example"),
        seal(good, "evil.example"),  # who may have changed it
        seal(seal(letter, "evil.example"), "list.example", failed),
        seal(letter, "list.example", "pass header.from=other.example"),
        seal(letter, "list.example", "pass"), seal(letter, "list.example", failed),
        seal(letter, "list.example", failed).replace(b"dmarc=fail", b"dmarc=pass"),
        sealer.seal(letter, "list.example", "dmarc=pass header.from=author.example",
                    names="to:subject:date"),  # in whatever name it was
    ]
    for i, message in enumerate(refused):
        assert send(roost, OTHER, "x@other.example", message)[0] == 550, i
    assert mail.inbox(roost) == []
    for i, message in enumerate(taken):
        assert send(roost, OTHER, "x@other.example", message)[0] == 250, i
    for raw in mail.inbox(roost):
        assert found(raw, "arc")[0].startswith("arc=pass")
        assert found(raw, "dmarc")[0].startswith("dmarc=fail")
    assert send(start(make_roost, author), OTHER, "x@other.example", good)[0] == 550


def test_pictures(make_roost, author: DnsServer) -> None:  # type: ignore[no-untyped-def]
    """BIMI: of who has proven his name, where he says; what others say of it goes."""
    author.records[("default._bimi.author.example", TXT)] = [
        "v=BIMI1; l=https://author.example/logo.svg; a=https://author.example/logo.pem"]
    author.records[("winter._bimi.author.example", TXT)] = [
        "v=BIMI1; l=https://author.example/winter.svg"]
    author.records[("default._bimi.other.example", TXT)] = [
        "v=BIMI1; l=https://other.example/logo.svg"]
    roost = start(make_roost, author)

    def fields(subject: str) -> tuple[list[str], str]:
        (raw,) = (m for m in mail.inbox(roost) if mail.parse(m)["Subject"] == subject)
        assert b"evil" not in raw
        return ([" ".join(v.split()) for v in mail.parse(raw).get_all("BIMI-Location", [])],
                (found(raw, "bimi") or [""])[0])

    def deliver(subject: str, domain: str, above: bytes = b"", late: bytes = b"") -> None:
        letter = above + mail.letter(subject, sender=f"carol@{domain}")
        signed = sign(letter, domain, [b"from", b"subject", b"bimi-selector"] if above else None)
        assert send(roost, OTHER, "x@good.example", late + signed)[0] == 250

    forged = (b"BIMI-Location: v=BIMI1; l=https://evil.example/\r\n"
              b"BIMI-Indicator: evil\r\nbimi-location: evil\r\n")
    winter = b"BIMI-Selector: v=BIMI1; s=winter\r\n"
    deliver("plain", "author.example", late=forged)
    assert fields("plain") == (
        ["v=BIMI1; l=https://author.example/logo.svg; a=https://author.example/logo.pem"],
        "bimi=pass header.d=author.example header.selector=default policy.authority=none "
        'policy.authority-uri="https://author.example/logo.pem"')
    deliver("chosen", "author.example", above=winter)
    assert fields("chosen") == (["v=BIMI1; l=https://author.example/winter.svg"],
                                "bimi=pass header.d=author.example header.selector=winter "
                                "policy.authority=none")
    deliver("added on the way", "author.example", late=winter)
    assert fields("added on the way")[0][0].startswith("v=BIMI1; l=https://author.example/logo")
    deliver("anybody may", "other.example", late=forged)
    assert fields("anybody may") == ([], "")
    roost.cli("settings", "set", "ROOST_BIMI", "off")
    before = len(author.queries)
    deliver("off", "author.example")
    assert fields("off") == ([], "")
    assert not [q for q in author.queries[before:] if "_bimi" in q[0]]
