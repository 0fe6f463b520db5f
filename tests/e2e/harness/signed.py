"""A tree of signed zones of its own: root, a top-level domain, domains; ldns signs them, Knot serves
them and Unbound resolves them, as it does for many mail servers."""
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Callable

from harness.daemon import Daemon
from harness.knot import Knot
from harness.ports import free_port

TOP = "zone"
ENVIRONMENT = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/bin"}


def run(folder: Path, *words: str) -> str:
    """What a program prints; it must go well."""
    done = subprocess.run(words, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


def stamp(days: float) -> str:
    """Days from now as ldns has it."""
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y%m%d%H%M%S")


@dataclass
class Zone:
    """One zone. algorithm None: not signed. spoil changes the text of the signed file."""
    name: str  # "" is the root
    records: list[str]
    algorithm: str | None = "ED25519"
    nsec3: list[str] = field(default_factory=list)  # options of ldns-signzone
    days: tuple[float, float] = (-1, 30)            # the signatures' time
    delegated: bool = True                          # the zone above has its DS records
    spoil: Callable[[str], str] | None = None
    ds: str = ""

    @property
    def dotted(self) -> str:
        """With the last dot."""
        return self.name + "."

    def text(self) -> str:
        """The zone file before it is signed."""
        return "\n".join([f"$ORIGIN {self.dotted}", "$TTL 60",
                          f"@ SOA ns.{TOP}. root.{TOP}. 1 60 60 600 60", f"@ NS ns.{TOP}.",
                          *self.records]) + "\n"

    def make(self, folder: Path) -> Path:
        """Write its file, signed; ds is set."""
        label = self.name or "root"
        path = folder / f"{label}.zone"
        path.write_text(self.text(), "ascii")
        if self.algorithm is None:
            return path
        size = ["-b", "2048"] if self.algorithm.startswith("RSA") else []
        key = run(folder, "ldns-keygen", "-k", "-a", self.algorithm, *size, self.dotted).strip()
        self.ds = run(folder, "ldns-key2ds", "-n", "-2", key + ".key").strip()
        run(folder, "ldns-signzone", *self.nsec3, "-i", stamp(self.days[0]), "-e",
            stamp(self.days[1]), "-f", f"{path}.signed", str(path), key)
        signed = Path(f"{path}.signed")
        if self.spoil:
            signed.write_text(self.spoil(signed.read_text("ascii")), "ascii")
        return signed


class Tree:
    """Zones below a top-level domain; anchor is for ROOST_DNSSEC_ANCHORS. Knot serves all of it."""

    def __init__(self, folder: Path, zones: list[Zone]):
        self.folder = folder
        children = []
        files = {}
        for zone in zones:
            files[zone.dotted] = zone.make(folder)
            children.append(f"{zone.dotted} NS ns.{TOP}.")
            if zone.ds and zone.delegated:
                children.append(zone.ds)
        top = Zone(TOP, [f"ns.{TOP}. A 127.0.0.1", *children], "ECDSAP256SHA256",
                   ["-n", "-p", "-t", "0"])
        files[top.dotted] = top.make(folder)
        root = Zone("", [f"{TOP}. NS ns.{TOP}.", f"ns.{TOP}. A 127.0.0.1", top.ds], "RSASHA256")
        files["."] = root.make(folder)
        self.anchor = " ".join(root.ds.split()[0:1] + root.ds.split()[3:])
        self.knot = Daemon()
        self.port = free_port()
        self.names = list(files)  # a stub for each: delegations know no ports
        config = "".join(f"  - domain: {name}\n    file: {path}\n" for name, path in files.items())
        (folder / "knot.conf").write_text(f"""
server:
    listen: 127.0.0.1@{self.port}
    rundir: {folder}
database:
    storage: {folder}
log:
  - target: stderr
    any: info
template:
  - id: default
    zonefile-sync: -1
    zonefile-load: whole
    semantic-checks: off
zone:
{config}""", "ascii")
        probe = Knot.__new__(Knot)
        probe.port = self.port
        self.knot.run(["knotd", "-c", str(folder / "knot.conf")], ENVIRONMENT,
                      lambda: probe.answers(f"ns.{TOP}"))

    def close(self) -> None:
        """Stop serving."""
        self.knot.close()


class Unbound(Daemon):
    """A resolver before the tree; validating: it judges answers itself."""

    def __init__(self, folder: Path, tree: Tree, validating: bool):
        super().__init__()
        self.port = free_port()
        modules = "validator iterator" if validating else "iterator"
        anchor = folder / f"unbound-{self.port}.key"
        words = tree.anchor.split()
        anchor.write_text(f"{words[0]} IN {' '.join(words[1:])}\n", "ascii")
        config = folder / f"unbound-{self.port}.conf"
        trust = f"trust-anchor-file: {anchor}" if validating else ""
        config.write_text(f"""
server:
    interface: 127.0.0.1@{self.port}
    access-control: 127.0.0.0/8 allow
    module-config: "{modules}"
    {trust}
    chroot: ""
    username: ""
    directory: "{folder}"
    pidfile: ""
    use-syslog: no
    do-daemonize: no
    do-not-query-localhost: no
    do-ip6: no
    num-threads: 1
    outgoing-range: 64
    cache-max-negative-ttl: 1
    local-zone: "{TOP}." nodefault
remote-control:
    control-enable: no
""" + "".join(f"""
stub-zone:
    name: "{name}"
    stub-addr: 127.0.0.1@{tree.port}
""" for name in tree.names), "ascii")
        probe = Knot.__new__(Knot)
        probe.port = self.port
        self.run(["unbound", "-c", str(config)], ENVIRONMENT,
                 lambda: probe.answers(f"ns.{TOP}"))

    @property
    def address(self) -> str:
        """For ROOST_DNS_SERVERS."""
        return f"127.0.0.1:{self.port}"


def available() -> bool:
    """Are the packages installed?"""
    return all(shutil.which(name, path="/usr/sbin:/usr/bin")
               for name in ("knotd", "unbound", "ldns-signzone", "ldns-keygen", "ldns-key2ds"))
