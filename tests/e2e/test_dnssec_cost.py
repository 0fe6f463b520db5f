"""KeyTrap (CVE-2023-50387): what the signatures of one sender's zone may cost. Each record set of the zone
has sixty signatures that are wrong, and one message needs dozens of such sets."""
import os
import re
from pathlib import Path
from typing import Iterator

import pytest

from conftest import Maker
from harness import mail, signed
from harness.peer import SmtpPeer
from harness.server import Roost, address
from harness.signed import Tree, Unbound, Zone

pytestmark = pytest.mark.skipif(not signed.available(), reason="needs knot, unbound and ldnsutils")

KEYS = 20          # DKIM signatures of the message
WRONG = 60         # signatures of each set
CPU_S = 1.2        # of the server, for that message; 2.8 without a budget
TRAP = "trap.zone"


def trap(text: str) -> str:
    """Each signature of a TXT set becomes many, all wrong, with the same key."""
    out = []
    for line in text.splitlines():
        if not re.search(r"\bRRSIG\s+TXT\b", line):
            out.append(line)
            continue
        head, signature = line.rsplit(None, 1)
        flipped = "B" if signature[0] == "A" else "A"
        out += [f"{head} {flipped}{signature[1:-8]}{i:04d}{signature[-4:]}" for i in range(WRONG)]
    return "\n".join(out) + "\n"


@pytest.fixture(name="tree", scope="module")
def fixture_tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """One domain, with all that checks of mail ask for."""
    includes = " ".join(f"include:i{i}.{TRAP}" for i in range(9))
    made = Tree(tmp_path_factory.mktemp("trap"), [Zone(TRAP, [
        f'@ TXT "v=spf1 {includes} -all"', '_dmarc TXT "v=DMARC1; p=reject"', "@ MX 10 mx",
        "mx A 127.0.0.1", *[f'i{i} TXT "v=spf1 ip4:192.0.2.{i} -all"' for i in range(9)],
        *[f's{i}._domainkey TXT "v=DKIM1; p="' for i in range(KEYS)],
    ], "ECDSAP384SHA384", spoil=trap)])
    yield made
    made.close()


def cpu_s(roost: Roost) -> float:
    """What the process has used."""
    assert roost.process
    fields = Path(f"/proc/{roost.process.pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_one_message(make_roost: Maker, tree: Tree, tmp_path: Path) -> None:
    resolver = Unbound(tmp_path, tree, False)
    roost = make_roost(DNS_SERVERS=resolver.address, DNSSEC="strict", DNSSEC_ANCHORS=tree.anchor,
                       PROXY_PROTOCOL="127.0.0.1 for=smtp").start()
    fields = "".join(
        f"DKIM-Signature: v=1; a=rsa-sha256; d={TRAP}; s=s{i}; h=from;\r\n"
        f" bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\r\n" for i in range(KEYS))
    before = cpu_s(roost)
    with SmtpPeer.proxied(roost.ports["smtp"], "203.0.113.7") as session:
        session.sock.settimeout(60)  # the checks take their time when other work keeps the machine busy
        session.code("EHLO mx.trap.zone")
        answers = [session.code(f"MAIL FROM:<x@{TRAP}>")]
        if answers[0] == 250:
            answers.append(session.code(f"RCPT TO:<{address('alice')}>"))
        if answers[-1] == 250:
            answers.append(session.data(fields.encode() + mail.letter("trap", sender=f"x@{TRAP}"))[0])
    used = cpu_s(roost) - before
    print(f"answers {answers}, CPU {used:.2f} s")
    if answers[-1] == 250:
        found = str(mail.parse(mail.inbox(roost)[0])["Authentication-Results"])
        assert "spf=temperror" in found and "pass" not in found, found
    else:
        assert answers[-1] // 100 == 4, answers
    resolver.close()
    assert used < CPU_S
