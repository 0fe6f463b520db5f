"""Reports to other domains about mail that came in their name (RFC 7489 7.2).

Slow: reports wait for the period of collection to end.
"""
import functools
import gzip
import re
import subprocess
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail, zone
from harness.api import Api, as_owner, as_user, refusal
from harness.dns_server import TXT, DnsServer
from harness.peer import SmtpPeer, until
from harness.server import Roost
from harness.smtp_sink import Received, Sink

GOOD, BAD = "203.0.113.7", "203.0.113.8"
SCHEMA = Path(__file__).parent / "schema" / "dmarc.xsd"
HOST = "mail.example.org"


@pytest.fixture(name="start")
def _start(make_sender: Maker, dns: DnsServer) -> Maker:
    """A server, and author.example, which wants reports at the sink's domain."""
    dns.records[("author.example", TXT)] = [f"v=spf1 ip4:{GOOD} -all"]
    dns.records[("_dmarc.author.example", TXT)] = [
        "v=DMARC1; p=reject; rua=mailto:dmarc@example.net"]
    consent(dns)

    def make(folder: Path | None = None, **settings: str | None) -> Roost:
        return make_sender(folder, PROXY_PROTOCOL="127.0.0.1 for=smtp", DNSSEC="off",
                           HOSTNAME=HOST, **settings).start()
    return make


def consent(dns: DnsServer, domain: str = "author.example", at: str = "example.net",
            more: str = "") -> None:
    """A domain says that it wants reports about another."""
    dns.records[(f"{domain}._report._dmarc.{at}", TXT)] = [f"v=DMARC1{more}"]


def send(roost: Roost, peer: str, *, author: str = "author.example", code: int = 250,
         head: bytes = b"") -> None:
    with SmtpPeer.proxied(roost.ports["smtp"], peer) as session:
        session.envelope(f"x@{author}", "alice@example.org")
        message = head + mail.letter("hello", sender=f"carol@{author}")
        said = session.data(message)
        assert said[0] == code, said


@functools.cache
def owner(roost: Roost) -> Api:
    """One login for all calls of a test; logins without a session are limited."""
    return as_owner(roost)


def listed(roost: Roost) -> list[dict]:  # type: ignore[type-arg]
    items: list[dict] = owner(roost).get("/reports/out")["items"]  # type: ignore[type-arg]
    return items


def report(roost: Roost, *states: str) -> list[dict]:  # type: ignore[type-arg]
    """Have reports sent, and wait until what is not counted for has these states; these rows."""
    api = owner(roost)
    roost.cli("report", "send")

    def rows() -> list[dict]:  # type: ignore[type-arg]
        items = [i for i in api.get("/reports/out")["items"] if i["state"] != "counting"]
        return items if sorted(i["state"] for i in items) == sorted(states) else []
    found: list[dict] = until(rows, 40, what=f"reports {states}")  # type: ignore[type-arg]
    return found


def unpacked(received: Received) -> tuple[str, str]:
    """Name of the file, and the XML, which fits the schema."""
    parsed = mail.parse(received.data)
    (part,) = [p for p in parsed.walk() if p.get_content_type() == "application/gzip"]
    xml = gzip.decompress(part.get_payload(decode=True))  # type: ignore[arg-type]
    subprocess.run(["xmllint", "--noout", "--schema", str(SCHEMA), "-"], input=xml, check=True,
                   capture_output=True, timeout=30)
    return part.get_filename() or "", xml.decode()


def texts(xml: str, path: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(xml).findall(path)]


def test_report(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path) -> None:
    """What came in a domain's name, once, in a form that others read; nobody else is told."""
    roost = start()
    zone.publish(dns, as_owner(roost).call("GET", "/domains/example.org/zone")[2].decode())
    for _ in range(3):
        send(roost, GOOD)
    send(roost, BAD, code=550)
    dns.records[("_dmarc.quiet.example", TXT)] = ["v=DMARC1; p=none"]
    send(roost, BAD, author="quiet.example")
    (row,) = report(roost, "sent")
    assert (row["kind"], row["domain"], row["messages"]) == ("dmarc", "author.example", 4)
    assert row["to"] == [{"to": "dmarc@example.net", "sent": True, "why": ""}]
    (received,) = sink.wait(1)
    assert (received.sender, received.rcpts) == ("", ["dmarc@example.net"])
    assert received.header("Auto-Submitted") == "auto-generated"
    name, xml = unpacked(received)
    begin, end = texts(xml, "report_metadata/date_range/*")
    assert int(begin) % 86400 == 0 and 0 <= time.time() - int(end) < 60
    unique = row["id"].replace("-", "")
    assert name == f"{HOST}!author.example!{begin}!{end}!{unique}.xml.gz"
    assert received.header("Subject") == (
        f"Report Domain: author.example Submitter: {HOST} Report-ID: <{row['id']}@{HOST}>")
    rows = sorted(zip(*[texts(xml, f"record/{path}") for path in (
        "row/source_ip", "row/count", "row/policy_evaluated/disposition",
        "row/policy_evaluated/spf", "auth_results/spf/result", "identifiers/header_from",
        "identifiers/envelope_to")]))
    assert rows == [(GOOD, "3", "none", "pass", "pass", "author.example", "example.org"),
                    (BAD, "1", "reject", "fail", "fail", "author.example", "example.org")]
    assert texts(xml, "policy_published/p") == ["reject"]
    assert read_by_another(received, tmp_path) == {(GOOD, 3), (BAD, 1)}
    signed(received, roost, tmp_path)
    send(roost, GOOD)
    second, first = report(roost, "sent", "sent")
    assert first == row and second["begin"] == row["end"] and second["messages"] == 1
    _, xml = unpacked(sink.wait(2)[1])
    assert texts(xml, "record/row/count") == ["1"]
    report(roost, "sent", "sent")


def signed(received: Received, roost: Roost, path: Path) -> None:
    """RFC 7489 7.2.1.1: the report passes DMARC, by the domain of its author."""
    (path / "m").write_bytes(received.data)
    assert "postmaster@example.org" in received.header("From")
    said = roost.run("dkim", "verify", str(path / "m")).stdout
    assert "pass" in said and "example.org" in said, said


def read_by_another(received: Received, path: Path) -> set[tuple[str, int]]:
    """What dmarc-cat finds in it: addresses and counts."""
    (part,) = [p for p in mail.parse(received.data).walk()
               if p.get_content_type() == "application/gzip"]
    file = path / (part.get_filename() or "")
    file.write_bytes(part.get_payload(decode=True))  # type: ignore[arg-type]
    # with more than one job it loses a row now and then
    done = subprocess.run(["dmarc-cat", "-N", "-j", "1", str(file)], capture_output=True,
                          text=True, timeout=60, check=True)
    found = re.findall(r"^(203\S+)\s+(\d+)\s", done.stdout, re.M)
    return {(ip, int(count)) for ip, count in found}


def test_who_has_not_consented(start: Maker, dns: DnsServer, sink: Sink) -> None:
    """RFC 7489 7.1: nothing goes where it is not wanted, nor where DNS does not answer; who
    consents may name others, but none at another host."""
    roost = start()
    records = {
        "no.example": "mailto:a@example.net", "moved.example": "mailto:b@example.net",
        "away.example": "mailto:c@example.net", "dead.example": "mailto:d@silent.example",
        "web.example": "https://example.net/x,mailto:e@example.net!1k,mailto:f@example.net!1m",
    }
    for author, rua in records.items():
        dns.records[(f"_dmarc.{author}", TXT)] = [f"v=DMARC1; p=none; rua={rua}"]
    consent(dns, "moved.example", more="; rua=mailto:new@example.net")
    consent(dns, "away.example", more="; rua=mailto:victim@other.example")
    consent(dns, "web.example")
    dns.silent = {"dead.example._report._dmarc.silent.example"}
    for author in records:
        send(roost, BAD, author=author)
    rows = report(roost, "sent", "sent", "unsent", "unsent", "waiting")
    assert {r["domain"]: r["state"] for r in rows} == {
        "no.example": "unsent", "moved.example": "sent", "away.example": "unsent",
        "dead.example": "waiting", "web.example": "sent"}
    assert {r.rcpts[0] for r in sink.wait(2)} == {"new@example.net", "f@example.net"}
    (web,) = [r for r in rows if r["domain"] == "web.example"]
    assert [(t["to"], t["sent"], t["why"]) for t in web["to"]] == [
        ("https://example.net/x", False, "it is no address of mail"),
        ("e@example.net", False, "the report is too large for the address"), ("f@example.net", True, "")]


def test_too_large(start: Maker, dns: DnsServer, sink: Sink) -> None:
    """RFC 7489 7.2.2: when a report is too large for everybody, they are told how large it is."""
    roost = start()
    dns.records[("_dmarc.author.example", TXT)] = [
        "v=DMARC1; p=none; rua=mailto:dmarc@example.net!1k"]
    send(roost, BAD)
    (row,) = report(roost, "unsent")
    assert row["to"][0]["why"] == "the report is too large for the address; an error report was sent"
    (received,) = sink.wait(1)
    assert (received.sender, received.rcpts) == ("", ["dmarc@example.net"])
    words, fields = mail.parse(received.data).iter_parts()
    assert words.get_content_type() == fields.get_content_type() == "text/plain"
    found = dict(line.split(": ", 1) for line in fields.get_content().splitlines() if line)
    assert found.pop("Report-Date") and int(found.pop("Report-Size")) > 1024
    assert found == {"Report-Domain": "author.example", "Report-ID": f"<{row['id']}@{HOST}>",
                     "Submitter": HOST, "Submitting-URI": "mailto:dmarc@example.net"}


def test_kill(start: Maker, sink: Sink) -> None:
    """What was counted and written is there after a kill, and each message is in one report, however
    often a copy of that goes: a server that took it and did not live to hear so may get another."""
    roost = start()
    send(roost, GOOD)
    api = as_owner(roost)
    until(lambda: api.get("/reports/out")["items"] or time.sleep(1), 30, what="the count")
    roost.kill()
    roost.start()
    roost.cli("report", "send")
    sink.wait(1)
    roost.kill()
    roost.start()
    report(roost, "sent")
    time.sleep(2)
    reports = {(r.header("Subject"), r.header("Message-ID"), unpacked(r)[1])
               for r in sink.wait(1)}
    assert [texts(xml, "record/row/count") for _, _, xml in reports] == [["1"]]


def test_no_ping_pong(start: Maker) -> None:
    """A report that another server sends us is not reported on, once it is proven to be one; what
    only looks so is."""
    roost = start()
    head = b"Subject: Report Domain: example.org Submitter: author.example Report-ID: <1@a>\r\n"
    send(roost, GOOD, head=head)
    send(roost, BAD, head=head, code=550)
    (row,) = report(roost, "sent")
    assert row["messages"] == 1


def test_refused(start: Maker, dns: DnsServer, sink: Sink) -> None:
    """Who refuses a report for good gets none until somebody says so, and no bounce comes back."""
    roost = start()
    sink.once("RCPT", "550 5.1.1 no such user")
    send(roost, GOOD)
    report(roost, "sent")
    api = as_owner(roost)
    until(lambda: api.get("/reports/out/suppressed")["items"], what="the refusal")
    (row,) = api.get("/reports/out/suppressed")["items"]
    assert (row["address"], row["refusals"]) == ("dmarc@example.net", 1)
    assert "no such user" in row["reply"]
    send(roost, GOOD)
    rows = report(roost, "sent", "unsent")
    assert rows[0]["to"][0]["why"].startswith("suppressed")
    assert "dmarc@example.net" in roost.cli("report", "suppressed")
    roost.cli("report", "unsuppress", "dmarc@example.net")
    assert refusal(api, "DELETE", "/reports/out/suppressed/dmarc@example.net")[0] == 404
    send(roost, GOOD)
    report(roost, "sent", "sent", "unsent")
    sink.wait(1)
    assert len(mail.inbox(roost)) == 3  # the letters, and no bounce


def test_off(start: Maker) -> None:
    roost = start(REPORTS_DMARC="off")
    send(roost, GOOD)
    roost.cli("report", "send")
    time.sleep(1)
    assert listed(roost) == []
    assert refusal(as_user(roost), "GET", "/reports/out")[0] == 403


def test_counting_waits_for_no_name_server(start: Maker, dns: DnsServer) -> None:
    """While reports wait for DNS that says nothing, what comes is written as ever."""
    roost = start()
    for i in range(4):
        dns.records[(f"_dmarc.slow{i}.example", TXT)] = [
            f"v=DMARC1; p=none; rua=mailto:d@sink{i}.example"]
        dns.silent.add(f"slow{i}.example._report._dmarc.sink{i}.example")
        send(roost, BAD, author=f"slow{i}.example")
    roost.cli("report", "send")
    time.sleep(1)
    send(roost, GOOD)
    until(lambda: [i for i in listed(roost) if i["domain"] == "author.example"], 15,
          what="the message counted")
    # and they are waiting still
    assert "counting" in [i["state"] for i in listed(roost) if "slow" in i["domain"]]


def test_what_comes_while_name_servers_are_slow(start: Maker, dns: DnsServer, sink: Sink) -> None:
    """It is written before the report is sent, which it is not in, and is in the next one."""
    roost = start()
    rua = ",".join(f"mailto:dmarc{i}@example.net" for i in range(8))
    dns.records[("_dmarc.author.example", TXT)] = [f"v=DMARC1; p=reject; rua={rua}"]
    send(roost, GOOD)
    dns.slow["author.example._report._dmarc.example.net"] = 1.5
    roost.cli("report", "send")
    until(lambda: any("._report." in name for name, _ in dns.queries), what="the report made")
    for _ in range(5):
        send(roost, GOOD)
    send(roost, BAD, code=550)
    until(lambda: [i["messages"] for i in listed(roost)] == [7], 14, what="all of them counted")
    dns.slow.clear()
    until(lambda: "sent" in [i["state"] for i in listed(roost)], 20, what="the report")
    (counting,) = [i for i in listed(roost) if i["state"] == "counting"]
    (first,) = [i for i in listed(roost) if i["state"] == "sent"]
    assert (first["messages"], counting["messages"], counting["begin"]) == (1, 6, first["end"])
    second, _ = report(roost, "sent", "sent")
    assert (second["messages"], second["begin"]) == (6, first["end"])
    counts = [sorted(texts(unpacked(r)[1], "record/row/count")) for r in sink.wait(16)]
    assert sorted(counts) == [["1"]] * 8 + [["1", "5"]] * 8
    assert roost.cli("fsck") is not None


def test_a_domain_that_is_gone_is_left_alone(start: Maker, dns: DnsServer) -> None:
    """No host for good is a refusal too, which nobody has said."""
    dns.records[("_dmarc.author.example", TXT)] = ["v=DMARC1; p=none; rua=mailto:x@gone.example"]
    consent(dns, at="gone.example")
    roost = start()
    send(roost, GOOD)
    report(roost, "sent")
    api = as_owner(roost)
    until(lambda: api.get("/reports/out/suppressed")["items"], what="the address that has no host")
    (item,) = api.get("/reports/out/suppressed")["items"]
    assert item["address"] == "x@gone.example" and item["reply"].startswith("5."), item
