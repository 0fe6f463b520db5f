"""The ARC test suite (ValiMail), every case: chains checked by `roost arc verify`, and sets made by
`roost arc seal`, which must be those of the suite to the last bit. And the other way round: sets
of ours are checked by dkimpy and Mail::DKIM, and what these seal, by us."""
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Iterator

import dkim
import pytest
import yaml

from conftest import Maker
from harness import mail
from harness.dns_server import TXT, DnsServer
from harness.server import Roost

FOLDER = Path(__file__).parents[3] / "shared/conformance/arc"

Case = dict[str, Any]


class Loader(yaml.SafeLoader):
    """Some cases of the suite have the name of another: all are kept, by their line."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in out:
                key = f"{key}_line_{key_node.start_mark.line + 1}"
            out[key] = self.construct_object(value_node, deep=True)
        return out


def documents(name: str) -> list[Case]:
    """The parts of a file of the suite, each with records of its own."""
    path = FOLDER / f"arc-draft-{name}-tests.yml"
    if not path.exists():
        return []
    return list(yaml.load_all(path.read_text("utf-8"), Loader))  # a safe one


CHECKED, SEALED = documents("validation"), documents("sign")
pytestmark = pytest.mark.skipif(not CHECKED, reason="the suite is not beside the project")


def cases(parts: list[Case]) -> Any:
    """Each with the number of its part."""
    rows = [(i, name) for i, part in enumerate(parts) for name in part["tests"]]
    return pytest.mark.parametrize("part,name", rows, ids=[f"{i}-{name}" for i, name in rows])


def test_every_case_is_there() -> None:
    """As many as the files have, by another reading of them than the one that the tests use."""
    for parts, name in ((CHECKED, "validation"), (SEALED, "sign")):
        text = (FOLDER / f"arc-draft-{name}-tests.yml").read_text("utf-8")
        wanted = len(re.findall(r"^  \w+:$", text, re.M))
        assert sum(len(part["tests"]) for part in parts) == wanted > 0, name


@pytest.fixture(scope="module")
def zones() -> Iterator[list[DnsServer]]:
    """A name server for each part of both."""
    servers = []
    for part in CHECKED + SEALED[:1]:
        dns = DnsServer()
        dns.ttl = 60
        for name, text in (part["txt-records"] or {}).items():
            # Some are folded as in a file, with blanks in the base64, which DNS may have.
            dns.add(name.lower(), TXT, " ".join(text.split("\n")).strip())
        servers.append(dns)
    yield servers
    for dns in servers:
        dns.close()


def wire(text: str) -> bytes:
    """A message of the suite as it travels."""
    return text.encode().replace(b"\n", b"\r\n")


def verify(roost: Roost, path: Path) -> list[str]:
    """The lines of `roost arc verify`."""
    done = roost.run("arc", "verify", str(path))
    assert done.stderr == "" and done.stdout, done
    return done.stdout.splitlines()


@cases(CHECKED)
def test_validation(make_roost: Maker, zones: list[DnsServer], tmp_path: Path, part: int,
                    name: str) -> None:
    case = CHECKED[part]["tests"][name]
    roost = make_roost(empty=True, DNS_SERVERS=zones[part].address, DNSSEC="off")
    path = tmp_path / "message"
    path.write_bytes(wire(case["message"]))
    said = verify(roost, path)
    # Where the last sealer said cv=fail the suite wants no new status; RFC 8617 5.2 names it fail.
    wanted = case["cv"].strip().lower() or "fail"
    assert said[0] == wanted, (said, case)
    assert (wanted == "fail") == any(line.startswith("why: ") for line in said), said


def fields_of(text: str) -> list[tuple[str, str]]:
    """Names in small letters and values, without folding."""
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", text)
    pairs = (line.split(":", 1) for line in unfolded.splitlines() if ":" in line)
    return [(name.lower(), value.strip()) for name, value in pairs]


def tags(text: str) -> dict[str, str]:
    """A list of tags, without white space."""
    return {name.strip(): "".join(value.split())
            for name, value in (part.split("=", 1) for part in text.split(";") if part.strip())}


def results(message: str, server: str) -> str:
    """What its Authentication-Results fields of that server say, as one (RFC 8617 4.1.1)."""
    parts = []
    for name, value in fields_of(message.split("\n\n", 1)[0]):
        who, _, said = value.partition(";")
        if name == "authentication-results" and who.strip() == server:
            parts.append(said.strip().rstrip(";"))
    return "; ".join([server, *parts])


def chain_status(said: str) -> str:
    """What was found of the chain: arc=."""
    match = re.search(r"\barc=(\w+)", said)
    return match[1] if match else "none"


@cases(SEALED)
def test_signing(make_roost: Maker, tmp_path: Path, part: int, name: str) -> None:
    suite = SEALED[part]
    case = suite["tests"][name]
    roost = make_roost(empty=True)
    path, key = tmp_path / "message", tmp_path / "key"
    path.write_bytes(wire(case["message"]))
    key.write_text(suite["privatekey"])
    said = results(case["message"], case["srv-id"])
    done = roost.cli("arc", "seal", str(key), str(path), f"domain={suite['domain']}",
                     f"selector={suite['sel']}", f"results={said}", f"cv={chain_status(said)}",
                     f"time={case['t']}", f"names={case['sig-headers']}")
    if not case["AS"].strip():
        assert done == ""
        return
    (seal, message, found) = fields_of(done)
    assert [seal[0], message[0], found[0]] == ["arc-seal", "arc-message-signature",
                                               "arc-authentication-results"]
    assert tags(seal[1]) == tags(case["AS"])
    assert tags(message[1]) == tags(case["AMS"])
    assert "".join(found[1].split()) == "".join(case["AAR"].split())


# --- with others -------------------------------------------------------------------------------

MAIL_DKIM = r"""
use Mail::DKIM::ARC::Verifier; use Mail::DKIM::DNS; use Net::DNS::Resolver;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(
    nameservers => ['127.0.0.1'], port => $ARGV[0], recurse => 0));
my $v = Mail::DKIM::ARC::Verifier->new();
binmode STDIN; while (<STDIN>) { $v->PRINT($_) } $v->CLOSE;
print $v->result_detail;
"""
MAIL_DKIM_SEAL = r"""
use Mail::DKIM::ARC::Signer;
my $s = Mail::DKIM::ARC::Signer->new(Algorithm => 'rsa-sha256', Chain => $ARGV[1],
    Domain => 'example.org', SrvId => 'mail.dkim', Selector => 'dummy', KeyFile => $ARGV[0],
    Headers => 'From:To:Subject');
binmode STDIN; while (<STDIN>) { $s->PRINT($_) } $s->CLOSE;
die $s->result_detail unless $s->result eq 'sealed';
print join "\r\n", $s->as_strings, '';
"""


class Results:
    """What dkimpy needs of the package authres, of fields that it was given here."""

    @classmethod
    def parse(cls, text: str) -> "Results":
        return cls(text)

    def __init__(self, text: str) -> None:
        server, *rest = text.split(":", 1)[1].split(";")
        self.authserv_id = server.strip()
        pairs = [part.split()[0].split("=") for part in rest]
        self.results = [SimpleNamespace(method=a, result=b) for a, b in pairs]


class Chain:
    """A message that goes from one sealer to the next."""

    def __init__(self, roost: Roost, dns: DnsServer, folder: Path) -> None:
        self.roost, self.dns, self.path, self.key = roost, dns, folder / "message", folder / "key"
        self.key.write_text(SEALED[0]["privatekey"])
        self.message = mail.letter("passed  on", "Hello.\n\n")
        self.record = " ".join(SEALED[0]["txt-records"]["dummy._domainkey.example.org"].split())

    def ours(self, cv: str) -> None:
        self.path.write_bytes(self.message)
        made = self.roost.cli("arc", "seal", str(self.key), str(self.path), "domain=example.org",
                              "selector=dummy", f"cv={cv}",
                              f"results=mx.example.org; arc={cv}; spf=pass smtp.mfrom=a@b.example")
        assert all(len(line) <= 200 for line in made.splitlines())
        self.message = made.replace("\n", "\r\n").replace("\r\r", "\r").encode() + self.message

    def dkimpy(self, cv: str) -> None:
        setattr(dkim, "authres", SimpleNamespace(AuthenticationResultsHeader=Results))
        message = (f"Authentication-Results: dkim.py; arc={cv}; spf=pass smtp.mfrom=a@b.example"
                   "\r\n").encode() + self.message
        made = dkim.arc_sign(message, b"dummy", b"example.org", self.key.read_bytes(), b"dkim.py")
        self.message = b"".join(made) + message

    def mail_dkim(self, cv: str) -> None:
        message = (f"Authentication-Results: mail.dkim; arc={cv}; spf=pass smtp.mfrom=a@b.example"
                   "\r\n").encode() + self.message
        done = subprocess.run(["perl", "-e", MAIL_DKIM_SEAL, str(self.key), cv], input=message,
                              capture_output=True, timeout=60, check=True)
        self.message = done.stdout + message

    def check(self, sealers: int) -> None:
        """All three think that it is right."""
        self.path.write_bytes(self.message)
        said = verify(self.roost, self.path)
        assert said == ["pass"] + [f"sealer {i}: example.org" for i in range(sealers, 0, -1)]
        status, _, why = dkim.arc_verify(
            self.message, dnsfunc=lambda name, timeout=5: self.record.encode())
        assert status == b"pass", why
        done = subprocess.run(["perl", "-e", MAIL_DKIM, str(self.dns.port)], input=self.message,
                              capture_output=True, timeout=60, check=True)
        assert done.stdout.startswith(b"pass"), done


@pytest.fixture
def chain(make_roost: Maker, zones: list[DnsServer], tmp_path: Path) -> Chain:
    dns = zones[len(CHECKED)]
    return Chain(make_roost(empty=True, DNS_SERVERS=dns.address, DNSSEC="off"), dns, tmp_path)


@pytest.mark.parametrize("order", [("ours", "dkimpy", "mail_dkim"), ("dkimpy", "mail_dkim", "ours"),
                                   ("mail_dkim", "ours", "dkimpy"), ("ours", "ours", "ours")])
def test_with_others(chain: Chain, order: tuple[str, ...]) -> None:
    for n, sealer in enumerate(order):
        getattr(chain, sealer)("none" if n == 0 else "pass")
        chain.check(n + 1)
    chain.path.write_bytes(chain.message + b"more\r\n")
    assert verify(chain.roost, chain.path)[0] == "fail"


def test_what_cannot_be_sealed(chain: Chain) -> None:
    """A status that contradicts the chain, and what is closed already."""
    chain.path.write_bytes(chain.message)
    words = ["arc", "seal", str(chain.key), str(chain.path), "domain=example.org",
             "selector=dummy", "results=mx.example.org; none"]
    assert "cannot be said" in chain.roost.run(*words, "cv=pass").stderr
    assert chain.roost.run(*words, "cv=maybe").returncode == 1
    chain.ours("none")
    chain.path.write_bytes(chain.message)
    assert "cannot be said" in chain.roost.run(*words, "cv=none").stderr
    chain.ours("fail")
    chain.path.write_bytes(chain.message)
    assert verify(chain.roost, chain.path)[0] == "fail"
    assert chain.roost.cli(*words, "cv=fail") == ""
