"""`roost dkim verify`: the samples of Mail::DKIM, and what other programs sign."""
import base64
import os
import subprocess
import time
from pathlib import Path
from typing import Iterator

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from conftest import Maker
from harness import mail
from harness.dns_server import TXT, DnsServer
from harness.milters import OpenDkim
from harness.server import Roost

SAMPLES = Path(__file__).parents[3] / "shared/conformance/dkim"

SHA1 = ("permerror", "rsa-sha1 is not safe")
OLD = ("permerror", "v= is missing")
# RFC 8301 has ended rsa-sha1 and short keys since, and RFC 4871 signatures without v=: what was
# good before is refused for that. Reasons are of the first signature. What they were worth to
# verifiers of their time is in tests/unit/mailauth/dkim_samples_test.c.
EXPECTED = {
    "badkey1_ed25519": ("fail", "body was changed"),
    "badkey2_ed25519": ("fail", "does not fit"),
    "badkey3_ed25519": ("fail", "body was changed"),
    "badkey4_ed25519": ("fail", "body was changed"),
    "badkey5_ed25519": ("fail", "body was changed"),
    "badkey_11": ("permerror", "its h= does not allow sha256"),
    "good_ietf01_1": OLD,
    "multiple_1": OLD,
    "goodkey_ed25519": ("pass", ""),
}

Said = list[dict[str, str]]


def ask(roost: Roost, path: Path) -> Said:
    """What is said of each signature, by the names of the lines."""
    done = roost.run("dkim", "verify", str(path))
    assert done.stderr == "" and done.stdout, done
    return [{"result": lines[0], **dict(line.split(": ", 1) for line in lines[1:])}
            for lines in (part.splitlines() for part in done.stdout.split("\n\n"))]


def sample_zone(dns: DnsServer) -> None:
    """The records of FAKE_DNS.dat."""
    for line in (SAMPLES / "FAKE_DNS.dat").read_text().splitlines():
        name, _, value = line.partition(" ")
        if value.strip().startswith("~~"):
            dns.records[name, 0] = []
            dns.failing.add(name)
        elif name and not name.startswith("#") and value != "NXDOMAIN":
            dns.add(name, TXT, value[1:])


@pytest.fixture(scope="module")
def zone() -> Iterator[DnsServer]:
    dns = DnsServer()
    if SAMPLES.exists():
        sample_zone(dns)
    yield dns
    dns.close()


@pytest.fixture
def judge(make_roost: Maker, zone: DnsServer) -> Roost:
    return make_roost(empty=True, DNS_SERVERS=zone.address, DNSSEC="off")


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_samples(judge: Roost, path: Path) -> None:
    said = ask(judge, path)
    result, why = EXPECTED.get(path.stem, SHA1)
    assert said[0]["result"] == result and why in said[0].get("why", ""), said
    assert len(said) == (4 if path.stem == "multiple_1" else 1)
    assert all(one["domain"] and one["selector"] and one["algorithm"] for one in said)


@pytest.mark.parametrize("selector,result,why", [
    ("2023-05-ed25519", "pass", ""),
    ("invalid", "permerror", "its key is no Ed25519 key"),
    ("2023-05-ed25519-does-not-exist", "permerror", "there is no key at"),
    ("2023-05-ed25519-empty", "permerror", "no list of tags"),
])
def test_keys_of_the_samples(judge: Roost, tmp_path: Path, selector: str, result: str,
                             why: str) -> None:
    """The samples of bad keys have a changed body too; here the body is right."""
    text = (SAMPLES / "goodkey_ed25519.txt").read_bytes()
    path = tmp_path / "message"
    path.write_bytes(text.replace(b"s=2023-05-ed25519;", f"s={selector};".encode()))
    (said,) = ask(judge, path)
    if result == "pass":
        assert said["result"] == "pass"
    else:
        assert said["result"] == result and why in said["why"]


# --- signed by others --------------------------------------------------------------------------

CANONS = ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"]
BODIES = {"short": "Hello.\n", "blank": "\n\n\n", "spaces": "spaces  \t at ends \t \n\n x\n\n\n",
          "utf-8": "ünï\n", "big": "line of a body\n" * 60_000}


class Signer:
    """Keys, and their records in DNS."""

    def __init__(self, zone: DnsServer, folder: Path) -> None:
        self.folder = folder
        key = rsa.generate_private_key(65537, 2048)
        self.rsa = key.private_bytes(serialization.Encoding.PEM,
                                     serialization.PrivateFormat.TraditionalOpenSSL,
                                     serialization.NoEncryption())
        (folder / "rsa.pem").write_bytes(self.rsa)
        der = key.public_key().public_bytes(serialization.Encoding.DER,
                                            serialization.PublicFormat.SubjectPublicKeyInfo)
        bare = key.public_key().public_bytes(serialization.Encoding.DER,
                                             serialization.PublicFormat.PKCS1)
        ed25519 = Ed25519PrivateKey.generate()
        (folder / "ed25519.pem").write_bytes(ed25519.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        (folder / "ed25519.pem").chmod(0o600)
        raw = serialization.Encoding.Raw
        self.ed25519 = base64.b64encode(ed25519.private_bytes(
            raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()))
        point = ed25519.public_key().public_bytes(raw, serialization.PublicFormat.Raw)
        for selector, kind, data in (("r", "k=rsa; ", der), ("bare", "", bare),
                                     ("e", "k=ed25519; ", point)):
            zone.records[f"{selector}._domainkey.example.net", TXT] = [
                f"v=DKIM1; {kind}p={base64.b64encode(data).decode()}"]


@pytest.fixture(scope="module")
def signer(zone: DnsServer, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(zone, tmp_path_factory.mktemp("keys"))


def check(judge: Roost, folder: Path, message: bytes, algorithms: list[str]) -> None:
    """Each signature passes; and none when something is changed."""
    path = folder / "message"
    path.write_bytes(message)
    said = ask(judge, path)
    assert [one["result"] for one in said] == ["pass"] * len(algorithms), said
    assert [one["algorithm"] for one in said] == algorithms
    assert all(one["domain"] == "example.net" and "why" not in one for one in said)
    path.write_bytes(message + b"more\r\n")
    assert {one["result"] for one in ask(judge, path)} == {"fail"}
    path.write_bytes(message.replace(b"Subject: ", b"Subject: not ", 1))
    assert {one["result"] for one in ask(judge, path)} == {"fail"}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("canon", CANONS)
def test_dkimpy_signs(judge: Roost, signer: Signer, tmp_path: Path, canon: str,
                      body: str) -> None:
    message = mail.letter("signed  by\tdkimpy", body)
    both = tuple(name.encode() for name in canon.split("/"))
    for selector, key, algorithm in ((b"r", signer.rsa, b"rsa-sha256"),
                                     (b"bare", signer.rsa, b"rsa-sha256"),
                                     (b"e", signer.ed25519, b"ed25519-sha256")):
        message = dkim.sign(message, selector, b"example.net", key, canonicalize=both,
                            signature_algorithm=algorithm,
                            include_headers=[b"from", b"to", b"subject"]) + message
    check(judge, tmp_path, message, ["ed25519-sha256", "rsa-sha256", "rsa-sha256"])


MAIL_DKIM = r"""
use Mail::DKIM::Signer;
my $s = Mail::DKIM::Signer->new(Algorithm => 'rsa-sha256', Method => $ARGV[0],
    Domain => 'example.net', Selector => 'r', KeyFile => $ARGV[1], Timestamp => time,
    Expiration => time + 1000);
binmode STDIN; while (<STDIN>) { $s->PRINT($_) } $s->CLOSE;
print $s->signature->as_string, "\r\n";
"""


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("canon", CANONS)
def test_mail_dkim_signs(judge: Roost, signer: Signer, tmp_path: Path, canon: str,
                         body: str) -> None:
    message = mail.letter("signed  by\tMail::DKIM", body)
    done = subprocess.run(["perl", "-e", MAIL_DKIM, canon, str(signer.folder / "rsa.pem")],
                          input=message, capture_output=True, timeout=60, check=True)
    check(judge, tmp_path, done.stdout + message, ["rsa-sha256"])


@pytest.mark.parametrize("kind,canon", [
    *(("rsa", canon) for canon in CANONS),
    # What it signs by Ed25519 with a simple header, dkimpy refuses as well.
    ("ed25519", "relaxed/simple"), ("ed25519", "relaxed/relaxed")])
@pytest.mark.skipif(os.geteuid() != 0, reason="opendkim wants root to change users")
def test_opendkim_signs(make_roost: Maker, judge: Roost, zone: DnsServer, signer: Signer,
                        tmp_path: Path, kind: str, canon: str) -> None:
    """As a milter of another server."""
    own = "" if kind == "rsa" else (f"SignatureAlgorithm ed25519-sha256\nSelector e\n"
                                    f"KeyFile {signer.folder / 'ed25519.pem'}\n")
    opendkim = OpenDkim("s", "example.net", canon=canon, more=own)
    try:
        zone.records["filter._domainkey.example.net", TXT] = [opendkim.record()]
        roost = make_roost(MILTERS=f"{opendkim.address} stages=end").start()
        for i, body in enumerate(BODIES.values()):
            mail.deliver(roost, mail.letter("signed  by\topendkim", body))
            check(judge, tmp_path, mail.inbox(roost)[i], [f"{kind}-sha256"])
    finally:
        opendkim.close()


def test_lines_of_files(judge: Roost, signer: Signer, tmp_path: Path) -> None:
    """What was saved with LF alone, from standard input too."""
    message = mail.letter("signed", "a\n\nb\n")
    message = dkim.sign(message, b"r", b"example.net", signer.rsa) + message
    text = message.replace(b"\r\n", b"\n")
    path = tmp_path / "message"
    path.write_bytes(text)
    assert ask(judge, path)[0]["result"] == "pass"
    done = judge.run("dkim", "verify", stdin=text.decode())
    assert done.stdout.startswith("pass\ndomain: example.net\n") and done.returncode == 0


def test_what_is_no_pass(judge: Roost, zone: DnsServer, signer: Signer, tmp_path: Path) -> None:
    path = tmp_path / "message"
    bare = mail.letter("signed", "Hello.\n")
    path.write_bytes(bare)
    assert judge.run("dkim", "verify", str(path)).stdout == "none\n"
    signed = dkim.sign(bare, b"r", b"example.net", signer.rsa, length=True) + bare
    path.write_bytes(signed)
    assert ask(judge, path)[0]["result"] == "pass"  # l= is the whole body
    path.write_bytes(signed + b"<b>Buy this!</b>\r\n")
    (said,) = ask(judge, path)
    assert said["result"] == "policy" and "beginning" in said["why"]
    zone.failing.add("broken._domainkey.example.net")
    path.write_bytes(dkim.sign(bare, b"broken", b"example.net", signer.rsa) + bare)
    started = time.monotonic()
    done = judge.run("dkim", "verify", str(path))
    assert done.stdout.startswith("temperror\n") and done.returncode == 1
    assert time.monotonic() - started < 25
    many = bare
    for _ in range(12):
        many = dkim.sign(bare, b"r", b"example.net", signer.rsa) + many
    path.write_bytes(many)
    done = judge.run("dkim", "verify", str(path))
    assert done.stdout.count("pass\n") == 10 and "2 more signatures" in done.stdout
    assert judge.run("dkim", "verify", str(tmp_path / "nothing")).returncode == 1
