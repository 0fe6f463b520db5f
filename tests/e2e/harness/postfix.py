"""A real Postfix with folders and ports of its own; needs root, as Postfix does."""
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Sequence

from harness.peer import until
from harness.ports import free_port

DAEMONS = "/usr/lib/postfix/sbin"

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/state
daemon_directory = {daemons}
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.remote.test
mydomain = remote.test
mydestination =
mynetworks = 127.0.0.0/8
local_transport = error:none here
alias_maps =
alias_database =
transport_maps = inline:{{ {routes} }}
virtual_mailbox_domains = {domains}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtp_tls_security_level = encrypt
lmtp_tls_security_level = encrypt
lmtp_dns_support_level = disabled
smtp_tls_loglevel = 1
smtp_dns_support_level = disabled
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtputf8_enable = {utf8}
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
smtp unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """Runs from its creation to close(). It takes mail for friend at its
    domains, and brings that for example.org to roost_port under TLS. main and master are more
    lines of main.cf and master.cf."""

    def __init__(self, roost_port: int, certificate: Path, key: Path, utf8: bool = False,
                 by: str = "smtp", domains: Sequence[str] = ("remote.test",), main: str = "",
                 master: str = ""):
        self.folder = Path(tempfile.mkdtemp(prefix="roost-postfix-"))
        self.port = free_port()
        self.folder.chmod(0o755)
        for name in ("queue", "state", "mail"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "state", "postfix", "postfix")
        shutil.chown(self.folder / "mail", "postfix", "postfix")
        mail = os.stat(self.folder / "mail")
        boxes = ["freundin.jörg@remote.test=friend/", *(f"friend@{name}=friend/" for name in domains)]
        for source in (certificate, key):
            shutil.copy(source, self.folder / source.name)
        (self.folder / "main.cf").write_text(MAIN.format(
            folder=self.folder, daemons=DAEMONS, utf8="yes" if utf8 else "no", uid=mail.st_uid, gid=mail.st_gid,
            domains=" ".join(domains), mailboxes=", ".join(boxes),
            routes=f"{{example.org = {by}:[127.0.0.1]:{roost_port}}},"
                   f"{{xn--bcher-kva.test = {by}:[127.0.0.1]:{roost_port}}}",
            certificate=self.folder / certificate.name, key=self.folder / key.name) + main, "utf-8")
        (self.folder / "master.cf").write_text(MASTER.format(port=self.port) + master, "ascii")
        self._command("start")
        self.pid = int((self.folder / "queue/pid/master.pid").read_text("ascii"))

    def _command(self, word: str) -> None:
        done = subprocess.run(["postfix", "-c", str(self.folder), word], capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr + self.log()

    def log(self) -> str:
        """What it logged."""
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def received(self) -> list[bytes]:
        """The messages in friend's mailbox."""
        return [path.read_bytes() for path in sorted(self.folder.glob("mail/friend/new/*"))]

    def close(self) -> None:
        """Stop it by the pid of its own master."""
        os.kill(self.pid, signal.SIGTERM)
        until(lambda: not Path(f"/proc/{self.pid}").exists(), what="the end of Postfix")
        shutil.rmtree(self.folder)
