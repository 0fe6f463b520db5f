"""Real mail filters that speak the milter protocol, from Debian's packages, each with a folder and
a port of its own and without a network."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from harness.peer import until
from harness.ports import free_port

START_S = 60

RSPAMD = """
options {{
  pidfile = "{folder}/pid";
  tempdir = "{folder}";
  history_file = "{folder}/history";
  control_socket = "{folder}/control.sock mode=0600";
  url_tld = "{folder}/tld";
  disable_hyperscan = true;
  filters = "";
  enable_test_patterns = true;
  dns {{ nameserver = "127.0.0.1:1"; timeout = 0.1s; retransmits = 1; }}
}}
logging {{ type = "file"; filename = "{folder}/log"; level = "info"; }}
worker "rspamd_proxy" {{
  bind_socket = "127.0.0.1:{port}";
  milter = yes;
  count = 1;
  timeout = 20s;
  quarantine_on_reject = {quarantine};
  upstream "local" {{ default = yes; self_scan = yes; }}
}}
actions {{ reject = 15; add_header = 6; }}
lua = "/usr/share/rspamd/rules/rspamd.lua";
milter_headers {{
  use = ["x-spamd-bar", "x-spam-level", "x-spam-status"];
  extended_spam_headers = true;
  skip_local = false;
  skip_authenticated = false;
}}
modules {{ path = "/usr/share/rspamd/plugins/milter_headers.lua"; }}
"""

OPENDKIM = """
Syslog no
Mode {mode}
Socket inet:{port}@127.0.0.1
Canonicalization {canon}
Domain {domain}
Selector filter
KeyFile {folder}/key
TestPublicKeys {folder}/keys
InternalHosts {folder}/internal
ExternalIgnoreList {folder}/internal
AlwaysAddARHeader yes
AuthservID mx.example.org
RequireSafeKeys no
UserID root
{more}"""

CLAMD = """
LocalSocket {folder}/clamd.sock
DatabaseDirectory {folder}/db
PidFile {folder}/clamd.pid
LogFile {folder}/clamd.log
Foreground yes
User root
"""

CLAMAV_MILTER = """
MilterSocket inet:{port}@127.0.0.1
ClamdSocket unix:{folder}/clamd.sock
OnInfected {action}
OnFail Defer
AddHeader Replace
LogFile {folder}/milter.log
PidFile {folder}/milter.pid
Foreground yes
User root
"""


def answers(port: int) -> bool:
    """Does somebody listen there?"""
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Filter:
    """One or more programs that run from start() to close(); address is for ROOST_MILTERS."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="roost-filter-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.address = f"inet:127.0.0.1:{self.port}"
        self.running: list[subprocess.Popen[bytes]] = []

    def write(self, name: str, text: str) -> Path:
        """A file in its folder."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def run(self, *words: str) -> None:
        """One of its programs, in a session of its own."""
        with (self.folder / f"out{len(self.running)}").open("wb") as out:
            self.running.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out,
                                                 stderr=out, start_new_session=True))

    def wait(self) -> None:
        """Until it listens."""
        try:
            until(lambda: answers(self.port), START_S)
        except AssertionError:
            print(self.said())
            raise

    def said(self) -> str:
        """What it wrote."""
        return "".join(f"--- {path}\n{path.read_text('utf-8', 'replace')[-4000:]}"
                       for path in sorted(self.folder.iterdir())
                       if path.name.startswith("out") or path.name.endswith("log"))

    def close(self) -> None:
        """End it, and those it has started: each session is one of our own."""
        for process in self.running:
            try:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            except ProcessLookupError:
                process.wait()
        self.running = []
        shutil.rmtree(self.folder, ignore_errors=True)


class Rspamd(Filter):
    """rspamd as a proxy that scans on its own. What it finds is GTUBE, and so what GTUBE's
    three patterns ask for: reject, add a header, rewrite the subject."""

    def __init__(self, quarantine: bool = False) -> None:
        super().__init__()
        self.folder.chmod(0o777)
        self.write("tld", "com\nnet\norg\nexample\n")
        config = self.write("conf", RSPAMD.format(folder=self.folder, port=self.port,
                                                  quarantine="true" if quarantine else "false"))
        self.run("rspamd", "-i", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", str(config))
        self.wait()


class OpenDkim(Filter):
    """opendkim: mode s signs mail of domain, mode v verifies by the keys that are here, and by
    others: their TXT records by name. more are further lines of its configuration."""

    def __init__(self, mode: str, domain: str = "example.org", internal: str = "127.0.0.1",
                 canon: str = "relaxed/simple", more: str = "",
                 others: dict[str, str] | None = None) -> None:
        super().__init__()
        subprocess.run(["opendkim-genkey", "-b", "2048", "-s", "filter", "-d", domain,
                        "-D", str(self.folder)], check=True, capture_output=True, timeout=60)
        (self.folder / "filter.private").rename(self.folder / "key")
        self.write("internal", internal + "\n")
        keys = {f"filter._domainkey.{domain}": self.record()} | (others or {})
        self.write("keys", "".join(f"{name} {text}\n" for name, text in keys.items()))
        config = self.write("conf", OPENDKIM.format(folder=self.folder, port=self.port, mode=mode, canon=canon,
                                                    domain=domain, more=more))
        self.run("opendkim", "-f", "-x", str(config))
        self.wait()

    def record(self) -> str:
        """The key's TXT record, as a verifier would find it."""
        text = (self.folder / "filter.txt").read_text("ascii")
        return "".join(text.split("(", 1)[1].split(")", 1)[0].replace('"', "").split())


class ClamAv(Filter):
    """clamd and clamav-milter with a database of one signature, which is our own."""

    VIRUS = "a harmless text that this test calls a virus"

    def __init__(self, action: str = "Reject") -> None:
        super().__init__()
        (self.folder / "db").mkdir()
        self.write("db/test.ndb", f"Roost.Test:0:*:{self.VIRUS.encode().hex()}\n")
        clamd = self.write("clamd.conf", CLAMD.format(folder=self.folder))
        milter = self.write("milter.conf", CLAMAV_MILTER.format(folder=self.folder, port=self.port,
                                                               action=action))
        self.run("clamd", "-c", str(clamd))
        until((self.folder / "clamd.sock").exists, START_S)
        self.run("clamav-milter", "-c", str(milter))
        self.wait()
