"""DANE and MTA-STS for one domain: where a host has usable TLSA records, they decide, and the policy
can neither lift nor lower what they demand (RFC 8461 2)."""
import dataclasses
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail, pem, signed
from harness.peer import until
from harness.policy_host import PolicyHost
from harness.signed import Tree, Unbound, Zone
from harness.smtp_sink import Sink
from harness.tlsa import WRONG, key_of, sha256

pytestmark = pytest.mark.skipif(not signed.available(), reason="needs knot, unbound, ldnsutils")

DELIVERED = ""
REFUSED = "matches none of its TLSA records"
RIGHT = "the key of its certificate"


@dataclasses.dataclass
class Case:
    """A domain whose certificate is good for MTA-STS or is a stranger's, and what becomes of its
    mail: DELIVERED, or the words of the failure."""
    tlsa: str
    trusted: bool
    mode: str
    listed: bool  # the policy names its host
    end: str
    signed: bool = True
    bogus: bool = False


CASES = {
    "agree": Case(f"3 1 1 {RIGHT}", True, "enforce", True, DELIVERED),
    # What DANE refuses, MTA-STS cannot allow,
    "wrong": Case(f"3 1 1 {WRONG}", True, "enforce", True, REFUSED),
    "wrongtest": Case(f"3 1 1 {WRONG}", True, "testing", True, REFUSED),
    "bogus": Case(f"3 1 1 {RIGHT}", True, "enforce", True,
                  "its TLSA records cannot be looked up (the signatures in DNS are wrong: ",
                  bogus=True),
    # nor refuse what it allows.
    "stranger": Case(f"3 1 1 {RIGHT}", False, "enforce", True, DELIVERED),
    "unlisted": Case(f"3 1 1 {RIGHT}", True, "enforce", False, DELIVERED),
    # Records that are not signed, or of no use, leave the word to MTA-STS (RFC 7672 2.2).
    "unsigned": Case(f"3 1 1 {WRONG}", True, "enforce", True, DELIVERED, signed=False),
    "unsignedbad": Case(f"3 1 1 {RIGHT}", False, "enforce", True,
                        "MTA-STS demands TLS here: the certificate is from no trusted authority",
                        signed=False),
    "useless": Case(f"1 1 1 {WRONG}", True, "enforce", True, DELIVERED),
    "uselessbad": Case(f"1 1 1 {WRONG}", False, "enforce", True,
                       "MTA-STS demands TLS here: the certificate is from no trusted authority"),
}


class World:
    """The zones of all cases and their resolver, the policy host, the two mail servers."""

    def __init__(self, folder: Path):
        self.authority = pem.Authority(folder)
        hosts = [f"mx.{name}.zone" for name in CASES]
        good = self.authority.server(hosts[0], others=hosts[1:])
        bad = pem.Authority(folder, "stranger").server(hosts[0], others=hosts[1:])
        self.trusted = Sink(tls=pem.server_context(*good), host="127.0.0.1")
        self.stranger = Sink(tls=pem.server_context(*bad), host="127.0.0.2",
                             port=self.trusted.port)
        policies = [f"mta-sts.{name}.zone" for name in CASES]
        self.policies = PolicyHost(pem.server_context(
            *self.authority.server(policies[0], others=policies[1:])))
        self.tree = Tree(folder, [self.zone(name, case, good[0] if case.trusted else bad[0])
                                  for name, case in CASES.items()])
        self.unbound = Unbound(folder, self.tree, False)

    def sink(self, case: Case) -> Sink:
        """The mail server of the domain."""
        return self.trusted if case.trusted else self.stranger

    def zone(self, name: str, case: Case, certificate: Path) -> Zone:
        """The whole domain."""
        tlsa = case.tlsa.replace(RIGHT, sha256(key_of(certificate)))
        zone = Zone(f"{name}.zone", [
            "@ MX 10 mx", f"mx A {'127.0.0.1' if case.trusted else '127.0.0.2'}",
            f"_{self.trusted.port}._tcp.mx TLSA {tlsa}", "mta-sts A 127.0.0.1",
            '_mta-sts TXT "v=STSv1; id=1;"'])
        if not case.signed:
            zone.algorithm = None
        if case.bogus:
            zone.spoil = lambda text: text.replace("TLSA\t3 1 1", "TLSA\t3 0 1")
        return zone

    def close(self) -> None:
        """End all of it."""
        self.unbound.close()
        self.tree.close()
        self.policies.close()
        self.stranger.close()
        self.trusted.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all tests."""
    made = World(tmp_path_factory.mktemp("both"))
    yield made
    made.close()


@pytest.mark.parametrize("name", CASES)
def test_dane_decides(make_roost: Maker, world: World, name: str) -> None:
    case = CASES[name]
    sink, domain = world.sink(case), f"{name}.zone"
    world.policies.policy(case.mode, f"mx.{domain}" if case.listed else "other.example.net")
    roost = make_roost(
        DNS_SERVERS=world.unbound.address, DNSSEC_ANCHORS=world.tree.anchor,
        SMTP_OUT_PORT=str(sink.port), SMTP_OUT_CA=str(world.authority.pem),
        MTA_STS_PORT=str(world.policies.port), QUEUE_RETRY="1h").start()
    assert roost.log
    mail.submit(roost, mail.letter(f"to {name}", sender="alice@example.org"), f"friend@{domain}")
    if case.end == DELIVERED:
        until(lambda: roost.cli("queue", "list") == "", 20, "an empty queue")
    else:
        said = roost.log.wait(r" info queue_delayed ", 20).string
        assert case.end in said
    came = [m.tls for m in sink.messages if f"friend@{domain}" in m.rcpts]
    assert came == ([True] if case.end == DELIVERED else [])
    assert any(asked.startswith(f"mta-sts.{domain}:") for asked, _ in world.policies.asked)
