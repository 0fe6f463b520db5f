"""The DNS doctor of a running server: what it finds, keeps and tells (docs/start/dns.md).

Slow: each record is judged by name servers that are changed in between.
"""
import json
import os
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from conftest import Maker
from harness.api import Api, as_owner, as_user, refusal
from harness.dns_server import A, AAAA, CAA, MX, NS, PTR, SOA, TXT, DnsServer
from harness.mail import inbox
from harness.peer import until
from harness.ports import free_port
from harness.server import DOMAIN, HOSTNAME
from harness.smtp_sink import Sink

DOCTOR = f"/domains/{DOMAIN}/doctor"


def looked(api: Api, path: str, after: str | None = None) -> Any:
    """The part once it has been looked at, since that time."""
    def done() -> bool:
        part = api.get(path)
        return not part["looking"] and part["looked"] not in (None, after)
    until(done, 40)
    return api.get(path)


def test_a_look_is_kept(make_roost: Maker, dns: DnsServer) -> None:
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off").start()
    api = as_owner(roost)
    part = looked(api, DOCTOR)
    rows = {row["id"]: row for row in part["rows"]}
    mx = rows[f"MX:{DOMAIN}"]
    assert mx["state"] == "fail" and mx["words"] == "The record is missing."
    assert mx["expected"] == f"10 {HOSTNAME}" and mx["paste"] == f"{DOMAIN}. IN MX 10 {HOSTNAME}."
    assert [(v["of"], v["by"], v["data"]) for v in mx["seen"]] == [("resolver", dns.address, [])]
    assert rows["bimi"]["state"] == "ok" and rows["bimi"]["optional"]
    assert rows["bimi"]["paste"] == (
        f'default._bimi.{DOMAIN}. IN TXT "v=BIMI1; l=https://{DOMAIN}/picture.svg"')
    assert rows["policy"]["state"] == "warn" and "fetched" in rows["policy"]["words"]
    (warning,) = (w for w in api.get("/overview")["warnings"] if w["id"] == "dns_wrong")
    # The overview counts what the page of the doctor counts.
    every = [part for part in (looked(api, DOCTOR), api.get("/doctor")["host"]) if part["counts"]["fail"]]
    assert sum(part["counts"]["fail"] for part in every) == sum(
        map(int, re.findall(r"\((\d+)\)", warning["text"])))
    assert warning["page"] == "doctor"
    for part in every:
        assert f"{part['name'] or 'this server'} ({part['counts']['fail']})" in warning["text"]
    told = roost.run("doctor", DOMAIN)
    assert told.returncode == 1 and f"fail    {DOMAIN} MX: The record is missing." in told.stdout
    assert f"should be: 10 {HOSTNAME}" in told.stdout and "port 25" not in told.stdout.lower()
    assert f"to paste: {mx['paste']}" in told.stdout
    assert f"        {mx['purpose']}\n" in told.stdout
    told = roost.run("doctor", "--json", DOMAIN)
    assert told.returncode == 1
    (same,) = json.loads(told.stdout)["domains"]
    assert same["name"] == DOMAIN and same["counts"]["fail"] == part["counts"]["fail"]
    assert {row["id"]: (row["state"], row["words"], row["seen"]) for row in same["rows"]}[
        f"MX:{DOMAIN}"] == (mx["state"], mx["words"], mx["seen"])
    dns.add(f"default._bimi.{DOMAIN}", TXT, "v=BIMI1; l=http://x.example/a.svg")
    dns.add(DOMAIN, MX, f"10 {HOSTNAME}")
    time.sleep(1.1)  # the time of a look is told in seconds
    api.post("/doctor", {"domain": DOMAIN})
    part = looked(api, DOCTOR, part["looked"])
    rows = {row["id"]: row for row in part["rows"]}
    mx = rows[f"MX:{DOMAIN}"]
    assert mx["state"] == "ok" and mx["seen"][0]["data"] == [mx["expected"]]
    assert rows["bimi"]["state"] == "warn" and "record is wrong" in rows["bimi"]["words"]


def test_a_policy_ends_by_hand(make_roost: Maker, dns: DnsServer) -> None:
    """Its rows stay while there is a record, until that says so (RFC 8461 8.3)."""
    name = f"_mta-sts.{DOMAIN}"
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_BLOCKLISTS="").start()
    api = as_owner(roost)
    dns.add(name, TXT, "v=STSv1; id=1")
    api.put(f"/domains/{DOMAIN}", {"mta_sts": "none"})

    def rows() -> dict[str, Any]:
        before = looked(api, DOCTOR)["looked"]
        time.sleep(1.1)  # the time of a look is told in seconds
        api.post("/doctor", {"domain": DOMAIN})
        return {row["id"]: row for row in looked(api, DOCTOR, before)["rows"]}
    found = rows()
    assert found[f"TXT:{name}"]["state"] == "warn" and found["policy"]["expected"] == "mode none"
    assert "no policy any more" in found[f"TXT:{name}"]["advice"]
    dns.records[(name, TXT)] = []
    dns.add(name, TXT, found[f"TXT:{name}"]["expected"])
    found = rows()
    assert found[f"TXT:{name}"]["state"] == "ok" and "policy" in found
    assert "eight days" in found[f"TXT:{name}"]["advice"]
    dns.records[(name, TXT)] = []
    found = rows()
    assert f"TXT:{name}" not in found and "policy" not in found


def test_a_picture_takes_a_strict_policy(make_roost: Maker, dns: DnsServer) -> None:
    """Who shows pictures wants forgeries refused (BIMI)."""
    dns.add(f"default._bimi.{DOMAIN}", TXT, "v=BIMI1; l=https://x.example/a.svg")
    dns.add(f"_dmarc.{DOMAIN}", TXT, "v=DMARC1; p=quarantine; pct=50")
    api = as_owner(make_roost(DNS_SERVERS=dns.address, DNSSEC="off").start())

    def bimi(part: Any) -> Any:
        (row,) = (row for row in part["rows"] if row["id"] == "bimi")
        return row
    part = looked(api, DOCTOR)
    assert bimi(part)["state"] == "warn" and "too weak" in bimi(part)["words"]
    assert "p=reject" in bimi(part)["advice"]
    dns.records[f"_dmarc.{DOMAIN}", TXT] = ["v=DMARC1; p=quarantine"]
    time.sleep(1.1)
    api.post("/doctor", {"domain": DOMAIN})
    part = looked(api, DOCTOR, part["looked"])
    assert bimi(part)["state"] == "ok" and bimi(part)["words"] == "The record names a picture."


def looked_at_host(api: Api, after: str | None = None) -> tuple[Any, dict[str, Any]]:
    """When the host has been looked at, since that time, and its rows."""
    def done() -> bool:
        host = api.get("/doctor")["host"]
        return not host["looking"] and host["looked"] not in (None, after)
    until(done, 40)
    host = api.get("/doctor")["host"]
    return host["looked"], {row["id"]: row for row in host["rows"]}


def test_another_host_name_is_judged_at_once(make_roost: Maker, dns: DnsServer) -> None:
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", HOSTNAME=None).start()
    api = as_owner(roost)
    api.put("/settings/HOSTNAME", {"value": "old.example.org"})
    until(lambda: "10 old.example.org" in str(looked(api, DOCTOR)["rows"]), 40)
    api.put("/settings/HOSTNAME", {"value": "new.example.org"})
    until(lambda: "10 new.example.org" in str(api.get(DOCTOR)["rows"]), 40)
    assert "old.example.org" not in str(api.get(DOCTOR)["rows"])


def test_caa_of_the_names_of_certificates(make_roost: Maker, dns: DnsServer) -> None:
    """The host's name has a row of its own with a record of its own, in place of which that of the
    domain counts otherwise; a name that is in no domain of ours always has one."""
    dns.add(HOSTNAME, A, "198.51.100.7")
    dns.add(f"mta-sts.{DOMAIN}", A, "198.51.100.7")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", ACME="on",
                       ACME_DIRECTORY="https://127.0.0.1:1/api.letsencrypt.org",
                       ACME_NAMES="mail.away.example, *.away.example, 192.0.2.1").start()
    api = as_owner(roost)
    looked_ms, rows = looked_at_host(api)
    assert f"CAA:{HOSTNAME}" not in rows
    assert rows["CAA:mail.away.example"]["state"] == "ok"
    assert "any authority may issue" in rows["CAA:mail.away.example"]["advice"]
    assert rows["CAA:mail.away.example"]["expected"] == '0 issue "letsencrypt.org"'
    assert rows["CAA:away.example"]["expected"] == '0 issuewild "letsencrypt.org"'
    dns.add(HOSTNAME, CAA, '0 issue ";"')
    dns.add("away.example", CAA, '0 issue "letsencrypt.org"')
    dns.add(f"mta-sts.{DOMAIN}", CAA, '0 issue "letsencrypt.org"')
    time.sleep(1.1)
    api.post("/doctor", {"domain": "host"})
    _, rows = looked_at_host(api, looked_ms)
    assert rows[f"CAA:{HOSTNAME}"]["state"] == "fail"
    assert "allow our authority to issue" in rows[f"CAA:{HOSTNAME}"]["advice"]
    assert rows["CAA:mail.away.example"]["state"] == "ok"
    assert rows["CAA:away.example"]["state"] == "ok"
    part = looked(api, DOCTOR)
    time.sleep(1.1)
    api.post("/doctor", {"domain": DOMAIN})
    states = {row["id"]: row["state"] for row in looked(api, DOCTOR, part["looked"])["rows"]}
    assert states[f"CAA:mta-sts.{DOMAIN}"] == "ok" and f"CAA:autoconfig.{DOMAIN}" not in states


SOA_DATA = f"ns1.{DOMAIN} root.{DOMAIN} %d 60 60 600 60"


@pytest.fixture
def zone(dns: DnsServer) -> Iterator[list[DnsServer]]:
    """Two name servers of the domain, which the resolver knows of."""
    if os.geteuid() != 0:
        pytest.skip("name servers of zones listen on port 53, which only root may")
    servers = []
    for i in (1, 2):
        host = f"127.0.53.{i}"
        dns.add(DOMAIN, NS, f"ns{i}.{DOMAIN}")
        dns.add(f"ns{i}.{DOMAIN}", A, host)
        server = DnsServer(host, 53)
        server.authoritative = True
        server.add(DOMAIN, SOA, SOA_DATA % 7)
        servers.append(server)
    yield servers
    for server in servers:
        server.close()


def seen(row: Any) -> dict[str, tuple[str, list[str], str]]:
    """What each said of a row, and what it would come to."""
    return {v["by"]: (v["answer"], v["data"], v["state"]) for v in row["seen"]}


def test_the_zones_servers_are_asked_themselves(make_roost: Maker, dns: DnsServer,
                                                zone: list[DnsServer]) -> None:
    """Caches, servers that differ, and one that is not the zone's are told apart."""
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off").start()
    api = as_owner(roost)
    record = f"10 {HOSTNAME}"
    by = [f"ns{i}.{DOMAIN} [127.0.53.{i}]" for i in (1, 2)]
    for server in zone:
        server.add(DOMAIN, MX, record)
    dns.add(DOMAIN, MX, "10 old.example.net")
    dns.ttl = 1800
    part = looked(api, DOCTOR)

    def rows() -> Any:
        return {row["id"]: row for row in part["rows"]}

    def again() -> Any:
        time.sleep(1.1)
        api.post("/doctor", {"domain": DOMAIN})
        return looked(api, DOCTOR, part["looked"])

    mx = rows()[f"MX:{DOMAIN}"]
    assert seen(mx) == {by[0]: ("found", [record], "ok"), by[1]: ("found", [record], "ok"),
                        dns.address: ("found", ["10 old.example.net"], "fail")}
    assert mx["state"] == "warn" and "The zone has the correct record" in mx["words"]
    assert "30 minutes" in mx["advice"]
    assert rows()["servers"]["state"] == "ok" and "agree" in rows()["servers"]["words"]

    zone[1].records[DOMAIN, MX] = ["10 old.example.net"]
    zone[1].records[DOMAIN, SOA] = [SOA_DATA % 6]
    part = again()
    mx = rows()[f"MX:{DOMAIN}"]
    assert mx["state"] == "fail" and "servers of the zone differ" in mx["words"] and by[1] in mx["words"]
    assert f"{by[0]} 7, {by[1]} 6" in rows()["servers"]["words"]

    zone[1].authoritative = False
    dns.records[DOMAIN, MX] = [record]
    part = again()
    mx = rows()[f"MX:{DOMAIN}"]
    assert mx["state"] == "ok" and seen(mx)[by[1]] == ("is not the zone's server", [], "unknown")
    assert rows()["servers"]["state"] == "warn"
    assert "1 of 2" in rows()["servers"]["words"]


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("2001:db8:53::1", 53))
        except OSError:
            return False
    return True


def test_a_record_is_judged_by_what_it_means(make_roost: Maker, dns: DnsServer,
                                             zone: list[DnsServer]) -> None:
    """The zone has another SPF record than the one that a resolver remembers: both let us send.
    And a policy that asks for more than ours stays as it is."""
    old, new = "v=spf1 mx -all", "v=spf1 mx include:_spf.x.example -all"
    strict = "v=DMARC1; p=reject"
    dns.add(HOSTNAME, A, "198.51.100.7")
    dns.add(DOMAIN, MX, f"10 {HOSTNAME}")
    dns.add(DOMAIN, TXT, old)
    dns.add("_spf.x.example", TXT, "v=spf1 ip4:203.0.113.9 -all")
    dns.add(f"_dmarc.{DOMAIN}", TXT, strict)
    dns.add(f"autoconfig.{DOMAIN}", A, "198.51.100.7")
    dns.add(f"ns1.{DOMAIN}", AAAA, "2001:db8:53::1")
    for server in zone:
        server.add(DOMAIN, TXT, new)
        server.add(f"_dmarc.{DOMAIN}", TXT, strict)
    # A smarthost's addresses are its own affair, so that this machine's do not matter here.
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off",
                       SMARTHOST="smtp://smart.example:587").start()
    api = as_owner(roost)

    def found(part: Any) -> Any:
        return {row["id"]: row for row in part["rows"]}
    part = looked(api, DOCTOR)
    rows = found(part)
    spf, dmarc = rows[f"TXT:{DOMAIN}"], rows[f"TXT:_dmarc.{DOMAIN}"]
    assert spf["state"] == "ok" and spf["expected"] == new
    assert spf["paste"] == f'{DOMAIN}. IN TXT "{new}"'
    assert dmarc["state"] == "ok" and dmarc["expected"] == strict
    assert rows[f"CNAME:autoconfig.{DOMAIN}"]["state"] == "ok"
    if not has_ipv6():
        assert rows["servers"]["state"] == "ok" and len(rows["servers"]["seen"]) == 2

    for server in zone:
        server.records[DOMAIN, TXT] = ["v=spf1 mx ipv4:192.0.2.1 include:_spf.x.example -all"]
    dns.records[DOMAIN, TXT] = zone[0].records[DOMAIN, TXT]
    time.sleep(1.1)
    api.post("/doctor", {"domain": DOMAIN})
    spf = found(looked(api, DOCTOR, part["looked"]))[f"TXT:{DOMAIN}"]
    assert spf["state"] == "fail" and "cannot be parsed" in spf["advice"]
    assert spf["expected"] == new


def test_spf_is_judged_as_others_see_the_host(make_roost: Maker, dns: DnsServer) -> None:
    """The house's name server has a private address of it; others tell where it is."""
    world = DnsServer()
    for server, address in ((dns, "192.168.1.10"), (world, "198.51.100.7")):
        server.add(HOSTNAME, A, address)
        server.add(DOMAIN, MX, f"10 {HOSTNAME}")
        server.add(DOMAIN, TXT, "v=spf1 ip4:198.51.100.7 -all")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_RESOLVERS=world.address)

    def spf() -> Any:
        told = json.loads(roost.run("doctor", "--json", DOMAIN).stdout)
        (row,) = (r for r in told["domains"][0]["rows"] if r["id"] == f"TXT:{DOMAIN}")
        return row
    roost.start()
    if any(row["type"] == "A" and row["expected"] for row in json.loads(
            roost.run("doctor", "--json").stdout)["host"]["rows"]):
        world.close()
        return  # this machine has public addresses of its own
    assert spf()["state"] == "ok"
    for server in (dns, world):
        server.records[DOMAIN, TXT] = ["v=spf1 mx -all"]
    assert spf()["state"] == "ok"
    for server in (dns, world):
        server.records[DOMAIN, TXT] = ["v=spf1 ip4:198.51.100.9 -all"]
    assert spf()["state"] == "fail"
    world.close()
    row = spf()
    assert row["state"] == "unknown" and "ROOST_DOCTOR_RESOLVERS" in row["advice"]


def test_reports_that_nobody_reads_are_told(make_roost: Maker, dns: DnsServer) -> None:
    """By the server's own directory: by its look, by the command and on the page of records."""
    dns.add(f"_dmarc.{DOMAIN}", TXT, f"v=DMARC1; p=none; rua=mailto:nobody-here@{DOMAIN}")
    dns.add(f"_smtp._tls.{DOMAIN}", TXT, f"v=TLSRPTv1; rua=mailto:bob@{DOMAIN}")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off").start()
    api = as_owner(roost)
    told = json.loads(roost.run("doctor", "--json", DOMAIN).stdout)["domains"][0]["rows"]
    for rows in (looked(api, DOCTOR)["rows"], told, api.get(f"/domains/{DOMAIN}/dns")["records"]):
        by_name = {row["name"]: row for row in rows}
        dmarc, rpt = by_name[f"_dmarc.{DOMAIN}"], by_name[f"_smtp._tls.{DOMAIN}"]
        assert dmarc["state"] == "warn" and "reports are lost" in dmarc["advice"]
        assert rpt["state"] == "warn" and "to ROOST_REPORTS_TO" in rpt["advice"]


def test_the_host_has_rows_too(make_roost: Maker, dns: DnsServer) -> None:
    """Its address, and the name that the address has."""
    dns.add(HOSTNAME, A, "198.51.100.7")
    dns.add("7.100.51.198.in-addr.arpa", PTR, "dynamic.isp.example")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off").start()
    api = as_owner(roost)

    def done() -> bool:
        host = api.get("/doctor")["host"]
        return not host["looking"] and host["looked"] is not None
    until(done, 40)
    rows = {row["id"]: row for row in api.get("/doctor")["host"]["rows"]}
    assert rows["hostname"]["state"] == "ok"
    same = json.loads(roost.run("doctor", "--json").stdout)["host"]
    assert {row["id"]: row["expected"] for row in same["rows"]} == {
        row["id"]: row["expected"] for row in rows.values()}
    assert rows[f"TLSA:_25._tcp.{HOSTNAME}"]["expected"].startswith("3 1 1 ")
    if rows[f"A:{HOSTNAME}"]["expected"]:
        return  # this machine has public addresses of its own
    assert rows[f"A:{HOSTNAME}"]["state"] == "ok"
    ptr = rows["PTR:7.100.51.198.in-addr.arpa"]
    assert ptr["state"] == "fail" and ptr["expected"] == HOSTNAME
    assert ptr["seen"][0]["data"] == ["dynamic.isp.example"] and "reverse DNS" in ptr["advice"]
    assert ptr["paste"] == f"7.100.51.198.in-addr.arpa. IN PTR {HOSTNAME}."


def test_what_goes_wrong_is_told_once(make_roost: Maker, dns: DnsServer) -> None:
    """A record that was right and is gone: an event and one mail; another when it is back. An
    administrator whose mailbox is full misses it, and nobody else is told again for that."""
    dns.add(DOMAIN, MX, f"10 {HOSTNAME}")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_DELAY="1s").start()
    roost.cli("account", "set", f"bob@{DOMAIN}", "role=admin", f"domains={DOMAIN}",
              "quota_bytes=1")
    api = as_owner(roost)
    part = looked(api, DOCTOR)
    (mx,) = (row for row in part["rows"] if row["id"] == f"MX:{DOMAIN}")
    assert mx["state"] == "ok" and mx["right"] is not None and mx["since"] is None
    before = len(inbox(roost))
    gone = dns.records.pop((DOMAIN, MX))
    api.post("/doctor", {"domain": DOMAIN})  # a second time by itself
    roost.log.wait(f"doctor_record_wrong .*part={DOMAIN} id=MX:{DOMAIN}", 30)
    until(lambda: len(inbox(roost)) == before + 1, 30)
    told = inbox(roost)[-1].decode()
    assert "Subject: " + HOSTNAME + ": 1 in DNS that was right is wrong now" in told
    assert f"* {DOMAIN} MX\r\n  The record is missing.\r\n" in told
    assert f"    {DOMAIN}. IN MX 10 {HOSTNAME}.\r\n" in told

    roost.restart()  # which looks again, and tells what is not told
    assert looked(as_owner(roost), DOCTOR)["state"] != "ok" and len(inbox(roost)) == before + 1
    roost.stop()
    dns.records[DOMAIN, MX] = gone
    roost.start()
    api = as_owner(roost)
    again = looked(api, DOCTOR)
    (mx,) = (row for row in again["rows"] if row["id"] == f"MX:{DOMAIN}")
    assert mx["state"] == "ok" and mx["since"] > part["looked"]
    until(lambda: len(inbox(roost)) == before + 2, 30)
    assert b"1 in DNS is right again" in inbox(roost)[-1]


OTHER = "elsewhere.example"


@pytest.fixture
def elsewhere(dns: DnsServer) -> Iterator[DnsServer]:
    """The name server of somebody else's domain, by which one sees whether the world is there."""
    if os.geteuid() != 0:
        pytest.skip("name servers of zones listen on port 53, which only root may")
    dns.add(OTHER, NS, f"ns.{OTHER}")
    dns.add(f"ns.{OTHER}", A, "127.0.53.9")
    server = DnsServer("127.0.53.9", 53)
    server.authoritative = True
    server.add(OTHER, SOA, SOA_DATA % 1)
    yield server
    server.close()


def test_a_dead_zone_is_told_when_the_world_is_there(make_roost: Maker, dns: DnsServer,
                                                     zone: list[DnsServer],
                                                     elsewhere: DnsServer) -> None:
    """All name servers of a domain are down. While nobody else's answer either that is our own
    network's trouble, which nobody is told; when theirs do, it is the domain's."""
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_DELAY="1s",
                       DOCTOR_TEST_DOMAIN=OTHER).start()
    api = as_owner(roost)
    part = looked(api, DOCTOR)

    def servers() -> Any:
        (row,) = (r for r in part["rows"] if r["id"] == "servers")
        return row

    def again() -> Any:
        time.sleep(1.1)
        api.post("/doctor", {"domain": DOMAIN})
        return looked(api, DOCTOR, part["looked"])

    assert servers()["state"] == "ok"
    before = len(inbox(roost))
    for server in (*zone, elsewhere):
        server.failing |= {DOMAIN, OTHER}
    for _ in range(2):
        part = again()
        assert servers()["state"] == "unknown" and "No name server of the zone" in servers()["words"]
    assert not any("doctor_record_wrong" in line for line in roost.log.lines)

    elsewhere.failing.clear()
    part = again()
    assert servers()["state"] == "fail" and "while those of other" in servers()["words"]
    roost.log.wait(f"doctor_record_wrong .*part={DOMAIN} id=servers", 30)
    until(lambda: len(inbox(roost)) == before + 1, 30)
    assert b"Ask the operator of the zone to start its name servers" in inbox(roost)[-1]
    dns.failing.add(DOMAIN)  # what was remembered is forgotten
    part = again()
    assert servers()["state"] == "fail" and "zone cannot be found" in servers()["words"]
    assert [v["by"] for v in servers()["seen"]] == [dns.address]

    dns.failing.clear()
    for server in zone:
        server.failing.clear()
    part = again()
    assert servers()["state"] == "ok"
    until(lambda: len(inbox(roost)) == before + 2, 30)


def test_lists_of_bad_senders_are_watched(make_roost: Maker, dns: DnsServer) -> None:
    """The host's address is on one list, another does not answer us, the domain is on a third."""
    dns.add(HOSTNAME, A, "198.51.100.7")
    dns.add("7.100.51.198.bad.example", A, "127.0.0.2")
    dns.add("7.100.51.198.shut.example", A, "127.255.255.254")
    dns.add(f"{DOMAIN}.names.example", A, "127.0.1.2")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_BLOCKLISTS=(
        "bad.example, shut.example, good.example, names.example of=domain")).start()
    api = as_owner(roost)
    (row,) = (r for r in looked(api, DOCTOR)["rows"] if r["type"] == "list")
    assert row["id"] == f"list:names.example:{DOMAIN}" and row["state"] == "warn"
    assert row["seen"][0]["data"] == ["127.0.1.2"]

    def done() -> bool:
        host = api.get("/doctor")["host"]
        return not host["looking"] and host["looked"] is not None
    until(done, 40)
    rows = {row["id"]: row for row in api.get("/doctor")["host"]["rows"]}
    told = roost.run("doctor").stdout.split(f"\n{DOMAIN}\n")[0]
    assert told.count(" list: ") == sum(r["type"] == "list" for r in rows.values())
    assert "DNS blocklist" not in told  # each is in it once
    if rows[f"A:{HOSTNAME}"]["expected"]:
        return  # this machine has public addresses of its own
    assert {i.split(":")[1]: r["state"] for i, r in rows.items() if r["type"] == "list"} == {
        "bad.example": "warn", "shut.example": "unknown", "good.example": "ok"}


def self_test(api: Api, **order: str) -> dict[str, Any]:
    """Its steps, the last of each kind, once it is over."""
    api.post("/doctor/self-test", order)
    until(lambda: api.get("/doctor/self-test")["state"] != "running", 90)
    test = api.get("/doctor/self-test")
    assert test["state"] == "done", test
    return {step["id"]: step for step in test["steps"]}


def test_the_self_test_explains_each_step(make_roost: Maker, dns: DnsServer) -> None:
    """A message judged as a receiver would, by DNS and by our own port; then with all in place."""
    port = free_port()
    dns.add(HOSTNAME, A, "127.0.0.1")
    dns.add(DOMAIN, MX, f"10 {HOSTNAME}")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", SMTP_OUT_PORT=str(port),
                       LISTEN_SMTP=f"127.0.0.1:{port}", DOCTOR_BLOCKLISTS="names.example of=domain").start()
    api = as_owner(roost)
    assert api.get("/doctor/self-test")["state"] == "none"
    before = len(inbox(roost))
    steps = self_test(api)
    assert list(steps) == ["ptr", "spf", "dkim", "dmarc", "dnsbl", "helo", "tls", "dane", "sts",
                           "sent", "results", "filter", "delivery"]
    assert len(inbox(roost)) == before + 1
    assert steps["sent"]["state"] == "ok" and "250 accepted as" in steps["sent"]["seen"]
    assert "from 127.0.0.1, over TLS" in steps["sent"]["seen"]
    assert steps["results"]["state"] == "fail" and "dkim=" in steps["results"]["seen"]
    assert "SPF, the address's name and lists were not asked here" in steps["results"]["seen"]
    assert steps["filter"]["state"] == "ok" and "passed: " in steps["filter"]["seen"]
    assert steps["delivery"]["state"] == "ok"
    assert f"in INBOX of alice@{DOMAIN}" in steps["delivery"]["seen"]
    received = " ".join(inbox(roost)[-1].decode().split("Received: ")[1].split())
    assert "with ESMTPS id" in received and "[127.0.0.1]" in received
    assert steps["dkim"]["state"] == "fail" and "_domainkey" in steps["dkim"]["advice"]
    assert steps["spf"]["state"] == "warn" and steps["spf"]["seen"].startswith("none")
    assert steps["dmarc"]["state"] == "warn" and steps["dnsbl"]["state"] == "ok"
    assert steps["helo"]["state"] == "ok" and HOSTNAME in steps["helo"]["seen"]
    assert steps["tls"]["state"] == "warn" and "encrypted, but" in steps["tls"]["seen"]

    for row in api.get(f"/domains/{DOMAIN}/dns")["records"]:
        if row["type"] == "TXT":
            dns.add(row["name"], TXT, row["expected"])
    own = steps["ptr"]["seen"].split(" ")[0]
    if own != "127.0.0.1":
        return  # this machine has public addresses of its own, which are not in this zone
    dns.add("1.0.0.127.in-addr.arpa", PTR, HOSTNAME)
    steps = self_test(api)
    assert {name: steps[name]["state"] for name in ("ptr", "spf", "dkim", "dmarc", "results")} == {
        "ptr": "ok", "spf": "ok", "dkim": "ok", "dmarc": "ok", "results": "ok"}
    assert "dkim=pass" in steps["results"]["seen"] and "dmarc=pass" in steps["results"]["seen"]
    assert steps["spf"]["seen"] == "pass by mx"
    assert steps["dmarc"]["seen"] == "pass by signature and SPF, policy none"


def test_the_self_test_has_no_more_rights_than_a_stranger(make_roost: Maker,
                                                          dns: DnsServer) -> None:
    """Own rules that refuse, put off, mark or drop the message are verdicts, explained as such."""
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_BLOCKLISTS="", DOCTOR_TEST_DOMAIN="",
                       LISTEN_SMTP=f"127.0.0.1:{free_port()}").start()
    api = as_owner(roost)
    before = len(inbox(roost))

    def with_access(rule: str) -> dict[str, Any]:
        roost.cli("settings", "set", "ACCESS",
                  f"{rule} from=postmaster@{DOMAIN} text=\"by a rule\"")
        return self_test(api)

    steps = with_access("reject")
    assert steps["sent"]["state"] == "fail" and "to MAIL it answered 550" in steps["sent"]["seen"]
    assert "by a rule" in steps["sent"]["seen"] and "delivery" not in steps
    steps = with_access("tempfail")
    assert steps["sent"]["state"] == "warn" and "to MAIL it answered 45" in steps["sent"]["seen"]
    steps = with_access("discard")
    assert steps["sent"]["state"] == "ok" and steps["delivery"]["state"] == "fail"
    assert "dropped" in steps["delivery"]["seen"] and steps["results"]["state"] == "unknown"
    assert len(inbox(roost)) == before
    steps = with_access("tag")
    assert steps["filter"]["state"] == "warn" and "X-Roost-Check" in steps["filter"]["seen"]
    steps = with_access("quarantine")
    assert steps["filter"]["state"] == "warn" and "quarantine" in steps["filter"]["seen"]
    assert steps["delivery"]["state"] == "warn" and "in Junk of" in steps["delivery"]["seen"]


def test_where_no_message_can_be_brought(make_roost: Maker, dns: DnsServer) -> None:
    """That is not known then, and nothing is sent; all other steps are made."""
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_BLOCKLISTS="",
                       LISTEN_SMTP="").start()
    before = len(inbox(roost))
    steps = self_test(as_owner(roost))
    assert steps["sent"]["state"] == "unknown" and "dkim" in steps
    assert "listens nowhere for mail of others" in steps["sent"]["seen"]
    assert "delivery" not in steps and len(inbox(roost)) == before


@pytest.mark.parametrize("listen, proxies", [
    ("127.0.0.1:0", ""), ("127.0.0.1:0", "127.0.0.1 for=smtp"), ("[::1]:0", "::1")])
def test_our_port_is_found_as_it_is(make_roost: Maker, dns: DnsServer, listen: str,
                                    proxies: str) -> None:
    """One that the system chose, and one where a proxy's header is awaited."""
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_BLOCKLISTS="", DOCTOR_TEST_DOMAIN="",
                       LISTEN_SMTP=listen, PROXY_PROTOCOL=proxies).start()
    before = len(inbox(roost))
    steps = self_test(as_owner(roost))
    assert steps["sent"]["state"] == "ok", steps["sent"]
    assert f"from {listen[:-2].strip('[]')}, over TLS" in steps["sent"]["seen"]
    assert steps["delivery"]["state"] == "ok" and len(inbox(roost)) == before + 1


def test_a_policy_behind_a_reverse_proxy_is_judged(make_roost: Maker, dns: DnsServer) -> None:
    """Others fetch it from the proxy: by its record it is seen that they do."""
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_BLOCKLISTS="", DOCTOR_TEST_DOMAIN="",
                       LISTEN_SMTP="", LISTEN_HTTPS="").start()
    api = as_owner(roost)
    assert self_test(api)["sts"]["seen"] == "the domain has none"
    dns.add(f"_mta-sts.{DOMAIN}", TXT, "v=STSv1; id=1")
    steps = self_test(api)
    assert steps["sts"]["state"] == "fail" and "cannot be fetched" in steps["sts"]["seen"]


def test_a_self_test_to_an_address_that_leads_elsewhere(make_roost: Maker, dns: DnsServer,
                                                        sink: Sink) -> None:
    """It is told how far it came."""
    dns.mail_host("away.example")
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_BLOCKLISTS="",
                       SMTP_OUT_PORT=str(sink.port),
                       LISTEN_SMTP=f"127.0.0.1:{free_port()}").start()
    roost.cli("alias", "add", f"gone@{DOMAIN}", "carol@away.example")
    steps = self_test(as_owner(roost), to=f"gone@{DOMAIN}")
    assert steps["sent"]["state"] == "ok" and steps["results"]["state"] == "unknown"
    assert steps["delivery"]["state"] == "ok" and "remote server" in steps["delivery"]["seen"]
    assert "carol@away.example" in steps["delivery"]["seen"] and len(sink.messages) == 1


def test_the_self_test_by_a_command(make_roost: Maker, dns: DnsServer) -> None:
    """It waits for the end, tells each step or all of it as JSON, and its status says how it went;
    the host and all domains as JSON."""
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DOCTOR_BLOCKLISTS="", DOCTOR_TEST_DOMAIN="",
                       LISTEN_SMTP=f"127.0.0.1:{free_port()}").start()
    before = len(inbox(roost, "bob"))
    told = roost.run("doctor", "--self-test", f"bob@{DOMAIN}")
    assert told.returncode == 1, told  # keys are not in DNS
    assert f"postmaster@{DOMAIN} to bob@{DOMAIN}\n" in told.stdout
    assert "ok      Our own server takes the message: " in told.stdout
    assert f"ok      Arrival: in INBOX of bob@{DOMAIN}, " in told.stdout
    assert len(inbox(roost, "bob")) == before + 1
    told = roost.run("doctor", "--json", "--self-test", DOMAIN)
    test = json.loads(told.stdout)
    assert told.returncode == 1 and test["state"] == "done" and test["to"] == f"postmaster@{DOMAIN}"
    assert [step["id"] for step in test["steps"]][-4:] == ["sent", "results", "filter", "delivery"]
    told = roost.run("doctor", "--self-test", "nobody.example")
    assert told.returncode == 1 and "no such domain" in told.stderr and told.stdout == ""

    told = roost.run("doctor", "--json")
    found = json.loads(told.stdout)
    assert [part["name"] for part in found["domains"]] == [DOMAIN]
    assert found["host"]["rows"][0]["id"] == "hostname"
    assert "port25" in [check["id"] for check in found["checks"]]
    roost.stop()
    told = roost.run("doctor", "--self-test")
    assert told.returncode == 1 and "no server uses this data folder" in told.stderr


def test_self_tests_are_each_persons_own(make_roost: Maker, dns: DnsServer) -> None:
    """Nobody sees another one's, nor begins a second while his own runs; nor begins many."""
    dns.silent |= {DOMAIN, HOSTNAME}  # it takes a while
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", LISTEN_SMTP="").start()
    roost.cli("account", "set", f"bob@{DOMAIN}", "role=admin", f"domains={DOMAIN}")
    owner, bob = as_owner(roost), as_user(roost)
    owner.post("/doctor/self-test", {})
    assert refusal(owner, "POST", "/doctor/self-test", {}) == (409, "conflict")
    assert owner.get("/doctor/self-test")["state"] == "running"
    assert bob.get("/doctor/self-test")["state"] == "none"
    bob.post("/doctor/self-test", {"domain": DOMAIN})
    assert bob.get("/doctor/self-test")["state"] == "running"
    statuses = [bob.call("POST", "/doctor/self-test", {})[0] for _ in range(20)]
    assert statuses[0] == 409 and statuses[-1] == 429
