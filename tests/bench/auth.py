#!/usr/bin/python3
"""tests/bench/auth.py [BINARY]: what it costs to find out who sent a message: CPU time a message
of SPF, DKIM (RSA-2048, a body of 10 KiB), ARC (one set) and DMARC in Roost, beside opendkim (DKIM
alone) and rspamd (its modules for the four, nothing else) as milters, and Mail::DKIM and dkimpy,
which are given the key. All ask the same name server on loopback, whose own time is not counted.
Then what it costs to sign one: Roost's own code, beside opendkim, Mail::DKIM and dkimpy."""
import base64
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
os.environ["ROOST_BINARY"] = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "roost")
sys.path[:0] = [str(ROOT / "tests" / "e2e"), str(ROOT / "tests" / "bench")]
# pylint: disable=wrong-import-position
import dkim  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: E402

from harness.dns_server import A, PTR, TXT, DnsServer  # noqa: E402
from harness.milters import Filter, OpenDkim, Rspamd  # noqa: E402
from harness.peer import SmtpPeer  # noqa: E402
from harness.server import Roost, new_folder  # noqa: E402
from measure import CpuGroup  # noqa: E402

COUNT, ROUNDS, WARM, BODY, PEER = 1000, 3, 50, 10 << 10, "203.0.113.7"
DOMAIN = "author.example"

RSPAMD = """
options {{
  pidfile = "{folder}/pid"; tempdir = "{folder}"; history_file = "{folder}/history";
  control_socket = "{folder}/control.sock mode=0600"; url_tld = "{folder}/tld";
  disable_hyperscan = true; filters = "dkim";
  dns {{ nameserver = "{dns}"; timeout = 2s; }}
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "warning"; }}
worker "rspamd_proxy" {{
  bind_socket = "127.0.0.1:{port}"; milter = yes; count = 1; timeout = 20s;
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
actions {{ reject = 1000; }}
lua = "{folder}/empty.lua";
dkim {{ }} spf {{ }} dmarc {{ }} arc {{ }}
milter_headers {{ use = ["authentication-results"]; skip_local = false; }}
modules {{
  path = "/usr/share/rspamd/plugins/spf.lua"; path = "/usr/share/rspamd/plugins/dmarc.lua";
  path = "/usr/share/rspamd/plugins/arc.lua";
  path = "/usr/share/rspamd/plugins/milter_headers.lua";
}}
"""

MAIL_DKIM = r"""
use Mail::DKIM::Verifier; use Mail::DKIM::DNS; use Net::DNS::Resolver; use Time::HiRes;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(
    nameservers => ['127.0.0.1'], port => $ARGV[0], recurse => 0));
binmode STDIN; local $/; my $text = <STDIN>; my @begun = times;
for (1 .. $ARGV[1]) {
    my $v = Mail::DKIM::Verifier->new(); $v->PRINT($text); $v->CLOSE;
    $v->result eq 'pass' or die $v->result_detail;
}
my @done = times; print +($done[0] + $done[1] - $begun[0] - $begun[1]) / $ARGV[1] * 1e6;
"""


MAIL_DKIM_SIGN = r"""
use Mail::DKIM::Signer; use Mail::DKIM::PrivateKey;
my $key = Mail::DKIM::PrivateKey->load(File => $ARGV[0]);
binmode STDIN; local $/; my $text = <STDIN>; my @begun = times;
for (1 .. $ARGV[1]) {
    my $s = Mail::DKIM::Signer->new(Algorithm => 'rsa-sha256', Method => 'relaxed/relaxed',
        Domain => 'author.example', Selector => 'k1', Key => $key);
    $s->PRINT($text); $s->CLOSE; $s->signature->as_string;
}
my @done = times; print +($done[0] + $done[1] - $begun[0] - $begun[1]) / $ARGV[1] * 1e6;
"""


class RspamdAuth(Rspamd):
    """Only the modules that verify."""

    def __init__(self, dns: DnsServer) -> None:  # pylint: disable=super-init-not-called
        Filter.__init__(self)
        self.folder.chmod(0o777)
        self.write("tld", "com\nnet\norg\nexample\n")
        self.write("empty.lua", "")
        conf = self.write("conf", RSPAMD.format(folder=self.folder, port=self.port,
                                                dns=dns.address))
        self.run("rspamd", "-i", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", str(conf))
        self.wait()


def plain() -> bytes:
    """As its author has written it."""
    line = b"A line of text as people write them, of about seventy letters, or so.\r\n"
    return (b"From: Carol <carol@" + DOMAIN.encode() + b">\r\nTo: Alice <alice@example.org>\r\n"
            b"Subject: A subject of usual length, as people write them\r\n"
            b"Date: Fri, 02 Jan 2026 10:00:00 +0000\r\nMessage-ID: <1@author.example>\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
            line * (BODY // len(line) + 1))


def message(key: bytes) -> bytes:
    """Signed by its author."""
    text = plain()
    signature: bytes = dkim.sign(text, b"k1", DOMAIN.encode(), key,
                                 canonicalize=(b"relaxed", b"relaxed"))
    return signature + text


def handed_on(text: bytes, key: bytes) -> bytes:
    """With a set of ARC on top."""
    folder = new_folder()
    (folder / "key").write_bytes(key)
    (folder / "letter").write_bytes(text)
    fields = subprocess.run([os.environ["ROOST_BINARY"], "arc", "seal", folder / "key",
                             folder / "letter", f"domain={DOMAIN}", "selector=k1",
                             "cv=none", "results=list.example; dkim=pass"],
                            capture_output=True, check=True, env={})
    return fields.stdout.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + text


def family(pid: int) -> list[int]:
    """A process and those it has started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(p for child in children for p in family(int(child)))]


class Counted:
    """CPU time of processes from now on."""

    def __init__(self, name: str, pids: list[int]) -> None:
        self.group = CpuGroup(name)
        assert self.group.path, "control groups are needed, so root is"
        for pid in (p for first in pids for p in family(first)):
            (self.group.path / "cgroup.procs").write_text(str(pid))

    def at_rest(self) -> float:
        """Microseconds, once nothing is done in the background any more."""
        last = -1.0
        while (used := self.group.usage()) - last > 0.002:
            last = used
            time.sleep(0.5)
        return float(used) * 1e6

    def close(self) -> None:
        """What still runs is not counted any more."""
        for pid in (self.group.path / "cgroup.procs").read_text().split():
            (self.group.path.parent / "cgroup.procs").write_text(pid)
        self.group.close()


def send(roost: Roost, text: bytes, count: int) -> None:
    """So many of them over one connection."""
    with SmtpPeer.proxied(roost.ports["smtp"], PEER) as peer:
        assert peer.code("EHLO mx.author.example") == 250
        for _ in range(count):
            peer.send(f"MAIL FROM:<carol@{DOMAIN}>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n")
            assert [peer.reply()[0] for _ in range(3)] == [250, 250, 354]
            peer.send(text + b".\r\n")
            assert peer.reply()[0] == 250


def measure(dns: DnsServer, text: bytes, other: Filter | None, **settings: str) -> tuple[float, float]:
    """Microseconds of CPU a message: of Roost, and of a milter."""
    roost = Roost(new_folder(), {"PROXY_PROTOCOL": "127.0.0.1 for=smtp", "DNSSEC": "off",
                                 "DNS_SERVERS": dns.address, "LIMITS": "", **settings,
                                 **({"MILTERS": f"{other.address} fail=tempfail"} if other else {})})
    groups: list[Counted] = []
    try:
        roost.provision()
        roost.start()
        assert roost.process
        groups = [Counted("roost", [roost.process.pid]),
                  Counted("other", [p.pid for p in other.running] if other else [])]
        send(roost, text, WARM)
        before = [group.at_rest() for group in groups]
        send(roost, text, COUNT)
        used = [group.at_rest() - b for group, b in zip(groups, before)]
        return used[0] / COUNT, used[1] / COUNT
    finally:
        roost.abandon()
        for group in groups:
            group.close()


def dkimpy(text: bytes, record: bytes) -> float:
    """The same of dkimpy."""
    begun = time.process_time()
    for _ in range(COUNT // 5):
        assert dkim.verify(text, dnsfunc=lambda *_, **__: record)
    return (time.process_time() - begun) / (COUNT // 5) * 1e6


def main() -> None:
    """Measure one after the other."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM,
                            serialization.PrivateFormat.TraditionalOpenSSL,
                            serialization.NoEncryption())
    public = base64.b64encode(key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)).decode()
    record, text, dns = f"v=DKIM1; k=rsa; p={public}", message(pem), DnsServer()
    dns.ttl = dns.negative_ttl = 3600
    dns.records.update({
        (f"k1._domainkey.{DOMAIN}", TXT): [record],
        (f"_dmarc.{DOMAIN}", TXT): ["v=DMARC1; p=reject; adkim=s; aspf=s"],
        (DOMAIN, TXT): [f"v=spf1 a:mx.{DOMAIN} -all"],
        (f"mx.{DOMAIN}", A): [PEER], ("7.113.0.203.in-addr.arpa", PTR): [f"mx.{DOMAIN}"]})
    off = {"SPF": "off", "DKIM_VERIFY": "off", "DMARC": "off", "FCRDNS": "off"}
    rows: list[tuple[str, float]] = []
    kinds = off, {**off, "DKIM_VERIFY": "on"}, {"FCRDNS": "off"}
    chained = handed_on(text, pem)
    bare, signatures, full, chain = (statistics.median(row) for row in zip(*(
        [measure(dns, text, None, **kind)[0] for kind in kinds] +
        [measure(dns, chained, None, **kinds[-1])[0]] for _ in range(ROUNDS))))
    rows.append(("Roost: SPF, DKIM, DMARC, ARC", chain - bare))
    rows.append(("Roost: DKIM", signatures - bare))
    rows.append(("Roost: SPF, DKIM, DMARC", full - bare))
    for name, sent, make in (("rspamd: SPF, DKIM, DMARC, ARC", chained, lambda: RspamdAuth(dns)),
                             ("opendkim: DKIM", text, lambda: verifier(record))):
        other = make()
        try:
            rows.append((name, measure(dns, sent, other, **off)[1]))
        finally:
            other.close()
    perl = subprocess.run(["perl", "-e", MAIL_DKIM, str(dns.port), str(COUNT // 5)], input=text,
                          capture_output=True, check=True)
    rows.append(("Mail::DKIM: DKIM", float(perl.stdout)))
    rows.append(("dkimpy: DKIM", dkimpy(text, record.encode())))
    print(f"all of Roost a message, without them: {bare:.0f} µs\n\n| | CPU µs a message | Roost's part |\n|---|---|---|")
    for name, us in rows:
        print(f"| {name} | {us:.0f} | {us / (rows[1] if ': DKIM' == name[-6:] else rows[0])[1]:.1f} |")
    signing(dns, pem, off)
    dns.close()


def signing(dns: DnsServer, pem: bytes, off: dict[str, str]) -> None:
    """What a signature costs."""
    program = ROOT / "build" / "bench" / "sign_bench"
    subprocess.run(["make", "-s", "-C", ROOT, program.relative_to(ROOT)], check=True)
    own = subprocess.run([program], capture_output=True, check=True, text=True).stdout
    costs = dict(line.rsplit(" ", 1) for line in own.splitlines())
    body = float(costs["body, once for both"])
    rows = [(f"Roost: {kind}", body + float(costs[kind]))
            for kind in ("rsa-sha256", "ed25519-sha256")]
    other = OpenDkim("s", DOMAIN, internal=PEER)
    try:
        rows.append(("opendkim: rsa-sha256", measure(dns, plain(), other, **off)[1]))
    finally:
        other.close()
    folder = new_folder()
    (folder / "key").write_bytes(pem)
    perl = subprocess.run(["perl", "-e", MAIL_DKIM_SIGN, str(folder / "key"), str(COUNT // 5)],
                          input=plain(), capture_output=True, check=True)
    rows.append(("Mail::DKIM: rsa-sha256", float(perl.stdout)))
    begun = time.process_time()
    for _ in range(COUNT // 10):
        dkim.sign(plain(), b"k1", DOMAIN.encode(), pem, canonicalize=(b"relaxed", b"relaxed"))
    rows.append(("dkimpy: rsa-sha256", (time.process_time() - begun) / (COUNT // 10) * 1e6))
    print("\n| | CPU µs a signature | a second on one core |\n|---|---|---|")
    for name, us in rows:
        print(f"| {name} | {us:.0f} | {1e6 / us:.0f} |")


def verifier(record: str) -> OpenDkim:
    """opendkim with this key at hand."""
    made = OpenDkim("v", internal="192.0.2.99")
    made.write("keys", f"k1._domainkey.{DOMAIN} {record}\n")
    made.running[0].terminate()
    made.running.pop().wait()
    made.run("opendkim", "-f", "-x", str(made.folder / "conf"))
    made.wait()
    return made


if __name__ == "__main__":
    main()
