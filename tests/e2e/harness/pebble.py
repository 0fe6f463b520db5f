"""Pebble, the certification authority for tests (Debian's package): ACME with faults on purpose."""
import json
import os
import shutil
import urllib.request
from pathlib import Path

from harness import pem
from harness.daemon import Daemon
from harness.dns_server import A, DnsServer
from harness.peer import trusting
from harness.ports import free_port


class Pebble(Daemon):
    """Runs from start() to close(). It looks for http-01 at http_port and tls-alpn-01 at tls_port
    of whatever address dns (a name server's address) gives it."""

    def __init__(self, folder: Path, dns: str, eab: dict[str, str] | None = None,
                 **environment: str):
        super().__init__()
        self.folder = folder
        self.dns = dns
        self.http_port, self.tls_port = free_port(), free_port()
        self.port, self.management = free_port(), free_port()
        self.ca, key = pem.make(folder, "pebble", "localhost")
        self.environment = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", **environment}
        self.config = folder / "pebble.json"
        self.config.write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.port}",
            "managementListenAddress": f"127.0.0.1:{self.management}",
            "certificate": str(self.ca), "privateKey": str(key),
            "httpPort": self.http_port, "tlsPort": self.tls_port, "ocspResponderURL": "",
            "externalAccountBindingRequired": eab is not None,
            "externalAccountMACKeys": eab or {},
        }}), "ascii")

    @property
    def directory(self) -> str:
        """For ROOST_ACME_DIRECTORY."""
        return f"https://localhost:{self.port}/dir"

    def settings(self, **more: str) -> dict[str, str]:
        """What a server needs to get its certificates here."""
        return {"ACME": "on", "ACME_DIRECTORY": self.directory, "ACME_CA": str(self.ca),
                "ACME_EMAIL": "postmaster@example.org", "DNS_PUBLISH": "",
                "LISTEN_HTTP": f"127.0.0.1:{self.http_port}",
                "LISTEN_HTTPS": f"127.0.0.1:{self.tls_port}", **more}

    def start(self) -> "Pebble":
        """Back when it answers."""
        self.run(["pebble", "-config", str(self.config), "-dnsserver", self.dns],
                 {**os.environ, **self.environment}, self.answers)
        return self

    def answers(self) -> bool:
        """Does the directory come?"""
        try:
            with urllib.request.urlopen(self.directory, timeout=5, context=trusting()) as answer:
                return answer.status == 200
        except OSError:
            return False


def available() -> bool:
    """Is the package installed?"""
    return shutil.which("pebble") is not None


def here(dns: DnsServer, *names: str) -> None:
    """These names lead to this machine."""
    for name in names:
        dns.add(name, A, "127.0.0.1")
