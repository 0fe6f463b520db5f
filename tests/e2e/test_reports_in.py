"""Reports of others about our domains: mailed as large senders do, read, added up, shown; and bombs."""
import base64
import gzip
import io
import json
import time
import zipfile
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from harness import mail
from harness.api import Api, as_owner, as_user, refusal
from harness.dns_server import TXT, DnsServer
from harness.peer import SmtpPeer, until
from harness.server import PASSWORDS, Roost, address

from test_submission import plain, secure

PEER = "203.0.113.7"
DAY = int(time.time()) // 86400 * 86400 - 2 * 86400


@pytest.fixture(name="roost")
def _roost(make_roost, dns: DnsServer) -> Roost:  # type: ignore[no-untyped-def]
    dns.records[("maker.example", TXT)] = [f"v=spf1 ip4:{PEER} -all"]
    dns.records[("k1._domainkey.maker.example", TXT)] = [f"v=DKIM1; k=ed25519; p={PUBLIC}"]
    dns.records[("r1._domainkey.maker.example", TXT)] = [
        f"v=DKIM1; k=ed25519; s=tlsrpt; p={PUBLIC}"]
    roost: Roost = make_roost(PROXY_PROTOCOL="127.0.0.1 for=smtp", DNS_SERVERS=dns.address,
                              DNSSEC="off", HOSTNAME="mail.example.org").start()
    return roost


def bring(roost: Roost, raw: bytes, sender: str = "noreply@maker.example", peer: str = PEER,
          to: str = "postmaster@example.org") -> None:
    """Whatever becomes of a report, its mail is accepted."""
    with SmtpPeer.proxied(roost.ports["smtp"], peer) as session:
        assert session.code("EHLO mx.maker.example") == 250
        assert session.code(f"MAIL FROM:<{sender}>") == 250
        assert session.code(f"RCPT TO:<{to}>") == 250
        assert session.data(raw)[0] == 250


def attached(content: bytes, kind: str, name: str, author: str = "noreply@maker.example") -> bytes:
    body = base64.encodebytes(content).replace(b"\n", b"\r\n")
    return (f"From: {author}\r\nTo: postmaster@example.org\r\nSubject: Report Domain: example.org\r\n"
            f"Message-ID: <{mail.unique()}@maker.example>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n"
            f"\r\nA report.\r\n--b\r\nContent-Type: {kind}; name=\"{name}\"\r\n"
            f"Content-Disposition: attachment; filename=\"{name}\"\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n").encode() + body + b"--b--\r\n"


def dmarc(name: str, records: list[tuple[str, int, str, str, str]], domain: str = "example.org",
          begin: int = DAY) -> bytes:
    rows = "".join(f"""
  <record><row><source_ip>{ip}</source_ip><count>{count}</count><policy_evaluated>
   <disposition>{done}</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row>
   <identifiers><header_from>example.org</header_from></identifiers>
   <auth_results><spf><domain>bounce.example</domain><result>{spf}</result></spf></auth_results>
  </record>""" for ip, count, done, dkim, spf in records)
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<feedback><report_metadata><org_name>{name}</org_name><email>noreply@maker.example</email>
 <report_id>{name}-1</report_id><date_range><begin>{begin}</begin><end>{begin + 86399}</end>
 </date_range></report_metadata><policy_published><domain>{domain}</domain><p>none</p>
 </policy_published>{rows}
</feedback>""".encode()


def zipped(content: bytes, name: str = "maker.example!example.org!1!2.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr(name, content)
    return out.getvalue()


KEY = Ed25519PrivateKey.generate()
SEED = base64.b64encode(KEY.private_bytes(serialization.Encoding.Raw,
                                          serialization.PrivateFormat.Raw,
                                          serialization.NoEncryption()))
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(
    serialization.Encoding.Raw, serialization.PublicFormat.Raw)).decode()


def sign(message: bytes, selector: str = "k1") -> bytes:
    signature: bytes = dkim.sign(message, selector.encode(), b"maker.example", SEED,
                                 signature_algorithm=b"ed25519-sha256",
                                 canonicalize=(b"relaxed", b"relaxed"))
    return signature + message


def tls(name: str = "t1", domains: tuple[str, ...] = ("example.org",)) -> bytes:
    def at(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return json.dumps({
        "organization-name": "TLS Maker", "contact-info": "tls@maker.example", "report-id": name,
        "date-range": {"start-datetime": at(DAY), "end-datetime": at(DAY + 86399)},
        "policies": [{"policy": {"policy-type": "sts", "policy-domain": domain,
                                 "mx-host": [f"mail.{domain}"]},
                      "summary": {"total-successful-session-count": 90,
                                  "total-failure-session-count": 4},
                      "failure-details": [{"result-type": "certificate-expired",
                                           "receiving-mx-hostname": f"mail.{domain}",
                                           "failed-session-count": 4}]}
                     for domain in domains]}).encode()


COMPLAINT = (
    "From: fbl@maker.example\r\nTo: abuse@example.org\r\nMessage-ID: <fbl-1@maker.example>\r\n"
    "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report;"
    " boundary=b\r\n\r\n--b\r\n\r\nSpam.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
    "Feedback-Type: abuse\r\nUser-Agent: Loop/1\r\nVersion: 1\r\nSource-IP: 192.0.2.25\r\n"
    "Original-Mail-From: <alice@example.org>\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    "From: alice@example.org\r\nSubject: Buy\r\n\r\n--b--\r\n").encode()


def listed(api: Api, count: int) -> list[dict]:  # type: ignore[type-arg]
    until(lambda: len(api.get("/reports")["items"]) == count, what=f"{count} reports")
    items: list[dict] = api.get("/reports")["items"]  # type: ignore[type-arg]
    return items


def test_reports_are_read_and_added_up(roost: Roost) -> None:
    api = as_owner(roost)
    bring(roost, attached(zipped(dmarc("Zip Maker", [("192.0.2.1", 5, "none", "pass", "fail")])),
                          "application/zip", "maker.example!example.org!1!2.zip"))
    bring(roost, attached(gzip.compress(dmarc("Gzip Maker", [
        ("192.0.2.1", 3, "none", "pass", "pass"), ("198.51.100.9", 2, "reject", "fail", "fail")])),
        "application/octet-stream", "report.xml.gz"))
    bring(roost, attached(dmarc("Plain Maker", [("2001:DB8::1", 1, "quarantine", "fail", "fail")],
                                domain="news.example.org"), "text/xml", "report.xml"))
    bring(roost, sign(attached(gzip.compress(tls()), "application/tlsrpt+gzip", "r.json.gz")))
    bring(roost, COMPLAINT, to="postmaster@example.org")
    items = listed(api, 5)
    assert {i["kind"] for i in items} == {"dmarc", "tls", "failure"}
    assert all(i["proven"] and i["domain"] == "example.org" for i in items), items
    assert [i["organization"] for i in api.get("/reports", kind="dmarc", limit=2)["items"]] == \
        ["Plain Maker", "Gzip Maker"]
    page = api.get("/reports", kind="dmarc", limit=2)
    assert [i["organization"] for i in
            api.get("/reports", kind="dmarc", after=page["next"])["items"]] == ["Zip Maker"]

    seen = api.get("/reports/dmarc", domain="example.org", days=7)
    day = next(d for d in seen["days"] if d["count"] != 0)
    assert (day["count"], day["passed"], day["failed"], day["reject"], day["spf"]) == \
        (11, 8, 3, 2, 3)
    assert [(s["address"], s["count"], s["verdict"]) for s in seen["sources"]] == \
        [("192.0.2.1", 8, "passes"), ("198.51.100.9", 2, "unauthenticated"),
         ("2001:db8::1", 1, "unauthenticated")]
    assert seen["sources"][0]["organizations"] == ["Zip Maker", "Gzip Maker"]
    assert seen["sources"][0]["spf_domains"] == ["bounce.example"]
    assert {o["name"] for o in seen["organizations"]} == {"Zip Maker", "Gzip Maker", "Plain Maker"}

    seen = api.get("/reports/tls", domain="example.org")
    assert [(d["good"], d["failed"]) for d in seen["days"] if d["good"]] == [(90, 4)]
    (failure,) = seen["failures"]
    assert (failure["result"], failure["mx"], failure["count"]) == \
        ("certificate-expired", "mail.example.org", 4)
    assert "expired" in failure["words"]

    seen = api.get("/reports/arf", domain="example.org")
    assert [t["name"] for t in seen["types"]] == ["abuse"] and len(seen["complaints"]) == 1
    whole = api.get(f"/reports/{seen['complaints'][0]['id']}")
    assert whole["feedback"]["original_from"] == "alice@example.org"
    assert whole["feedback"]["address"] == "192.0.2.25" and whole["dmarc"] == []

    (domain,) = [d for d in api.get("/reports/domains")["items"]
                 if d["domain"] == "example.org"]
    assert (domain["dmarc"], domain["tls"], domain["failures"], domain["messages"]) == (3, 1, 1, 11)

    # one goes, and what it had added with it; and all have been delivered
    out = roost.cli("report", "list", "kind=dmarc")
    assert "Gzip Maker" in out
    gone = next(i["id"] for i in items if i["organization"] == "Gzip Maker")
    assert "198.51.100.9" in roost.cli("report", "show", gone)
    assert len(api.get(f"/reports/{gone}", rows=1)["dmarc"]) == 1
    assert api.get(f"/reports/{gone}", rows=1)["rows_next"] == 1
    roost.cli("report", "rm", gone)
    assert "198.51.100.9" not in roost.cli("report", "dmarc", "domain=example.org")
    (source,) = [s for s in api.get("/reports/dmarc", domain="example.org")["sources"]
                 if s["address"] == "192.0.2.1"]
    assert source["organizations"] == ["Zip Maker"]
    assert refusal(api, "GET", f"/reports/{gone}")[0] == 404
    assert len(mail.inbox(roost)) == 5
    assert refusal(as_user(roost), "GET", "/reports")[0] == 403
    assert refusal(api, "GET", "/reports/dmarc")[0] == 400
    assert refusal(api, "GET", "/reports?kind=other")[0] == 400


def test_what_nobody_proves_counts_nowhere(roost: Roost) -> None:
    api = as_owner(roost)
    report = attached(zipped(dmarc("Forger", [("192.0.2.1", 5, "none", "pass", "pass")])),
                      "application/zip", "a.zip")
    bring(roost, report, peer="203.0.113.99")
    (item,) = listed(api, 1)
    assert item["proven"] is False and item["messages"] == 5
    assert api.get("/reports/dmarc", domain="example.org")["sources"] == []
    bring(roost, report)  # the same, by its real author, takes its place
    until(lambda: listed(api, 1)[0]["proven"], what="the proven one")
    mark = roost.log.mark()
    bring(roost, report)
    roost.log.wait("report_refused .*it has come before", after=mark)
    assert len(api.get("/reports/dmarc", domain="example.org")["sources"]) == 1


def test_tls_reports_are_signed(roost: Roost) -> None:
    """RFC 8460 3: by a key for mail or for such reports; SPF alone is not enough."""
    api = as_owner(roost)

    def mailed(name: str) -> bytes:
        return attached(tls(name), "application/tlsrpt+json", "r.json")
    mark = roost.log.mark()
    bring(roost, mailed("unsigned"))
    roost.log.wait("report_refused .*has not signed it", after=mark)
    mark = roost.log.mark()
    bring(roost, sign(mailed("changed")).replace(b"b--\r\n", b"b--\r\n\r\nmore"))
    roost.log.wait("report_refused .*has not signed it", after=mark)
    bring(roost, sign(mailed("by the key for reports"), "r1"))
    (item,) = listed(api, 1)
    assert item["proven"] and item["report_id"] == "by the key for reports"
    assert "policy.service=tlsrpt" in mail.inbox(roost)[-1].decode()
    # that key is for nothing else: of a stranger's address, DMARC has no proof
    bring(roost, sign(attached(zipped(dmarc("Other", [("192.0.2.1", 5, "none", "pass", "pass")])),
                               "application/zip", "a.zip"), "r1"), peer="203.0.113.99")
    assert not next(i for i in listed(api, 2) if i["kind"] == "dmarc")["proven"]


def test_each_domain_has_its_own_rows(roost: Roost) -> None:
    """One report about two domains: who administers one sees nothing of the other's."""
    api = as_owner(roost)
    api.post("/domains", {"name": "example.net"})
    api.put(f"/accounts/{address('bob')}", {"role": "admin", "domains": ["example.net"]})
    bring(roost, sign(attached(tls("both", ("example.org", "example.net", "example.com")),
                               "application/tlsrpt+json", "r.json")))
    assert {i["domain"] for i in listed(api, 2)} == {"example.org", "example.net"}
    admin = as_user(roost)
    (item,) = admin.get("/reports")["items"]
    assert item["domain"] == "example.net" and (item["passed"], item["failed"]) == (90, 4)
    whole = admin.get(f"/reports/{item['id']}")
    assert [p["domain"] for p in whole["tls"]] == ["example.net"]
    assert whole["remarks"] == ["1 rows are about domains of others, and are left out"]
    assert "example.org" not in json.dumps(whole)
    other = next(i["id"] for i in listed(api, 2) if i["domain"] == "example.org")
    assert refusal(admin, "GET", f"/reports/{other}")[0] == 404


def test_a_user_proves_nobody(roost: Roost) -> None:
    """Who is logged in may write any author into a report: it counts nowhere."""
    api = as_owner(roost)
    with secure(roost) as peer:
        assert peer.code("AUTH PLAIN " + plain("bob@example.org", PASSWORDS["bob"])) == 235
        for to, author in (("postmaster@example.net", "bob@example.org"),  # it leaves: not read
                           ("postmaster@example.org", "noreply-dmarc-support@google.com"),
                           ("postmaster@example.org", "bob@example.org")):
            assert peer.code("MAIL FROM:<bob@example.org>") == 250
            assert peer.code(f"RCPT TO:<{to}>") == 250
            # an author of elsewhere may be refused: then there is nothing to be read
            peer.data(attached(dmarc(to + author, [("192.0.2.1", 5, "none", "pass", "pass")]),
                               "text/xml", "a.xml", author=author))
            peer.code("RSET")
    until(lambda: "bob@example.org" in [i["from"] for i in api.get("/reports")["items"]],
          what="the user's report")
    assert not any(i["proven"] for i in api.get("/reports")["items"])
    assert not any("example.net" in i["organization"] for i in api.get("/reports")["items"])
    assert api.get("/reports/dmarc", domain="example.org")["sources"] == []


def test_addresses_for_reports_exist(roost: Roost) -> None:
    """At every domain, unless somebody has the name or the setting leaves it out."""
    api = as_owner(roost)
    api.post("/domains", {"name": "second.example"})
    rows = [("192.0.2.1", 5, "none", "pass", "pass")]
    for to in ("dmarc-reports@second.example", "tls-reports@example.org", "abuse@second.example"):
        bring(roost, attached(dmarc(to, rows), "text/xml", "a.xml"), to=to)
    assert {i["organization"].split("@")[0] for i in listed(api, 3)} == {
        "dmarc-reports", "tls-reports", "abuse"}
    assert len(mail.inbox(roost)) == 3
    with SmtpPeer.proxied(roost.ports["smtp"], PEER) as session:
        session.envelope("x@maker.example")
        assert session.code("RCPT TO:<ruf-reports@second.example>") == 550


def test_the_days_end_today(roost: Roost) -> None:
    """As many as were asked for, and none that is yet to come."""
    api = as_owner(roost)
    for kind in ("dmarc", "tls", "arf"):
        for days in (1, 30):
            seen = [d["day"] for d in api.get(f"/reports/{kind}", domain="example.org",
                                              days=days)["days"]]
            today = datetime.now(timezone.utc).date()
            assert len(seen) == days and seen[-1].startswith(today.isoformat()), (kind, seen)
            assert seen[0].startswith((today - timedelta(days=days - 1)).isoformat()), seen


def test_complaints_of_these_days(roost: Roost) -> None:
    """The list is of the time that its chart is of."""
    api = as_owner(roost)
    for ago in (1, 21):
        when = format_datetime(datetime.fromtimestamp(time.time() - ago * 86400, timezone.utc))
        bring(roost, COMPLAINT.replace(b"fbl-1@", f"fbl-{ago}@".encode()).replace(
            b"Version: 1\r\n", f"Version: 1\r\nArrival-Date: {when}\r\n".encode()))
    listed(api, 2)
    for days, count in ((7, 1), (30, 2)):
        sums = api.get("/reports/arf", domain="example.org", days=days)
        assert len(sums["complaints"]) == count == sum(d["count"] for d in sums["days"])


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_no_report_is_lost(roost: Roost, end: str) -> None:
    """Whatever ends the server right after the last 250: what was accepted is read."""
    rows = [(f"198.51.{i // 200}.{1 + i % 200}", 1, "none", "pass", "pass") for i in range(2000)]
    mails = [attached(gzip.compress(dmarc(f"Maker {i}", rows)), "application/gzip", "a.xml.gz")
             for i in range(25)]
    with SmtpPeer.proxied(roost.ports["smtp"], PEER) as session:
        assert session.code("EHLO mx.maker.example") == 250
        for raw in mails:
            assert session.code("MAIL FROM:<noreply@maker.example>") == 250
            assert session.code("RCPT TO:<postmaster@example.org>") == 250
            assert session.data(raw)[0] == 250
        getattr(roost, end)()
    roost.fsck()
    roost.start()
    items = listed(as_owner(roost), len(mails))
    assert {i["organization"] for i in items} == {f"Maker {i}" for i in range(len(mails))}
    assert all(i["proven"] and i["rows"] == len(rows) for i in items)
    assert len(mail.inbox(roost)) == len(mails)
    roost.stop()
    roost.fsck()


def test_what_only_goes_on_is_read(roost: Roost) -> None:
    """A postmaster who is elsewhere: the report is read out of what waits to leave."""
    api = as_owner(roost)
    api.post("/domains", {"name": "second.example"})
    roost.cli("alias", "add", "postmaster@second.example", "far@maker.example")
    bring(roost, attached(dmarc("Onward", [("192.0.2.1", 5, "none", "pass", "pass")],
                                domain="second.example"), "text/xml", "a.xml"),
          to="postmaster@second.example")
    (item,) = listed(api, 1)
    assert item["proven"] and item["domain"] == "second.example"
    roost.fsck()


def test_what_is_made_to_hurt(roost: Roost) -> None:
    """Bombs, lies and damage are told of; everything else goes on, and the mail is there."""
    api = as_owner(roost)
    good = dmarc("Good", [("192.0.2.1", 1, "none", "pass", "pass")])
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as z:
        for i in range(20):
            z.writestr(f"{i}.xml", "<x/>")
    entities = (b'<!DOCTYPE f [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
                b"<feedback><report_metadata><org_name>&b;</org_name></report_metadata></feedback>")
    rows = [
        (gzip.compress(b"\0" * (80 << 20)), "application/gzip", "times its size"),
        (zipped(b"<feedback>" + b" " * (80 << 20)), "application/zip", "times its size"),
        (many.getvalue(), "application/zip", "more than 8 files"),
        (gzip.compress(good)[:-9], "application/gzip", "damaged or cut off"),
        (zipped(good)[:100], "application/zip", "damaged or cut off"),
        (entities, "text/xml", "document type"),
        (good[:-20], "text/xml", "cut off"),
        (dmarc("Old", [], begin=86400), "text/xml", "older than reports are kept"),
        (dmarc("Early", [], begin=DAY + 86400 * 300), "text/xml", "about the future"),
        (dmarc("Other", [], domain="example.net"), "text/xml", "no domain of ours"),
    ]
    for content, kind, why in rows:
        mark = roost.log.mark()
        bring(roost, attached(content, kind, "a.xml"))
        roost.log.wait(f"report_refused .*{why}", after=mark)
    bring(roost, attached(good, "text/xml", "a.xml"))
    assert [i["organization"] for i in listed(api, 1)] == ["Good"]
    assert len(mail.inbox(roost)) == len(rows) + 1
    roost.fsck()
