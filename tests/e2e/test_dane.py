"""DANE: a real Postfix as receiver below signed zones; each TLSA record ends as RFC 7672 says."""
import hashlib
import os
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail, signed
from harness.api import as_owner
from harness.peer import until
from harness.pem import openssl
from harness.ports import free_port
from harness.postfix import Postfix
from harness.server import Roost
from harness.signed import Tree, Unbound, Zone
from harness.smtp_sink import Sink
from harness.tlsa import WRONG, der, key_of, sha256

pytestmark = pytest.mark.skipif(not signed.available() or os.getuid() != 0,
                                reason="needs knot, unbound, ldnsutils and root for Postfix")


class Chain:
    """An authority, and a server's certificate of it for mx.ta.zone, tadomain.zone and tafull.zone."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.ca, self.leaf, self.key = folder / "ca.pem", folder / "leaf.pem", folder / "leaf.key"
        self.file = folder / "chain.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "30", "-subj", "/CN=tests", "-keyout", folder / "ca.key", "-out", self.ca)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=server", "-keyout", self.key, "-out", folder / "leaf.csr")
        (folder / "ext").write_text("subjectAltName=DNS:mx.ta.zone,DNS:tadomain.zone,DNS:tafull.zone\n", "ascii")
        openssl("x509", "-req", "-in", folder / "leaf.csr", "-CA", self.ca, "-CAkey",
                folder / "ca.key", "-CAcreateserial", "-days", "30", "-extfile", folder / "ext",
                "-out", self.leaf)
        self.file.write_text(self.leaf.read_text() + self.ca.read_text())

    def records(self) -> dict[str, list[str]]:
        """The TLSA records of each domain."""
        key = sha256(key_of(self.leaf))
        ca, whole = der(self.ca), der(self.leaf)
        return {
            "ee": [f"3 1 1 {key}"],
            "eesha512": [f"3 0 2 {hashlib.sha512(whole).hexdigest()}"],
            "eefull": [f"3 0 0 {whole.hex()}"],
            "eekey": [f"3 1 0 {key_of(self.leaf).hex()}"],
            "tlsaalias": [f"3 1 1 {key}"], "tlsaaliasbad": [f"3 1 1 {WRONG}"],
            "expired": [f"3 1 1 {key}"],
            "unsignedmx": [], "zero": [f"0 0 1 {sha256(whole)}"],
            "two": [f"3 1 1 {WRONG}", f"3 1 1 {key}"],
            "ta": [f"2 0 1 {sha256(ca)}"],
            "tadomain": [f"2 1 1 {sha256(key_of(self.ca))}"],
            "tafull": [f"2 0 0 {ca.hex()}"],
            "taname": [f"2 0 1 {sha256(ca)}"],
            "wrong": [f"3 1 1 {WRONG}"],
            "agile": [f"3 1 1 {key}", f"3 1 2 {WRONG}{WRONG}"],  # RFC 7671 9
            "unusable": [f"1 1 1 {WRONG}", "3 1 9 abcdef"],
            "none": [],
            "plain": [f"3 1 1 {WRONG}"],
            "badmx": [f"3 1 1 {key}"],
            "badtlsa": [f"3 1 1 {key}"],
            "alias": [],
        }


class World:
    """Everything that a Roost meets: zones, a resolver, a Postfix, a sink without TLS."""

    def __init__(self, folder: Path):
        chain = Chain(folder)
        records = self.records = chain.records()
        self.sink = Sink()
        self.postfix = Postfix(free_port(), chain.file, chain.key,
                               domains=[*(f"{name}.zone" for name in records),
                                        "box.other.zone"])
        zones = []
        for name, tlsa in records.items():
            lines = [f"_{self.postfix.port}._tcp.mx TLSA {record}" for record in tlsa]
            host = "al" if name == "alias" else "mx"
            zones.append(Zone(f"{name}.zone", [f"@ MX 10 {host}", "mx A 127.0.0.1", *lines,
                                               "al CNAME mx.wrong.zone."]))
            if name.startswith("tlsaalias"):  # RFC 7671 7: the records are somewhere else
                zones[-1].records = [line.replace("._tcp.mx", ".shared") for line in
                                     zones[-1].records] + [f"_{self.postfix.port}._tcp.mx CNAME "
                                                           f"_{self.postfix.port}.shared"]
            elif name == "expired":
                zones[-1].days = (-30, -2)
            elif name == "unsignedmx":  # its host has records, which nobody is led to
                zones[-1].algorithm = None
                zones[-1].records[0] = "@ MX 10 mx.wrong.zone."
            if name == "plain":
                zones[-1].algorithm = None
            elif name == "badmx":
                zones[-1].spoil = lambda t: t.replace("MX\t10", "MX\t11")
            elif name == "badtlsa":
                zones[-1].spoil = lambda t: t.replace("TLSA\t3 1 1", "TLSA\t3 0 1")
        for name, tlsa in (("clear", f"3 1 1 {WRONG}"), ("clearish", f"1 1 1 {WRONG}")):
            zones.append(Zone(f"{name}.zone", ["@ MX 10 mx", "mx A 127.0.0.1",
                                               f"_{self.sink.port}._tcp.mx TLSA {tlsa}"]))
        # RFC 7672 3.2.2: the certificate is for where the domain leads
        zones.append(Zone("other.zone", ["box CNAME tadomain.zone."]))
        self.tree = Tree(folder, zones)
        self.unbound = Unbound(folder, self.tree, False)

    def settings(self, port: int) -> dict[str, str]:
        """Of a Roost that sends to one of the two."""
        return {"DNS_SERVERS": self.unbound.address, "DNSSEC_ANCHORS": self.tree.anchor,
                "SMTP_OUT_PORT": str(port), "QUEUE_RETRY": "1h"}

    def close(self) -> None:
        """End all of it."""
        self.unbound.close()
        self.tree.close()
        self.postfix.close()
        self.sink.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all tests."""
    made = World(tmp_path_factory.mktemp("dane"))
    yield made
    made.close()


def send(roost: Roost, domain: str) -> None:
    """A message whose subject is the domain."""
    mail.submit(roost, mail.letter(f"to {domain}", sender="alice@example.org"),
                f"friend@{domain}.zone")


def entry(roost: Roost) -> str:
    """What is logged of the first attempt; the message is still in the queue."""
    assert roost.log
    line = roost.log.wait(r" info queue_delayed ", 20).string
    assert "friend@" in roost.cli("queue", "list")
    return line


@pytest.mark.parametrize("domain", [
    "ee", "eesha512", "eefull", "eekey", "two", "ta", "tadomain", "tafull", "tlsaalias", "unusable",
    "box.other", "zero", "none", "plain", "unsignedmx"])
def test_delivered_under_tls(make_roost: Maker, world: World, domain: str) -> None:
    roost = make_roost(**world.settings(world.postfix.port)).start()
    send(roost, domain)
    raw = until(lambda: [m for m in world.postfix.received()
                         if f"Subject: to {domain}\n".encode() in m], 20, "the message")[0]
    assert b"TLSv1.2" in raw, "in the clear"
    until(lambda: roost.cli("queue", "list") == "", what="an empty queue")


@pytest.mark.parametrize("domain, said", [
    ("wrong", "matches none of its TLSA records"), ("taname", "another name"),
    ("agile", "matches none"), ("tlsaaliasbad", "matches none"),
    ("expired", "the signatures in DNS are wrong: the signature of expired.zone DNSKEY has expired"), 
    ("badtlsa", "its TLSA records cannot be looked up (the signatures in DNS are wrong: "),
    ("badmx", "the signatures in DNS are wrong: the signature of badmx.zone MX by key "), ("alias", "matches none")])
def test_delayed(make_roost: Maker, world: World, domain: str, said: str) -> None:
    """RFC 7672 2.2: neither delivered nor given up."""
    roost = make_roost(**world.settings(world.postfix.port)).start()
    send(roost, domain)
    text = entry(roost)
    assert said in text, text
    assert not [m for m in world.postfix.received() if f"to {domain}\n".encode() in m]


@pytest.mark.parametrize("domain", ["clear", "clearish"])
def test_never_in_the_clear(make_roost: Maker, world: World, domain: str) -> None:
    """A host that has records, also useless ones, must have TLS."""
    roost = make_roost(**world.settings(world.sink.port)).start()
    send(roost, domain)
    assert "TLS" in entry(roost)
    assert not world.sink.messages


# What a TLS report says of each (RFC 8460 4.3, 4.5): the records, how many sessions were good, why not.
EVIDENCE = {"ee": (1, ""), "unusable": (0, "tlsa-invalid"), "wrong": (0, "validation-failure"),
            "taname": (0, "certificate-host-mismatch"), "badtlsa": (0, "dnssec-invalid")}


def test_evidence(make_roost: Maker, world: World) -> None:
    roost = make_roost(**world.settings(world.postfix.port)).start()
    assert roost.log
    for domain in EVIDENCE:
        send(roost, domain)
        roost.log.wait(rf" queue_(delayed|delivered) .*friend@{domain}\.zone", 20)
    roost.stop()  # what gathered is written then
    roost.start()
    days = {day["domain"]: day for day in as_owner(roost).get("/tls/evidence")["items"]}
    for domain, (good, result) in EVIDENCE.items():
        (tally,) = [t for t in days[f"mx.{domain}.zone"]["policies"] if t["type"] == "tlsa"]
        assert (tally["good"], tally["bad"]) == (good, 1 - good), tally
        assert [f["result"] for f in tally["failures"]] == ([result] if result else []), tally
        wanted = [] if result == "dnssec-invalid" else world.records[domain]
        assert sorted(tally["policy"]) == sorted(wanted), tally


def test_evidence_of_no_tls(make_roost: Maker, world: World) -> None:
    roost = make_roost(**world.settings(world.sink.port)).start()
    send(roost, "clear")
    entry(roost)
    roost.stop()
    roost.start()
    (day,) = as_owner(roost).get("/tls/evidence")["items"]
    (tally,) = day["policies"]
    assert (day["domain"], tally["type"], tally["policy"]) == ("mx.clear.zone", "tlsa",
                                                                [f"3 1 1 {WRONG}"])
    assert tally["failures"][0]["result"] == "starttls-not-supported"
