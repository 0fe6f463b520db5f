"""TLS reports to other domains (RFC 8460): by mail, and by HTTPS."""
import gzip
import json
from pathlib import Path
from typing import Any, Iterator

import dkim
import pytest

from conftest import Maker
from harness import mail, pem, zone
from harness.api import as_owner
from harness.dns_server import A, TXT, DnsServer
from harness.peer import until
from harness.policy_host import PolicyHost
from harness.server import Roost
from harness.smtp_sink import Received, Sink

DOMAIN = "example.net"


@pytest.fixture(name="web")
def _web(dns: DnsServer, tmp_path: Path) -> Iterator[tuple[PolicyHost, str]]:
    """A host that takes reports, and its authority."""
    authority = pem.Authority(tmp_path)
    host = PolicyHost(pem.server_context(*authority.server("reports.example.net")))
    dns.add("reports.example.net", A, "127.0.0.1")
    yield host, str(authority.pem)
    host.close()


def ask_for(dns: DnsServer, *rua: str) -> None:
    dns.records[(f"_smtp._tls.{DOMAIN}", TXT)] = ["v=TLSRPTv1; rua=" + " , ".join(rua)]


def sent_mail(roost: Roost, sink: Sink) -> None:
    """A message goes to the domain, without TLS, and that is written down."""
    mail.submit(roost, mail.letter("out", sender="alice@example.org"), f"friend@{DOMAIN}")
    sink.wait(1)
    until(lambda: roost.cli("queue", "list") == "", what="an empty queue")
    roost.restart()


def rows(roost: Roost, state: str) -> list[dict[str, Any]]:
    """Have reports sent; the list once all of it has this state."""
    api = as_owner(roost)
    roost.cli("report", "send")

    def done() -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = api.get("/reports/out")["items"]
        return items if items and {i["state"] for i in items} == {state} else []
    found: list[dict[str, Any]] = until(done, 40, what=f"reports that are {state}")
    return found


def check(report: dict[str, Any]) -> None:
    """RFC 8460 4.4"""
    assert set(report) == {"organization-name", "date-range", "contact-info", "report-id",
                           "policies"}
    assert report["contact-info"] == "postmaster@example.org"
    assert report["date-range"]["start-datetime"].endswith("T00:00:00Z")
    (policy,) = report["policies"]
    assert policy["policy"] == {"policy-type": "no-policy-found", "policy-domain": DOMAIN}
    assert policy["summary"] == {"total-successful-session-count": 0,
                                 "total-failure-session-count": 1}
    (failure,) = policy["failure-details"]
    assert failure["result-type"] == "starttls-not-supported"
    assert failure["failed-session-count"] == 1


def signed(message: bytes, roost: Roost) -> None:
    """RFC 8460 3: as dkimpy has it of TLS reports, each signature is good by the keys of our zone."""
    text = as_owner(roost).call("GET", "/domains/example.org/zone")[2].decode()
    keys = {f"{name}.": "".join(zone.strings(data)).encode()
            for name, kind, data in zone.records(text) if kind == "TXT"}
    assert len(mail.parse(message).get_all("DKIM-Signature", [])) == 2
    for i in range(2):
        assert dkim.DKIM(message, tlsrpt=True).verify(
            i, dnsfunc=lambda name, timeout=5: keys[name.decode()])


def test_by_mail(make_sender: Maker, dns: DnsServer, sink: Sink) -> None:
    ask_for(dns, f"mailto:tls@{DOMAIN},mailto:tls@{DOMAIN}")  # who names himself twice gets one
    roost = make_sender().start()
    sent_mail(roost, sink)
    (row,) = rows(roost, "sent")
    assert (row["kind"], row["domain"], row["messages"]) == ("tls", DOMAIN, 1)
    assert row["to"] == [{"to": f"tls@{DOMAIN}", "sent": True, "why": ""}]
    received: Received = sink.wait(2)[1]
    assert (received.sender, received.rcpts) == ("", [f"tls@{DOMAIN}"])
    assert received.header("TLS-Report-Domain") == DOMAIN
    assert received.header("TLS-Report-Submitter") == "example.org"
    parsed = mail.parse(received.data)
    assert parsed.get_content_type() == "multipart/report"
    assert parsed.get_param("report-type") == "tlsrpt"
    signed(received.data, roost)
    _text, part = parsed.iter_parts()
    assert part.get_content_type() == "application/tlsrpt+gzip"
    assert (part.get_filename() or "").startswith(f"example.org!{DOMAIN}!")
    check(json.loads(gzip.decompress(part.get_payload(decode=True))))  # type: ignore[arg-type]
    roost.restart()
    roost.cli("report", "send")
    assert rows(roost, "sent") == [row] and len(sink.wait(2)) == 2  # once
    # and the session that brought it is not what the next one is about (RFC 8460 3)
    roost.restart()
    (day,) = [d for d in as_owner(roost).get("/tls/evidence")["items"] if d["domain"] == DOMAIN]
    assert [(p["good"], p["bad"]) for p in day["policies"]] == [(0, 1)]


def test_by_https(make_sender: Maker, dns: DnsServer, sink: Sink,
                  web: tuple[PolicyHost, str]) -> None:
    """A server that does not take it gets it later; what it took, it gets once."""
    host, authority = web
    host.status = 503
    ask_for(dns, "ftp://example.net/", f"https://reports.example.net:{host.port}/v1/tls")
    roost = make_sender(SMTP_OUT_CA=authority, REPORTS_PRIVATE="on").start()
    sent_mail(roost, sink)
    (row,) = rows(roost, "waiting")
    assert [(t["sent"], t["why"]) for t in row["to"]] == [
        (False, "it is neither an address of mail nor a URL of HTTPS"),
        (False, "the server says 503")]
    host.status = 201
    rows(roost, "sent")
    (_path, _, _), (path, kind, body) = host.posted
    assert (path, kind) == ("/v1/tls", "application/tlsrpt+gzip")
    check(json.loads(gzip.decompress(body)))
    roost.cli("report", "send")
    assert len(rows(roost, "sent")) == 1 and len(host.posted) == 2


def test_never_inside(make_sender: Maker, dns: DnsServer, sink: Sink,
                      web: tuple[PolicyHost, str]) -> None:
    """What a domain's record says leads to no private address, by name or by number."""
    host, authority = web
    ask_for(dns, *(f"https://{name}:{host.port}/" for name in (
        "reports.example.net", "127.0.0.1", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]")))
    roost = make_sender(SMTP_OUT_CA=authority).start()
    sent_mail(roost, sink)
    (row,) = rows(roost, "waiting")
    assert [t["sent"] for t in row["to"]] == [False] * 6
    assert all("Failed to connect" in t["why"] for t in row["to"]), row["to"]  # TLS never began
    assert host.posted == []
