"""Reports to other domains about single messages that failed (RFC 7489 7.3, RFC 6591).

Slow: reports wait for the period of collection to end.
"""
import email.message
import email.utils
import json
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Maker
from harness import mail, zone
from harness.api import as_owner, refusal
from harness.dns_server import TXT, DnsServer
from harness.peer import SmtpPeer, until
from harness.server import Roost
from harness.smtp_sink import Received, Sink

GOOD, BAD, OTHER = "203.0.113.7", "203.0.113.8", "203.0.113.9"
HOST = "mail.example.org"
RUF = "v=DMARC1; p=reject; ruf=mailto:ruf@example.net"


@pytest.fixture(name="start")
def _start(make_sender: Maker, dns: DnsServer) -> Maker:
    """A server, and author.example, which wants to be told of failures at the sink's domain."""
    dns.records[("author.example", TXT)] = [f"v=spf1 ip4:{GOOD} -all"]
    dns.records[("_dmarc.author.example", TXT)] = [RUF]
    dns.records[("author.example._report._dmarc.example.net", TXT)] = ["v=DMARC1"]

    def make(folder: Path | None = None, **settings: str | None) -> Roost:
        usual: dict[str, str | None] = {"REPORTS_FAILURE": "headers"}
        return make_sender(folder, PROXY_PROTOCOL="127.0.0.1 for=smtp", DNSSEC="off",
                           HOSTNAME=HOST, **{**usual, **settings}).start()
    return make


def send(roost: Roost, peer: str, *, author: str = "author.example", code: int = 550,
         head: bytes = b"", sender: str | None = None) -> None:
    with SmtpPeer.proxied(roost.ports["smtp"], peer) as session:
        session.envelope(f"x@{author}" if sender is None else sender, "alice@example.org")
        message = head + mail.letter("hello", "the body\n", sender=f"carol@{author}")
        said = session.data(message)
        assert said[0] == code, said


def rows(roost: Roost) -> list[dict]:  # type: ignore[type-arg]
    items = as_owner(roost).get("/reports/out")["items"]
    return [i for i in items if i["kind"] == "failure"]


def told(roost: Roost, *states: str) -> list[dict]:  # type: ignore[type-arg]
    """Have reports sent, and wait until those about failures have these states."""
    roost.cli("report", "send")
    if not states:
        time.sleep(1)
        assert rows(roost) == []
        return []
    found: list[dict] = until(  # type: ignore[type-arg]
        lambda: rows(roost) if sorted(r["state"] for r in rows(roost)) == sorted(states) else [],
        40, what=f"failure reports {states}")
    return found


def fields_of(received: Received) -> tuple[email.message.Message, email.message.Message]:
    """The fields for programs, and those of the message, as Python's email reads them."""
    parsed = email.message_from_bytes(received.data)
    assert parsed.get_content_type() == "multipart/report"
    assert parsed.get_param("report-type") == "feedback-report"
    words, fields, header = parsed.get_payload()
    assert (words.get_content_type(), fields.get_content_type(), header.get_content_type()) == (
        "text/plain", "message/feedback-report", "text/rfc822-headers")
    # message/* comes out as a message whose header the fields are
    (inner,) = fields.get_payload()
    return inner, email.message_from_string(header.get_payload())


def read_by_sisimai(received: Received, path: Path) -> dict:  # type: ignore[type-arg]
    """What another reader of feedback reports finds in it."""
    (path / "report.eml").write_bytes(b"From x@y Sat Nov 21 04:58:05 2026\n"
                                      + received.data.replace(b"\r\n", b"\n"))
    done = subprocess.run(
        ["perl", "-MSisimai", "-e", "print Sisimai->dump(shift, 'delivered' => 1)",
         str(path / "report.eml")], capture_output=True, text=True, timeout=60, check=True)
    (found,) = json.loads(done.stdout)
    return dict(found)


def test_failure_report(start: Maker, dns: DnsServer, sink: Sink, tmp_path: Path) -> None:
    """A message that fails is told of at once, in the form that others read, without who got it and
    what it said; those like it are only counted."""
    roost = start()
    zone.publish(dns, as_owner(roost).call("GET", "/domains/example.org/zone")[2].decode())
    send(roost, GOOD, code=250)
    head = (b"Received: from a (b [192.0.2.9]) by c for <alice@example.org>; "
            b"Sat, 21 Nov 2026 04:58:05 +0000\r\nX-Secret: alice\r\n")
    send(roost, BAD, head=head)
    send(roost, BAD, head=head)
    (received,) = sink.wait(1)  # nobody has asked for it
    assert (received.sender, received.rcpts) == ("", ["ruf@example.net"])
    assert received.header("Auto-Submitted") == "auto-generated"
    assert received.header("Subject") == "FW: hello"
    fields, header = fields_of(received)
    want = {"Feedback-Type": "auth-failure", "Version": "1", "Auth-Failure": "dmarc",
            "Identity-Alignment": "none", "Delivery-Result": "reject", "Source-IP": BAD,
            "Original-Mail-From": "<x@author.example>", "Reported-Domain": "author.example",
            "Reporting-MTA": f"dns; {HOST}",
            "SPF-DNS": f'txt : author.example : "v=spf1 ip4:{GOOD} -all"'}
    assert {name: fields[name] for name in want} == want
    assert fields["User-Agent"].startswith("Roost/")
    assert "dmarc=fail" in fields["Authentication-Results"]
    assert abs(email.utils.parsedate_to_datetime(fields["Arrival-Date"]).timestamp()
               - time.time()) < 120
    assert header["From"] == "carol@author.example" and header["Subject"] == "hello"
    assert header["X-Secret"] is None
    (hidden,) = fields.get_all("Original-Rcpt-To")  # RFC 6590
    assert hidden.endswith("@example.org>") and hidden in header["Received"]
    assert b"alice" not in received.data and b"the body" not in received.data
    found = read_by_sisimai(received, tmp_path)
    assert (found["reason"], found["feedbacktype"]) == ("feedback", "auth-failure")
    assert found["subject"] == "hello"
    signed(received, roost, tmp_path)
    (row,) = told(roost, "sent")
    assert row["to"] == [{"to": "ruf@example.net", "sent": True, "why": ""}]
    assert row["messages"] in (1, 2)
    send(roost, BAD)  # the same client on the same day
    send(roost, OTHER)
    told(roost, "sent", "sent")
    assert fields_of(sink.wait(2)[1])[0]["Source-IP"] == OTHER


def signed(received: Received, roost: Roost, path: Path) -> None:
    """The report passes DMARC itself, by the domain of its author."""
    (path / "m").write_bytes(received.data)
    assert "postmaster@example.org" in received.header("From")
    said = roost.run("dkim", "verify", str(path / "m")).stdout
    assert "pass" in said and "example.org" in said, said


def test_asked_otherwise(start: Maker, dns: DnsServer, sink: Sink) -> None:
    """fo= decides of what; who has not consented gets none."""
    roost = start()
    spf = f"v=spf1 ip4:{GOOD} -all"
    records = {
        "any.example": f"{RUF}; fo=1", "spf.example": f"{RUF.replace('reject', 'none')}; fo=s",
        "both.example": RUF, "rua.example": "v=DMARC1; p=none; fo=1",
        "no.example": RUF.replace("reject", "none"),
    }
    for author, record in records.items():
        dns.records[(f"_dmarc.{author}", TXT)] = [record]
        dns.records[(author, TXT)] = [spf]
        if author != "no.example":
            dns.records[(f"{author}._report._dmarc.example.net", TXT)] = ["v=DMARC1"]
    send(roost, GOOD, author="any.example", code=250)   # no signature in line: fo=1
    send(roost, BAD, author="spf.example", code=250)    # fo=s
    send(roost, GOOD, author="both.example", code=250)  # fo=0: one of the two is enough
    send(roost, BAD, author="rua.example", code=250)    # no ruf
    send(roost, BAD, author="no.example", code=250)
    found = {r["domain"]: r for r in told(roost, "sent", "sent", "unsent")}
    assert {d: r["state"] for d, r in found.items()} == {
        "any.example": "sent", "spf.example": "sent", "no.example": "unsent"}
    reports = {f["Reported-Domain"]: f for f, _ in map(fields_of, sink.wait(2))}
    any_, by_spf = reports["any.example"], reports["spf.example"]
    assert (any_["Auth-Failure"], any_["Identity-Alignment"]) == ("dmarc", "spf")
    assert (by_spf["Auth-Failure"], by_spf["Delivery-Result"]) == ("spf", "delivered")


def test_no_loops(start: Maker, sink: Sink) -> None:
    """Nothing is told of reports of others, whether proven or not, nor of what has a null sender;
    and a report of ours that is refused makes no other."""
    roost = start()
    report = (b"MIME-Version: 1.0\r\n"
              b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n")
    send(roost, BAD, head=report)
    send(roost, BAD, head=b"Subject: Report Domain: example.org Submitter: x Report-ID: <1@a>\r\n")
    send(roost, BAD, sender="")
    told(roost)
    sink.once("RCPT", "550 5.1.1 no such user")
    send(roost, OTHER)
    told(roost, "sent")
    api = as_owner(roost)
    until(lambda: api.get("/reports/out/suppressed")["items"], what="the refusal")
    send(roost, BAD)
    sent = {r["state"]: r for r in told(roost, "sent", "unsent")}
    assert sent["unsent"]["to"][0]["why"].startswith("suppressed")
    assert mail.inbox(roost) == []


def test_kill(start: Maker, sink: Sink) -> None:
    """What was written is sent after a kill; a report that went is not made anew."""
    roost = start()
    send(roost, BAD)
    sink.wait(1)
    until(lambda: [r["state"] for r in rows(roost)] == ["sent"], what="the row")
    roost.kill()
    roost.start()
    send(roost, BAD)
    told(roost, "sent")
    assert len({r.header("Message-ID") for r in sink.wait(1)}) == 1


def test_off(start: Maker, sink: Sink) -> None:
    """Off unless somebody says so, at once; another word is refused."""
    roost = start(REPORTS_FAILURE=None)
    send(roost, BAD)
    told(roost)
    api = as_owner(roost)
    assert refusal(api, "PUT", "/settings/REPORTS_FAILURE", {"value": "all"})[0] == 400
    roost.cli("settings", "set", "REPORTS_FAILURE", "headers")
    send(roost, BAD)
    told(roost, "sent")
    sink.wait(1)
    assert roost.cli("fsck") == ""
