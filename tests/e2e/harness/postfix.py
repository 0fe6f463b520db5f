"""A real Postfix with folders and ports of its own; needs root, as Postfix does."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from harness.peer import until

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
virtual_mailbox_domains = remote.test
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{ friend@remote.test=friend/ }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtp_tls_security_level = encrypt
smtp_tls_loglevel = 1
smtp_dns_support_level = disabled
smtpd_tls_security_level = may
smtpd_tls_received_header = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtputf8_enable = no
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
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


def free_port() -> int:
    """One that nobody uses now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Postfix:
    """Runs from its creation to close(). It takes mail for friend@remote.test, and brings
    that for example.org to roost_port under TLS."""

    def __init__(self, roost_port: int, certificate: Path, key: Path):
        self.folder = Path(tempfile.mkdtemp(prefix="roost-postfix-"))
        self.port = free_port()
        self.folder.chmod(0o755)
        for name in ("queue", "state", "mail"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "state", "postfix", "postfix")
        shutil.chown(self.folder / "mail", "postfix", "postfix")
        mail = os.stat(self.folder / "mail")
        for source in (certificate, key):
            shutil.copy(source, self.folder / source.name)
        (self.folder / "main.cf").write_text(MAIN.format(
            folder=self.folder, daemons=DAEMONS, uid=mail.st_uid, gid=mail.st_gid,
            routes=f"{{example.org = smtp:[127.0.0.1]:{roost_port}}}",
            certificate=self.folder / certificate.name, key=self.folder / key.name), "ascii")
        (self.folder / "master.cf").write_text(MASTER.format(port=self.port), "ascii")
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
