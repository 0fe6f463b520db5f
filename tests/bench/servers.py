"""The servers that are compared, each in a folder of its own and on a port of its own."""

import glob
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

from measure import CpuGroup

USER = "user@example.org"
PASSWORD = "kept-for-benches"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process=None, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as s:
            s.settimeout(0.2)
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process and process.poll() is not None:
            break
        time.sleep(0.002)
    raise RuntimeError(f"nothing listens on port {port}")


class Roost:
    name = "Roost"

    def __init__(self, binary, folder):
        self.binary, self.root = binary, pathlib.Path(folder) / "roost"
        self.cpu = CpuGroup("roost")
        self.ports = {n: free_port() for n in ("smtp", "imap", "imaps", "http")}
        self.process = None

    def environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("ROOST_")}
        for name in ("SMTP", "SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS", "POP3", "POP3S", "MANAGESIEVE", "HTTP", "HTTPS"):
            port = self.ports.get(name.lower())
            env[f"ROOST_LISTEN_{name}"] = f"127.0.0.1:{port}" if port else ""
        env.update(ROOST_DATA=str(self.root), ROOST_HOSTNAME="bench.example.org",
                   ROOST_ADMIN=USER, ROOST_ADMIN_PASSWORD=PASSWORD,
                   ROOST_ALLOW_PLAINTEXT_AUTH="on", ROOST_LOG_LEVEL="warn",
                   ROOST_CONNECTIONS_PER_ADDRESS="8000")
        return env

    def start(self):
        begin = time.monotonic()
        self.process = subprocess.Popen([self.binary], env=self.environment(),
                                        preexec_fn=self.cpu.enter)
        wait_for_port(self.ports["smtp"], self.process)
        return time.monotonic() - begin

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(30) == 0

    def stored(self, want):
        """smtp-source has its 250s, and a 250 says that it is in the mailbox."""
        return want

    def metric(self, name, otherwise=None):
        """From its own page; otherwise when that has no such row."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['http']}/metrics") as page:
            for line in page.read().decode().splitlines():
                if line.startswith(f"roost_{name} "):
                    return int(line.split()[1])
        return otherwise

    def commits(self):
        return self.metric("store_commits_total")

    def settle(self):
        """Wait until its index has what is there."""
        while self.metric("search_waiting") != 0:
            time.sleep(0.1)

    def index_seconds(self):
        """CPU time of the thread that makes the index; it is there soon after the ports are."""
        for _ in range(100):
            for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
                if (task / "comm").read_text() == "index\n":
                    return int((task / "schedstat").read_text().split()[0]) / 1e9
            time.sleep(0.1)
        raise RuntimeError("no thread makes the index")

    def forget(self):
        """It keeps nothing that it could forget."""

    def close(self):
        self.cpu.close()


class Dovecot:
    """Debian's package with its own defaults, but for paths, ports, sdbox, LMTP, and the limits
    that would slow a single client down lifted."""

    name = "Dovecot"

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "dovecot"
        self.cpu = CpuGroup("dovecot")
        self.ports = {"imap": free_port()}
        self.users = [USER]
        self.process = None

    def _files(self):
        mail = self.root / "mail"
        mail.mkdir(parents=True)
        (self.root / "state").mkdir()
        shutil.chown(mail, "dovecot")
        uid = os.stat(mail).st_uid
        (self.root / "users").write_text("".join(
            f"{user}:{{PLAIN}}{PASSWORD}:{uid}:{uid}::{mail}/{user.split('@')[0]}\n"
            for user in self.users))
        (self.root / "dovecot.conf").write_text(f"""
base_dir = {self.root}/run
state_dir = {self.root}/state
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
log_path = {self.root}/dovecot.log
mail_location = sdbox:~/sdbox
mail_home = {mail}/%n
first_valid_uid = 1
first_valid_gid = 1
default_login_user = dovenull
default_internal_user = dovecot
passdb {{
  driver = passwd-file
  args = username_format=%u {self.root}/users
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {self.root}/users
}}
service lmtp {{
  unix_listener {self.root}/lmtp {{
    mode = 0666
  }}
  process_min_avail = 2
}}
service imap-login {{
  inet_listener imap {{
    port = {self.ports['imap']}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
""")

    def start(self):
        if not self.root.exists():
            os.chmod(self.root.parent, 0o755)
            self._files()
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.root / "dovecot.conf"],
                                        preexec_fn=self.cpu.enter)
        wait_for_port(self.ports["imap"], self.process)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def settle(self):
        """It does nothing in the background."""

    def forget(self):
        """What it has learned of messages by being asked."""
        for path in self.root.glob("mail/**/dovecot.index.cache"):
            path.unlink()

    def close(self):
        self.cpu.close()


def postfix_files(root, services, settings):
    """Debian's own master.cf without what listens, plus services; a main.cf of few settings, which
    lift the limits that would slow a single client down, plus more settings."""
    conf, queue, data = root / "conf", root / "queue", root / "data"
    for d in (conf, queue, data):
        d.mkdir(parents=True)
    shutil.chown(data, "postfix")
    master = pathlib.Path("/usr/share/postfix/master.cf.dist")
    text = master.read_text() if master.exists() else \
        pathlib.Path("/etc/postfix/master.cf").read_text()
    lines = [l for l in text.splitlines()
             if l[:1] not in ("#", " ", "\t") and l.split()[:1] and l.split()[1] != "inet"]
    lines = [" ".join(f if i != 4 else "n" for i, f in enumerate(l.split(None, 7)))
             for l in lines]
    (conf / "master.cf").write_text("\n".join(lines + services) + "\n")
    (conf / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
myhostname = peer.example.org
inet_interfaces = 127.0.0.1
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_peername_lookup = no
maillog_file = /dev/null
maillog_file_prefixes = /dev
alias_maps =
{settings}
""")


class PostfixDovecot:
    """Debian's packages: Postfix with its own defaults, but for paths, ports, one domain, LMTP
    into Dovecot, and the limits that would slow a single client down lifted."""

    name = "Postfix + Dovecot"

    def __init__(self, folder):
        self.root = pathlib.Path(folder) / "peer"
        self.dovecot = Dovecot(folder)
        self.cpu = self.dovecot.cpu
        self.ports = {"smtp": free_port(), "imap": self.dovecot.ports["imap"]}

    def _postfix_files(self):
        postfix_files(self.root, [f"127.0.0.1:{self.ports['smtp']} inet n - n - - smtpd"], f"""
mydestination =
virtual_mailbox_domains = example.org
virtual_transport = lmtp:unix:{self.dovecot.root}/lmtp
lmtp_destination_concurrency_limit = 20
lmtp_destination_recipient_limit = 1
""")

    def start(self):
        self.root.mkdir(parents=True)
        self._postfix_files()
        self.dovecot.start()
        subprocess.run(["postfix", "-c", self.root / "conf", "start"], check=True,
                       preexec_fn=self.cpu.enter, stderr=subprocess.DEVNULL)
        wait_for_port(self.ports["smtp"])

    def stored(self, want):
        """Messages in the mailbox: one file each."""
        return len(glob.glob(f"{self.dovecot.root}/mail/user/sdbox/mailboxes/INBOX/dbox-Mails/u.*"))

    def commits(self):
        return None

    def stop(self):
        subprocess.run(["postfix", "-c", self.root / "conf", "stop"], stderr=subprocess.DEVNULL)
        self.dovecot.stop()

    def close(self):
        self.dovecot.close()


class Sink:
    """Postfix's smtp-sink: says 250 to everything and keeps nothing. What smtp-source reaches with
    it is all that it can reach on this machine."""

    name = "smtp-sink"

    def __init__(self):
        self.port = free_port()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["smtp-sink", "-u", "nobody", f"127.0.0.1:{self.port}", "1000"])
        wait_for_port(self.port, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
