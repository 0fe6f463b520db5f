"""Keys that follow each other by themselves, and records that are put into DNS by themselves: a
zone that takes updates (knot), and signatures that dkimpy checks with what the zone has."""
import os
import re
import time
from typing import Iterator

import dkim
import pytest

from conftest import Maker
from harness import knot, mail
from harness.api import Api, as_owner, refusal
from harness.dns_server import A, CNAME, NS, SOA, TXT, DnsServer
from harness.knot import Knot
from harness.peer import until
from harness.server import DOMAIN, HOSTNAME, Roost, new_folder
from harness.smtp_sink import Sink

needs_knot = pytest.mark.skipif(not knot.available() or os.geteuid() != 0,
                                reason="knot is not installed, or nobody may be at port 53")
KEYS = f"/domains/{DOMAIN}/dkim"
TURN_S = 90  # DNS has to show a key for 20 seconds


@pytest.fixture
def zone() -> Iterator[Knot]:
    """example.org at a name server that takes updates."""
    server = Knot(new_folder(), "example.org", HOSTNAME).start()
    yield server
    if server.log:
        print("--- log of knot\n" + server.log.tail(40))
    server.close()


def updating(make_roost: Maker, zone: Knot, sink: Sink, **more: str) -> Roost:
    """A server that may change the zone, and whose mail all goes to the sink."""
    return make_roost(**{"DNS_SERVERS": zone.address, "DNSSEC": "off",
                         "DNS_UPDATE_SERVER": zone.address,
                         "DNS_UPDATE_KEY": f"roost:{knot.SECRET}", "DNS_PUBLISH_TTL": "1s",
                         "SMARTHOST": f"smtp://127.0.0.1:{sink.port}", **more}).start()


def by_state(api: Api) -> dict[str, set[str]]:
    """The selectors of each state."""
    found: dict[str, set[str]] = {}
    for key in api.get(KEYS)["keys"]:
        found.setdefault(key["state"], set()).add(key["selector"])
    return found


def send(roost: Roost, sink: Sink) -> bytes:
    """A message to somebody else, as it leaves."""
    count = len(sink.messages)
    mail.submit(roost, mail.letter("x", sender="alice@example.org", to="friend@example.net"),
                "friend@example.net")
    return sink.wait(count + 1)[-1].data


def signed_by(data: bytes) -> set[str]:
    """The selectors of its signatures."""
    return set(re.findall(r"[;\s]s=([a-z0-9]+);", data.split(b"\r\n\r\n", 1)[0].decode()))


def check(data: bytes, zone: Knot) -> None:
    """Both of its signatures are right by what the zone has just now."""
    def look_up(name: bytes, timeout: float = 5) -> bytes:
        texts = zone.texts(name.decode().rstrip("."))
        assert len(texts) == 1, (name, texts)
        return texts[0].encode()
    assert len(signed_by(data)) == 2
    for i in range(2):
        assert dkim.DKIM(data).verify(i, dnsfunc=look_up)


def named(selector: str) -> str:
    """Where its record is."""
    return f"{selector}._domainkey.{DOMAIN}"


@needs_knot
def test_a_rotation(make_roost: Maker, zone: Knot, sink: Sink) -> None:
    """Mail of before, during and after it is right at each moment; DNS goes away in the midst."""
    roost = updating(make_roost, zone, sink)
    api = as_owner(roost)
    old = by_state(api)["active"]
    until(lambda: all(zone.texts(named(s)) for s in old), 30)
    before = send(roost, sink)
    assert signed_by(before) == old
    check(before, zone)
    assert api.get(KEYS)["state"] == "rest" and api.get(KEYS)["due"] and api.get(KEYS)["published"]

    zone.stop()
    assert api.post(KEYS + "/rotate")["state"] in ("asked", "waiting")
    until(lambda: api.get(KEYS)["state"] == "waiting", 20)
    new = by_state(api)["publish"]
    assert len(new) == 2 and new == set(api.get(KEYS)["next"])
    assert refusal(api, "POST", KEYS + "/rotate") == (409, "conflict")
    assert roost.log
    roost.log.wait(r" record_update_failed .*", 30)
    during = send(roost, sink)  # nothing is lost while DNS is away
    assert signed_by(during) == old

    zone.start()  # its zone is as it was: updates are in its journal
    check(during, zone)
    roost.kill()
    roost.start()
    until(lambda: all(zone.texts(named(s)) for s in new), 60)
    assert signed_by(send(roost, sink)) in (old, new)
    until(lambda: by_state(api).get("active") == new, TURN_S)
    assert by_state(api)["retired"] == old
    after = send(roost, sink)
    assert signed_by(after) == new
    for message in (before, during, after):
        check(message, zone)
    part = api.get(KEYS)
    assert {row["selector"] for row in part["leaving"]} == old
    assert all(6 * 86400 < row["left_s"] <= 7 * 86400 for row in part["leaving"])
    assert f"{new.pop()}" in roost.cli("dkim", "list", DOMAIN)

    # What is removed goes from the zone; and with it what else was put there.
    for selector in old:
        api.delete(f"/domains/{DOMAIN}/keys/{selector}")
    until(lambda: not any(zone.texts(named(s)) for s in old), 30)
    check(after, zone)
    assert roost.cli("fsck") is not None
    whats = [e["what"] for e in api.get("/audit")["items"]]
    assert "key.rotate" in whats


@needs_knot
@pytest.mark.full("Slow: waits until a dead name server no longer counts, two minutes")
def test_a_server_of_the_zone_lags(make_roost: Maker, sink: Sink) -> None:
    """New keys sign once it shows them too; a dead one does not make them sign any earlier."""
    second = DnsServer(knot.place(), 53)
    second.authoritative = True
    second.ttl = second.negative_ttl = 1
    second.add(DOMAIN, SOA, f"ns.{DOMAIN} root.{DOMAIN} 1 60 60 600 1")
    zone = Knot(new_folder(), DOMAIN, HOSTNAME, others=(("ns2", second.host),)).start()
    try:
        roost = updating(make_roost, zone, sink)
        api = as_owner(roost)
        old = by_state(api)["active"]
        api.post(KEYS + "/rotate")
        until(lambda: by_state(api).get("publish"), 30)
        new = by_state(api)["publish"]
        until(lambda: all(zone.texts(named(s)) for s in new), 30)
        until(lambda: any(named(s) == q[0] for s in new for q in second.queries), 30)
        time.sleep(40)  # with one that has them all they would sign by now
        assert by_state(api)["active"] == old
        second.silent = {DOMAIN} | {named(s) for s in new}
        time.sleep(30)
        assert by_state(api)["active"] == old and signed_by(send(roost, sink)) == old
        for selector in new:
            second.add(named(selector), TXT, *zone.texts(named(selector)))
        second.silent = set()
        until(lambda: by_state(api).get("active") == new, TURN_S)
        check(send(roost, sink), zone)
    finally:
        zone.close()
        second.close()


@needs_knot
def test_what_is_published(make_roost: Maker, zone: Knot, sink: Sink) -> None:
    """Records of ours come, change and go; what somebody else has there stays."""
    roost = updating(make_roost, zone, sink, DNS_PUBLISH="dkim,mta-sts,tls-rpt,dmarc")
    api = as_owner(roost)
    until(lambda: zone.texts(f"_dmarc.{DOMAIN}") and zone.texts(f"_smtp._tls.{DOMAIN}"), 30)
    (first,) = zone.texts(f"_mta-sts.{DOMAIN}")
    assert first.startswith("v=STSv1; id=")
    assert zone.records(f"mta-sts.{DOMAIN}", CNAME)
    assert zone.texts(f"_smtp._tls.{DOMAIN}") == [f"v=TLSRPTv1; rua=mailto:postmaster@{DOMAIN}"]
    assert zone.texts(DOMAIN) == []  # SPF is nobody's to change by himself

    roost.cli("domain", "set", DOMAIN, "mta_sts=enforce")
    until(lambda: zone.texts(f"_mta-sts.{DOMAIN}") not in ([], [first]), 30)
    (second,) = zone.texts(f"_mta-sts.{DOMAIN}")
    roost.cli("domain", "set", DOMAIN, "mta_sts=none")
    until(lambda: zone.texts(f"_mta-sts.{DOMAIN}") not in ([], [second]), 30)

    # Nothing is put where others are, and nothing of theirs goes with a domain.
    roost.cli("domain", "add", f"sub.{DOMAIN}")
    roost.restart()
    until(lambda: len([r for r in api.get(f"/domains/sub.{DOMAIN}/dns")["records"]
                       if "._domainkey." in r["name"] and r["state"] == "ok"]) == 2, 60)
    api.delete(f"/domains/sub.{DOMAIN}")
    until(lambda: zone.texts(f"_smtp._tls.sub.{DOMAIN}") == [], 30)
    assert zone.texts(f"_smtp._tls.{DOMAIN}")
    assert roost.cli("fsck") is not None


@pytest.fixture
def pasted() -> Iterator[DnsServer]:
    """A zone that nobody changes but the test."""
    dns = DnsServer(knot.place(), 53)
    dns.authoritative = True
    dns.add(DOMAIN, SOA, f"ns.{DOMAIN} root.{DOMAIN} 1 60 60 600 1")
    dns.add(DOMAIN, NS, f"ns.{DOMAIN}")
    dns.add(f"ns.{DOMAIN}", A, dns.host)
    yield dns
    dns.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody may be at port 53")
@pytest.mark.full("Slow: waits for the settling times of a DKIM rotation")
def test_without_a_zone_to_change(make_roost: Maker, pasted: DnsServer, sink: Sink) -> None:
    """The next keys wait until somebody has put their records into DNS."""
    dns = pasted
    roost = make_roost(DNS_SERVERS=dns.address, DNSSEC="off", DKIM_ROTATE_DAYS="30",
                       SMARTHOST=f"smtp://127.0.0.1:{sink.port}").start()
    api = as_owner(roost)
    until(lambda: "active" in by_state(api), 20)
    old = by_state(api)["active"]
    roost.cli("dkim", "rotate", DOMAIN)
    until(lambda: api.get(KEYS)["state"] == "waiting", 20)
    assert roost.log
    roost.log.wait(r" dkim_keys_created .*", 20)
    assert not api.get(KEYS)["published"] and api.get(KEYS)["made"]
    keys = {k["selector"]: k for k in api.get(KEYS)["keys"] if k["state"] == "publish"}
    assert len(keys) == 2
    rsa, ed25519 = sorted(keys, reverse=True)
    dns.add(keys[rsa]["name"], TXT, keys[rsa]["record"])
    dns.add(keys[ed25519]["name"], TXT, keys[ed25519]["record"] + "AAAA")  # a wrong one
    roost.restart()
    assert signed_by(send(roost, sink)) == old
    dns.records[keys[ed25519]["name"], TXT] = []
    dns.add(keys[ed25519]["name"], TXT, keys[ed25519]["record"])
    until(lambda: by_state(api).get("active") == set(keys), TURN_S)
    assert signed_by(send(roost, sink)) == set(keys)


@pytest.mark.skipif(os.geteuid() != 0, reason="nobody may be at port 53")
@pytest.mark.parametrize("change", ["removed", "active"])
@pytest.mark.full("Slow: waits for the settling times of a DKIM rotation")
def test_half_of_a_pair(make_roost: Maker, pasted: DnsServer, sink: Sink, change: str) -> None:
    """The next RSA key is removed, or signs by hand: the other one takes no place but its kind's."""
    roost = make_roost(DNS_SERVERS=pasted.address, DNSSEC="off",
                       SMARTHOST=f"smtp://127.0.0.1:{sink.port}").start()
    api = as_owner(roost)
    until(lambda: "active" in by_state(api), 20)
    old_rsa, old_ed25519 = sorted(by_state(api)["active"], reverse=True)
    roost.cli("dkim", "rotate", DOMAIN)
    until(lambda: api.get(KEYS)["state"] == "waiting", 20)
    keys = {k["selector"]: k for k in api.get(KEYS)["keys"] if k["state"] == "publish"}
    rsa, ed25519 = sorted(keys, reverse=True)
    if change == "removed":
        roost.cli("domain", "key", "rm", DOMAIN, rsa)
    else:
        roost.cli("domain", "key", "set", DOMAIN, rsa, "state=active")
    pasted.add(keys[ed25519]["name"], TXT, keys[ed25519]["record"])
    until(lambda: ed25519 in by_state(api)["active"], TURN_S)
    sign = {old_rsa, ed25519} | ({rsa} if change == "active" else set())
    assert by_state(api) == {"active": sign, "retired": {old_ed25519}}
    assert signed_by(send(roost, sink)) == sign
