"""Signed zones: what Roost itself finds out about answers, behind resolvers that judge and that do
not, and behind one that leaves signatures out."""
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import dns_server, signed
from harness.dns_server import DnsServer
from harness.server import Roost
from harness.signed import Tree, Unbound, Zone

pytestmark = pytest.mark.skipif(not signed.available(), reason="needs knot, unbound and ldnsutils")

HOST = ["@ MX 10 mx", "mx A 127.0.0.1", "al CNAME mx", "*.w MX 5 mx", "d DNAME mx", "a.mx A 127.0.0.3"]
OPT_OUT = ["-n", "-p", "-t", "0"]


def drop_signature(kind: str, text: str) -> str:
    """Without the signatures of one type."""
    return "".join(line for line in text.splitlines(True) if f"RRSIG\t{kind} " not in line)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """Domains of every kind."""
    made = Tree(tmp_path_factory.mktemp("signed"), [
        Zone("ed.zone", HOST),
        Zone("p256.zone", HOST, "ECDSAP256SHA256"),
        Zone("p384.zone", HOST, "ECDSAP384SHA384", ["-n", "-t", "5", "-s", "aabb"]),
        Zone("rsa256.zone", HOST, "RSASHA256"),
        Zone("rsa512.zone", HOST, "RSASHA512", OPT_OUT),
        Zone("sha1.zone", HOST, "RSASHA1"),
        Zone("costly.zone", HOST, nsec3=["-n", "-t", "100"]),
        Zone("plain.zone", HOST, None),
        Zone("apart.zone", HOST, delegated=False),
        Zone("expired.zone", HOST, days=(-30, -2)),
        Zone("early.zone", HOST, days=(2, 30)),
        Zone("forged.zone", HOST, spoil=lambda t: t.replace("MX\t10", "MX\t11")),
        Zone("bare.zone", HOST, spoil=lambda t: drop_signature("MX", t)),
        Zone("toward.zone", ["out CNAME mx.plain.zone.", "in CNAME mx.ed.zone.",
                             "bad CNAME forged.zone."]),
    ])
    yield made
    made.close()


@pytest.fixture(scope="module", params=[False, True], ids=["resolver", "validating resolver"])
def resolver(request: pytest.FixtureRequest, tree: Tree,
             tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unbound]:
    """Both kinds."""
    made = Unbound(tmp_path_factory.mktemp("unbound"), tree, request.param)
    yield made
    made.close()


@pytest.fixture
def roost(make_roost: Maker, tree: Tree, resolver: Unbound) -> Roost:
    """One that trusts the tree's root."""
    return make_roost(empty=True, DNS_SERVERS=resolver.address, DNSSEC="strict",
                      DNSSEC_ANCHORS=tree.anchor)


SECURE, INSECURE, BOGUS = "secure", "insecure", "bogus"

# Name, type, verdict, what is said: a record, or that there is none.
ROWS = [
    *[(f"{name}.zone", "MX", SECURE, f"MX 10 mx.{name}.zone")
      for name in ("ed", "p256", "p384", "rsa256", "rsa512")],
    *[(f"al.{name}.zone", "A", SECURE, f"mx.{name}.zone A 127.0.0.1") for name in ("ed", "p384")],
    ("x.w.ed.zone", "MX", SECURE, "MX 5 mx.ed.zone"),
    ("x.y.w.p384.zone", "MX", SECURE, "MX 5 mx.p384.zone"),
    ("x.w.rsa512.zone", "MX", INSECURE, "MX 5 mx.rsa512.zone"),  # RFC 5155 9.2
    ("x.w.ed.zone", "A", SECURE, "no such record"),
    ("x.w.p384.zone", "A", SECURE, "no such record"),
    ("a.d.ed.zone", "A", SECURE, "a.mx.ed.zone A 127.0.0.3"),    # RFC 6672
    ("none.ed.zone", "A", SECURE, "no such domain"),
    ("none.p384.zone", "A", SECURE, "no such domain"),
    ("none.rsa512.zone", "A", INSECURE, "no such domain"),
    ("w.ed.zone", "A", SECURE, "no such record"),               # empty non-terminal
    ("w.p384.zone", "A", SECURE, "no such record"),
    ("_25._tcp.mx.ed.zone", "TLSA", SECURE, "no such domain"),
    ("none.zone", "A", INSECURE, "no such domain"),             # the top-level domain opts out
    ("none", "MX", SECURE, "no such domain"),
    ("plain.zone", "MX", INSECURE, "MX 10 mx.plain.zone"),
    ("apart.zone", "MX", INSECURE, "MX 10 mx.apart.zone"),
    ("sha1.zone", "MX", INSECURE, "MX 10 mx.sha1.zone"),        # RFC 9905 2
    ("plain.zone", "DS", SECURE, "no such record"),
    ("costly.zone", "MX", SECURE, "MX 10 mx.costly.zone"),
    ("none.costly.zone", "MX", INSECURE, "no such domain"),     # RFC 9276 3.2
    ("out.toward.zone", "A", INSECURE, "mx.plain.zone A 127.0.0.1"),
    ("in.toward.zone", "A", SECURE, "mx.ed.zone A 127.0.0.1"),
    ("bad.toward.zone", "MX", BOGUS, ""),
    ("expired.zone", "MX", BOGUS, "has expired"),
    ("early.zone", "MX", BOGUS, "is not valid yet"),
    ("forged.zone", "MX", BOGUS, "is wrong"),
    ("bare.zone", "MX", BOGUS, ""),
    ("mx.bare.zone", "A", SECURE, "A 127.0.0.1"),
]


def verdict(text: str) -> str:
    """The line that is the verdict."""
    return next(line for line in text.splitlines()
                if line in (SECURE, INSECURE, BOGUS, "indeterminate"))


@pytest.mark.parametrize("name, kind, want, said", ROWS, ids=[f"{r[0]}-{r[1]}" for r in ROWS])
def test_verdicts(roost: Roost, name: str, kind: str, want: str, said: str) -> None:
    done = roost.run("dns", name, kind)
    assert verdict(done.stdout) == want, done.stdout
    assert said in done.stdout
    assert done.returncode == (1 if want == BOGUS else 0)


@pytest.fixture
def stripping(dns: DnsServer) -> DnsServer:
    """A name server that knows nothing of DNSSEC."""
    dns.add("ed.zone", dns_server.MX, "10 mx.ed.zone")
    return dns


@pytest.mark.parametrize("mode, want", [("auto", INSECURE), ("off", INSECURE),
                                        ("strict", "indeterminate")])
def test_signatures_left_out(make_roost: Maker, tree: Tree, stripping: DnsServer, mode: str,
                             want: str) -> None:
    roost = make_roost(empty=True, DNS_SERVERS=stripping.address, DNSSEC=mode,
                       DNSSEC_ANCHORS=tree.anchor)
    done = roost.run("dns", "ed.zone", "MX")
    # (strict: an answer that has no keys at all is bogus as well)
    assert verdict(done.stdout) in (want, BOGUS if mode == "strict" else want), done.stdout
    assert done.returncode == (1 if mode == "strict" else 0)


@pytest.mark.parametrize("mode, said", [
    ("auto", "warn    Signatures in DNS (DNSSEC): the name servers do not hand signatures on (.: has"),
    ("strict", "fail    Signatures in DNS (DNSSEC): the root's keys came without good signatures (.:"),
    ("off", "")])
def test_doctor_behind_one_that_strips(make_roost: Maker, tree: Tree, stripping: DnsServer,
                                       mode: str, said: str) -> None:
    roost = make_roost(DNS_SERVERS=stripping.address, DNSSEC=mode, DNSSEC_ANCHORS=tree.anchor)
    text = roost.run("doctor").stdout
    assert said in text, text
    assert ("Signatures in DNS" in text) == (mode != "off")
    assert ("Set ROOST_DNS_SERVERS to resolvers" in text) == (mode != "off")


def test_doctor_is_content(make_roost: Maker, tree: Tree, resolver: Unbound) -> None:
    roost = make_roost(DNS_SERVERS=resolver.address, DNSSEC_ANCHORS=tree.anchor)
    text = roost.run("doctor").stdout
    assert "ok      Signatures in DNS (DNSSEC): the root's keys came" in text, text


def test_other_anchor(make_roost: Maker, tree: Tree, resolver: Unbound) -> None:
    """The keys built in are not those of this root."""
    roost = make_roost(empty=True, DNS_SERVERS=resolver.address, DNSSEC="strict")
    done = roost.run("dns", "ed.zone", "MX")
    assert verdict(done.stdout) == BOGUS and "no key is the one" in done.stdout


def test_names_of_a_house(make_roost: Maker, tree: Tree, resolver: Unbound) -> None:
    """An operator says that a zone below a signed one is not."""
    roost = make_roost(empty=True, DNS_SERVERS=resolver.address, DNSSEC="strict",
                       DNSSEC_ANCHORS=f"{tree.anchor}; insecure forged.zone # ours")
    assert verdict(roost.run("dns", "forged.zone", "MX").stdout) == INSECURE


@pytest.mark.parametrize("name, value", [
    ("DNSSEC", "yes"), ("DNSSEC_ANCHORS", ". DS 1"), ("DNSSEC_ANCHORS", "root"),
    ("DNSSEC_ANCHORS", ". DS 20326 8 2 E06D44"), ("DNSSEC_ANCHORS", "insecure a..b")])
def test_wrong_settings(make_roost: Maker, name: str, value: str) -> None:
    done = make_roost(empty=True, **{name: value}).run("dns", "example.org")
    assert done.returncode == 1 and f"ROOST_{name}" in done.stderr, done.stderr


def test_wrong_type(make_roost: Maker, tmp_path: Path) -> None:
    done = make_roost(empty=True).run("dns", "example.org", "NONSENSE")
    assert done.returncode == 2
