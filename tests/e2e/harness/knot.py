"""Knot, a name server that takes updates signed with a key (Debian's package)."""
import os
import shlex
import shutil
import socket
import struct
import subprocess
from pathlib import Path

from harness.daemon import Daemon
from harness.dns_server import TXT, encode_name
from harness.ports import free_port

SECRET = "c2VjcmV0LW9mLXRoZS10ZXN0cy0wMTIzNDU2Nzg5YWI="


def place() -> str:
    """An address of this machine that nobody else's name server is at."""
    port = free_port()
    return f"127.53.{port >> 8}.{port & 255}"


class Knot(Daemon):
    """Serves zone with addresses of this machine; key "roost." may change it. It is also at port 53
    of an address of its own, where its NS record leads (only root may be there). others are hosts
    and addresses of further servers of the zone; denied_s is how long it may be remembered that
    there is nothing."""

    def __init__(self, folder: Path, zone: str, *names: str,
                 others: tuple[tuple[str, str], ...] = (), denied_s: int = 1):
        super().__init__()
        self.folder = folder
        self.port = free_port()
        self.host = place()
        lines = [f"$ORIGIN {zone}.", "$TTL 1", f"@ {max(denied_s, 1)} SOA ns.{zone}. root.{zone}. 1 60 60 600 {denied_s}",
                 f"@ NS ns.{zone}.", f"ns A {self.host}"]
        lines += [f"{name}. A 127.0.0.1" for name in names]
        for host, address in others:
            lines += [f"@ NS {host}.{zone}.", f"{host} A {address}"]
        listen = [f"127.0.0.1@{self.port}"]
        if os.geteuid() == 0:
            listen.append(f"{self.host}@53")
        (folder / "zone").write_text("\n".join(lines) + "\n", "ascii")
        (folder / "knot.conf").write_text(f"""
server:
    listen: [{", ".join(listen)}]
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

    def stop(self) -> None:
        """As if the machine had gone; start() goes on with the zone as it was."""
        self.close()

    def change(self, *commands: str) -> None:
        """Change the zone by hand: "zone-unset example.org a.example.org. TXT"."""
        zone = commands[0].split()[1]
        for command in (f"zone-begin {zone}", *commands, f"zone-commit {zone}"):
            subprocess.run(["/usr/sbin/knotc", "-c", str(self.folder / "knot.conf"),
                            *shlex.split(command, posix=False)], check=True, capture_output=True)

    def records(self, name: str, kind: int) -> list[bytes]:
        """The data of each record there is, as it stands in the answer."""
        query = struct.pack("!HHHHHH", 7, 0, 1, 0, 0, 0) + encode_name(name)
        query += struct.pack("!HH", kind, 1)
        with socket.create_connection(("127.0.0.1", self.port), 5) as s:
            s.sendall(struct.pack("!H", len(query)) + query)
            with s.makefile("rb") as stream:
                answer = stream.read(struct.unpack("!H", stream.read(2))[0])
        at, found = len(query), []
        for _ in range(struct.unpack_from("!H", answer, 6)[0]):
            while answer[at] and answer[at] < 0xC0:
                at += 1 + answer[at]
            at += 2 if answer[at] else 1
            size = struct.unpack_from("!H", answer, at + 8)[0]
            found.append(answer[at + 10:at + 10 + size])
            at += 10 + size
        return found

    def texts(self, name: str) -> list[str]:
        """TXT records, each with its strings joined."""
        def joined(data: bytes) -> str:
            at, text = 0, b""
            while at < len(data):
                text += data[at + 1:at + 1 + data[at]]
                at += 1 + data[at]
            return text.decode()
        return [joined(data) for data in self.records(name, TXT)]

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
