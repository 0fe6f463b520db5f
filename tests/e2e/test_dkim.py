"""Signatures of what leaves (DKIM): other programs verify them with the very zone file that the
DNS page hands out."""
import re
import subprocess
import time
from pathlib import Path

import dkim
import pytest

from conftest import Maker
from harness import mail, zone
from harness.api import as_owner, refusal
from harness.dns_server import DnsServer
from harness.milters import OpenDkim
from harness.peer import SmtpPeer
from harness.server import HOSTNAME, Roost
from harness.smtp_sink import Received, Sink

# Prints "pass" or what else comes of it, for each signature from top to bottom.
MAIL_DKIM = r"""
use Mail::DKIM::Verifier; use Mail::DKIM::DNS; use Net::DNS::Resolver;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(
    nameservers => ['127.0.0.1'], port => $ARGV[0], recurse => 0));
my $v = Mail::DKIM::Verifier->new();
binmode STDIN; while (<STDIN>) { $v->PRINT($_) } $v->CLOSE;
print $_->domain, " ", $_->algorithm, " ", $_->result_detail, "\n" for $v->signatures;
"""


def page(roost: Roost, domain: str = "example.org") -> str:
    """The zone file of the DNS page."""
    return as_owner(roost).call("GET", f"/domains/{domain}/zone")[2].decode()


def texts(text: str) -> dict[str, str]:
    """The TXT records of this zone file."""
    return {name: "".join(zone.strings(value)) for name, kind, value in zone.records(text)
            if kind == "TXT"}


def dkimpy(data: bytes, text: str) -> list[bool]:
    """What dkimpy says of each signature, with this zone file for DNS."""
    txt = texts(text)

    def look_up(name: bytes, timeout: float = 5) -> bytes:
        return txt.get(name.decode().rstrip("."), "").encode()

    def good(i: int) -> bool:
        try:
            return dkim.DKIM(data).verify(i, dnsfunc=look_up)
        except dkim.ValidationError:
            return False

    return [good(i) for i in range(data.split(b"\r\n\r\n", 1)[0].count(b"DKIM-Signature:"))]


def mail_dkim(data: bytes, dns: DnsServer) -> list[str]:
    """What Mail::DKIM says, asking this name server."""
    done = subprocess.run(["perl", "-e", MAIL_DKIM, str(dns.port)], input=data,
                          capture_output=True, timeout=60, check=True)
    return done.stdout.decode().splitlines()


def tags(received: Received) -> dict[str, str]:
    """Those of the first signature."""
    pairs = (part.split("=", 1) for part in received.header("DKIM-Signature").split(";"))
    return {name.strip(): "".join(value.split()) for name, value in pairs}


BODIES = {"short": "Hello.\n", "empty": "", "blank": "\n\n\n",
          "spaces": "spaces  \t at ends \t \n\n\n", "utf-8": "ünï\n", "long": "x" * 900 + "\n",
          "big": "line\n" * 300_000}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_two_others_verify_both_signatures(sender: Roost, sink: Sink, dns: DnsServer,
                                           body: str) -> None:
    text = page(sender)
    zone.publish(dns, text)
    mail.submit(sender, mail.letter("signed", body, "alice@example.org", "friend@example.net"),
                "friend@example.net")
    (received,) = sink.wait(1)
    assert dkimpy(received.data, text) == [True, True]
    rsa, ed25519 = mail_dkim(received.data, dns)
    assert rsa == "example.org rsa-sha256 pass"
    # Older ones, as Debian 12's, do not know it and go on.
    assert ed25519.removeprefix("example.org ed25519-sha256 ") in (
        "pass", "invalid (unsupported algorithm ed25519-sha256)")


def opendkim(judge: Roost, data: bytes) -> list[str]:
    """What the opendkim of a server that passes its mail by it writes of each signature."""
    with SmtpPeer(judge.ports["smtp"]) as smtp:
        smtp.envelope("alice@example.com", "alice@example.org")
        assert smtp.data(data)[0] == 250
    message = mail.parse(mail.inbox(judge)[-1])
    said = " ".join(message.get_all("Authentication-Results", []))
    return re.findall(r"\bdkim=(\w+)", said)


def test_opendkim_verifies_both_signatures(sender: Roost, make_roost: Maker, sink: Sink) -> None:
    text = page(sender)
    keys = {name: txt for name, txt in texts(text).items() if "._domainkey." in name}
    assert len(keys) == 2
    filter_ = OpenDkim("v", "example.com", internal="192.0.2.1", others=keys)
    try:
        judge = make_roost(MILTERS=f"{filter_.address} stages=end", DKIM_VERIFY="off",
                           DMARC="off").start()
        for i, (name, body) in enumerate(BODIES.items()):
            mail.submit(sender, mail.letter(name, body, "alice@example.org",
                                            "friend@example.net"), "friend@example.net")
            data = sink.wait(i + 1)[i].data
            assert opendkim(judge, data) == ["pass", "pass"], name
        assert opendkim(judge, data + b"and more\r\n") == ["fail", "fail"]
    finally:
        filter_.close()


def test_what_is_converted_is_signed_anew(sender: Roost, sink: Sink, dns: DnsServer) -> None:
    """For a server that takes no 8-bit text (RFC 6376 5.3); once, and beside no broken one."""
    sink.extensions = ["PIPELINING", "SIZE 100000000", "ENHANCEDSTATUSCODES"]
    text = page(sender)
    zone.publish(dns, text)
    letter = ("From: alice@example.org\r\nTo: friend@example.net\r\nSubject: x\r\n"
              "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: 8bit\r\n\r\nünï\r\n")
    with mail.submission(sender) as s:
        s.sendmail("alice@example.org", ["friend@example.net"], letter.encode(), ["BODY=8BITMIME"])
    (received,) = sink.wait(1)
    assert received.data.isascii() and "8bit" not in received.header("Content-Transfer-Encoding")
    assert dkimpy(received.data, text) == [True, True]
    assert mail_dkim(received.data, dns)[0] == "example.org rsa-sha256 pass"
    assert mail.parse(received.data).get_content() == "ünï\r\n"


def test_what_was_changed_does_not_verify(sender: Roost, sink: Sink) -> None:
    text = page(sender)
    mail.submit(sender, mail.letter("signed", sender="alice@example.org",
                                    to="friend@example.net"), "friend@example.net")
    data = sink.wait(1)[0].data
    assert dkimpy(data, text) == [True, True]
    assert dkimpy(data.replace(b"Hello.", b"Hullo."), text) == [False, False]
    assert dkimpy(data.replace(b"Subject: signed", b"Subject: singed"), text) == [False, False]
    head, rest = data.split(b"\r\nFrom:", 1)
    assert dkimpy(head + b"\r\nFrom: eve@example.com\r\nFrom:" + rest, text) == [False, False]
    assert dkimpy(head + b"\r\nReply-To: eve@example.com\r\nFrom:" + rest, text) == [False, False]
    assert dkimpy(data + b"and more\r\n", text) == [False, False]


def test_what_submission_adds_is_signed(sender: Roost, sink: Sink) -> None:
    with mail.submission(sender) as s:
        s.sendmail("alice@example.org", ["friend@example.net"],
                   "From: alice@example.org\r\nSubject: bare\r\n"
                   "BIMI-Selector: v=BIMI1; s=winter\r\n\r\nx\r\n")
    (received,) = sink.wait(1)
    assert dkimpy(received.data, page(sender)) == [True, True]
    assert received.header("Date") and received.header("Message-ID")
    named = tags(received)["h"].lower().split(":")
    assert named.count("date") == 2 and named.count("from") == 2 and named.count("cc") == 1
    assert named.count("bimi-selector") == 1
    assert "l" not in tags(received)


def test_reports_of_ours_are_signed(sender: Roost, sink: Sink, dns: DnsServer) -> None:
    """A bounce comes from the host's name, for which its domain signs (RFC 7489 3.1.1)."""
    assert HOSTNAME.endswith(".example.org")
    dns.mail_host("example.com")
    sender.cli("alias", "add", "away@example.org", "gone@example.com")
    sink.always("RCPT gone@example.com", "550 5.1.1 nobody")
    mail.deliver(sender, mail.letter("hello"), "carol@example.net", "away@example.org")
    (report,) = sink.wait(1)
    assert report.sender == "" and report.rcpts == ["carol@example.net"]
    assert dkimpy(report.data, page(sender)) == [True, True]
    assert tags(report)["d"] == "example.org"


def test_mail_that_is_passed_on_is_not_signed(sender: Roost, sink: Sink) -> None:
    """Not even when a stranger says that it is from here."""
    sender.cli("alias", "add", "away@example.org", "friend@example.net")
    mail.deliver(sender, mail.letter("forged", sender="alice@example.org"), "carol@example.net",
                 "away@example.org")
    assert b"DKIM-Signature" not in sink.wait(1)[0].data


def test_nobody_s_domain_is_not_signed_for(make_sender: Maker, sink: Sink) -> None:
    """Nor a name below ours: it may be somebody else's."""
    sender = make_sender(FOREIGN_AUTHORS="on").start()
    for author in ("alice@example.com", "boss@sub.example.org"):
        mail.submit(sender, mail.letter("other", sender=author, to="friend@example.net"),
                    "friend@example.net")
    for received in sink.wait(2):
        assert b"DKIM-Signature" not in received.data


def test_local_mail_is_left_as_it_is(roost: Roost) -> None:
    mail.submit(roost, mail.letter("inside", sender="alice@example.org", to="bob@example.org"),
                "bob@example.org")
    (raw,) = mail.inbox(roost, "bob")
    assert b"DKIM-Signature" not in raw


def test_the_dns_page_shows_them(sender: Roost, dns: DnsServer) -> None:
    api = as_owner(sender)
    rows = {r["name"]: r for r in api.get("/domains/example.org/dns")["records"]}
    keys = [name for name in rows if "._domainkey." in name]
    assert len(keys) == 2
    month = time.strftime("%Y%m", time.gmtime())
    assert {name.split(".")[0] for name in keys} == {f"r{month}", f"e{month}"}
    assert all(rows[name]["state"] == "fail" for name in keys)
    text = page(sender)
    long = [value for _, kind, value in zone.records(text) if kind == "TXT" and "k=rsa" in value]
    assert len(long) == 1 and [len(s) for s in zone.strings(long[0])][0] == 255
    zone.publish(dns, text)
    rows = {r["name"]: r for r in api.get("/domains/example.org/dns")["records"]}
    assert all(rows[name]["state"] == "ok" for name in keys), rows
    for name in ("_dmarc", "_mta-sts", "_smtp._tls"):
        assert rows[f"{name}.example.org"]["state"] == "ok"


def test_another_key_or_half_of_one_is_told(sender: Roost, dns: DnsServer) -> None:
    text = page(sender)
    zone.publish(dns, text)
    for key, values in list(dns.records.items()):
        if "._domainkey." not in key[0]:
            continue
        value = "".join(zone.strings(values[0]))
        if key[0].startswith("r"):
            dns.records[key] = [f'"{value[:200]}"']  # the rest was cut off
        else:  # other spacing, cut elsewhere, no version: the same key
            dns.records[key] = [f'"{value[9:30]}" "{value[30:]}; t=s"']
    rows = {r["name"][0]: r for r in as_owner(sender).get("/domains/example.org/dns")["records"]
            if "._domainkey." in r["name"]}
    assert rows["r"]["state"] == "fail" and "all its strings" in rows["r"]["advice"]
    assert rows["e"]["state"] == "ok"


def test_every_new_domain_has_keys(make_sender: Maker, tmp_path: Path) -> None:
    """By the command line, the API and the environment; they are in a backup, and go with it."""
    roost = make_sender(DOMAIN="third.example").start()
    roost.cli("domain", "add", "first.example")
    api = as_owner(roost)
    api.post("/domains", {"name": "second.example"})
    for domain in ("first.example", "second.example", "third.example"):
        text = page(roost, domain)
        assert text.count("v=DKIM1; k=rsa") == 1 and text.count("v=DKIM1; k=ed25519") == 1
        assert page(roost, domain) == text
    backup = tmp_path / "backup"
    before = page(roost, "first.example")
    roost.cli("backup", str(backup))
    api.delete("/domains/first.example")
    roost.cli("domain", "add", "first.example")
    assert page(roost, "first.example") != before
    roost.stop()
    roost.cli("restore", str(backup), "--replace")
    roost.start()
    assert page(roost, "first.example") == before


def test_keys_are_exchanged(sender: Roost, sink: Sink, dns: DnsServer) -> None:
    """The next pair is published, made active beside the old one, which is retired and goes."""
    api = as_owner(sender)
    keys = "/domains/example.org/keys"
    old = [k["selector"] for k in api.get(keys)["items"]]
    assert len(old) == 2 and all(k["state"] == "active" for k in api.get(keys)["items"])
    assert b"PRIVATE" not in api.call("GET", keys)[2]
    made = api.post(keys)["items"]
    new = [k["selector"] for k in made if k["selector"] not in old]
    assert [k["state"] for k in made if k["selector"] in new] == ["publish"] * 2

    def signed_by() -> set[str]:
        count = len(sink.messages)
        mail.submit(sender, mail.letter("x", sender="alice@example.org",
                                        to="friend@example.net"), "friend@example.net")
        data = sink.wait(count + 1)[-1].data
        assert all(dkimpy(data, page(sender)))
        return set(re.findall(r"[;\s]s=([a-z0-9]+);", data.split(b"\r\n\r\n", 1)[0].decode()))

    assert signed_by() == set(old)
    for selector in new:
        assert api.put(f"{keys}/{selector}", {"state": "active"})["state"] == "active"
    assert signed_by() == set(old + new)
    for selector in old:
        api.put(f"{keys}/{selector}", {"state": "retired"})
    assert signed_by() == set(new)
    rows = api.get("/domains/example.org/dns")["records"]
    assert sum("._domainkey." in r["name"] for r in rows) == 4
    sender.cli("domain", "key", "rm", "example.org", old[0])
    api.delete(f"{keys}/{old[1]}")
    assert [k["selector"] for k in api.get(keys)["items"]] == new
    assert refusal(api, "DELETE", f"{keys}/{new[0]}") == (409, "conflict")
    sender.cli("domain", "key", "set", "example.org", new[0], "state=retired")
    assert refusal(api, "PUT", f"{keys}/{new[1]}", {"state": "retired"}) == (409, "conflict")
    assert refusal(api, "PUT", f"{keys}/{new[1]}", {"state": "gone"})[0] == 400
    assert refusal(api, "PUT", f"{keys}/other", {"state": "active"})[0] == 404
    assert refusal(api, "GET", "/domains/other.example/keys")[0] == 404
    listed = sender.cli("domain", "keys", "example.org")
    assert f"{new[1]}._domainkey.example.org" in listed and "v=DKIM1; k=" in listed
    whats = [e["what"] for e in api.get("/audit")["items"]]
    assert {"key.create", "key.change", "key.remove"} <= set(whats)
