"""TLSA records of this host, in step with its certificates: no key is shown that DNS has not told of
before (RFC 7671 8.1)."""
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import knot, pebble, tlsa
from harness.api import as_owner
from harness.dns_server import A, NS, TLSA, DnsServer
from harness.knot import Knot
from harness.pebble import Pebble, here
from harness.peer import trusting, until
from harness.server import DOMAIN, HOSTNAME, Roost, new_folder
from test_certificates import made

pytestmark = pytest.mark.skipif(
    not (knot.available() and pebble.available()) or os.geteuid() != 0,
    reason="knot or pebble is not installed, or nobody may be at port 53")

SETTLE_S = 15  # a key is told for long enough then: twice the time to live, by rounds of 5 s


@pytest.fixture
def zone() -> Iterator[Knot]:
    """example.org at a name server that takes updates."""
    server = Knot(new_folder(), "example.org", HOSTNAME).start()
    yield server
    if server.log:
        print("--- log of knot\n" + server.log.tail(20))
    server.close()


@pytest.fixture
def authority(dns: DnsServer) -> Iterator[Pebble]:
    """A certification authority that finds the host."""
    here(dns, HOSTNAME)
    running = Pebble(new_folder(), dns.address).start()
    yield running
    running.close()
    shutil.rmtree(running.folder, ignore_errors=True)


def told(zone: Knot) -> set[str]:
    """The keys that DNS tells of."""
    found = set()
    for data in zone.records(f"_25._tcp.{HOSTNAME}", TLSA):
        assert data[:3] == b"\3\1\1"
        found.add(data[3:].hex())
    return found


def shown(roost: Roost) -> str:
    """The hash of the key that is shown."""
    with socket.create_connection(("127.0.0.1", roost.ports["imaps"]), 15) as raw:
        with trusting().wrap_socket(raw, server_hostname=HOSTNAME) as s:
            certificate = s.getpeercert(binary_form=True)
    assert certificate
    key = subprocess.run(["openssl", "x509", "-inform", "DER", "-noout", "-pubkey"], check=True,
                         input=certificate, capture_output=True).stdout
    return tlsa.sha256(subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key,
                                      check=True, capture_output=True).stdout)


class Watch:
    """A sender that looks again and again: what DNS said a moment before must hold."""

    def __init__(self, roost: Roost, zone: Knot) -> None:
        self.wrong: list[str] = []
        self.stopping = False
        self.thread = threading.Thread(target=self.run, args=(roost, zone))
        self.thread.start()

    def run(self, roost: Roost, zone: Knot) -> None:
        """Until it is ended."""
        while not self.stopping:
            before = told(zone)
            time.sleep(1)  # as long as it may be remembered
            key = shown(roost)
            if before and key not in before:
                self.wrong.append(f"{key} is shown, {before} were told")

    def end(self) -> None:
        """Nothing was wrong."""
        self.stopping = True
        self.thread.join()
        assert self.wrong == []


def renewed(roost: Roost) -> None:
    """Have another certificate got."""
    assert roost.log
    before = roost.log.mark()
    roost.cli("certificate", "renew")
    roost.log.wait(r" certificate_obtained .*\bhost\b", 60, before)


def telling(zone: Knot) -> dict[str, str]:
    """The settings of a server that puts TLSA records there."""
    return {"DNS_PUBLISH": "tlsa", "DNS_PUBLISH_TTL": "1s", "DNS_UPDATE_SERVER": zone.address,
            "DNS_UPDATE_KEY": f"roost:{knot.SECRET}", "DNSSEC": "off"}


@pytest.mark.full("Slow: waits for the TTLs of old TLSA records, minutes")
def test_renewals_with_new_keys(make_roost: Maker, authority: Pebble, zone: Knot,
                                dns: DnsServer) -> None:
    """The next key is told long before; while DNS is away the present one stays."""
    dns.add(DOMAIN, NS, f"ns.{DOMAIN}")
    dns.add(f"ns.{DOMAIN}", A, zone.host)
    roost = make_roost(DNS_SERVERS=dns.address, ACME_REUSE_KEY="off",
                       **{**authority.settings(), "ACME_CHALLENGE": "http-01",
                          **telling(zone)}).start()
    assert roost.log
    roost.log.wait(r" certificate_obtained .*\bhost\b", 60)
    until(lambda: len(told(zone)) == 2, 90)
    first = shown(roost)
    assert first in told(zone)
    (second,) = told(zone) - {first}
    watch = Watch(roost, zone)
    time.sleep(SETTLE_S)
    renewed(roost)
    watch.end()
    assert shown(roost) == second
    until(lambda: len(told(zone)) == 2 and first not in told(zone), 90)
    assert second in told(zone)
    (third,) = told(zone) - {second}

    time.sleep(SETTLE_S)
    zone.stop()
    renewed(roost)
    assert shown(roost) == second  # nobody knows whether the third is there
    zone.start()
    zone.change(f"zone-unset {DOMAIN} _25._tcp.{HOSTNAME}. TLSA 3 1 1 {third}")
    renewed(roost)
    assert shown(roost) == second  # somebody took it away
    roost.restart()
    until(lambda: third in told(zone), 60)  # it looks, and puts it back
    renewed(roost)
    assert shown(roost) == second  # not for long enough yet
    time.sleep(SETTLE_S)
    renewed(roost)
    assert shown(roost) == third
    until(lambda: len(told(zone)) == 2 and second not in told(zone), 90)
    assert third in told(zone)
    roost.restart()
    assert shown(roost) == third
    assert roost.cli("fsck") is not None


def test_a_brought_one_is_held_back(make_roost: Maker, zone: Knot, tmp_path: Path) -> None:
    """Until its key is told; the one before is shown meanwhile, over a restart too."""
    roost = make_roost(DNS_SERVERS=zone.address, **telling(zone)).start()
    owner = as_owner(roost)
    owner.post("/certificates", made(tmp_path, "one", HOSTNAME))
    first = shown(roost)
    until(lambda: told(zone) == {first}, 90)
    zone.stop()  # so that it takes a while
    owner.post("/certificates", made(tmp_path, "two", HOSTNAME))
    states = [c["state"] for c in owner.get("/certificates")["items"] if c["source"] == "own"]
    assert sorted(states) == ["held", "valid"]
    assert shown(roost) == first
    roost.restart()
    assert shown(roost) == first
    zone.start()
    watch = Watch(roost, zone)
    until(lambda: shown(roost) != first, 120)
    watch.end()
    second = shown(roost)
    until(lambda: told(zone) == {second}, 90)
    assert [c["state"] for c in owner.get("/certificates")["items"] if c["source"] == "own"] == [
        "valid"]
    assert roost.cli("fsck") is not None
