"""Knot, a name server that takes updates signed with a key (Debian's package)."""
import os
import shutil
import socket
import struct
from pathlib import Path

from harness.daemon import Daemon
from harness.dns_server import encode_name
from harness.ports import free_port

SECRET = "c2VjcmV0LW9mLXRoZS10ZXN0cy0wMTIzNDU2Nzg5YWI="


class Knot(Daemon):
    """Serves zone with addresses of this machine; key "roost." may change it."""

    def __init__(self, folder: Path, zone: str, *names: str):
        super().__init__()
        self.folder = folder
        self.port = free_port()
        lines = [f"$ORIGIN {zone}.", "$TTL 1", f"@ SOA ns.{zone}. root.{zone}. 1 60 60 600 1",
                 f"@ NS ns.{zone}.", "ns A 127.0.0.1"] + [f"{name}. A 127.0.0.1" for name in names]
        (folder / "zone").write_text("\n".join(lines) + "\n", "ascii")
        (folder / "knot.conf").write_text(f"""
server:
    listen: 127.0.0.1@{self.port}
    rundir: {folder}
database:
    storage: {folder}
log:
  - target: stderr
    any: info
key:
  - id: roost.
    algorithm: hmac-sha256
    secret: {SECRET}
acl:
  - id: update
    key: roost.
    action: update
zone:
  - domain: {zone}
    file: {folder}/zone
    acl: update
    zonefile-sync: -1
""", "ascii")

    @property
    def address(self) -> str:
        """For ROOST_DNS_UPDATE_SERVER."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> "Knot":
        """Back when it answers."""
        self.run(["knotd", "-c", str(self.folder / "knot.conf")],
                 {**os.environ, "PATH": "/usr/sbin:/usr/bin:/bin"},
                 lambda: self.answers("ns.example.org"))
        return self

    def answers(self, name: str) -> bool:
        """Does it answer a question for an address?"""
        query = struct.pack("!HHHHHH", 1, 0, 1, 0, 0, 0) + encode_name(name) + b"\0\1\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.5)
            try:
                s.sendto(query, ("127.0.0.1", self.port))
                return len(s.recv(512)) > 12
            except OSError:
                return False


def available() -> bool:
    """Is the package installed?"""
    return shutil.which("knotd", path="/usr/sbin:/usr/bin") is not None
